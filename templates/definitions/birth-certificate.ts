import type { FieldDefinition, LicenceDefinition } from '../definition.ts'
import type { GridElement } from '../layout.ts'
import { amount, choice, day, ethnicity, hidden, identityNumber, masked, personName, sex, text } from './fields.ts'
import { a4, cell, flower, groundOf, handOf, head, issuedBy, type Livery, qrOf, titleOf } from './forms.ts'
import { crimson, gold, mistRose } from './palette.ts'

const name = { zh: '出生医学证明', en: 'Medical certificate of birth' }
const livery: Livery = { ground: [1, 0.99, 0.985], mist: mistRose, colour: crimson, accent: gold, pattern: 'ribbon' }
const hand = handOf(10.5, 28)

const parent = (prefix: string, zh: string, en: string, required: boolean): readonly FieldDefinition[] => [
  personName(`${prefix}Name`, `${zh}姓名`, `${en}: name`, { required }),
  text(`${prefix}Nationality`, `${zh}国籍`, `${en}: nationality`, 20, { ...hidden, required }),
  ethnicity(`${prefix}Ethnicity`, `${zh}民族`, `${en}: ethnicity`, { required: false }),
  identityNumber(`${prefix}IdNumber`, `${zh}身份证件号码`, `${en}: identity number`, { required }),
  text(`${prefix}Address`, `${zh}住址`, `${en}: address`, 60, { ...hidden, required }),
]

const parentRows = (prefix: string, zh: string): GridElement['rows'] => [
  {
    height: 11,
    cells: [
      head(`${zh}姓名`),
      cell(`{fields.${prefix}Name}`, 2, 6.5, 3, '——'),
      head('国籍、民族'),
      cell(`{fields.${prefix}Nationality}　{fields.${prefix}Ethnicity}`, 2, 6, 1, '——'),
    ],
  },
  { height: 10, cells: [head('身份证件号码'), cell(`{fields.${prefix}IdNumber}`, 1, 8, 5, '——')] },
  { height: 11, cells: [head('住址'), cell(`{fields.${prefix}Address}`, 2, 6.5, 5, '——')] },
]

/** 《母婴保健法》 article 23; items of 国卫办妇幼发〔2013〕. The child has no number of its own yet: its parents hold the licence. */
export const birthCertificate: LicenceDefinition = {
  typeCode: '11100000MB16122012001',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '新生儿', en: 'Child' },
      fields: ['childName', 'childSex', 'bornOn', 'bornAt', 'birthPlace', 'gestation', 'weight', 'length', 'health'],
    },
    {
      name: { zh: '母亲', en: 'Mother' },
      fields: ['motherName', 'motherNationality', 'motherEthnicity', 'motherIdNumber', 'motherAddress'],
    },
    {
      name: { zh: '父亲', en: 'Father' },
      fields: ['fatherName', 'fatherNationality', 'fatherEthnicity', 'fatherIdNumber', 'fatherAddress'],
    },
    { name: { zh: '助产', en: 'Delivery' }, fields: ['institution', 'midwife'] },
  ],
  fields: [
    text('childName', '新生儿姓名', 'Name of the child', 30, masked),
    sex('childSex', '新生儿性别', 'Sex of the child'),
    day('bornOn', '出生日期', 'Date of birth', { ...hidden, latest: 'today' }),
    text('bornAt', '出生时间', 'Time of birth', 12, { ...hidden, hint: { zh: '如 08 时 35 分', en: 'Such as 08:35' } }),
    text('birthPlace', '出生地点', 'Place of birth', 60, hidden),
    amount('gestation', '出生孕周', 'Weeks of gestation', {
      ...hidden,
      decimals: 0,
      unit: { zh: '周', en: 'weeks' },
    }),
    amount('weight', '出生体重', 'Weight', { ...hidden, decimals: 0, unit: { zh: '克', en: 'g' } }),
    amount('length', '出生身长', 'Length', { ...hidden, decimals: 1, unit: { zh: '厘米', en: 'cm' } }),
    choice(
      'health',
      '健康状况',
      'Health',
      [
        ['good', '良好', 'Good'],
        ['fair', '一般', 'Fair'],
        ['poor', '差', 'Poor'],
      ],
      hidden,
    ),
    ...parent('mother', '母亲', 'Mother', true),
    ...parent('father', '父亲', 'Father', false),
    text('institution', '助产机构', 'Institution', 60),
    text('midwife', '助产人员', 'Attended by', 30, hidden),
  ],
  validity: { kind: 'without-end' },
  number: { parts: [{ text: 'Y33' }, { sequence: 7 }], restarts: 'never' },
  example: {
    childName: '温以宁',
    childSex: 'female',
    bornOn: '2026-10-12',
    bornAt: '08 时 35 分',
    birthPlace: '云汀市望江区妇幼保健院',
    gestation: '39',
    weight: '3260',
    length: '50.0',
    health: 'good',
    motherName: '姜若棠',
    motherNationality: '中国',
    motherEthnicity: '汉族',
    motherIdNumber: '33019919930216484X',
    motherAddress: '云汀市望江区听澜路 9 号枕溪苑 7 幢 301 室',
    fatherName: '温景澄',
    fatherNationality: '中国',
    fatherEthnicity: '汉族',
    fatherIdNumber: '33019919910527381X',
    fatherAddress: '云汀市望江区听澜路 9 号枕溪苑 7 幢 301 室',
    institution: '云汀市望江区妇幼保健院',
    midwife: '许清歌',
  },
  layout: {
    pages: [
      {
        width: a4.width,
        height: a4.height,
        elements: [
          ...groundOf(a4, livery),
          flower(105, 130, 56, 41, mistRose),
          flower(105, 29, 8, 16, crimson),
          ...titleOf(name, a4.width, 52, hand.title, crimson),
          { kind: 'text', text: '编号　{number}', x: 22, y: 70, width: 166, align: 'right', style: hand.label },
          {
            kind: 'grid',
            x: 22,
            y: 74,
            columns: [27, 29, 24, 29, 24, 33],
            rows: [
              {
                height: 12,
                cells: [
                  head('新生儿姓名'),
                  cell('{fields.childName}', 2, 6.5, 3),
                  head('性别'),
                  cell('{fields.childSex}'),
                ],
              },
              {
                height: 10,
                cells: [
                  head('出生时间'),
                  cell('{fields.bornOn}　{fields.bornAt}', 1, 7, 3),
                  head('健康状况'),
                  cell('{fields.health}'),
                ],
              },
              {
                height: 10,
                cells: [
                  head('出生孕周'),
                  cell('{fields.gestation}'),
                  head('体重'),
                  cell('{fields.weight}'),
                  head('身长'),
                  cell('{fields.length}'),
                ],
              },
              { height: 11, cells: [head('出生地点'), cell('{fields.birthPlace}', 2, 6.5, 5)] },
              ...parentRows('mother', '母亲'),
              ...parentRows('father', '父亲'),
              {
                height: 11,
                cells: [
                  head('助产机构'),
                  cell('{fields.institution}', 2, 6.5, 3),
                  head('助产人员'),
                  cell('{fields.midwife}', 2, 6),
                ],
              },
            ],
            headingStyle: hand.label,
            style: hand.value,
            line: { width: 0.2, colour: crimson },
            headingFill: [1, 0.965, 0.95],
            padding: 1.6,
          },
          ...qrOf(30, 218, 34, hand.small),
          ...issuedBy('签发机构', 100, 240, 84, handOf(12, 28)),
          {
            kind: 'text',
            text: '本证明为新生儿出生的法定医学证明，可用于申报户口登记。电子证照与纸质证明具有同等效力。',
            x: 22,
            y: 273,
            width: 166,
            align: 'centre',
            style: hand.small,
          },
        ],
      },
    ],
    seal: { page: 0, x: 142, y: 240 },
  },
}
