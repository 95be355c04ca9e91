// Where a document is looked up by its digest: in the register of the house, or at the licence service that has it.
import type { DigestLookup } from '../verifier/http/index.ts'
import type { LiveStatus } from '../verifier/index.ts'
import { liveStatusOf } from './evidence.ts'
import type { House } from './wire.ts'

/** Which licence is unknown has no name. */
const NOT_THERE: LiveStatus = { identifier: '', status: 'unknown', asOf: '' }

/** The house's own register. */
export function digestLookupOfHouse({ licences }: Pick<House, 'licences'>): DigestLookup {
  return async (sealedDigest) => {
    const found = await licences.readStatusByDigest(sealedDigest)
    return found === undefined ? NOT_THERE : liveStatusOf(found)
  }
}
