import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { drawSealPicture } from '../../../seal-service/domain/seal-picture.ts'
import { roundSealDiameters, type SealPictureSpec } from '../../../seal-service/domain/seal-picture-spec.ts'
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

function pageOf(spec: SealPictureSpec): GreyPage {
  const { content, resources, widthMm, heightMm } = drawSealPicture(spec, outlines)
  const pictureContent = deflateSync(content)
  return pagesAsGrey(toPagePdf({ pictureContent, pictureResources: resources, widthMm, heightMm }), dpi)[0]!
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
  const { content, resources, widthMm, heightMm } = drawSealPicture(spec, nothing)
  const pdf = toPagePdf({ pictureContent: deflateSync(content), pictureResources: resources, widthMm, heightMm })
  const [page] = pagesAsGrey(pdf, dpi)
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

  it('shows each of forty names with ink where its text stands', () => {
    for (const spec of fortySeals.filter((_, index) => index % 8 === 3)) {
      const { pixels } = pageOf(spec)
      const share = pixels.reduce((sum, value) => sum + (value < 190 ? 1 : 0), 0) / pixels.length
      expect(share).toBeGreaterThan(0.1)
      expect(share).toBeLessThan(0.85)
    }
  })
})
