import { beforeAll, describe, expect, it } from 'vitest'
import { layOutInvoice } from '../../../seal-service/domain/picture/draw-invoice.ts'
import { layOutOval } from '../../../seal-service/domain/picture/draw-oval.ts'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import type { PlacedCharacter } from '../../../seal-service/domain/picture/placed-character.ts'
import { layOutRoundSeal } from '../../../seal-service/domain/seal-layout.ts'
import type { OvalSealSpec, RoundSealSpec } from '../../../seal-service/domain/seal-picture-spec.ts'
import { cornersOf, overlap, type Point, touches } from './boxes.ts'
import { openSealTypes } from './seal-types.ts'

const name = (length: number) =>
  '云汀自治州食品药品检验检测与医疗器械不良反应监测及化妆品安全风险评估技术服务中心有限公司'.slice(0, length)
const english = (length: number) =>
  'Yunting Municipal Administration for Market Regulation and Intellectual Property Right Protection'.slice(0, length)
/** An ideograph's face within its em square. */
const face = 0.93

let outlines: OutlineSource
beforeAll(async () => {
  outlines = await openSealTypes()
})

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const star = (radius: number, y: number): Point[] =>
  Array.from({ length: 5 }, (_, index): Point => {
    const angle = (index * 2 * Math.PI) / 5
    return [radius * Math.sin(angle), y + radius * Math.cos(angle)]
  })
const square = (side: number): Point[] =>
  [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([x, y]): Point => [(x! * side) / 2, (y! * side) / 2])
const boxesOf = (places: readonly PlacedCharacter[], share: number) => places.map((place) => cornersOf(place, share))
const isInside = (boxes: readonly (readonly Point[])[], a: number, b: number) =>
  boxes.every((box) => box.every(([x, y]) => (x / a) ** 2 + (y / b) ** 2 < 1))

describe('round seals', () => {
  const base = { shape: 'round', ringTextEn: null, centre: 'star', lowerText: null, code: null } as const
  const extras: Partial<RoundSealSpec>[] = [
    {},
    { lowerText: '财务专用章' },
    { code: '3301990012345' },
    { lowerText: '合同专用章（2）', code: '33019900123456789012' },
    { ringTextEn: english(20) },
    { ringTextEn: english(80), lowerText: '业务专用章' },
    { ringTextEn: english(54), lowerText: '业务专用章', code: '3301990012345' },
  ]

  it.each(extras)('let nothing touch anything for any name of 4 to 40 characters %j', (extra) => {
    // A seal's layout grows with its diameter; a rim of 1 mm takes more of a small one.
    const touching = [{ diameterMm: 50 }, { diameterMm: 38, edgeMm: 1.2 }].flatMap((size) =>
      range(4, 40).filter((length) => {
        const layout = layOutRoundSeal({ ...base, ...size, ringText: name(length), ...extra }, outlines)
        const boxes = [
          ...boxesOf([...layout.ring, ...layout.lower, ...layout.letters, ...layout.code], 0.999),
          star(layout.starRadius, 0),
        ]
        const art = square(layout.artworkSide)
        const besideArt = boxesOf([...layout.ring, ...layout.lower], 0.999)
        const inside = size.diameterMm / 2 - layout.ringWidth
        return touches(boxes) || besideArt.some((box) => overlap(box, art)) || !isInside(boxes, inside, inside)
      }),
    )
    expect(touching).toEqual([])
  })

  it('keep characters legible: never narrower than 0.4 of their height, nor than 1.45 mm on the smallest seal', () => {
    for (const extra of extras) {
      for (const length of range(4, 40)) {
        const [one] = layOutRoundSeal({ ...base, diameterMm: 38, ringText: name(length), ...extra }, outlines).ring
        expect(one!.width / one!.height).toBeGreaterThan(0.4)
        expect(one!.width).toBeGreaterThan(1.45)
      }
    }
  })
})

describe('oval seals', () => {
  const base = { shape: 'oval', widthMm: 45, heightMm: 30, ringTextEn: null, centre: 'star', lowerText: null } as const
  const extras: Partial<OvalSealSpec>[] = [
    {},
    { lowerText: '合同专用章' },
    { centre: 'none', lowerText: '合同专用章（1）' },
    { ringTextEn: 'YUNTING HAIDE CO., LTD.' },
    { ringTextEn: english(80), lowerText: '合同专用章', centre: 'none' },
  ]

  it.each(extras)('let nothing touch anything for any name of 4 to 40 characters: %j', (extra) => {
    const touching = range(4, 40).filter((length) => {
      const spec: OvalSealSpec = { ...base, ringText: name(length), ...extra }
      const layout = layOutOval(spec, outlines)
      const boxes = [
        ...boxesOf([...layout.name, ...layout.lower, ...layout.letters], face),
        ...(spec.centre === 'star' ? [star(layout.star.radius, layout.star.y)] : []),
      ]
      return touches(boxes) || !isInside(boxes, 22.5 - layout.edge, 15 - layout.edge)
    })
    expect(touching).toEqual([])
  })
})

describe('invoice seals', () => {
  const base = { shape: 'invoice', taxNumber: '91330199MA2ABCDE1X', serial: null } as const

  it('let nothing touch anything for any name of 4 to 32 characters and any number', () => {
    const touching = ['', '9133', '913301'].flatMap((more) =>
      range(4, 32).filter((length) => {
        const taxNumber = (more + base.taxNumber).slice(0, 20)
        const {
          name: ring,
          line,
          digits,
          serial,
        } = layOutInvoice({ ...base, ringText: name(length), taxNumber, serial: 12 })
        const boxes = boxesOf([...ring, ...line, ...digits, ...serial], face)
        return touches(boxes) || !isInside(boxes, 19, 14)
      }),
    )
    expect(touching).toEqual([])
  })
})
