import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { inkShapesOf, rasterise } from '../../../seal-service/domain/picture/raster.ts'
import { drawSealPicture, layOutSeal } from '../../../seal-service/domain/seal-picture.ts'
import {
  pictureSizeMm,
  roundSealDiameters,
  type SealPictureSpec,
} from '../../../seal-service/domain/seal-picture-spec.ts'
import { toPagePdf } from '../../../seal-service/operations/pictures/page-pdf.ts'
import { isMissing } from '../../support/tools.ts'
import { type GreyPage, pagesAsGrey } from '../../templates/rasterise.ts'
import { fortySeals } from './forty-seals.ts'
import { openSealTypes } from './seal-types.ts'

const dpi = 600
const mmPerInch = 25.4
/** A pixel and the smoothing of its edge. */
const precision = 0.06

let outlines: OutlineSource
beforeAll(async () => {
  outlines = await openSealTypes()
})

function pdfOf(spec: SealPictureSpec, types: OutlineSource): Uint8Array {
  const { content, resources, widthMm, heightMm } = drawSealPicture(spec, types)
  return toPagePdf({ pictureContent: deflateSync(content), pictureResources: resources, widthMm, heightMm })
}

/** Where ink begins and ends along a row or a column through the middle, in millimetres. */
function inkAlong({ width, height, pixels }: GreyPage, way: 'across' | 'down'): [from: number, to: number][] {
  const count = way === 'across' ? width : height
  const at = (i: number) => (way === 'across' ? pixels[(height >> 1) * width + i]! : pixels[i * width + (width >> 1)]!)
  const spans: [number, number][] = []
  for (let i = 0; i < count; i++) {
    const isInk = at(i) < 190
    const last = spans.at(-1)
    if (isInk && last?.[1] === i) last[1] = i + 1
    else if (isInk) spans.push([i, i + 1])
  }
  return spans.map(([from, to]) => [(from / dpi) * mmPerInch, (to / dpi) * mmPerInch])
}

const nothing: OutlineSource = () => ({ commands: [], advance: 1000, unitsPerEm: 1000 })
const rim = (spec: SealPictureSpec) => {
  const [page] = pagesAsGrey(pdfOf(spec, nothing), dpi)
  const [across, down] = [inkAlong(page!, 'across'), inkAlong(page!, 'down')]
  const size = (spans: [number, number][]) => spans.at(-1)![1] - spans[0]![0]
  return { across: size(across), down: size(down), edge: across[0]![1] - across[0]![0] }
}

describe.skipIf(isMissing('pdftoppm'))('a seal in a PDF, measured', () => {
  it.each(roundSealDiameters)('is %d mm across and down', (diameterMm) => {
    const spec: SealPictureSpec = {
      ...{ shape: 'round', diameterMm, ringText: '云汀市民政局', ringTextEn: null, centre: 'none' },
      ...{ lowerText: null, code: null },
    }
    const { across, down, edge } = rim(spec)
    expect(Math.abs(across - diameterMm)).toBeLessThan(precision)
    expect(Math.abs(down - diameterMm)).toBeLessThan(precision)
    expect(Math.abs(edge - diameterMm * 0.027)).toBeLessThan(precision)
  })

  it('has the rim that was asked for', () => {
    const { edge } = rim({
      ...{ shape: 'round', diameterMm: 42, edgeMm: 1.2, ringText: '云汀数智股份有限公司', ringTextEn: null },
      ...{ centre: 'none', lowerText: null, code: null },
    })
    expect(Math.abs(edge - 1.2)).toBeLessThan(precision)
  })

  it('is 45 by 30 mm for a joint venture and 40 by 30 mm with a rim of 1 mm for invoices', () => {
    const oval = rim({
      ...{ shape: 'oval', widthMm: 45, heightMm: 30, ringText: '云汀海德机械公司', ringTextEn: null },
      ...{ centre: 'none', lowerText: null },
    })
    expect(Math.abs(oval.across - 45)).toBeLessThan(precision)
    expect(Math.abs(oval.down - 30)).toBeLessThan(precision)
    const invoice = rim({
      shape: 'invoice',
      ringText: '云汀海德机械公司',
      taxNumber: '91330199MA2ABCDE1X',
      serial: null,
    })
    expect(Math.abs(invoice.across - 40)).toBeLessThan(precision)
    expect(Math.abs(invoice.down - 30)).toBeLessThan(precision)
    expect(Math.abs(invoice.edge - 1)).toBeLessThan(precision)
  })

  it('is as wide as its side for a square', () => {
    const square = rim({ shape: 'square', sideMm: 20, text: '李明', ending: null, style: 'red-characters' })
    expect(Math.abs(square.across - 20)).toBeLessThan(precision)
    expect(Math.abs(square.down - 20)).toBeLessThan(precision)
  })

  it('shows the same as our own pixels, of every form', () => {
    const low = 150
    for (const spec of fortySeals.filter((_, index) => index % 8 === 3 || index % 8 === 5)) {
      const [page] = pagesAsGrey(pdfOf(spec, outlines), low)
      const { width, height, pixels } = page!
      const scale = low / mmPerInch
      const { widthMm, heightMm } = pictureSizeMm(spec)
      // The page ends at the seal's true size, pixels do not: both begin at the upper left corner.
      const mapping = { scale, offsetX: (widthMm / 2) * scale, offsetY: (heightMm / 2) * scale, isUpwards: true }
      const { ink } = rasterise(inkShapesOf(layOutSeal(spec, outlines)), width, height, mapping)
      // The ink is grey 77 in poppler's eyes.
      const isFar = (cover: number, at: number) => Math.abs(255 - (cover * (255 - 77)) / 255 - pixels[at]!) > 100
      const far = ink.reduce((sum, cover, at) => sum + (isFar(cover, at) ? 1 : 0), 0)
      const inked = ink.reduce((sum, cover) => sum + (cover > 127 ? 1 : 0), 0)
      expect(inked).toBeGreaterThan(1000)
      expect(far / inked).toBeLessThan(0.01)
    }
  })
})
