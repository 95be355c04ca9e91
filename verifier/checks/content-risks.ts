// What stood in a document already when it was sealed and may mislead its readers: told, never weighed. For documents of others,
// and licences on them; all other licences are drawn by our own renderer.
import type { PdfSignature, SignedPdf } from '../../pades/read/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

const codes = {
  'dynamic-form': 'CONTENT_DYNAMIC_FORM',
  'hidden-layer': 'CONTENT_HIDDEN_LAYERS',
  'unused-page': 'CONTENT_UNUSED',
  'unused-content': 'CONTENT_UNUSED',
  'field-over-text': 'CONTENT_FIELD_OVER_TEXT',
  'invisible-text': 'CONTENT_INVISIBLE_TEXT',
} as const

/**
 * One finding for each kind of risk in the sealed revision, with the first of its kind and how many there are. Not asked where the
 * document was changed: then there is worse to tell.
 */
export function checkContentRisks(pdf: SignedPdf, seal: PdfSignature | undefined): Finding[] {
  const isUnchanged = pdf.signatures.every(
    ({ laterChanges }) => laterChanges === 'none' || laterChanges === 'permitted',
  )
  if (seal === undefined || !isUnchanged) return []
  const byCode = Map.groupBy(pdf.contentRisks(seal), ({ kind }) => codes[kind])
  return [...byCode].map(([code, risks]) =>
    finding('format', 'info', code, { detail: risks[0]!.detail, count: risks.length }),
  )
}
