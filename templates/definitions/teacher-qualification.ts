import type { LicenceDefinition } from '../definition.ts'
import { bornOn, choice, day, ethnicity, identityNumber, personName, photo, portrait, sex, text } from './fields.ts'
import { a4Across, flower, groundOf, handOf, issuedBy, type Livery, qrOf, row, rowsOf, titleOf } from './forms.ts'
import { deepGold, gold, mistSlate, slate } from './palette.ts'

const name = { zh: '教师资格证书', en: 'Teacher qualification certificate' }
const livery: Livery = { ground: [0.995, 0.998, 1], mist: mistSlate, colour: slate, accent: gold, pattern: 'ribbon' }
const hand = handOf(12.5, 34)

/** 《教师资格条例》 article 4 and 《〈教师资格条例〉实施办法》. Seventeen digits: year, division, running number. */
export const teacherQualification: LicenceDefinition = {
  typeCode: '11100000000013047R003',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '持证人', en: 'Holder' },
      fields: ['name', 'sex', 'bornOn', 'ethnicity', 'idNumber', 'photo'],
    },
    { name: { zh: '资格', en: 'Qualification' }, fields: ['kind', 'subject', 'recognisedOn'] },
  ],
  fields: [
    personName(),
    sex(),
    bornOn(),
    ethnicity(),
    identityNumber(),
    photo(),
    choice('kind', '资格种类', 'Kind', [
      ['nursery', '幼儿园教师资格', 'Nursery school'],
      ['primary', '小学教师资格', 'Primary school'],
      ['middle', '初级中学教师资格', 'Junior middle school'],
      ['senior', '高级中学教师资格', 'Senior middle school'],
      ['vocational', '中等职业学校教师资格', 'Secondary vocational school'],
      ['practice', '中等职业学校实习指导教师资格', 'Vocational practice'],
      ['university', '高等学校教师资格', 'University'],
    ]),
    text('subject', '任教学科', 'Subject', 30),
    day('recognisedOn', '认定日期', 'Recognised on', { latest: 'today' }),
  ],
  validity: { kind: 'without-end' },
  number: { parts: [{ year: true }, { area: true }, { sequence: 7 }], restarts: 'yearly' },
  example: {
    name: '梁思齐',
    sex: 'male',
    bornOn: '1998-01-12',
    ethnicity: '汉族',
    idNumber: '330199199801124623',
    kind: 'senior',
    subject: '数学',
    recognisedOn: '2026-06-30',
  },
  examplePictures: { photo: portrait([196, 216, 240], [44, 54, 84], [34, 30, 30], [232, 196, 170]) },
  layout: {
    pages: [
      {
        width: a4Across.width,
        height: a4Across.height,
        elements: [
          ...groundOf(a4Across, livery),
          flower(148.5, 118, 54, 37, mistSlate),
          flower(148.5, 31, 9, 18, deepGold),
          ...titleOf(name, a4Across.width, 60, hand.title, slate),
          { kind: 'box', x: 32.4, y: 83.4, width: 36.2, height: 46.2, stroke: { width: 0.25, colour: slate } },
          { kind: 'picture', field: 'photo', x: 33, y: 84, width: 35, height: 45, fit: 'cover' },
          ...qrOf(35, 141, 31, hand.small),
          rowsOf({ x: 84, y: 90, width: 92, height: 74, labelWidth: 32, gap: 11.6, spread: 6 }, hand, [
            row('姓名', '{fields.name}', 2, 7),
            row('性别', '{fields.sex}'),
            row('民族', '{fields.ethnicity}', 1, 8),
            row('出生日期', '{fields.bornOn}'),
            row('公民身份号码', '{fields.idNumber}', 1, 8),
          ]),
          rowsOf({ x: 184, y: 90, width: 88, height: 60, labelWidth: 27, gap: 11.6, spread: 4 }, hand, [
            row('资格种类', '{fields.kind}', 2, 8),
            row('任教学科', '{fields.subject}', 2, 7),
            row('认定日期', '{fields.recognisedOn}'),
            row('证书号码', '{number}', 1, 8),
          ]),
          {
            kind: 'text',
            text: '持证人具备国家规定的教师资格，特发此证。',
            x: 84,
            y: 166,
            width: 92,
            style: { ...hand.value, size: 11 },
          },
          ...issuedBy('认定机关', 186, 166, 76, hand),
        ],
      },
    ],
    seal: { page: 0, x: 224, y: 165 },
  },
}
