import { standsAt } from './cross-reference.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { signedFields } from './form-fields.ts'
import { Budget, defaultLimits } from './limits.ts'
import { readPages } from './pages.ts'
import type { UnreadablePdf } from './signed-pdf.ts'

/** How many ends of revisions are tried, from the last one back. */
const MOST_ENDS = 8
const MOST_WORK = 8 << 20
/** A tenth of a second's reading: what is told here is a help, no verdict. */
const MOST_VALUES = 200_000

/**
 * The newest revision of a broken file that can be read, and holds signatures: what stood there before the broken end was appended.
 * Offsets count from the first octet.
 */
export function findLastReadable(bytes: Uint8Array): UnreadablePdf['lastReadable'] {
  const budget = new Budget({ ...defaultLimits, work: MOST_WORK, values: MOST_VALUES }, bytes.length)
  try {
    let end = bytes.length
    for (let tried = 0; tried < MOST_ENDS; tried++) {
      end = findEnd(bytes, end - 1, budget)
      if (end < 0) return null
      const signatures = end < bytes.length ? readSignatures(bytes, end, budget) : null
      if (signatures !== null && signatures.length > 0) return { end, signatures }
    }
    return null
  } catch (error) {
    if (error instanceof PadesError) return null
    throw error
  }
}

/** The offset after the last `%%EOF`, with the end of its line, at or before `before`; -1 where there is none. */
function findEnd(bytes: Uint8Array, before: number, budget: Budget): number {
  let at = Math.min(before, bytes.length) - 5
  while (at >= 0 && !standsAt(bytes, at, '%%EOF')) at--
  budget.work(before - Math.max(at, 0))
  if (at < 0) return -1
  let end = at + 5
  if (end < before && bytes[end] === 13) end++
  if (end < before && bytes[end] === 10) end++
  return end
}

function readSignatures(bytes: Uint8Array, end: number, budget: Budget): string[] | null {
  try {
    const document = new PdfDocument(shareBytes(bytes, budget, { base: 0, mayDecrypt: true }), end)
    readPages(document)
    return signedFields(document).map(({ field }) => field.name)
  } catch (error) {
    if (error instanceof PadesError && error.code !== 'PADES_LIMIT_EXCEEDED') return null
    throw error
  }
}
