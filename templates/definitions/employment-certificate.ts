import type { LicenceDefinition } from '../definition.ts'
import { bornOn, choice, ethnicity, hidden, identityNumber, personName, photo, portrait, sex, text } from './fields.ts'
import {
  a4,
  cell,
  continuationOf,
  flower,
  groundOf,
  handOf,
  head,
  issuedBy,
  type Livery,
  qrOf,
  titleOf,
} from './forms.ts'
import { gold, mistPetrol, petrol } from './palette.ts'

const name = { zh: '就业创业证', en: 'Employment and entrepreneurship certificate' }
const livery: Livery = { ground: [0.99, 1, 1], mist: mistPetrol, colour: petrol, accent: gold, pattern: 'lattice' }
const hand = handOf(10.5, 30)
const line = { width: 0.2, colour: petrol }
const headingFill = [0.925, 0.965, 0.97] as const

/** 《就业服务与就业管理规定》 and 人社部发〔2015〕: sixteen digits; every registration is a further row. */
export const employmentCertificate: LicenceDefinition = {
  typeCode: '1110000000001316XM011',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '持证人', en: 'Holder' },
      fields: ['name', 'sex', 'ethnicity', 'bornOn', 'idNumber', 'household', 'education', 'address', 'photo'],
    },
    { name: { zh: '登记', en: 'Registrations' }, fields: ['records', 'remark'] },
  ],
  fields: [
    personName(),
    sex(),
    ethnicity(),
    bornOn(),
    identityNumber(),
    choice(
      'household',
      '户籍性质',
      'Household',
      [
        ['urban', '城镇', 'Urban'],
        ['rural', '农村', 'Rural'],
      ],
      hidden,
    ),
    choice(
      'education',
      '文化程度',
      'Education',
      [
        ['primary', '小学', 'Primary school'],
        ['middle', '初中', 'Junior middle school'],
        ['senior', '高中（中专、技校）', 'Senior middle or vocational school'],
        ['college', '大专', 'College'],
        ['bachelor', '本科', 'Bachelor'],
        ['master', '研究生', 'Postgraduate'],
      ],
      hidden,
    ),
    text('address', '常住地址', 'Address', 60, hidden),
    photo(),
    {
      name: 'records',
      label: { zh: '就业与失业登记记录', en: 'Records of employment and unemployment' },
      type: 'table',
      required: true,
      disclosure: 'hidden',
      rows: { min: 1, max: 80 },
      columns: [
        { name: 'on', label: { zh: '登记日期', en: 'Date' }, type: 'date', required: true },
        { name: 'kind', label: { zh: '登记类别', en: 'Kind' }, type: 'text', required: true, maxLength: 12 },
        {
          name: 'content',
          label: { zh: '单位或事由', en: 'Employer or cause' },
          type: 'text',
          required: true,
          maxLength: 40,
        },
        { name: 'agency', label: { zh: '经办机构', en: 'Agency' }, type: 'text', required: false, maxLength: 24 },
      ],
    },
    text('remark', '备注', 'Remarks', 60, { ...hidden, required: false }),
  ],
  validity: { kind: 'without-end' },
  number: { parts: [{ area: true }, { year: true }, { sequence: 6 }], restarts: 'yearly' },
  example: {
    name: '何以南',
    sex: 'female',
    ethnicity: '汉族',
    bornOn: '1990-08-15',
    idNumber: '330199199008155248',
    household: 'urban',
    education: 'bachelor',
    address: '云汀市望江区春晓路 20 号梧桐里 3 幢 604 室',
    records: [
      { on: '2019-07-15', kind: '就业登记', content: '云汀市青梧数字科技有限公司', agency: '望江区就业服务中心' },
      { on: '2025-12-31', kind: '失业登记', content: '劳动合同期满终止', agency: '望江区就业服务中心' },
      {
        on: '2026-04-20',
        kind: '创业登记',
        content: '云汀市望江区以南设计工作室（个体工商户）',
        agency: '望江区就业服务中心',
      },
    ],
  },
  examplePictures: { photo: portrait([196, 222, 236], [52, 96, 110], [38, 30, 28], [238, 204, 180]) },
  layout: {
    pages: [
      {
        width: a4.width,
        height: a4.height,
        elements: [
          ...groundOf(a4, livery),
          flower(105, 140, 56, 41, mistPetrol),
          flower(105, 29, 8, 16, petrol),
          ...titleOf(name, a4.width, 52, hand.title, petrol),
          { kind: 'text', text: '证号　{number}', x: 22, y: 70, width: 166, align: 'right', style: hand.label },
          {
            kind: 'grid',
            x: 22,
            y: 74,
            columns: [28, 47, 24, 31],
            rows: [
              { height: 11, cells: [head('姓名'), cell('{fields.name}', 2, 6.5), head('性别'), cell('{fields.sex}')] },
              {
                height: 10,
                cells: [head('出生日期'), cell('{fields.bornOn}'), head('民族'), cell('{fields.ethnicity}', 1, 6)],
              },
              {
                height: 10,
                cells: [
                  head('公民身份号码'),
                  cell('{fields.idNumber}', 1, 8),
                  head('户籍性质'),
                  cell('{fields.household}'),
                ],
              },
              { height: 10, cells: [head('文化程度'), cell('{fields.education}', 1, 8, 3)] },
              { height: 12, cells: [head('常住地址'), cell('{fields.address}', 2, 6.5, 3)] },
            ],
            headingStyle: hand.label,
            style: hand.value,
            line,
            headingFill,
            padding: 1.8,
          },
          { kind: 'box', x: 152, y: 74, width: 36, height: 53, stroke: line },
          { kind: 'picture', field: 'photo', x: 154, y: 79, width: 32, height: 42, fit: 'cover' },
          { kind: 'text', text: '就业与失业登记记录', x: 22, y: 137, style: hand.label },
          {
            kind: 'table',
            field: 'records',
            x: 22,
            y: 140,
            height: 72,
            columns: [
              { column: 'on', title: '登记日期', width: 33, align: 'centre' },
              { column: 'kind', title: '登记类别', width: 26, align: 'centre' },
              { column: 'content', title: '单位或事由', width: 67 },
              { column: 'agency', title: '经办机构', width: 40 },
            ],
            rowHeight: 8,
            headingStyle: hand.label,
            style: { ...hand.value, size: 9 },
            line: { width: 0.15, colour: petrol },
            headingFill,
            minSize: 6,
            continues: '就业与失业登记记录',
          },
          {
            kind: 'text',
            text: '备注　{fields.remark}',
            x: 22,
            y: 220,
            width: 166,
            style: hand.label,
            fit: { lines: 1, minSize: 6.5 },
          },
          ...qrOf(32, 229, 33, hand.small),
          ...issuedBy('发证机构', 100, 248, 80, handOf(12, 30)),
        ],
      },
    ],
    continuation: continuationOf(a4, livery, hand, '就业创业证附页'),
    seal: { page: 0, x: 140, y: 247 },
  },
}
