import type { LicenceDefinition } from '../definition.ts'
import { day, identityNumber, lastDay, masked, personName, photo, portrait, text } from './fields.ts'
import { cardLayout, row } from './forms.ts'
import { gold, mistPetrol, petrol } from './palette.ts'

const name = { zh: '社会保障卡', en: 'Social security card' }

/** The electronic card beside the one of plastic (《社会保障卡建设总体方案》, 人社部发〔2014〕52号). */
export const socialSecurityCard: LicenceDefinition = {
  typeCode: '1110000000001316XM001',
  templateVersion: 1,
  name,
  groups: [
    { name: { zh: '持卡人', en: 'Holder' }, fields: ['name', 'idNumber', 'photo'] },
    { name: { zh: '卡', en: 'Card' }, fields: ['cardNumber', 'bank', 'issuedOn', 'validUntil', 'servicePhone'] },
  ],
  fields: [
    personName(),
    identityNumber('idNumber', '社会保障号码', 'Social security number'),
    photo(),
    text('cardNumber', '卡号', 'Card number', 20, masked),
    text('bank', '合作银行', 'Bank', 30, { ...masked, required: false }),
    day('issuedOn', '发卡日期', 'Issued on', { role: 'issued-on', latest: 'today' }),
    lastDay('validUntil', '有效期限至', 'Valid until', { notBefore: 'issuedOn', mayBeOpen: true, required: false }),
    text('servicePhone', '服务电话', 'Service line', 20, { required: false }),
  ],
  validity: { kind: 'fields' },
  number: { parts: [{ area: true }, { sequence: 9 }, { checkDigit: true }], restarts: 'never' },
  example: {
    name: '顾清和',
    idNumber: '330199199207113614',
    cardNumber: 'A30199428',
    bank: '云汀银行望江支行',
    issuedOn: '2026-03-09',
    validUntil: '2036-03-08',
    servicePhone: '12333',
  },
  examplePictures: { photo: portrait([255, 255, 255], [46, 66, 96], [36, 30, 28], [234, 198, 172]) },
  layout: cardLayout({
    livery: { ground: [0.985, 1, 0.998], mist: mistPetrol, colour: petrol, accent: gold, pattern: 'wave' },
    name,
    issuerWord: '发卡机构',
    rows: [
      row('姓名', '{fields.name}'),
      row('社会保障号码', '{fields.idNumber}'),
      row('卡号', '{fields.cardNumber}'),
      row('发卡日期', '{fields.issuedOn}'),
      row('有效期限', '{fields.issuedOn}至{fields.validUntil}', 1, 5.5),
      row('合作银行', '{fields.bank}', 2, 5.5, '——'),
    ],
    backTitle: '持卡须知',
    backRows: [row('服务电话', '{fields.servicePhone}', 1, 6, '12333')],
    notes: [
      '一、本卡用于办理社会保险、就业服务和人力资源社会保障其他业务，由本人使用，不得转借。',
      '二、卡面信息变更的，应当及时到发卡机构办理。',
      '三、实体卡遗失的，应当及时挂失；电子证照的状态以核验结果为准。',
      '四、电子证照与实体卡具有同等效力，可扫描二维码核验真伪和状态。',
    ],
  }),
}
