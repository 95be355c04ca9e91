import { PdfDocument, shareBytes } from './document.ts'
import { Budget, defaultLimits, uploadLimits } from './limits.ts'
import { checkContentsLength, reserveContents } from './reserve-contents.ts'
import { sealObjects } from './seal-objects.ts'
import type { PreparedSeal, PrepareSealOptions } from './seal-options.ts'

/**
 * Appends everything a seal needs but its CMS (ISO 32000-2, 7.5.6, 12.8; ETSI EN 319 142-1, 6.3).
 *
 * Joint seals: the first certifies with `docMdp` 2 and prepares a field for each of the others; each of them fills its own by name,
 * and the last one's lock says that nothing may change any more. An update that fills a field touches nothing else.
 *
 * @param pdf any PDF our reader takes, with cross-reference tables or streams, with or without a form; it is not changed
 * @throws PadesError a code of reading; PADES_PAGE_NOT_FOUND, PADES_PLACEMENT_INVALID, PADES_FIELD_NAME_TAKEN,
 *   PADES_ALREADY_SIGNED (it asks to certify what is signed), PADES_CHANGES_NOT_PERMITTED (it is certified: nothing may change),
 *   PADES_FIELD_NOT_FOUND (it is certified: only prepared fields may be filled), PADES_FIELD_ALREADY_SIGNED, PADES_FIELD_LOCKED
 */
export function prepareSeal(pdf: Uint8Array, options: PrepareSealOptions): PreparedSeal {
  checkContentsLength(options.contentsLength)
  const budget = options.marks === undefined ? new Budget(defaultLimits) : new Budget(uploadLimits, pdf.length)
  const document = new PdfDocument(shareBytes(pdf, budget), pdf.length)
  const { field, signedAt, contentsLength } = options
  return reserveContents(document, sealObjects(document, options), contentsLength, `${field} ${signedAt.toISOString()}`)
}
