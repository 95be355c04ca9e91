import type { LicenceDefinition } from '../../../templates/index.ts'
import type { TypeEntry } from '../../domain/type-entry.ts'

const ink = [0.1, 0.1, 0.12] as const
const red = [0.62, 0.09, 0.1] as const

/** What a template is begun from: an A4 page with title, holder, number, dates, QR and seal, ready to be drawn on. */
export function starterDefinition(typeCode: string, entry: TypeEntry): LicenceDefinition {
  const { name, holders } = entry
  const isCompany = holders.includes('organisation')
  const label = { face: 'sans-regular', size: 11, colour: [0.35, 0.35, 0.38] } as const
  const value = { face: 'serif-regular', size: 13, colour: ink } as const
  return {
    typeCode,
    templateVersion: 1,
    name,
    groups: [{ name: { zh: '持证主体', en: 'Holder' }, fields: ['holderName', 'holderCode'] }],
    fields: [
      {
        name: 'holderName',
        label: isCompany ? { zh: '名称', en: 'Name' } : { zh: '姓名', en: 'Name' },
        type: 'text',
        required: true,
        disclosure: isCompany ? 'public' : 'masked',
        role: 'holder-name',
        maxLength: 60,
      },
      {
        name: 'holderCode',
        label: isCompany
          ? { zh: '统一社会信用代码', en: 'Credit code' }
          : { zh: '公民身份号码', en: 'Identity number' },
        type: isCompany ? 'credit-code' : 'identity-number',
        required: true,
        disclosure: isCompany ? 'public' : 'masked',
        role: 'holder-code',
      },
    ],
    validity: { kind: 'without-end' },
    number: { parts: [{ area: true }, { year: true }, { sequence: 6 }], restarts: 'yearly' },
    example: isCompany
      ? { holderName: '云汀市沐禾食品有限公司', holderCode: '91330199MA7E4K2Q42' }
      : { holderName: '程亦舟', holderCode: '330199199506143717' },
    ...(entry.body === 'uploaded' && { body: { qr: { page: 'last' }, seal: { page: 'last' } } as const }),
    layout: {
      pages: [
        {
          width: 210,
          height: 297,
          elements: [
            { kind: 'border', x: 8, y: 8, width: 194, height: 281, band: 8, pattern: 'ribbon', colour: red },
            {
              kind: 'text',
              text: name.zh,
              x: 25,
              y: 55,
              width: 160,
              align: 'centre',
              style: { face: 'serif-bold', size: 34, colour: red, spacing: 2 },
              fit: { lines: 1, minSize: 16 },
            },
            {
              kind: 'rows',
              x: 30,
              y: 90,
              width: 150,
              height: 60,
              labelWidth: 42,
              gap: 12,
              labelStyle: label,
              style: value,
              rows: [
                {
                  label: isCompany ? '名称' : '姓名',
                  text: '{fields.holderName}',
                  fit: { lines: 2, minSize: 8 },
                },
                {
                  label: isCompany ? '统一社会信用代码' : '公民身份号码',
                  text: '{fields.holderCode}',
                  fit: { lines: 1, minSize: 8 },
                },
                { label: '证照编号', text: '{number}', fit: { lines: 1, minSize: 8 } },
                { label: '有效期至', text: '{validUntil}' },
              ],
            },
            { kind: 'qr', x: 30, y: 235, size: 30 },
            {
              kind: 'text',
              text: '{issuer}',
              x: 110,
              y: 245,
              width: 74,
              align: 'centre',
              style: value,
              fit: { lines: 1, minSize: 7 },
            },
            { kind: 'text', text: '{issuedOn}', x: 110, y: 255, width: 74, align: 'centre', style: value },
          ],
        },
      ],
      seal: { page: 0, x: 147, y: 247 },
    },
  }
}
