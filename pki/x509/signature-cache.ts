import type { Crl } from '../revocation/crl.ts'
import type { OcspResponse } from '../revocation/ocsp.ts'
import type { Certificate } from './certificate.ts'

/** What certificates sign. */
type Signed = Certificate | Crl | OcspResponse

/**
 * Signatures once checked, by the parsed objects themselves: whoever validates many paths over the same certificates and lists parses them
 * once and hands the same cache to each call. Nothing in it depends on time or policy, and it holds on to nothing: an entry goes with the
 * object it is about.
 */
export interface SignatureCache {
  /** the answer known for this pair, or `check`'s, which is then known */
  ask<T>(signed: Signed, signer: Certificate, check: () => Promise<T>): Promise<T>
}

/** An empty cache. */
export function createSignatureCache(): SignatureCache {
  const known = new WeakMap<Signed, WeakMap<Certificate, Promise<unknown>>>()
  return {
    ask<T>(signed: Signed, signer: Certificate, check: () => Promise<T>): Promise<T> {
      let bySigner = known.get(signed)
      if (bySigner === undefined) {
        bySigner = new WeakMap()
        known.set(signed, bySigner)
      }
      const answer = bySigner.get(signer)
      if (answer !== undefined) return answer as Promise<T>
      const fresh = check()
      bySigner.set(signer, fresh)
      return fresh
    },
  }
}
