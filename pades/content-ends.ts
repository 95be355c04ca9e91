import { pageContent } from './content-filters.ts'
import { readOperators } from './content-stream.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import type { PageView } from './page-view.ts'

const pathOperators = new Set(['m', 'l', 'c', 'v', 'y', 'h', 're'])
const paintOperators = new Set(['S', 's', 'f', 'F', 'f*', 'B', 'B*', 'b', 'b*', 'n'])
/** Text objects, marked content and saved states that a sound page could need at once. */
const MOST_OPEN = 1_000

/**
 * What has to stand behind a page's content, before which its first state is saved, so that what is drawn after it starts from that
 * state (ISO 32000-2, 8.2, 8.4.2, 9.4.1, 14.6): whatever the content left open is ended.
 *
 * @throws PadesError PADES_PAGE_UNREADABLE where it cannot be read for certain: then nobody knows what a mark after it would look like
 */
export function endOfContent(document: PdfDocument, page: PageView, index: number): string {
  let depth = 0
  let marked = 0
  let isText = false
  let hasPath = false
  const refuse = (what: string, cause?: unknown): never => {
    throw new PadesError('PADES_PAGE_UNREADABLE', `page ${index + 1}: ${what}`, { cause })
  }
  const visit = (operator: string): void => {
    if (operator === 'q') depth++
    // Readers go on with what they have, or with what would then be saved by us: the page would change its looks.
    else if (operator === 'Q' && --depth < 0) refuse('its content takes back a state that it never saved')
    else if (operator === 'BT') isText = true
    else if (operator === 'ET') isText = false
    else if (operator === 'BMC' || operator === 'BDC') marked++
    else if (operator === 'EMC') marked = Math.max(0, marked - 1)
    else if (pathOperators.has(operator)) hasPath = true
    else if (paintOperators.has(operator)) hasPath = false
  }
  try {
    const isWhole = readOperators(pageContent(document, page), document.shared.budget, visit, 'skip')
    if (!isWhole) refuse('its content has no certain end')
  } catch (error) {
    if (!(error instanceof PadesError) || unreadable.has(error.code)) throw error
    refuse(`its content cannot be read: ${error.message}`, error)
  }
  if (depth > MOST_OPEN || marked > MOST_OPEN) refuse('its content leaves too much open')
  return `${isText ? '\nET' : ''}${hasPath ? '\nn' : ''}${'\nEMC'.repeat(marked)}${'\nQ'.repeat(depth + 1)}\n`
}

const unreadable: ReadonlySet<string> = new Set(['PADES_PAGE_UNREADABLE', 'PADES_LIMIT_EXCEEDED'])
