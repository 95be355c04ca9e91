import { describe, expect, it } from 'vitest'
import { layOutRoundSeal as layOut } from '../../../seal-service/domain/seal-layout.ts'
import { cornersOf, touches } from '../pictures/boxes.ts'

const layOutRoundSeal = (text: { diameterMm: number; ringText: string; lowerText: string | null }) =>
  layOut({ shape: 'round', ...text, ringTextEn: null, centre: 'star', code: null }, () => undefined)

const name = (length: number) => '云汀市高新技术产业开发区城市管理和综合行政执法局'.slice(0, length)

/** Every number of characters along the rim and below the star, on every diameter in use. */
const everySeal = [42, 45, 50, 60].flatMap((diameterMm) =>
  Array.from({ length: 21 }, (_, index) => name(index + 4)).flatMap((ringText) =>
    [null, ...Array.from({ length: 7 }, (_, index) => '行政审批专用章章'.slice(0, index + 2))].map((lowerText) => ({
      diameterMm,
      ringText,
      lowerText,
    })),
  ),
)

describe('layOutRoundSeal', () => {
  it('lets no character of 4 to 24 touch another one, the star or the rim', () => {
    const touching = everySeal.filter((text) => {
      const layout = layOutRoundSeal(text)
      const boxes = [...layout.ring, ...layout.lower].map((place) => cornersOf(place))
      const inside = text.diameterMm / 2 - layout.ringWidth
      const isOverRim = boxes.some((box) => box.some(([x, y]) => Math.hypot(x, y) >= inside))
      const isOverStar =
        layout.ring.some(({ x, y, height }) => Math.hypot(x, y) - height / 2 < layout.starRadius * 1.2) ||
        layout.lower.some(({ y, height }) => y + height / 2 > -layout.starRadius * 0.9)
      return isOverRim || touches(boxes) || isOverStar
    })
    expect(everySeal).toHaveLength(4 * 21 * 8)
    expect(touching).toEqual([])
  })

  it('spaces the name evenly and symmetrically about the top, left to right', () => {
    for (let length = 4; length <= 24; length++) {
      const { ring } = layOutRoundSeal({ diameterMm: 45, ringText: name(length), lowerText: null })
      const angles = ring.map(({ angle }) => angle)
      const pitches = angles.slice(1).map((angle, index) => angle - angles[index]!)
      for (const pitch of pitches) expect(pitch).toBeCloseTo(pitches[0]!, 9)
      expect(angles[0]! + angles.at(-1)!).toBeCloseTo(0, 9)
      expect(String.fromCodePoint(...ring.map(({ codePoint }) => codePoint))).toBe(name(length))
    }
  })

  it('lets the arc grow with the name and never close the circle', () => {
    const arcOf = (length: number) => {
      const { ring } = layOutRoundSeal({ diameterMm: 45, ringText: name(length), lowerText: null })
      return ring.at(-1)!.angle - ring[0]!.angle
    }
    for (let length = 5; length <= 24; length++) expect(arcOf(length)).toBeGreaterThan(arcOf(length - 1))
    expect(arcOf(24)).toBeLessThan((305 / 180) * Math.PI)
  })

  it('condenses long names and keeps their characters at least 5 mm high and 2.4 mm wide on 45 mm', () => {
    const [character] = layOutRoundSeal({ diameterMm: 45, ringText: name(24), lowerText: null }).ring
    expect(character!.width).toBeGreaterThan(2.4)
    expect(character!.height).toBeGreaterThan(5)
    expect(character!.width / character!.height).toBeLessThan(0.65)
  })
})
