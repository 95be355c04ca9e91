import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { glyphOutline } from '../../templates/fonts/index.ts'
import {
  compileTemplate,
  exampleInput,
  type FontSet,
  findTemplate,
  type LicenceDefinition,
  listTemplates,
  openFonts,
  renderLicence,
  renderPreview,
  validateLicenceData,
} from '../../templates/index.ts'
import type { FaceName, LayoutElement } from '../../templates/layout.ts'
import { isMissing, run } from '../support/tools.ts'
import { issuer, madeUpLicence, today } from './made-up-licence.ts'
import { outlineArea } from './outline-area.ts'
import { type GreyPage, pagesAsGrey } from './rasterise.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

const dpi = 150
const cell = 10
const size = 24
const columns = 18

/** A page of one value per cell, 10 mm apart: what is drawn in a cell is one character and nothing else. */
function characterSheet(face: FaceName, characters: readonly string[]): LicenceDefinition {
  const base = findTemplate('11100000MB0143028R001')!
  const elements = characters.map(
    (_, i): LayoutElement => ({
      kind: 'text',
      text: `{fields.c${i}}`,
      x: 10 + cell * (i % columns) + 0.5,
      y: 20 + cell * Math.floor(i / columns),
      width: cell,
      style: { face, size },
    }),
  )
  const fields = characters.map((_, i) => ({ ...base.fields.find((f) => f.name === 'name')!, name: `c${i}` }))
  return { ...base, fields, layout: { pages: [{ width: 210, height: 297, elements }], seal: { page: 0, x: 0, y: 0 } } }
}

/** Ink of a cell in pixels of full black. */
function inkOf(page: GreyPage, index: number): number {
  const pixel = (mm: number) => Math.round((mm * dpi) / 25.4)
  const [left, bottom] = [10 + cell * (index % columns), 20 + cell * Math.floor(index / columns)]
  let ink = 0
  for (let y = pixel(bottom - 7.7); y < pixel(bottom + 2.3); y++) {
    for (let x = pixel(left); x < pixel(left + cell); x++) ink += (255 - page.pixels[y * page.width + x]!) / 255
  }
  return ink
}

describe.skipIf(isMissing('pdftoppm'))('every character', () => {
  const texts: readonly (readonly [FaceName, string])[] = [
    ['serif-regular', '云汀市青梧数字科技有限公司林知远营业执照澜沧曌堃镕喆祎龑ÅéßÑAgQ8%&@'],
    ['sans-bold', '统一社会信用代码发证机关龘靐齉爨懿WMil01（）《》、。；'],
    ['serif-bold', '不动产权证书𠮷𪚥𫖯𬀩建筑工程施工许可'],
  ]
  it.each(texts)('has the ink of its outline on the page, in %s', (face, text) => {
    const characters = [...text]
    const compiled = compileTemplate(characterSheet(face, characters), fonts)
    const fields = Object.fromEntries(characters.map((c, i) => [`c${i}`, c]))
    const data = { ...madeUpValues, fields }
    const file = renderLicence(compiled, { ...madeUpLicenceOf(data), data: data as never })
    const [page] = pagesAsGrey(file.pdf, dpi)
    const pixelsPerEm = (size * dpi) / 72
    for (const [i, character] of characters.entries()) {
      const point = character.codePointAt(0)!
      const outline = glyphOutline(fonts.faces[face], point) ?? glyphOutline(fonts.fallback(), point)!
      const expected = outlineArea(outline.commands) * (pixelsPerEm / outline.unitsPerEm) ** 2
      const ink = inkOf(page!, i)
      // stroke adjustment and overlapping contours move it by some percent; a lost or wrong glyph by far more
      expect(ink / expected, `${character}: ${ink} pixels of ink for ${expected}`).toBeGreaterThan(0.85)
      expect(ink / expected, `${character}: ${ink} pixels of ink for ${expected}`).toBeLessThan(1.2)
    }
  })

  it('leaves no ink where there is a space', () => {
    const compiled = compileTemplate(characterSheet('serif-regular', ['一', '二']), fonts)
    const data = { ...madeUpValues, fields: { c0: '一', c1: '\u3000' } }
    const [page] = pagesAsGrey(renderLicence(compiled, { ...madeUpLicenceOf(data), data: data as never }).pdf, dpi)
    expect(inkOf(page!, 0)).toBeGreaterThan(20)
    expect(inkOf(page!, 1)).toBe(0)
  })
})

const madeUpValues = {
  ...{ schema: 'zhengyin-licence-1', salt: 'A', identifier: '1.2', typeCode: 'x', typeName: '样', templateVersion: 1 },
  ...{ number: '1', issuer, holders: [], issuedOn: today, validFrom: today, validUntil: null, replaces: null },
}

function madeUpLicenceOf(data: object) {
  const licenceJson = new TextEncoder().encode(JSON.stringify(data))
  return {
    ...{ licenceJson, dataDigest: new Uint8Array(32), statementText: 'HTTPS://A/Q/', pictures: new Map() },
    createdAt: new Date('2026-11-21T02:00:00Z'),
  }
}

describe.skipIf(isMissing('pdftoppm'))('a photo', () => {
  it('is drawn as a JPEG decoder shows it, and turned as it was held', () => {
    const definition = listTemplates().find((d) => d.examplePictures?.['photo'] !== undefined)!
    const compiled = compileTemplate(definition, fonts)
    const jpeg = pageAsJpeg(renderLicence(compiled, madeUpLicence(compiled)).pdf)
    const photoArea = (bytes: Uint8Array) => {
      const input = { ...exampleInput(definition), photo: Buffer.from(bytes).toString('base64') }
      const result = validateLicenceData(compiled, input, { today })
      if (!result.ok) throw new Error(JSON.stringify(result.faults))
      const data = { ...result.value, number: '1', identifier: '', issuer }
      const { pdf } = renderPreview(compiled, { data, pictures: result.value.pictures, createdAt: new Date(0) })
      return cut(pagesAsGrey(pdf, 100)[0]!, { x: 115, y: 21, width: 44, height: 27 })
    }
    const upright = photoArea(jpeg)
    const turned = photoArea(withOrientation(jpeg, 3))
    const dark = (pixels: number[]) => pixels.filter((p) => p < 128).length
    expect(dark(upright)).toBeGreaterThan(100)
    expect(meanDifference(turned.toReversed(), upright)).toBeLessThan(meanDifference(turned, upright) / 2)
  })
})

function cut(page: GreyPage, box: { x: number; y: number; width: number; height: number }): number[] {
  const pixel = (mm: number) => Math.round((mm * 100) / 25.4)
  const found: number[] = []
  for (let y = pixel(box.y); y < pixel(box.y + box.height); y++) {
    for (let x = pixel(box.x); x < pixel(box.x + box.width); x++) found.push(page.pixels[y * page.width + x]!)
  }
  return found
}

function meanDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
}

function pageAsJpeg(pdf: Uint8Array): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-jpeg-'))
  try {
    writeFileSync(join(folder, 'in.pdf'), pdf)
    run('pdftoppm', ['-r', '60', '-jpeg', '-jpegopt', 'progressive=y', join(folder, 'in.pdf'), join(folder, 'page')])
    const name = readdirSync(folder).find((n) => n.endsWith('.jpg'))!
    return new Uint8Array(readFileSync(join(folder, name)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, body.length + 2, ...body, ...jpeg.subarray(2)])
}
