import { isContained } from './appearance-bounds.ts'
import { describeDrawing, isInRange, isPaper, LIGHT_ENOUGH, lightness } from './appearance-content.ts'
import type { ChangeContext } from './change-context.ts'
import { rectangleOf } from './change-places.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  numberOf,
  type PdfDictionary,
  type PdfValue,
} from './objects.ts'
import { upwardKeys } from './permitted-entries.ts'

/**
 * Annotations that comment on a page and can hardly be taken for it. ISO 32000-2 leaves every kind open where P is 3; whoever draws
 * text, pictures or stamps over what was certified, though, says something in its place ("evil annotations").
 */
const commentKinds = new Set(['Text', 'Popup', 'Highlight', 'Underline', 'Squiggly', 'StrikeOut'])

/** What a comment may have: nothing that acts, and nothing that makes it depend on layers. */
const commentKeys = new Set(
  (
    'Type Subtype Rect Contents P NM M F AP AS Border C CA QuadPoints Popup Open Parent T RC CreationDate IRT RT Subj IT ' +
    'Name State StateModel BS RD Rotate'
  ).split(' '),
)

/** In points: how large the icon of a note may be. */
const LARGEST_NOTE = 32
/** In points, on the page. */
const WIDEST_LINE = 5
/** In points: how high the text may be that a line is drawn through or under. Readers draw lines as thick as that asks for, and waves as high. */
const HIGHEST_LINED: ReadonlyMap<string, number> = new Map([
  ['StrikeOut', 80],
  ['Underline', 80],
  ['Squiggly', 40],
])

interface PagePlace {
  readonly object: number
  /** From 0. */
  readonly index: number
}

/** Explains what became of a page's annotations: widgets of new signatures, and comments where the certification lets them be. */
export function explainAnnotations(
  context: ChangeContext,
  page: PagePlace,
  old: PdfValue | undefined,
  now: PdfValue | undefined,
): void {
  const mayComment = context.permissions.docMdp === 3
  const before = context.signed.resolve(old)
  const after = context.current.resolve(now)
  if ([before, after].some((list) => list !== null && !isArray(list)))
    context.refuse(page.object, `/Annots of page ${page.index + 1} is no list.`)
  const kept = isArray(before) ? before.items : []
  const items = isArray(after) ? after.items : []
  context.current.shared.budget.work(kept.length + items.length)
  if (mayComment) for (const item of kept) explainChanged(context, item)
  const key = (item: PdfValue): string | null => (isReference(item) ? `${item.number} ${item.generation}` : null)
  const present = new Set(items.map(key))
  let next = 0
  const skipRemoved = (): void => {
    while (next < kept.length && mayComment && isRemovedComment(context, kept[next]!, present)) {
      explainRemoved(context, kept[next]!, page)
      next++
    }
  }
  for (const item of items) {
    skipRemoved()
    if (next < kept.length && context.same(item, kept[next]!)) next++
    else if (isReference(item) && context.newWidgets.has(item.number)) continue
    else if (!mayComment || !isReference(item) || !explainAdded(context, item.number, page)) {
      const shown = isReference(item) ? item.number : page.object
      context.refuse(
        page.object,
        `Page ${page.index + 1} was given an annotation that belongs to no new signature.`,
        shown,
      )
    }
  }
  skipRemoved()
  if (next < kept.length) {
    const gone = kept[next]!
    context.refuse(
      page.object,
      `An annotation was taken from page ${page.index + 1}.`,
      isReference(gone) ? gone.number : page.object,
    )
  }
}

const isComment = (dictionary: PdfValue | undefined): dictionary is PdfDictionary =>
  isDictionary(dictionary) &&
  commentKinds.has(nameOf(dictionary.entries.get('Subtype')) ?? '') &&
  [...dictionary.entries.keys()].every((key) => commentKeys.has(key)) &&
  isQuarterTurn(dictionary.entries.get('Rotate'))

/** No reader looks at it, and one writer gives it. */
const isQuarterTurn = (rotation: PdfValue | undefined): boolean =>
  rotation === undefined || (typeof rotation === 'number' && [0, 90, 180, 270].includes(rotation))

function isRemovedComment(context: ChangeContext, item: PdfValue, present: ReadonlySet<string | null>): boolean {
  if (!isReference(item) || present.has(`${item.number} ${item.generation}`)) return false
  return isComment(context.signed.target(item)?.value)
}

function explainRemoved(context: ChangeContext, item: PdfValue, page: PagePlace): void {
  if (!isReference(item)) return
  const now = context.current.target(item)?.value ?? null
  if (now === null && context.isOnlyAnnotation(item.number)) context.explained.add(item.number)
  context.add('permitted', 'annotation-removed', item.number, `A comment was taken from page ${page.index + 1}.`)
}

/** A comment that was there and is another now; anything else stays unexplained. */
function explainChanged(context: ChangeContext, item: PdfValue): void {
  if (!isReference(item) || !context.changes.has(item.number) || context.explained.has(item.number)) return
  const [before, after] = [context.signed.target(item)?.value, context.current.target(item)?.value]
  if (!isComment(before) || !isComment(after)) return
  if (!explainComment(context, item.number, after)) return
  context.add('permitted', 'annotation-changed', item.number, 'A comment was changed.')
}

function explainAdded(context: ChangeContext, number: number, page: PagePlace): boolean {
  const added = context.current.object(number)?.value
  if (!context.isNew(number) || !isComment(added) || !explainComment(context, number, added)) return false
  context.add('permitted', 'annotation-added', number, `A comment was added to page ${page.index + 1}.`)
  return true
}

function explainComment(context: ChangeContext, number: number, comment: PdfDictionary): boolean {
  if (!isHarmless(context, comment) || !context.isOnlyAnnotation(number)) return false
  context.explained.add(number)
  for (const [key, value] of comment.entries) {
    if (upwardKeys.has(key) || key === 'IRT' || key === 'Popup') continue
    context.explainTree([{ object: number, key }], value)
  }
  return true
}

/** Whether a comment writes nothing over the page and hides nothing of it. */
function isHarmless(context: ChangeContext, comment: PdfDictionary): boolean {
  const { current } = context
  const kind = nameOf(comment.entries.get('Subtype'))
  const isNote = kind === 'Text'
  if ((isNote && !isSmall(context, comment)) || !hasLowQuads(context, comment, kind)) return false
  const pictures = [...(current.dictionary(comment.entries.get('AP'))?.entries.values() ?? [])]
  if (kind === 'Highlight' ? !isLight(context, comment, pictures.length > 0) : isPaperLine(context, comment))
    return false
  for (const entry of pictures) {
    const object = isReference(entry) ? current.target(entry) : null
    if (object === null || !isContained(current, object)) return false
    const drawing = describeDrawing(current, object)
    if (drawing.hasText || drawing.hasPictures || drawing.paintsPaper) return false
    if (!(drawing.widestLine * enlargement(context, comment, object) <= WIDEST_LINE) && !isNote) return false
    if (drawing.hasFills && !isNote && !(kind === 'Highlight' && drawing.onlyTints)) return false
  }
  return true
}

/** The components of /C; null where it is left out, none where it says that nothing is painted. */
function colourOf({ current }: ChangeContext, comment: PdfDictionary): number[] | null {
  const colour = current.resolve(comment.entries.get('C'))
  if (colour === null) return null
  return isArray(colour) ? colour.items.map((item) => numberOf(current.resolve(item)) ?? Number.NaN) : [Number.NaN]
}

/** Whether a highlight is light as a reader draws it that takes no picture. Left out, some readers take black for its colour. */
function isLight(context: ChangeContext, comment: PdfDictionary, hasPicture: boolean): boolean {
  const colour = colourOf(context, comment)
  return colour === null ? hasPicture : colour.length === 0 || lightness(colour) >= LIGHT_ENOUGH
}

function isPaperLine(context: ChangeContext, comment: PdfDictionary): boolean {
  const colour = colourOf(context, comment)
  return (
    nameOf(comment.entries.get('Subtype')) !== 'Text' &&
    colour !== null &&
    colour.length > 0 &&
    (isPaper(colour) || !colour.every(isInRange))
  )
}

/** Whether what a line belongs to is no higher than text: from the first and second corner to the third and fourth, as all readers take them. */
function hasLowQuads({ current }: ChangeContext, comment: PdfDictionary, kind: string | null): boolean {
  const highest = HIGHEST_LINED.get(kind ?? '')
  const quads = current.resolve(comment.entries.get('QuadPoints'))
  if (highest === undefined || quads === null) return true
  if (!isArray(quads) || quads.items.length % 8 !== 0) return false
  current.shared.budget.work(quads.items.length)
  const numbers = quads.items.map((item) => numberOf(current.resolve(item)) ?? Number.NaN)
  const isLow = (x0: number, y0: number, x1: number, y1: number): boolean => Math.hypot(x1 - x0, y1 - y0) <= highest
  for (let at = 0; at < numbers.length; at += 8) {
    const [x0, y0, x1, y1, x2, y2, x3, y3] = numbers.slice(at, at + 8)
    if (!isLow(x0!, y0!, x2!, y2!) || !isLow(x1!, y1!, x3!, y3!)) return false
  }
  return true
}

/** How much larger a picture is drawn than it says: its box is fitted into the comment's rectangle (12.5.5). NaN where that is not plain. */
function enlargement({ current }: ChangeContext, comment: PdfDictionary, { value }: IndirectObject): number {
  if (!isDictionary(value)) return Number.NaN
  const matrix = current.resolve(value.entries.get('Matrix'))
  const numbers = isArray(matrix)
    ? matrix.items.slice(0, 4).map((item) => numberOf(current.resolve(item)))
    : [1, 0, 0, 1]
  const box = rectangleOf(current, value.entries.get('BBox'))
  const place = rectangleOf(current, comment.entries.get('Rect'))
  if (`${numbers}` !== '1,0,0,1' || box === null || place === null) return Number.NaN
  return Math.max((place[2] - place[0]) / (box[2] - box[0]), (place[3] - place[1]) / (box[3] - box[1]))
}

function isSmall({ current }: ChangeContext, comment: PdfDictionary): boolean {
  const rectangle = current.resolve(comment.entries.get('Rect'))
  if (!isArray(rectangle) || rectangle.items.length !== 4) return false
  const [x0, y0, x1, y1] = rectangle.items.map((item) => numberOf(current.resolve(item)) ?? Number.NaN)
  return Math.abs(x1! - x0!) <= LARGEST_NOTE && Math.abs(y1! - y0!) <= LARGEST_NOTE
}
