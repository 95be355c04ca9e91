import { readSignedPdf } from '../../pades/read/index.ts'
import { cms, PkiError, tsp } from '../../pki/index.ts'
import { SealError } from '../errors.ts'

/** What validation data must speak of. */
export interface StampedCertificates {
  /** Certificates of whoever signed or stamped, with their issuing CAs and roots, DER. */
  readonly certificates: readonly Uint8Array[]
  /** Not before the latest time stamp: revocation data must not be older (EN 319 102-1, 5.2.5.4). */
  readonly stampedBy: Date
}

/**
 * Reads from a sealed document whose certificates validation data must speak of: those in its signatures and in the time stamps on and
 * over them; with `field` in that signature alone. Throws `SEAL_DOCUMENT_UNREADABLE`.
 */
export function readStampedCertificates(pdf: Uint8Array, field?: string): StampedCertificates {
  const document = readSignedPdf(pdf)
  if (!document.ok) throw unreadable('the document cannot be read')
  const certificates: Uint8Array[] = []
  let stampedBy = 0
  const addToken = (bytes: Uint8Array): void => {
    const token = tsp.parseToken(bytes)
    certificates.push(...token.certificates)
    stampedBy = Math.max(stampedBy, token.genTime.getTime())
  }
  try {
    for (const { type, contents } of document.signatures.filter((one) => field === undefined || one.field === field)) {
      if (contents === null) throw unreadable('a signature holds no CMS')
      if (type === 'document-time-stamp') {
        addToken(contents)
        continue
      }
      const signed = cms.parseGmSignedData(contents)
      certificates.push(...signed.certificates)
      for (const token of signed.signerInfos.flatMap(cms.findSignatureTimeStamps)) addToken(token)
    }
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause
    throw unreadable('a signature or time stamp is malformed', cause)
  }
  if (stampedBy === 0) throw unreadable('the document holds no time stamp')
  return { certificates, stampedBy: new Date(stampedBy) }
}

const unreadable = (message: string, cause?: Error): SealError =>
  new SealError('SEAL_DOCUMENT_UNREADABLE', message, cause && { cause })
