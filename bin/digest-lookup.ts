// Where a document is looked up by its digest: in the register of the house, or at the licence service that has it.
import type { DigestLookup } from '../verifier/http/index.ts'
import type { House } from './wire.ts'

/** The house's own register. */
export function digestLookupOfHouse({ licences }: Pick<House, 'licences'>): DigestLookup {
  return async (sealedDigest) => {
    const found = await licences.readStatusByDigest(sealedDigest)
    if (found === undefined) return { identifier: '', status: 'unknown', asOf: '' }
    const { asOf, ...status } = found
    return { ...status, asOf: asOf.toISOString() }
  }
}
