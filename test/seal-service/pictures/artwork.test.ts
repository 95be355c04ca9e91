import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { readArtworkPath } from '../../../seal-service/domain/picture/artwork-path.ts'
import { rasterise } from '../../../seal-service/domain/picture/raster.ts'
import type { SealArtwork } from '../../../seal-service/domain/seal-picture-spec.ts'
import { encodePng } from '../../../seal-service/operations/pictures/encode-png.ts'
import { createPainter, type Painter } from '../../../seal-service/operations/pictures/painter.ts'
import { decodePng as decodeElsewhere } from '../../../templates/pictures/png.ts'
import { pngOf } from './png-of.ts'

let painter: Painter
beforeAll(() => {
  painter = createPainter()
})

const octets = (text: string) => new TextEncoder().encode(text)
const ring =
  '<path fill="#d00" fill-rule="evenodd" d="M50 0A50 50 0 0 1 50 100A50 50 0 0 1 50 0ZM50 25A25 25 0 0 0 50 75A25 25 0 0 0 50 25Z"/>'
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">${ring}</svg>`

/** Share of its box that an artwork inks. */
function inkShare({ width, height, path }: SealArtwork): number {
  const steps = readArtworkPath({ width, height, path })!
  const mapping = { scale: 200 / width, offsetX: 0, offsetY: 0, isUpwards: false }
  const { ink } = rasterise(
    [{ steps, rule: 'evenodd', strokeWidth: 0 }],
    200,
    Math.round((200 * height) / width),
    mapping,
  )
  return ink.reduce((sum, value) => sum + value, 0) / (255 * ink.length)
}

const refused = (code: string) => ({
  code: 'SEAL_ARTWORK_REFUSED',
  faults: [expect.objectContaining({ pointer: '', code })],
})

describe('an artwork', () => {
  it('from SVG keeps its form as outlines alone', async () => {
    const artwork = await painter.artwork(octets(svg))
    expect(artwork.path).toMatch(/^(M\d+ \d+(L\d+ \d+)+Z)+$/)
    expect(inkShare(artwork)).toBeCloseTo((Math.PI / 4) * 0.75, 2)
  })

  it('is cut to its ink and united where shapes overlap', async () => {
    const boxes = '<rect x="40" y="40" width="30" height="20"/><rect x="50" y="40" width="30" height="20"/>'
    const artwork = await painter.artwork(octets(svg.replace(ring, boxes)))
    expect(artwork.width / artwork.height).toBeCloseTo(2, 1)
    expect(artwork.path.match(/M/g)).toHaveLength(1)
    expect(inkShare(artwork)).toBeGreaterThan(0.98)
  })

  it('comes out the same again, and from what it gave', async () => {
    const artwork = await painter.artwork(octets(svg))
    expect(await painter.artwork(octets(svg))).toEqual(artwork)
    const { width, height, path } = artwork
    const again = await painter.artwork(
      octets(
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"><path fill-rule="evenodd" d="${path}"/></svg>`,
      ),
    )
    expect(Math.abs(inkShare(again) - inkShare(artwork))).toBeLessThan(0.005)
  })

  it.each([
    ['red on nothing', 6, 8, ([r, , , a]: number[]) => [r!, 20, 20, a!]],
    ['red on white', 2, 8, ([, , , a]: number[]) => [219 + Math.round((36 * (255 - a!)) / 255), 255 - a!, 255 - a!]],
    ['black on white', 0, 8, ([, , , a]: number[]) => [255 - a!]],
    ['grey of 16 bits with transparency', 4, 16, ([, , , a]: number[]) => [0, a! * 257]],
    ['one bit', 0, 1, ([, , , a]: number[]) => [a! > 127 ? 0 : 1]],
    ['a palette', 3, 8, ([, , , a]: number[]) => [a! > 127 ? 1 : 0]],
  ] as const)('from a PNG (%s) is the same as from the drawing', async (_what, colourType, depth, sample) => {
    const { ink } = paintRing(600)
    const rows = Array.from(ink, (alpha) => sample([219, 20, 20, alpha]))
    const palette = colourType === 3 ? [255, 255, 255, 219, 20, 20] : undefined
    const artwork = await painter.artwork(
      pngOf({ width: 600, height: 600, colourType, depth, samples: rows.flat(), palette }),
    )
    expect(inkShare(artwork)).toBeCloseTo((Math.PI / 4) * 0.75, 2)
  })

  it.each([
    ['more pixels than may be', { width: 5000, height: 5000 }, 'ARTWORK_TOO_MANY_PIXELS'],
    ['a long strip of pixels', { width: 4096, height: 4096 }, 'ARTWORK_TOO_MANY_PIXELS'],
    ['hardly any pixels', { width: 20, height: 20 }, 'ARTWORK_TOO_SMALL'],
    ['an interlaced picture', { width: 300, height: 300, interlace: 1 }, 'ARTWORK_NOT_SUPPORTED'],
    ['a depth that does not exist', { width: 300, height: 300, depth: 7 }, 'ARTWORK_DAMAGED'],
    ['fewer rows than it says', { width: 300, height: 300, stream: deflateSync(Buffer.alloc(301)) }, 'ARTWORK_DAMAGED'],
    ['rows without end', { width: 300, height: 300, stream: deflateSync(Buffer.alloc(50_000_000)) }, 'ARTWORK_DAMAGED'],
    ['no zlib stream', { width: 300, height: 300, stream: octets('nothing') }, 'ARTWORK_DAMAGED'],
    [
      'nothing but white',
      {
        width: 300,
        height: 300,
        stream: deflateSync(Buffer.alloc(300 * 301, 255).map((octet, i) => (i % 301 === 0 ? 0 : octet))),
      },
      'ARTWORK_EMPTY',
    ],
  ])('from a PNG with %s is refused', async (_what, made, code) => {
    const png = pngOf({ colourType: 0, depth: 8, samples: [], ...made })
    await expect(painter.artwork(png)).rejects.toMatchObject(refused(code))
  })

  it('is refused for one octet changed or cut anywhere in a PNG', async () => {
    const png = pngOf({
      width: 200,
      height: 200,
      colourType: 0,
      depth: 8,
      samples: Array.from({ length: 40_000 }, (_, i) => (i % 200 < 100 ? 0 : 255)),
    })
    for (const at of [1, 9, 17, 24, 30, 60, png.length - 14]) {
      const changed = png.slice()
      changed[at]! ^= 1
      await expect(painter.artwork(changed)).rejects.toMatchObject({ code: 'SEAL_ARTWORK_REFUSED' })
      await expect(painter.artwork(png.slice(0, at))).rejects.toMatchObject({ code: 'SEAL_ARTWORK_REFUSED' })
    }
  })

  it('is refused where painting it would take too long, and the next one is read', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `L${i % 100} ${i % 2 === 0 ? 100 : 0}`).join('')
    const bomb = svg.replace(ring, `<path d="M0 0${lines}Z"/>`)
    await expect(painter.artwork(octets(bomb))).rejects.toMatchObject(refused('ARTWORK_TOO_DETAILED'))
    const noise = Array.from({ length: 900 * 900 }, (_, i) => (((i * 2654435761) >>> 13) & 1) * 255)
    await expect(
      painter.artwork(pngOf({ width: 900, height: 900, colourType: 0, depth: 8, samples: noise })),
    ).rejects.toMatchObject(refused('ARTWORK_TOO_DETAILED'))
    expect((await painter.artwork(octets(svg))).path).toMatch(/^M/)
  })

  it('is refused where it is no picture at all', async () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0xff, 0xd8, 0xff), Uint8Array.of(0x89), octets('%PDF-1.7')]) {
      await expect(painter.artwork(bytes)).rejects.toMatchObject({ code: 'SEAL_ARTWORK_REFUSED' })
    }
  })
})

describe('encodePng', () => {
  it('writes a PNG that another reader takes, with its resolution', async () => {
    const coverage = paintRing(300)
    const png = await encodePng(coverage, 600)
    const { header, rows } = decodeElsewhere(png, { minSide: 1, maxSide: 1000, maxBytes: 1 << 24 })
    expect(header).toMatchObject({ width: 300, height: 300, colourType: 6 })
    const middle = 4 * (150 * 300 + 20)
    expect([...rows.subarray(middle, middle + 4)]).toEqual([0xdb, 0x14, 0x14, 255])
    expect(rows[3]).toBe(0)
    const at = Buffer.from(png).indexOf('pHYs') + 4
    expect(Buffer.from(png).readUInt32BE(at)).toBe(23622)
    expect(png[at + 8]).toBe(1)
  })
})

function paintRing(side: number) {
  const circle = (r: number) =>
    Array.from({ length: 721 }, (_, i) => {
      const t = (i / 720) * 2 * Math.PI
      return [i === 0 ? 'M' : 'L', 50 + r * Math.cos(t), 50 + r * Math.sin(t)] as const
    })
  const rings = [...circle(50), ['Z'] as const, ...circle(25), ['Z'] as const]
  const mapping = { scale: side / 100, offsetX: 0, offsetY: 0, isUpwards: false }
  return rasterise([{ steps: rings, rule: 'evenodd', strokeWidth: 0 }], side, side, mapping)
}
