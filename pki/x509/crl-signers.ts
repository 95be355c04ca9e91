import type { Crl } from '../revocation/crl.ts'
import type { CrlFault } from '../revocation/verify-crl.ts'
import type { AnswerSigner } from './answer-part.ts'
import type { CrlSources } from './ask-crls.ts'
import type { Certificate } from './certificate.ts'

/**
 * Who signed a list: a certificate above in the path, else another of the list issuer's name. RFC 5280 would take any of these below the same
 * anchor. But names are free: any CA there could make one, and so lists on certificates that are none of its business. Another key of the
 * CA, and the issuer of an indirect list, must be certified by a key of the path in question.
 */
export async function findSigner(
  crl: Crl,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<AnswerSigner | CrlFault> {
  let fault: CrlFault | undefined
  for (const [index, signer] of above.entries()) {
    if (signer.subject.matchKey !== crl.issuer.matchKey) continue
    const own = await sources.verify(crl, signer)
    if (own === null) return { path: above.slice(index), revocation: [] }
    fault ??= own
  }
  for (const candidate of sources.crlSignersNamed(crl.issuer.matchKey)) {
    const place = await findCertifier(candidate, above, sources)
    if (place === 'LIMIT_EXCEEDED') return place
    if (place < 0) continue
    const own = await sources.verify(crl, candidate)
    const signer = own === null ? await sources.judgeCrlSigner(candidate, above.slice(place)) : null
    if (signer !== null) return signer
    fault ??= own ?? 'ISSUER_MISMATCH'
  }
  return fault ?? 'ISSUER_MISMATCH'
}

/** Place of the certificate in a path whose key certified another; -1 where none did. */
async function findCertifier(
  candidate: Certificate,
  above: readonly Certificate[],
  sources: CrlSources,
): Promise<number | 'LIMIT_EXCEEDED'> {
  for (const [index, issuer] of above.entries()) {
    if (candidate.issuer.matchKey !== issuer.subject.matchKey) continue
    const isSigned = await sources.isSignedBy(candidate, issuer)
    if (isSigned === 'LIMIT_EXCEEDED') return isSigned
    if (isSigned) return index
  }
  return -1
}
