import type { LicenceDefinition } from '../definition.ts'
import { bornOn, choice, hidden, identityNumber, personName, photo, portrait, sex, text } from './fields.ts'
import { cardLayout, row } from './forms.ts'
import { crimson, gold, mistRose } from './palette.ts'

const name = { zh: '老年优待证', en: 'Senior citizen card' }

/** 《中华人民共和国老年人权益保障法》, chapter 5 (社会优待). */
export const seniorCard: LicenceDefinition = {
  typeCode: '11100000MB16122012011',
  templateVersion: 1,
  name,
  groups: [
    { name: { zh: '持证人', en: 'Holder' }, fields: ['name', 'sex', 'bornOn', 'idNumber', 'address', 'photo'] },
    { name: { zh: '优待', en: 'Benefits' }, fields: ['kind', 'contact', 'contactPhone', 'remark'] },
  ],
  fields: [
    personName(),
    sex(),
    bornOn(),
    identityNumber(),
    text('address', '住址', 'Address', 60, hidden),
    photo(),
    choice('kind', '优待类别', 'Kind', [
      ['60', '六十至六十九周岁', 'Aged 60 to 69'],
      ['70', '七十周岁以上', 'Aged 70 and over'],
      ['80', '八十周岁以上', 'Aged 80 and over'],
      ['100', '百岁老人', 'Centenarian'],
    ]),
    text('contact', '紧急联系人', 'Emergency contact', 30, { ...hidden, required: false }),
    text('contactPhone', '联系电话', 'Telephone', 20, { ...hidden, required: false }),
    text('remark', '备注', 'Remarks', 40, { ...hidden, required: false }),
  ],
  validity: { kind: 'without-end' },
  number: { parts: [{ area: true }, { year: true }, { sequence: 6 }], restarts: 'yearly' },
  example: {
    name: '周景行',
    sex: 'female',
    bornOn: '1951-06-18',
    idNumber: '330199195106183922',
    address: '云汀市望江区文澜路 31 号杏园 4 幢 202 室',
    kind: '70',
    contact: '周知夏',
    contactPhone: '0599-6201 8842',
  },
  examplePictures: { photo: portrait([214, 60, 56], [96, 52, 92], [188, 186, 184], [236, 202, 178]) },
  layout: cardLayout({
    livery: { ground: [1, 0.99, 0.982], mist: mistRose, colour: crimson, accent: gold, pattern: 'ribbon' },
    name,
    issuerWord: '发证机关',
    rows: [
      row('姓名', '{fields.name}'),
      row('性别', '{fields.sex}'),
      row('出生日期', '{fields.bornOn}'),
      row('公民身份号码', '{fields.idNumber}'),
      row('住址', '{fields.address}', 2, 5.5),
      row('优待类别', '{fields.kind}', 1, 5.5),
    ],
    backTitle: '优待说明',
    backRows: [
      row('紧急联系人', '{fields.contact}', 1, 4.8, '——'),
      row('联系电话', '{fields.contactPhone}', 1, 5.5, '——'),
      row('备注', '{fields.remark}', 2, 5.5, '无'),
    ],
    notes: ['一、持证人在本行政区域内享受交通、文化、旅游、医疗等优待服务。', '二、本证限本人使用，不得转借、涂改。'],
  }),
}
