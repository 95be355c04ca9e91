import { beforeAll, describe, expect, it } from 'vitest'
import { drawSealPicture, type OutlineSource, sealSizeInPoints } from '../../../seal-service/domain/seal-picture.ts'
import type { RoundSealSpec } from '../../../seal-service/domain/seal-picture-spec.ts'
import { glyphOutline, openFonts } from '../../../templates/fonts/index.ts'

const text: RoundSealSpec = {
  ...{ shape: 'round', diameterMm: 45, ringText: '云汀市市场监督管理局', ringTextEn: null },
  ...{ centre: 'star', lowerText: null, code: null },
}
let outlines: OutlineSource

beforeAll(async () => {
  const { faces } = await openFonts()
  outlines = (codePoint) => glyphOutline(faces['serif-regular'], codePoint)
})

describe('drawSealPicture', () => {
  it('is as large as the seal truly is', () => {
    const picture = drawSealPicture(text, outlines)
    expect([picture.widthMm, picture.heightMm]).toEqual([45, 45])
    expect(sealSizeInPoints(45)).toBeCloseTo((45 / 25.4) * 72, 2)
    expect(sealSizeInPoints(42)).toBeCloseTo(119.055, 3)
    expect(picture.svg).toContain('width="45mm" height="45mm" viewBox="0 0 45 45"')
  })

  it('draws inside its box with numbers and path operators alone', () => {
    const { content } = drawSealPicture({ ...text, lowerText: '证照专用章' }, outlines)
    const coordinates: number[] = []
    for (const line of content.split('\n').filter((entry) => / [mlc]$/.test(entry))) {
      expect(line).toMatch(/^(-?\d+(\.\d+)? )+[mlc]$/)
      coordinates.push(...line.split(' ').slice(0, -1).map(Number))
    }
    expect(coordinates.length).toBeGreaterThan(1000)
    expect(Math.min(...coordinates)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...coordinates)).toBeLessThanOrEqual(sealSizeInPoints(45))
    expect(content.match(/^q /gm)).toHaveLength(1)
    expect(content).toMatch(/\nQ\n$/)
  })

  it('lets what lies under it show through', () => {
    const { content, resources } = drawSealPicture(text, outlines)
    expect(resources).toContain('/Ink << /Type /ExtGState /BM /Darken >>')
    expect(content).toMatch(/^q \/Ink gs\n/)
  })

  it('gives the same picture for the same text', () => {
    expect(drawSealPicture(text, outlines)).toEqual(drawSealPicture(text, outlines))
    expect(drawSealPicture({ ...text, ringText: '云汀市民政局' }, outlines).content).not.toBe(
      drawSealPicture(text, outlines).content,
    )
  })

  it('points one corner of the star upwards, above the centre', () => {
    const { svg } = drawSealPicture(text, () => ({ commands: [], advance: 1000, unitsPerEm: 1000 }))
    const [, x, y] = /d="M([\d.]+) ([\d.]+)/.exec(svg)!
    expect(Number(x)).toBeCloseTo(22.5, 3)
    expect(Number(y)).toBeCloseTo(22.5 - 7.2, 3)
  })

  it('names the character that the type lacks', () => {
    const lacking: OutlineSource = (codePoint) => (codePoint === '汀'.codePointAt(0) ? undefined : outlines(codePoint))
    expect(() => drawSealPicture(text, lacking)).toThrowError(
      expect.objectContaining({ code: 'SEAL_PICTURE_GLYPH_MISSING', message: expect.stringContaining('汀') }),
    )
  })
})
