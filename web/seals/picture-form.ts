import type { PictureSpec } from './seals.ts'

/** The picture as it is typed: every member of every shape, so that changing the shape forgets nothing. */
export interface PictureValues {
  shape: PictureSpec['shape']
  diameterMm: number
  ringText: string
  ringTextEn: string
  centre: 'star' | 'none' | 'artwork'
  lowerText: string
  code: string
  taxNumber: string
  serial: string
  sideMm: number
  text: string
  ending: '' | '印' | '之印'
  style: 'red-characters' | 'white-characters'
  artwork: object | null
}

export const diameters = [60, 50, 45, 42, 40, 38] as const
const ovalMm = { widthMm: 45, heightMm: 30 } as const

export const emptyPicture = (ringText: string): PictureValues => ({
  ...{ shape: 'round', diameterMm: 42, ringText, ringTextEn: '', centre: 'star', lowerText: '', code: '' },
  ...{ taxNumber: '', serial: '', sideMm: 20, text: '', ending: '印', style: 'red-characters', artwork: null },
})

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

/** What is sent: the members of its shape alone. */
export function toSpec(values: PictureValues): PictureSpec {
  const { shape, centre, artwork, lowerText } = values
  const ring = {
    ringText: values.ringText.trim(),
    ringTextEn: orNull(values.ringTextEn),
    centre,
    lowerText: orNull(lowerText),
    ...(centre === 'artwork' && artwork !== null && { artwork }),
  }
  switch (shape) {
    case 'round':
      return { shape, diameterMm: values.diameterMm, ...ring, code: orNull(values.code) }
    case 'oval':
      return { shape, ...ovalMm, ...ring }
    case 'invoice':
      return {
        ...{ shape, ringText: ring.ringText, taxNumber: values.taxNumber.trim().toUpperCase() },
        serial: values.serial.trim() === '' ? null : Number(values.serial),
      }
    case 'square':
      return {
        ...{ shape, sideMm: values.sideMm, text: values.text.trim(), style: values.style },
        ending: values.ending === '' ? null : values.ending,
      }
  }
}

/** What a picture on record says, to be typed over; members that it lacks are as in an empty one. */
export function fromSpec(spec: PictureSpec): PictureValues {
  const own = Object.entries(spec).map(([name, value]) => [
    name,
    name === 'serial' ? String(value ?? '') : (value ?? ''),
  ])
  return { ...emptyPicture(''), ...Object.fromEntries(own) }
}

export function sizeMm({ shape, diameterMm, sideMm }: PictureValues): {
  readonly widthMm: number
  readonly heightMm: number
} {
  if (shape === 'round') return { widthMm: diameterMm, heightMm: diameterMm }
  if (shape === 'square') return { widthMm: sideMm, heightMm: sideMm }
  return shape === 'oval' ? ovalMm : { widthMm: 40, heightMm: 30 }
}
