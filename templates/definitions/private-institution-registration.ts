import type { LicenceDefinition } from '../definition.ts'
import { creditCode, day, lastDay, longText, money, text } from './fields.ts'
import { handOf, institutionLayout, type Livery, row } from './forms.ts'
import { crimson, gold, mistGold } from './palette.ts'

const name = { zh: '民办非企业单位登记证书', en: 'Registration of a private non-enterprise unit' }
const livery: Livery = { ground: [1, 0.996, 0.98], mist: mistGold, colour: crimson, accent: gold, pattern: 'ribbon' }
const hand = handOf(12, 30)

/** 《民办非企业单位登记管理暂行条例》 article 12. */
export const privateInstitutionRegistration: LicenceDefinition = {
  typeCode: '111000000000130127012',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '单位', en: 'Unit' },
      fields: ['unit', 'creditCode', 'legalRepresentative', 'address', 'fund', 'supervisor'],
    },
    { name: { zh: '登记', en: 'Registration' }, fields: ['scope', 'validFrom', 'validUntil'] },
  ],
  fields: [
    text('unit', '名称', 'Name', 60, { role: 'holder-name' }),
    creditCode('creditCode', '统一社会信用代码', 'Unified social credit code'),
    text('legalRepresentative', '法定代表人', 'Legal representative', 30),
    text('address', '住所', 'Address', 90),
    money('fund', '开办资金', 'Fund', { unit: { zh: '万元', en: '× 10,000 CNY' } }),
    text('supervisor', '业务主管单位', 'Supervised by', 60),
    longText('scope', '业务范围', 'Scope', 2000),
    day('validFrom', '有效期自', 'Valid from', { role: 'valid-from' }),
    lastDay('validUntil', '有效期至', 'Valid until', { notBefore: 'validFrom' }),
  ],
  validity: { kind: 'fields' },
  number: { parts: [{ text: '民证字第' }, { area: true }, { sequence: 5 }, { text: '号' }], restarts: 'never' },
  example: {
    unit: '云汀市望江区拾光社会工作服务中心',
    creditCode: '52330199MJ8765QW43',
    legalRepresentative: '宋知许',
    address: '云汀市望江区文澜路 77 号公益园 2 号楼 305 室',
    fund: '10.00',
    supervisor: '云汀市望江区民政局',
    scope:
      '承接政府购买的社会工作服务；为老年人、儿童、残疾人及困难家庭提供社会工作专业服务；社区营造与志愿服务组织培育；社会工作培训、研究与交流。',
    validFrom: '2026-04-01',
    validUntil: '2031-03-31',
  },
  layout: institutionLayout({
    livery,
    hand,
    name,
    code: { label: '统一社会信用代码', text: '{fields.creditCode}' },
    place: { y: 82, height: 98, gap: 12 },
    rows: [
      row('名称', '{fields.unit}', 2, 7.5),
      row('法定代表人', '{fields.legalRepresentative}', 1, 6.5),
      row('住所', '{fields.address}', 2, 7.5),
      row('开办资金', '{fields.fund}', 1, 8),
      row('业务主管单位', '{fields.supervisor}', 2, 7.5),
      row('证书编号', '{number}', 1, 8),
      row('有效期', '{validFrom}至{validUntil}', 1, 8),
    ],
    scope: { label: '业务范围', text: '{fields.scope}', style: hand.value, lines: 8, minSize: 8.5 },
  }),
}
