import type { Crl } from '../revocation/crl.ts'
import type { CrlFault } from '../revocation/verify-crl.ts'
import type { AnswerSigner } from './answer-part.ts'
import type { CrlSources } from './ask-crls.ts'
import type { Certificate } from './certificate.ts'

/** Who signed a list: a certificate above in the path, else another of the same name that leads to the same anchor. */
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
  for (const signer of await sources.findCrlSigners(crl.issuer.matchKey, above.at(-1)!)) {
    const certificate = signer.path[0]!
    if (!(await maySignFor(certificate, above, sources))) continue
    const own = await sources.verify(crl, certificate)
    if (own === null) return signer
    fault ??= own
  }
  return fault ?? 'ISSUER_MISMATCH'
}

/**
 * RFC 5280 would take any certificate of the list issuer's name below the same anchor. But names are free: any CA there could make one, and
 * so lists on certificates that are none of its business. Another key of the CA, and the issuer of an indirect list, must be certified by
 * a key of the path in question.
 */
async function maySignFor(signer: Certificate, above: readonly Certificate[], sources: CrlSources): Promise<boolean> {
  for (const issuer of above) {
    if (signer.issuer.matchKey !== issuer.subject.matchKey) continue
    if (await sources.isSignedBy(signer, issuer)) return true
  }
  return false
}
