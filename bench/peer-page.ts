// The page both peers draw: the texts of a business licence at their places, so that they do the same work as we do.

export interface PeerPage {
  readonly texts: readonly { readonly text: string; readonly x: number; readonly y: number; readonly size: number }[]
  readonly qrText: string
  readonly licenceJson: Uint8Array
}

const LABELS = [
  '统一社会信用代码',
  '名称',
  '类型',
  '法定代表人',
  '经营范围',
  '注册资本',
  '成立日期',
  '营业期限',
  '住所',
  '登记机关',
]

/** Lays the values of a licence's fields beside their labels, in two columns of an A4 landscape page (points). */
export function peerPage(values: readonly string[], qrText: string, licenceJson: Uint8Array): PeerPage {
  const texts = [
    { text: '营业执照', x: 300, y: 470, size: 48 },
    { text: '（副本）', x: 385, y: 430, size: 18 },
    ...LABELS.map((text, i) => ({ text, x: i < 5 ? 72 : 440, y: 360 - (i % 5) * 32, size: 12 })),
    ...values.flatMap((value, i) =>
      (value.match(/.{1,18}/gu) ?? []).map((text, line) => ({
        text,
        x: i % 10 < 5 ? 160 : 520,
        y: 360 - (i % 5) * 32 - line * 14,
        size: 11,
      })),
    ),
  ]
  return { texts, qrText, licenceJson }
}
