import { keepsState } from './appearance-state.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { type IndirectObject, isArray, isDictionary, isReference, numberOf, type PdfValue } from './objects.ts'
import { plainContent } from './plain-content.ts'
import { isWhite } from './syntax.ts'

/** Whether an appearance stays where its annotation has it: it has bounds, and nothing in it takes these back. */
export const isContained = (document: PdfDocument, appearance: IndirectObject): boolean =>
  isBounded(appearance) && keepsState(document, appearance)

/**
 * Whether an appearance stream says by itself, written out, which box it is drawn in, and how that is turned (ISO 32000-2, 8.10.2 and 12.5.5).
 * Without, some readers neither clip nor scale it: it draws anywhere on the page.
 */
function isBounded({ value, stream }: IndirectObject): boolean {
  if (stream === null || !isDictionary(value)) return false
  const [x0, y0, x1, y1] = numbersOf(value.entries.get('BBox'), 4) ?? []
  if (x0 === undefined || y0 === undefined || x1 === x0 || y1 === y0) return false
  if (!value.entries.has('Matrix')) return true
  const [a, b, c, d] = numbersOf(value.entries.get('Matrix'), 6) ?? []
  return a !== undefined && Math.abs(a * d! - b! * c!) > 1e-6
}

function numbersOf(value: PdfValue | undefined, count: number): number[] | null {
  if (!isArray(value) || value.items.length !== count) return null
  const numbers = value.items.map(numberOf).filter((number) => number !== null && Number.isFinite(number))
  return numbers.length === count ? (numbers as number[]) : null
}

/** Whether every appearance of a widget draws nothing: its streams hold comments and white space alone. */
export function drawsNothing(document: PdfDocument, appearances: PdfValue | undefined): boolean {
  const resolved = document.resolve(appearances)
  if (resolved === null) return true
  if (!isDictionary(resolved)) return false
  return [...resolved.entries.values()].every((entry) => {
    const object = isReference(entry) ? document.target(entry) : null
    return object !== null && object.stream !== null && isEmpty(document, object)
  })
}

function isEmpty(document: PdfDocument, object: IndirectObject): boolean {
  let content: Uint8Array
  try {
    content = plainContent(document, object)
  } catch (error) {
    if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
    return false
  }
  for (let at = 0; at < content.length; at++) {
    if (content[at] === 0x25) while (at < content.length && content[at] !== 10 && content[at] !== 13) at++
    else if (!isWhite(content[at])) return false
  }
  return true
}
