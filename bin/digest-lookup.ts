// Where a document is looked up by its digest in the register of the house.
import type { PublicStatus } from '../licence-service/index.ts'
import type { DigestLookup } from '../verifier/http/index.ts'
import type { LiveStatus } from '../verifier/index.ts'
import type { House } from './wire.ts'

/** Which licence is unknown has no name. */
const NOT_THERE: LiveStatus = { identifier: '', status: 'unknown', asOf: '' }

export function digestLookupOfHouse({ licences }: Pick<House, 'licences'>): DigestLookup {
  return async (sealedDigest) => {
    const found = await licences.readStatusByDigest(sealedDigest)
    return found === undefined ? NOT_THERE : toLiveStatus(found)
  }
}

const toLiveStatus = ({ identifier, status, asOf, sealedDigest, replacedBy }: PublicStatus): LiveStatus => ({
  identifier,
  status,
  asOf: asOf.toISOString(),
  sealedDigest,
  replacedBy,
})
