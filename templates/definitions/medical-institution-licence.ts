import type { LicenceDefinition } from '../definition.ts'
import { amount, choice, creditCode, day, lastDay, longText, text } from './fields.ts'
import { handOf, institutionLayout, type Livery, row } from './forms.ts'
import { gold, leaf, mistLeaf } from './palette.ts'

const name = { zh: '医疗机构执业许可证', en: 'Licence of a medical institution' }
const livery: Livery = { ground: [0.99, 1, 0.995], mist: mistLeaf, colour: leaf, accent: gold, pattern: 'wave' }
const hand = handOf(11.5, 32)

/** 《医疗机构管理条例》 article 17 and 《医疗机构管理条例实施细则》. */
export const medicalInstitutionLicence: LicenceDefinition = {
  typeCode: '11100000MB16122012021',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '机构', en: 'Institution' },
      fields: ['institution', 'creditCode', 'address', 'legalRepresentative', 'principal', 'ownership', 'category'],
    },
    {
      name: { zh: '执业', en: 'Practice' },
      fields: ['subjects', 'beds', 'chairs', 'clients', 'validFrom', 'validUntil'],
    },
  ],
  fields: [
    text('institution', '机构名称', 'Institution', 60, { role: 'holder-name' }),
    creditCode('creditCode', '统一社会信用代码', 'Unified social credit code'),
    text('address', '地址', 'Address', 90),
    text('legalRepresentative', '法定代表人', 'Legal representative', 30),
    text('principal', '主要负责人', 'Person in charge', 30),
    choice('ownership', '经营性质', 'Ownership', [
      ['government', '非营利性（政府办）', 'Non-profit, of the government'],
      ['non-profit', '非营利性（非政府办）', 'Non-profit, other'],
      ['profit', '营利性', 'For profit'],
    ]),
    choice('category', '机构类别', 'Category', [
      ['general-hospital', '综合医院', 'General hospital'],
      ['chinese-medicine', '中医医院', 'Hospital of Chinese medicine'],
      ['special-hospital', '专科医院', 'Special hospital'],
      ['maternity', '妇幼保健院', 'Maternal and child health hospital'],
      ['community', '社区卫生服务中心', 'Community health centre'],
      ['clinic', '诊所', 'Clinic'],
      ['laboratory', '医学检验实验室', 'Medical laboratory'],
    ]),
    longText('subjects', '诊疗科目', 'Specialities', 3000),
    amount('beds', '床位', 'Beds', { decimals: 0, unit: { zh: '张', en: 'beds' } }),
    amount('chairs', '牙椅', 'Dental chairs', { decimals: 0, required: false, unit: { zh: '台', en: 'chairs' } }),
    text('clients', '服务对象', 'Serves', 30, { required: false }),
    day('validFrom', '有效期限自', 'Valid from', { role: 'valid-from' }),
    lastDay('validUntil', '有效期限至', 'Valid until', { notBefore: 'validFrom' }),
  ],
  validity: { kind: 'fields' },
  number: { parts: [{ text: 'PDY' }, { area: true }, { sequence: 8 }, { checkDigit: true }], restarts: 'never' },
  example: {
    institution: '云汀市望江区妇幼保健院',
    creditCode: '12330199MB1H8K3Q8W',
    address: '云汀市望江区春晓路 158 号',
    legalRepresentative: '许清歌',
    principal: '方知微',
    ownership: 'government',
    category: 'maternity',
    subjects:
      '预防保健科／内科／妇产科；妇科专业；产科专业；生殖健康与不孕症专业／妇女保健科；青春期保健专业；围产期保健专业／儿科；新生儿专业／儿童保健科／急诊医学科／麻醉科／医学检验科；临床体液、血液专业；临床化学检验专业／医学影像科；X线诊断专业；超声诊断专业；心电诊断专业／中医科',
    beds: '260',
    chairs: '6',
    clients: '社会',
    validFrom: '2026-01-01',
    validUntil: '2040-12-31',
  },
  layout: institutionLayout({
    livery,
    hand,
    name,
    code: { label: '登记号', text: '{number}' },
    place: { y: 80, height: 104, gap: 8.4 },
    rows: [
      row('机构名称', '{fields.institution}', 2, 7.5),
      row('信用代码', '{fields.creditCode}', 1, 9),
      row('地址', '{fields.address}', 2, 7.5),
      row('法定代表人', '{fields.legalRepresentative}', 1, 6.5),
      row('主要负责人', '{fields.principal}', 1, 6.5),
      row('机构类别', '{fields.category}', 1, 8),
      row('经营性质', '{fields.ownership}', 1, 8),
      row('床位', '{fields.beds}', 1, 7),
      row('牙椅', '{fields.chairs}', 1, 7, '——'),
      row('服务对象', '{fields.clients}', 1, 6.5, '社会'),
    ],
    scope: {
      label: '诊疗科目',
      text: '{fields.subjects}',
      style: { ...hand.value, size: 10.5 },
      lines: 10,
      minSize: 8,
    },
    more: [
      { kind: 'text', text: '有效期限', x: 28, y: 182, style: hand.label },
      {
        kind: 'text',
        text: '{validFrom}至{validUntil}',
        x: 59,
        y: 182,
        width: 84,
        style: hand.value,
        fit: { lines: 1, minSize: 8 },
      },
    ],
  }),
}
