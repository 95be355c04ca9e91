import { unexplainedBytes } from './appended-bytes.ts'
import type { CheckedByteRange } from './byte-range.ts'
import { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { revisionSections } from './revisions.ts'
import { isWhite } from './syntax.ts'

/**
 * Only the octets around the gap are digested, not where it lies: the same octets, parted elsewhere, could make another document that lay
 * ready in a stream of the first. So what is signed must end with a revision of the document's own cross-references, the gap must lie in
 * that revision, and every octet of it must be of an object which those list: nothing was moved to where nobody reads it.
 */
export function checkClosedRevision(document: PdfDocument, checked: CheckedByteRange): CheckedByteRange {
  if (!checked.ok) return checked
  const { signedLength, ranges } = checked
  const { bytes } = document.shared
  const fault = (text: string): CheckedByteRange => ({ ok: false, fault: text })
  try {
    const signed = signedLength === document.end ? document : new PdfDocument(document.shared, signedLength)
    const last = revisionSections(signed).at(-1)!
    let end = last.end
    while (end < signedLength && isWhite(bytes[end])) end++
    if (end < signedLength || ranges[0][1] < last.start)
      return fault('What is signed does not end with the revision that holds the signature.')
    const links = last.sections.map((section) => ({ section, hybrid: null }))
    const [stray] = unexplainedBytes(signed, last.start, links)
    return stray === undefined
      ? checked
      : fault('The revision that holds the signature has octets that its cross-references do not list.')
  } catch (error) {
    if (!(error instanceof PadesError)) throw error
    return fault(`The revision that holds the signature cannot be read for certain: ${error.message}.`)
  }
}
