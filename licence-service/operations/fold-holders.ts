// Once, after the upgrade that began to fold holders' codes: those hashed before as they were written are hashed anew.
import { LicenceError } from '../errors.ts'
import { listHoldersToFold, refoldHolders } from '../store/holders-to-fold.ts'
import { findLicence } from '../store/licences.ts'
import type { Deps } from './deps.ts'
import { holderCodeMac } from './holder-key.ts'
import { openData } from './read-licence.ts'

const GROUP = 200

/**
 * Hashes holders on the list anew until it is empty or `stopping` says stop; answers how many licences. Any number of processes may do so
 * at once. What is damaged is told to the operator, and nobody finds its holder.
 */
export async function foldHolders(deps: Deps, stopping?: AbortSignal): Promise<number> {
  let done = 0
  for (let after = ''; ; ) {
    const identifiers = await listHoldersToFold(deps.database, after, GROUP)
    for (const identifier of identifiers) {
      if (stopping?.aborted) return done
      await refoldHolders(deps.database, identifier, await macsOf(deps, identifier))
      done++
    }
    if (identifiers.length < GROUP) return done
    after = identifiers.at(-1)!
  }
}

async function macsOf(deps: Deps, identifier: string): Promise<Uint8Array[]> {
  const row = await findLicence(deps.database, identifier)
  if (!row?.wrappedDataKey) return []
  try {
    return openData(deps, row).holders.map(({ code }) => holderCodeMac(deps, code))
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error
    deps.log.error('the holder of a licence cannot be found by the number', { identifier, error })
    return []
  }
}
