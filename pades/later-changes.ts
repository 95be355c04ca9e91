import type { PdfDocument } from './document.ts'
import type { ChangeFinding, LaterChanges } from './signed-pdf.ts'

export interface LaterChangesVerdict {
  readonly verdict: LaterChanges
  readonly findings: readonly ChangeFinding[]
}

/** Classifies what was appended after the first `signedLength` bytes. */
export function judgeLaterChanges(document: PdfDocument, signedLength: number, _signature: number | null): LaterChangesVerdict {
  if (signedLength === document.end) return { verdict: 'none', findings: [] }
  const finding: ChangeFinding = { verdict: 'undecided', kind: 'structure', object: null, detail: 'Something was appended.' }
  return { verdict: 'undecided', findings: [finding] }
}
