import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  type PdfDictionary,
  type PdfValue,
} from './objects.ts'
import { readPlainOperators } from './plain-content.ts'
import { isPlainFont } from './plain-font.ts'

/** How deep forms, patterns and masks may lie in each other. */
const DEEPEST = 8

/** What opens a state, text object or marked content, and what ends it (ISO 32000-2, 8.4.2, 9.4.1, 14.6, 7.8.2). */
const openers: ReadonlyMap<string, string> = new Map([
  ['q', 'q'],
  ['BT', 'BT'],
  ['BMC', 'BMC'],
  ['BDC', 'BMC'],
  ['BX', 'BX'],
])
const closers: ReadonlyMap<string, string> = new Map([
  ['Q', 'q'],
  ['ET', 'BT'],
  ['EMC', 'BMC'],
  ['EX', 'BX'],
])

/**
 * Whether an appearance, with whatever it draws by, ends all it begins and nothing else. Some readers keep no state of their own for a form: one
 * that takes back more than it saved leaves its box, and is drawn anywhere on the page. What is not plain does not.
 */
export function keepsState(document: PdfDocument, appearance: IndirectObject): boolean {
  const seen = new Set<IndirectObject>()
  const isKept = (object: IndirectObject, depth: number): boolean => {
    if (seen.has(object)) return true
    seen.add(object)
    return (
      depth <= DEEPEST &&
      isBalanced(document, object) &&
      hasPlainFonts(document, object) &&
      contentsOf(document, object).every((next) => isKept(next, depth + 1))
    )
  }
  try {
    return isKept(appearance, 0)
  } catch (error) {
    if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
    return false
  }
}

function isBalanced(document: PdfDocument, object: IndirectObject): boolean {
  const open = new Map<string, number>()
  let isSound = true
  const visit = (operator: string): void => {
    const begun = openers.get(operator)
    const ended = closers.get(operator)
    if (begun !== undefined) open.set(begun, (open.get(begun) ?? 0) + 1)
    if (ended === undefined) return
    const left = (open.get(ended) ?? 0) - 1
    if (left < 0) isSound = false
    open.set(ended, left)
  }
  const isWhole = readPlainOperators(document, object, visit)
  return isWhole && isSound && [...open.values()].every((count) => count === 0)
}

const resourcesOf = (document: PdfDocument, { value }: IndirectObject): PdfDictionary | null =>
  isDictionary(value) ? document.dictionary(value.entries.get('Resources')) : null

const valuesOf = (
  document: PdfDocument,
  holder: PdfDictionary | null | undefined,
  key: string,
): readonly PdfValue[] => [...(document.dictionary(holder?.entries.get(key))?.entries.values() ?? [])]

/** Letters that are content are run in the middle of that which shows them. A graphics state may choose a font, too (8.4.5, table 57). */
function hasPlainFonts(document: PdfDocument, object: IndirectObject): boolean {
  const resources = resourcesOf(document, object)
  const chosen = valuesOf(document, resources, 'ExtGState').flatMap((state) => {
    const font = document.resolve(document.dictionary(state)?.entries.get('Font'))
    return font === null ? [] : [isArray(font) ? (font.items[0] ?? null) : font]
  })
  return [...valuesOf(document, resources, 'Font'), ...chosen].every((font) => isPlainFont(document, font))
}

/** The content that an object's resources name: forms, tiling patterns and masks, which are content whatever they call themselves. */
function contentsOf(document: PdfDocument, object: IndirectObject): IndirectObject[] {
  const resources = resourcesOf(document, object)
  const streams = (values: readonly PdfValue[]): IndirectObject[] =>
    values.flatMap((value) => {
      const found = isReference(value) ? document.target(value) : null
      return found === null || found.stream === null ? [] : [found]
    })
  const masks = valuesOf(document, resources, 'ExtGState').map(
    (state) => document.dictionary(document.dictionary(state)?.entries.get('SMask'))?.entries.get('G') ?? null,
  )
  const forms = streams(valuesOf(document, resources, 'XObject')).filter(
    ({ value }) => !(isDictionary(value) && nameOf(value.entries.get('Subtype')) === 'Image'),
  )
  return [...forms, ...streams([...valuesOf(document, resources, 'Pattern'), ...masks])]
}
