import { beforeAll, describe, expect, it } from 'vitest'
import { layOutInvoice } from '../../../seal-service/domain/picture/draw-invoice.ts'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import type { PlacedCharacter } from '../../../seal-service/domain/picture/placed-character.ts'
import { traceCharacter } from '../../../seal-service/domain/picture/trace.ts'
import { openSealTypes } from './seal-types.ts'

let outlines: OutlineSource
beforeAll(async () => {
  outlines = await openSealTypes()
})

/** Ink of upright characters, in millimetres. */
function boundsOf(places: readonly PlacedCharacter[]) {
  const steps = places.flatMap((place) => traceCharacter(place, outlines))
  const [xs, ys] = [0, 1].map((odd) =>
    steps.flatMap(([, ...at]) => (at as number[]).filter((_, index) => index % 2 === odd)),
  ) as [number[], number[]]
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) }
}

const spec = { shape: 'invoice', ringText: '云汀国章有限公司', taxNumber: '91330199MA2ABCDE1X', serial: 8 } as const

describe('the seal for invoices (税务总局公告2011年第7号)', () => {
  it('has a tax number 26 mm wide for 18 places, 3.7 mm high, each 1.3 mm wide, in the middle', () => {
    const { digits } = layOutInvoice(spec)
    const { left, right, bottom, top } = boundsOf(digits)
    expect(right - left).toBeGreaterThan(25.6)
    expect(right - left).toBeLessThan(26.1)
    expect(top - bottom).toBeGreaterThan(3.65)
    expect(top - bottom).toBeLessThan(3.9)
    expect(Math.abs(top + bottom)).toBeLessThan(0.1)
    const nine = boundsOf([digits[0]!])
    expect(nine.right - nine.left).toBeGreaterThan(1.1)
    expect(nine.right - nine.left).toBeLessThan(1.35)
  })

  it('has 发票专用章 4.6 mm high and 3 mm wide, its top 4.2 mm below the middle line', () => {
    const { line } = layOutInvoice(spec)
    const { top, bottom } = boundsOf(line)
    expect(Math.abs(top + 4.2)).toBeLessThan(0.2)
    expect(Math.abs(top - bottom - 4.6)).toBeLessThan(0.25)
    const zhang = boundsOf([line.at(-1)!])
    expect(Math.abs(zhang.right - zhang.left - 3)).toBeLessThan(0.2)
  })

  it('has the serial 2.2 mm high, its top 10 mm below the middle line', () => {
    const { serial } = layOutInvoice(spec)
    const [, eight] = serial
    const { top, bottom } = boundsOf([eight!])
    expect(Math.abs(top + 10)).toBeLessThan(0.1)
    expect(Math.abs(top - bottom - 2.2)).toBeLessThan(0.1)
  })

  it('has a name 4.2 mm high, half a millimetre within the rim, over 210 to 260 degrees', () => {
    const short = layOutInvoice(spec).name
    const long = layOutInvoice({ ...spec, ringText: '云汀远洋国际货运代理仓储配送集团股份有限公司' }).name
    for (const name of [short, long]) {
      const upright = name.map((place) => ({ ...place, x: 0, y: 0, angle: 0 }))
      const { top, bottom } = boundsOf(upright)
      expect(Math.abs(top - bottom - 4.2)).toBeLessThan(0.25)
    }
    // The character at the very top of the arc: its face ends half a millimetre below the inside of the rim.
    const [middle] = [...long].sort((one, other) => Math.abs(one.x) - Math.abs(other.x))
    expect(15 - 1 - (middle!.y + 4.2 / 2)).toBeCloseTo(0.5, 1)
    // Over the name's whole length: to the far side of its last character.
    const angleOf = ({ x, y }: Pick<PlacedCharacter, 'x' | 'y'>) => (Math.atan2(x, y) * 180) / Math.PI
    const { x, y, angle, width } = long.at(-1)!
    const arc = 2 * angleOf({ x: x + (width / 2) * Math.cos(angle), y: y - (width / 2) * Math.sin(angle) })
    expect(arc).toBeGreaterThan(245)
    expect(arc).toBeLessThan(261)
    const arcOfShort = angleOf(short.at(-1)!) - angleOf(short[0]!)
    expect(arcOfShort).toBeGreaterThan(150)
    expect(arcOfShort).toBeLessThan(arc)
  })
})
