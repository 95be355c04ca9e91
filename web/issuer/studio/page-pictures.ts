import { openPdf } from '../../kit/pdf-document.ts'
import { boxOf, type Layout } from './template.ts'

/** Draws every page of a PDF on a canvas of its own, `width` pixels wide. @throws when the bytes are no PDF */
export async function drawPages(file: Blob, width: number): Promise<HTMLCanvasElement[]> {
  const pdf = await openPdf(await file.arrayBuffer())
  try {
    const canvases: HTMLCanvasElement[] = []
    for (let page = 1; page <= pdf.pageCount; page++) {
      const canvas = document.createElement('canvas')
      await pdf.draw(page, canvas, width)
      canvases.push(canvas)
    }
    return canvases
  } finally {
    pdf.close()
  }
}

const SEAL_RADIUS_MM = 21

/** Draws where QR code and seal come, which a specimen does not bear. */
export function markPlaces(pages: readonly HTMLCanvasElement[], { pages: drawn, seal }: Layout): void {
  for (const [index, { width, elements }] of drawn.entries()) {
    const canvas = pages[index]
    const context = canvas?.getContext('2d')
    if (!canvas || !context) continue
    const perMm = canvas.width / width
    context.strokeStyle = '#000'
    context.lineWidth = 2
    for (const element of elements) {
      if (element.kind !== 'qr') continue
      const box = boxOf(element)
      context.strokeRect(box.x * perMm, box.y * perMm, box.width * perMm, box.height * perMm)
    }
    if (seal.page !== index) continue
    context.beginPath()
    context.arc(seal.x * perMm, seal.y * perMm, SEAL_RADIUS_MM * perMm, 0, 2 * Math.PI)
    context.stroke()
  }
}

/** A canvas as PNG in base64. */
export async function toPng(canvas: HTMLCanvasElement): Promise<string> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('the page could not be kept as a picture')
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

/** Pixels across a page of a golden specimen. */
export const GOLDEN_WIDTH = 900

/**
 * So many points of a page may differ and it is the same to the eye: fewer than the full stop of a small text has at `GOLDEN_WIDTH`. Both
 * pages are drawn by one browser, and `NOTICED` is more than twice what a shift of 0.018 mm, which the server lets pass, does to an edge.
 */
export const UNNOTICED_POINTS = 8

export interface ComparedPage {
  readonly canvas: HTMLCanvasElement
  /** Points that differ; null for a page that stands alone. */
  readonly differing: number | null
}

/** Every page of a file as it is. */
export const showSpecimen = async (file: Blob, width: number): Promise<ComparedPage[]> =>
  (await drawPages(file, width)).map((canvas) => ({ canvas, differing: null }))

/** Every page of one file laid over that of another, as `comparePages` does. A page that one of them lacks is blank. */
export async function compareSpecimens(before: Blob, after: Blob, width: number): Promise<ComparedPage[]> {
  const [first, second] = await Promise.all([before, after].map((file) => drawPages(file, width)))
  return compareAll(first ?? [], second ?? [])
}

export function compareAll(first: readonly HTMLCanvasElement[], second: readonly HTMLCanvasElement[]): ComparedPage[] {
  const blank = document.createElement('canvas')
  return Array.from({ length: Math.max(first.length, second.length) }, (_, page) =>
    comparePages(first[page] ?? blank, second[page] ?? blank),
  )
}

/** Difference of brightness, 0 to 255, from which on a point counts as another one: below is the smoothing of edges. */
const NOTICED = 48

/**
 * Two pages laid over each other: what is the same is pale, what only the first has is red, what only the second has is green. Tells how
 * many points differ. Pages of different sizes are compared from their upper left corner on.
 */
function comparePages(first: HTMLCanvasElement, second: HTMLCanvasElement): ComparedPage {
  const [width, height] = [Math.max(first.width, second.width), Math.max(first.height, second.height)]
  const [a, b] = [pointsOf(first, width, height), pointsOf(second, width, height)]
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')!
  const shown = context.createImageData(width, height)
  let differing = 0
  for (let at = 0; at < a.length; at += 4) {
    const [before, after] = [brightness(a, at), brightness(b, at)]
    const isOther = Math.abs(before - after) >= NOTICED
    if (isOther) differing++
    const pale = 200 + (55 * after) / 255
    const colour = !isOther ? [pale, pale, pale] : before < after ? [200, 30, 30] : [20, 120, 60]
    shown.data.set([...colour, 255], at)
  }
  context.putImageData(shown, 0, 0)
  return { canvas, differing }
}

function pointsOf(page: HTMLCanvasElement, width: number, height: number): Uint8ClampedArray {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(page, 0, 0)
  return context.getImageData(0, 0, width, height).data
}

const brightness = (points: Uint8ClampedArray, at: number): number =>
  0.3 * points[at]! + 0.59 * points[at + 1]! + 0.11 * points[at + 2]!
