import { createHash } from 'node:crypto'
import { ca } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { crlUrl } from '../domain/addresses.ts'
import { crlSchedules, purposeOf, toWholeSecond } from '../domain/authority.ts'
import { needsNewCrl } from '../domain/crl-schedule.ts'
import { PkiServiceError } from '../errors.ts'
import { findListed, listRevoked, listShards } from '../store/certificates.ts'
import { type CrlRecord, findLatestCrl, insertCrl, isCrlNumberTaken } from '../store/crls.ts'
import { insertKeyUse } from '../store/key-uses.ts'
import { openKey } from './open-key.ts'
import type { Authority } from './own-certificates.ts'

const attempts = 20

/**
 * Publishes new CRLs of the authority, the complete one and its shards, where the schedule or a revocation asks for them; all of them
 * when an entry has changed.
 */
export async function refreshCrls(
  deps: Dependencies,
  authority: Authority,
  now: Date,
  { hasChangedEntry = false } = {},
): Promise<void> {
  for (const shard of await listShards(deps.database, authority.ownName))
    await refreshCrl(deps, authority, shard, now, hasChangedEntry)
}

async function refreshCrl(
  deps: Dependencies,
  authority: Authority,
  shard: number,
  now: Date,
  hasChangedEntry: boolean,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    // The number is read before the entries. Whoever publishes between the two takes that number, this attempt
    // fails and reads again: so a list with a higher number never lacks an entry of a lower one.
    const latest = await findLatestCrl(deps.database, authority.ownName, shard)
    const listed = await findListed(deps.database, authority.ownName, shard)
    if (!hasChangedEntry && !needsNewCrl(latest, listed, crlSchedules[purposeOf(authority.ownName)], now)) return
    if (await publishNext(deps, authority, shard, latest, now)) return
  }
  throw new PkiServiceError(
    'PKI_CRL_CONTENDED',
    `the CRL of ${authority.ownName} is being published by too many at once`,
  )
}

/** Signs and records the list after `latest`; false when another publisher took its number. */
async function publishNext(
  deps: Dependencies,
  authority: Authority,
  shard: number,
  latest: CrlRecord | undefined,
  now: Date,
): Promise<boolean> {
  const name = authority.ownName
  const revoked = await listRevoked(deps.database, name, shard)
  const number = (latest?.number ?? 0n) + 1n
  const thisUpdate = toWholeSecond(now)
  const nextUpdate = new Date(thisUpdate.getTime() + crlSchedules[purposeOf(name)].lifetimeMs)
  const key = await openKey(deps.keyStore, name)
  const crl = await ca.issueCrl({
    issuer: { certificate: authority.certificate },
    key: key.key,
    thisUpdate,
    nextUpdate,
    crlNumber: number,
    // Nothing ever leaves a list: a seal is verified long after its certificate ended.
    expiredCertsSince: authority.notBefore,
    ...(shard > 0 && { scope: { url: crlUrl(deps.baseUrl, name, shard) } }),
    entries: revoked.map((entry) => ({
      serialNumber: Buffer.from(entry.serialNumber, 'hex'),
      revocationDate: toWholeSecond(entry.revokedAt),
      reason: entry.reason,
    })),
  })
  try {
    await deps.database.transaction(async (tx) => {
      await insertCrl(tx, { issuer: name, shard, number, crl, thisUpdate, nextUpdate, entryCount: revoked.length })
      await insertKeyUse(tx, {
        at: now,
        keyName: key.name,
        purpose: 'crl',
        subject: shard === 0 ? `${name} ${number}` : `${name}.${shard} ${number}`,
        digest: createHash('sha256').update(crl).digest(),
      })
    })
    return true
  } catch (error) {
    if (isCrlNumberTaken(error)) return false
    throw error
  }
}
