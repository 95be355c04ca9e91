import type { Workshop } from '../../dependencies.ts'
import type { endingReasons } from '../../domain/seal-ending.ts'
import type { RevocationCause } from '../../ports/certificate-revoker.ts'
import { listCertificatesSince } from '../../store/compromises.ts'
import { type EndedSeal, listEndedWithCertificates, recordEndedCertificates } from '../../store/ended-certificates.ts'

/**
 * Has the certificates of ended seals revoked by the authority of the house, as of the end, so that a reader of PDF who knows nothing of
 * the trust list learns of it too. Answers the seals; what failed is tried again the next time, and a repeat changes nothing.
 */
export async function revokeEnded(shop: Workshop): Promise<string[]> {
  const { database, revokeCertificate, clock } = shop
  if (revokeCertificate === undefined) return []
  const settled: string[] = []
  for (const ended of await listEndedWithCertificates(database)) {
    let elsewhere = 0
    for (const certificate of await listCertificatesSince(database, ended.sealId, ended.endedAt))
      if (!(await revokeCertificate(certificate, ended.endedAt, causeOf(ended)))) elsewhere++
    await recordEndedCertificates(database, { sealId: ended.sealId, elsewhere, at: clock.now() })
    settled.push(ended.sealId)
  }
  return settled
}

const compromised: keyof (typeof endingReasons)['revoke'] = 'key-compromised'

/** Reasons of RFC 5280 §5.3.1: what an authority took away, and what is merely over. */
function causeOf({ state, reasonCode }: EndedSeal): RevocationCause {
  if (reasonCode === compromised) return 'keyCompromise'
  return state === 'cancelled' ? 'cessationOfOperation' : 'privilegeWithdrawn'
}
