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
    for (let tried = 0, before = bytes.length; tried < MOST_ENDS; tried++) {
      const mark = findMark(bytes, before, budget)
      if (mark < 0) return null
      const end = endOfLine(bytes, mark + END_OF_FILE.length)
      // The whole file was read before anybody asked for this.
      const signatures = end < bytes.length ? readSignatures(bytes, end, budget) : null
      if (signatures !== null && signatures.length > 0) return { end, signatures }
      before = mark
    }
    return null
  } catch (error) {
    if (error instanceof PadesError) return null
    throw error
  }
}

const END_OF_FILE = '%%EOF'

/** The offset of the last `%%EOF` that ends at or before `before`; -1 where there is none. */
function findMark(bytes: Uint8Array, before: number, budget: Budget): number {
  let at = before - END_OF_FILE.length
  while (at >= 0 && !standsAt(bytes, at, END_OF_FILE)) at--
  budget.work(before - Math.max(at, 0))
  return at
}

/** After the end of the line that may stand at `at`. */
function endOfLine(bytes: Uint8Array, at: number): number {
  const afterReturn = bytes[at] === 13 ? at + 1 : at
  return bytes[afterReturn] === 10 ? afterReturn + 1 : afterReturn
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
