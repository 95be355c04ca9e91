import type { PdfSignature, SignedPdf } from '../pades/read/index.ts'

/** The last seal: what it signs is the document's identity, and holds all seals before it (product rule for joint issue). */
export function findSeal(pdf: SignedPdf): PdfSignature | undefined {
  return pdf.signatures.findLast(({ type, byteRange }) => type === 'signature' && byteRange === 'ok')
}
