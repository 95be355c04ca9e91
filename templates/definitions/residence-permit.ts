import type { LicenceDefinition } from '../definition.ts'
import {
  bornOn,
  day,
  ethnicity,
  hidden,
  identityNumber,
  lastDay,
  personName,
  photo,
  portrait,
  sex,
  text,
} from './fields.ts'
import { cardLayout, row } from './forms.ts'
import { gold, leaf, mistLeaf } from './palette.ts'

const name = { zh: '居住证', en: 'Residence permit' }

/** 《居住证暂行条例》(国务院令第 663 号), articles 2, 3 and 10: endorsed once a year. */
export const residencePermit: LicenceDefinition = {
  typeCode: '11100000000013127D005',
  templateVersion: 1,
  name,
  groups: [
    {
      name: { zh: '持证人', en: 'Holder' },
      fields: ['name', 'sex', 'ethnicity', 'bornOn', 'idNumber', 'homeAddress', 'photo'],
    },
    { name: { zh: '居住', en: 'Residence' }, fields: ['address', 'endorsedOn', 'endorsedUntil'] },
  ],
  fields: [
    personName(),
    sex(),
    ethnicity(),
    bornOn(),
    identityNumber(),
    text('homeAddress', '常住户口所在地住址', 'Registered home', 60, hidden),
    photo(),
    text('address', '居住地住址', 'Address of residence', 60, hidden),
    day('endorsedOn', '签注日期', 'Endorsed on', { role: 'valid-from', latest: 'today' }),
    lastDay('endorsedUntil', '签注有效期至', 'Endorsed until', { notBefore: 'endorsedOn' }),
  ],
  validity: { kind: 'fields' },
  number: { parts: [{ text: 'JZ' }, { area: true }, { year: true }, { sequence: 7 }], restarts: 'yearly' },
  example: {
    name: '陆星野',
    sex: 'male',
    ethnicity: '汉族',
    bornOn: '1995-03-04',
    idNumber: '330199199503042718',
    homeAddress: '临岚市青石县桥头镇前街村 36 号',
    address: '云汀市港口区疏港大道 88 号海棠公寓 6 幢 1102 室',
    endorsedOn: '2026-09-01',
    endorsedUntil: '2027-08-31',
  },
  examplePictures: { photo: portrait([255, 255, 255], [54, 92, 78], [28, 26, 26], [226, 188, 160]) },
  layout: cardLayout({
    livery: { ground: [0.99, 1, 0.992], mist: mistLeaf, colour: leaf, accent: gold, pattern: 'wave' },
    name,
    issuerWord: '签发机关',
    rows: [
      row('姓名', '{fields.name}'),
      row('性别民族', '{fields.sex}　{fields.ethnicity}'),
      row('出生日期', '{fields.bornOn}'),
      row('公民身份号码', '{fields.idNumber}'),
      row('居住地住址', '{fields.address}', 2, 5.5),
      row('签注有效期', '{fields.endorsedOn}至{fields.endorsedUntil}', 1, 5.5),
    ],
    backTitle: '登记事项',
    backRows: [row('户籍地住址', '{fields.homeAddress}', 3, 5.5)],
    notes: [
      '一、居住证由县级人民政府公安机关签发，每年签注一次。',
      '二、居住每满一年之日前一个月内，应当到居住地公安派出所办理签注手续。',
      '三、逾期未办理签注手续的，居住证使用功能中止；补办后自补办之日起恢复。',
    ],
  }),
}
