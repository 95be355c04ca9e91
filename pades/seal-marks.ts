import { endOfContent } from './content-ends.ts'
import { contentParts } from './content-filters.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { referenceTo } from './incremental-update.ts'
import { isReference, type PdfDictionary, type PdfReference } from './objects.ts'
import { inheritedEntry, type Matrix, type PageView, readPageViews, transformed } from './page-view.ts'
import type { SealAppearance, SealMark, SealPlace } from './seal-options.ts'
import { emptyDictionary } from './update-objects.ts'
import { writeDictionary, writeNumber, writeValue } from './write-value.ts'

/** A mark with the page that bears it. */
export interface PlacedMark {
  readonly mark: SealMark
  readonly view: PageView
}

type Box = SealAppearance['bbox']

/** Marks of one seal: a page of each of the longest documents that are sealed over their edges. */
const MOST_MARKS = 2_000
/** How far a mark may stand out of its page, in points: rounding of millimetres. */
const TOLERANCE = 0.5

/** What of a mark is seen, as shown: the whole picture, or its strip. */
function shownBox({ x, y, width, height, strip = [0, 1] }: SealMark): Box {
  return [x + width * strip[0], y, x + width * strip[1], y + height]
}

/** Finds the pages of marks. Throws `PadesError`: PADES_PLACEMENT_INVALID, PADES_PAGE_NOT_FOUND, PADES_PAGE_UNREADABLE. */
export function placeMarks(document: PdfDocument, marks: readonly SealMark[]): PlacedMark[] {
  if (marks.length === 0 || marks.length > MOST_MARKS)
    throw new PadesError('PADES_PLACEMENT_INVALID', `a seal stands at 1 to ${MOST_MARKS} places, not ${marks.length}`)
  const views = readPageViews(document)
  return marks.map((mark) => {
    const view = views[mark.page]
    if (view === undefined)
      throw new PadesError('PADES_PAGE_NOT_FOUND', `the document has no page ${mark.page} (from 0)`)
    const [from, to] = mark.strip ?? [0, 1]
    const numbers = [mark.x, mark.y, mark.width, mark.height]
    if (!numbers.every(Number.isFinite) || mark.width <= 0 || mark.height <= 0 || !(from >= 0 && from < to && to <= 1))
      throw new PadesError('PADES_PLACEMENT_INVALID', 'a mark needs a place of finite, positive width and height')
    const [x0, y0, x1, y1] = shownBox(mark)
    if (x0 < -TOLERANCE || y0 < -TOLERANCE || x1 > view.width + TOLERANCE || y1 > view.height + TOLERANCE)
      throw new PadesError('PADES_PLACEMENT_INVALID', `a mark would stand out of page ${mark.page + 1}`)
    return { mark, view }
  })
}

/** Where a mark stands in the space of its page: the rectangle of a widget. */
export function placeOnPage({ mark, view: { toPage } }: PlacedMark): SealPlace {
  const [x0, y0, x1, y1] = shownBox(mark)
  const [ax, ay] = transformed(toPage, x0, y0)
  const [bx, by] = transformed(toPage, x1, y1)
  const [x, y] = [Math.min(ax, bx), Math.min(ay, by)]
  return { page: mark.page, x, y, width: Math.abs(ax - bx), height: Math.abs(ay - by) }
}

/**
 * The picture of a widget where it is not the seal's as it is: turned against the page's own rotation, or a strip of it (12.5.5: the
 * form's box, transformed by its matrix, is fitted into the widget's rectangle). Null where the seal's picture itself will do.
 */
export function turnedPicture(
  { mark, view }: PlacedMark,
  bbox: Box,
  picture: string,
): { readonly body: string; readonly content: Uint8Array } | null {
  if (view.rotation === 0 && mark.strip === undefined) return null
  const [from, to] = mark.strip ?? [0, 1]
  const { width, height } = mark
  const box: Box = [width * from, 0, width * to, height]
  const [a, b, c, d] = view.toPage.map(Math.sign)
  const content = new TextEncoder().encode(`q ${cmBetween(bbox, [0, 0, width, height])} cm /Seal Do Q`)
  const body = `<< /Type /XObject /Subtype /Form /BBox [${box.map(writeNumber).join(' ')}] /Matrix [${[a, b, c, d, 0, 0].join(' ')}] /Resources << /XObject << /Seal ${picture} >> >> /Length ${content.length} >>`
  return { body, content }
}

/**
 * The matrix, as written before `cm`, that takes one box to another (8.3.4).
 *
 * @param rotation how far the page of the second box is turned clockwise: upright for whoever looks
 * @param digits after the point; a repeat of what is on record must come out as it was
 */
export function cmBetween(
  [fromX, fromY, fromRight, fromTop]: Box,
  [x0, y0, x1, y1]: Box,
  rotation = 0,
  digits = 7,
): string {
  const [a, b, c, d, e, f] = turns[rotation] ?? turns[0]!
  const [width, height] = [fromRight - fromX, fromTop - fromY]
  const [across, up] = [x1 - x0, y1 - y0]
  const scaled: Matrix = [(a * across) / width, (b * up) / width, (c * across) / height, (d * up) / height, 0, 0]
  const [movedX, movedY] = transformed(scaled, fromX, fromY)
  return writeMatrix(
    [scaled[0], scaled[1], scaled[2], scaled[3], x0 + e * across - movedX, y0 + f * up - movedY],
    digits,
  )
}

/** The unit square on itself, turned against the page. */
const turns: Readonly<Record<number, Matrix>> = {
  0: [1, 0, 0, 1, 0, 0],
  90: [0, 1, -1, 0, 1, 0],
  180: [-1, 0, 0, -1, 1, 1],
  270: [0, -1, 1, 0, 0, 1],
}

/** A scale is multiplied: it takes more digits than a coordinate has. */
const writeMatrix = (matrix: Matrix, digits = 7): string =>
  matrix
    .map((value) => (Number.isInteger(value) ? String(value) : value.toFixed(digits).replace(/\.?0+$/, '')))
    .join(' ')

/**
 * The pages that bear marks, with the entries that change: their content goes on with the marks, and their resources know the picture.
 * The content that was there is named again, never written again.
 *
 * @param picture reference of the seal's picture
 * @param allot makes an object of the update
 * @throws PadesError PADES_PAGE_UNREADABLE
 */
export function markedPages(
  document: PdfDocument,
  marks: readonly PlacedMark[],
  bbox: Box,
  picture: string,
  allot: (body: string, stream?: Uint8Array) => PdfReference,
): { readonly view: PageView; readonly entries: Readonly<Record<string, string>> }[] {
  const pages = new Map<number, PlacedMark[]>()
  for (const placed of marks) pages.set(placed.mark.page, [...(pages.get(placed.mark.page) ?? []), placed])
  const stream = (text: string): PdfReference => {
    const content = new TextEncoder().encode(text)
    return allot(`<< /Length ${content.length} >>`, content)
  }
  const resourcesOf = sharedResources(document, picture, allot)
  let saving: string | null = null
  return [...pages].map(([index, onPage]) => {
    const { view } = onPage[0]!
    const parts = contentParts(document, view)
    if (!parts.every(isReference))
      throw new PadesError(
        'PADES_PAGE_UNREADABLE',
        `page ${index + 1}: its /Contents names something that is no stream`,
      )
    const end = endOfContent(document, view, index)
    const { name, resources } = resourcesOf(view, index)
    saving ??= referenceTo(stream('q\n'))
    const drawn = referenceTo(stream(end + drawMarks(onPage, bbox, name)))
    return {
      view,
      entries: { Contents: `[${[saving, ...parts.map(writeValue), drawn].join(' ')}]`, Resources: resources },
    }
  })
}

/** The operators of the marks of one page. They are no part of the document's own text (14.8.2.2: artifacts). */
function drawMarks(marks: readonly PlacedMark[], bbox: Box, name: string): string {
  const [first] = marks
  const drawn = marks.map(({ mark }) => {
    const [x0, y0, x1, y1] = shownBox(mark)
    const { x, y, width, height } = mark
    const clip = mark.strip === undefined ? '' : `${[x0, y0, x1 - x0, y1 - y0].map(writeNumber).join(' ')} re W n `
    return `q ${clip}${cmBetween(bbox, [x, y, x + width, y + height])} cm /${name} Do Q\n`
  })
  return `/Artifact BMC\nq ${writeMatrix(first!.view.toPage)} cm\n${drawn.join('')}Q\nEMC\n`
}

/** Resources of pages with the picture beside; pages that share theirs share the new ones. */
function sharedResources(document: PdfDocument, picture: string, allot: (body: string) => PdfReference) {
  const made = new Map<PdfDictionary, { readonly name: string; readonly resources: string }>()
  return (view: PageView, index: number): { readonly name: string; readonly resources: string } => {
    const written = inheritedEntry(view, 'Resources')
    const old = document.dictionary(written)
    if (old === null && written !== undefined)
      throw new PadesError('PADES_PAGE_UNREADABLE', `page ${index + 1}: its /Resources are no dictionary`)
    const known = made.get(old ?? emptyDictionary)
    if (known !== undefined) return known
    const objects = document.dictionary(old?.entries.get('XObject')) ?? emptyDictionary
    let name = 'Zhengyin'
    for (let i = 2; objects.entries.has(name); i++) name = `Zhengyin${i}`
    const body = writeDictionary(old ?? emptyDictionary, { XObject: writeDictionary(objects, { [name]: picture }) })
    document.shared.budget.work(body.length)
    const result = { name, resources: referenceTo(allot(body)) }
    made.set(old ?? emptyDictionary, result)
    return result
  }
}
