import type { LicenceDefinition } from '../definition.ts'
import {
  bornOn,
  choice,
  day,
  hidden,
  identityNumber,
  lastDay,
  longText,
  personName,
  photo,
  portrait,
  sex,
  text,
} from './fields.ts'
import { cardLayout, row } from './forms.ts'
import { gold, mistSlate, slate } from './palette.ts'

const name = { zh: '机动车驾驶证', en: 'Driving licence' }

/** 《机动车驾驶证申领和使用规定》 and the form of GA 482. Its number, of twelve digits, is that of the file (档案编号). */
export const drivingLicence: LicenceDefinition = {
  typeCode: '11100000000013127D003',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '持证人', en: 'Holder' },
      fields: ['name', 'sex', 'nationality', 'bornOn', 'idNumber', 'address', 'photo'],
    },
    {
      name: { zh: '准驾', en: 'Entitlement' },
      fields: ['firstIssuedOn', 'vehicleClass', 'validFrom', 'validUntil', 'record'],
    },
  ],
  fields: [
    personName(),
    sex(),
    text('nationality', '国籍', 'Nationality', 20, hidden),
    bornOn(),
    identityNumber('idNumber', '证号', 'Licence number'),
    text('address', '住址', 'Address', 60, hidden),
    photo(),
    day('firstIssuedOn', '初次领证日期', 'First issued on', { latest: 'today', notBefore: 'bornOn' }),
    choice('vehicleClass', '准驾车型', 'Class', [
      ['A1', 'A1（大型客车）', 'A1 (large coach)'],
      ['A2', 'A2（重型牵引挂车）', 'A2 (heavy articulated vehicle)'],
      ['A3', 'A3（城市公交车）', 'A3 (city bus)'],
      ['B1', 'B1（中型客车）', 'B1 (medium coach)'],
      ['B2', 'B2（大型货车）', 'B2 (large goods vehicle)'],
      ['C1', 'C1（小型汽车）', 'C1 (small car)'],
      ['C2', 'C2（小型自动挡汽车）', 'C2 (small car, automatic)'],
      ['C5', 'C5（残疾人专用小型自动挡载客汽车）', 'C5 (small automatic car for disabled persons)'],
      ['C6', 'C6（轻型牵引挂车）', 'C6 (light articulated vehicle)'],
      ['D', 'D（普通三轮摩托车）', 'D (motor tricycle)'],
      ['E', 'E（普通二轮摩托车）', 'E (motorcycle)'],
    ]),
    day('validFrom', '有效期自', 'Valid from', { role: 'valid-from', notBefore: 'firstIssuedOn' }),
    lastDay('validUntil', '有效期至', 'Valid until', { notBefore: 'validFrom', mayBeOpen: true, required: false }),
    longText('record', '记录', 'Record', 80, { ...hidden, required: false }),
  ],
  validity: { kind: 'fields' },
  number: { parts: [{ area: true }, { sequence: 6 }], restarts: 'never' },
  example: {
    name: '沈予安',
    sex: 'female',
    nationality: '中国',
    bornOn: '1988-09-23',
    idNumber: '330199198809234822',
    address: '云汀市望江区听澜路 12 号枕溪苑 2 幢 1 单元 503 室',
    firstIssuedOn: '2010-06-18',
    vehicleClass: 'C1',
    validFrom: '2026-06-18',
    validUntil: '2036-06-17',
    record: '请于 2036 年 6 月 17 日前九十日内申请换领。',
  },
  examplePictures: { photo: portrait([255, 255, 255], [120, 60, 70], [30, 24, 24], [240, 206, 184]) },
  layout: cardLayout({
    livery: { ground: [0.99, 0.995, 1], mist: mistSlate, colour: slate, accent: gold, pattern: 'lattice' },
    name,
    issuerWord: '发证机关',
    rows: [
      row('证号', '{fields.idNumber}'),
      row('姓名', '{fields.name}'),
      row('性别国籍', '{fields.sex}　{fields.nationality}'),
      row('出生日期', '{fields.bornOn}'),
      row('初次领证日期', '{fields.firstIssuedOn}'),
      row('住址', '{fields.address}', 2, 5.5),
      row('准驾车型', '{fields.vehicleClass}', 1, 5.5),
      row('有效期限', '{fields.validFrom}至{fields.validUntil}', 1, 5.5),
    ],
    beside: 5,
    backTitle: '机动车驾驶证副页',
    backRows: [
      row('姓名', '{fields.name}', 1, 4.8),
      row('档案编号', '{number}'),
      row('记录', '{fields.record}', 3, 5.5, '无'),
    ],
    notes: [
      '一、驾驶机动车时应当随身携带或者出示本证，不得转借、涂改、伪造。',
      '二、应当在有效期届满前九十日内申请换证。',
    ],
  }),
}
