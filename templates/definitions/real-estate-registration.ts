import type { LicenceDefinition } from '../definition.ts'
import { choice, creditCode, longText, masked, text } from './fields.ts'
import { a4, cell, flower, groundOf, handOf, head, issuedBy, type Livery, qrOf, titleOf } from './forms.ts'
import { crimson, deepGold, gold, paleGold } from './palette.ts'

const name = { zh: '不动产登记证明', en: 'Proof of real estate registration' }
const livery: Livery = { ground: [1, 0.995, 0.975], mist: paleGold, colour: crimson, accent: gold, pattern: 'lattice' }
const hand = handOf(11, 28)

/** 《不动产登记暂行条例》 and 《不动产登记簿证样式》: for mortgages, easements, priority notices and objections. */
export const realEstateRegistration: LicenceDefinition = {
  typeCode: '11100000MB03271699002',
  templateVersion: 1,
  name,
  groups: [
    { name: { zh: '权利', en: 'Right' }, fields: ['matter', 'holder', 'holderCode', 'obligor'] },
    { name: { zh: '不动产', en: 'Property' }, fields: ['location', 'unitNumber', 'other', 'note'] },
  ],
  fields: [
    choice('matter', '证明权利或事项', 'Right or matter', [
      ['mortgage', '抵押权', 'Mortgage'],
      ['maximum-mortgage', '最高额抵押权', 'Mortgage up to a maximum'],
      ['easement', '地役权', 'Easement'],
      ['residence', '居住权', 'Right of residence'],
      ['priority-sale', '预告登记（预售商品房买卖）', 'Priority notice (sale)'],
      ['priority-mortgage', '预告登记（预售商品房抵押）', 'Priority notice (mortgage)'],
      ['objection', '异议登记', 'Objection'],
    ]),
    text('holder', '权利人（申请人）', 'Holder (applicant)', 60, { role: 'holder-name' }),
    creditCode('holderCode', '权利人统一社会信用代码', 'Holder’s unified social credit code'),
    text('obligor', '义务人', 'Obligor', 60, masked),
    text('location', '坐落', 'Location', 100),
    text('unitNumber', '不动产单元号', 'Unit number', 32),
    longText('other', '其他', 'Other', 400, { required: false }),
    longText('note', '附记', 'Notes', 240, { required: false }),
  ],
  validity: { kind: 'without-end' },
  number: {
    parts: [{ text: '浙（' }, { year: true }, { text: '）云汀市不动产证明第' }, { sequence: 7 }, { text: '号' }],
    restarts: 'yearly',
  },
  example: {
    matter: 'mortgage',
    holder: '云汀银行股份有限公司望江支行',
    holderCode: '91330199MA2B7K9L20',
    obligor: '纪南星、叶疏桐',
    location: '云汀市望江区听澜路 9 号枕溪苑 5 幢 2 单元 801 室',
    unitNumber: '330199 001008 GB00217 F00050801',
    other:
      '不动产权证书号：浙（2026）云汀市不动产权第0000042号\n抵押方式：一般抵押；抵押担保范围：主债权及利息、违约金、实现抵押权的费用\n被担保主债权数额：186.00 万元\n债务履行期限：2026年11月20日起2056年11月19日止',
    note: '业务编号：202611200117。是否存在禁止或限制转让抵押不动产的约定：否。',
  },
  layout: {
    pages: [
      {
        width: a4.width,
        height: a4.height,
        elements: [
          ...groundOf(a4, livery),
          flower(105, 132, 56, 43, paleGold),
          flower(105, 31, 9, 18, crimson),
          ...titleOf(name, a4.width, 55, { ...hand.title, colour: crimson }, deepGold),
          {
            kind: 'text',
            text: '　　根据《中华人民共和国民法典》等法律法规，为保护申请人合法权益，对申请人申请登记的本证明所列不动产权利或登记事项，经审查核实，准予登记，颁发此证明。',
            x: 24,
            y: 75,
            width: 162,
            style: { ...hand.value, size: 10 },
            fit: { lines: 3, minSize: 9, leading: 1.6 },
          },
          { kind: 'text', text: '{number}', x: 22, y: 97, width: 166, align: 'right', style: hand.value },
          {
            kind: 'grid',
            x: 22,
            y: 101,
            columns: [42, 124],
            rows: [
              { height: 10, cells: [head('证明权利或事项'), cell('{fields.matter}')] },
              { height: 12, cells: [head('权利人（申请人）'), cell('{fields.holder}', 2, 6.5)] },
              { height: 10, cells: [head('统一社会信用代码'), cell('{fields.holderCode}')] },
              { height: 12, cells: [head('义务人'), cell('{fields.obligor}', 2, 6.5)] },
              { height: 12, cells: [head('坐落'), cell('{fields.location}', 2, 6.5)] },
              { height: 10, cells: [head('不动产单元号'), cell('{fields.unitNumber}', 1, 6.5)] },
              {
                height: 34,
                cells: [head('其他'), { text: '{fields.other}', empty: '无', fit: { lines: 10, minSize: 6.5 } }],
              },
              {
                height: 20,
                cells: [head('附记'), { text: '{fields.note}', empty: '无', fit: { lines: 6, minSize: 6.5 } }],
              },
            ],
            headingStyle: hand.label,
            style: hand.value,
            line: { width: 0.2, colour: deepGold },
            headingFill: [0.995, 0.968, 0.91],
            padding: 2.2,
          },
          ...qrOf(32, 230, 32, hand.small),
          ...issuedBy('登记机构', 100, 248, 80, handOf(12, 28)),
        ],
      },
    ],
    seal: { page: 0, x: 140, y: 247 },
  },
}
