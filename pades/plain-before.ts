import { standsAt } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { findOddInObject, findOddOctet, NO_WORDS, TRAILER_WORDS } from './plain-octets.ts'
import { SyntaxReader } from './syntax.ts'

// What an update writes again must have been plain in the signed state too. Where readers took the former spelling for something else, they see
// a change where this one compares what it reads, and finds none.

/** What is wrong with the signed version of an object, as a part of a sentence; null where it is plain or there is none. */
export function formerFault(signed: PdfDocument, number: number): string | null {
  const before = signed.object(number)
  if (before === null) return null
  const { bytes, budget } = signed.shared
  const { packed } = before
  const odd =
    packed === null ? findOddInObject(bytes, before, budget) : findOddOctet(packed, 0, packed.length, NO_WORDS, budget)
  return odd === null ? null : `object ${number}, which was signed in a form that is not plain and is written again`
}

/** The same of the signed trailer, which every update writes again. */
export function formerTrailerFault(signed: PdfDocument): string | null {
  const { bytes, budget } = signed.shared
  const { kind, offset, end } = signed.chain[0]!.section
  let at = offset
  if (kind === 'table') {
    at = end
    while (at > offset && !standsAt(bytes, at, 'trailer')) at--
    budget.work(end - at)
  }
  const odd =
    kind === 'table'
      ? findOddOctet(bytes, at, end, TRAILER_WORDS, budget)
      : findOddInObject(bytes, readObject(signed, offset), budget)
  return odd === null ? null : 'a trailer that was signed in a form that is not plain'
}

function readObject(document: PdfDocument, offset: number) {
  const reader = new SyntaxReader(document.shared.bytes, offset, document.end, document.shared.budget)
  reader.skipWhite()
  return reader.readIndirectObject(() => null)
}
