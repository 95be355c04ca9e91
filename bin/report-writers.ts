// The forms other than JSON in which a server answers about a verification.
import { createHash } from 'node:crypto'
import type { FontSet } from '../templates/index.ts'
import {
  type BundleMaterial,
  encodeReceiptFile,
  type Receipts,
  SOFTWARE,
  writeBundle,
} from '../verifier/bundle/index.ts'
import { type ReportFacts, renderReportHtml, renderReportXml } from '../verifier/formats/index.ts'
import { type ReportWriters, renderReportPdf, type Verified } from '../verifier/http/index.ts'

/** Every form. A bundle carries a receipt where `receipts` makes them; the other forms carry the digest of what was verified. */
export function createReportWriters(fonts: FontSet, receipts: Receipts | undefined): ReportWriters {
  return {
    html: (verified) => ({
      bytes: renderReportHtml(verified.answer, factsOf(verified)),
      contentType: 'text/html; charset=utf-8',
      fileName: 'verification.html',
    }),
    pdf: (verified) => ({
      bytes: renderReportPdf(verified.answer, factsOf(verified), fonts),
      contentType: 'application/pdf',
      fileName: 'verification.pdf',
    }),
    xml: (verified) => ({
      bytes: renderReportXml(verified.answer, factsOf(verified)),
      contentType: 'application/xml; charset=utf-8',
      fileName: 'verification.xml',
    }),
    async bundle(verified) {
      const material = materialOf(verified)
      const bytes = await writeBundle(material, receipts ? await receipts.sign(material) : null)
      return { bytes, contentType: 'application/json', fileName: 'verification.bundle.json' }
    },
    ...(receipts && {
      async receipt(verified: Verified) {
        const bytes = await encodeReceiptFile(await receipts.sign(materialOf(verified)))
        return { bytes, contentType: 'application/json', fileName: 'verification.receipt.json' }
      },
    }),
  }
}

function factsOf({ item }: Verified): ReportFacts {
  const subject = item.kind === 'document' ? item.bytes : item.kind === 'statement' ? item.text : ''
  return { subjectDigest: createHash('sha256').update(subject).digest('hex'), software: SOFTWARE }
}

function materialOf({ item, answer, evidence, policy, at }: Verified): BundleMaterial {
  if (item.kind === 'digest') throw new TypeError('a digest alone is not verified')
  const { question, ...subject } = item
  return { subject, evidence, policy, at, ...(question && { question }), report: answer }
}
