// What a server offers becomes what this device keeps only when its signatures hold and nothing in it is older than what is kept.
import { parseStatusList, parseTrustList, verifyStatusList, verifyTrustList } from '../../../licence-format/index.ts'
import type { TrustRoots } from '../../../verifier/index.ts'
import type { FetchMemory, KeptLists } from './lists.ts'

/** As a server offers them, unverified. */
export interface OfferedLists {
  readonly roots: TrustRoots
  readonly crls: readonly Uint8Array[]
  readonly trustList: string
  readonly statusLists: ReadonlyMap<string, string>
  /** Time of the server. */
  readonly asOf: Date
}

export interface AcceptedLists {
  readonly lists: KeptLists
  /** Something offered was older than what is kept. */
  readonly refusedOlder: boolean
}

/**
 * Verifies what is offered and joins it with what is kept. A trust list of a lower sequence and a status list of an earlier time are
 * refused, the newer ones stay. The lists are judged as of the server's time, so that a wrong clock of the device is found out rather
 * than taken for a fault of the lists.
 * @throws LicenceFormatError where the trust list is malformed, not rightly signed, or its signer not trusted
 */
export async function acceptLists(offered: OfferedLists, kept: KeptLists | null): Promise<AcceptedLists> {
  const { roots, crls, asOf } = offered
  const before = kept?.memory
  const trust = { anchors: roots.anchors, crls, at: asOf }
  const { list } = parseTrustList(offered.trustList)
  await verifyTrustList(offered.trustList, trust)
  const isOlder = before !== undefined && list.sequenceNumber < before.trustListSequence
  const statusLists = new Map<string, string>()
  const statusListTimes = new Map(before?.statusListTimes)
  let refusedOlder = isOlder
  for (const [address, text] of offered.statusLists) {
    const issuedAt = await timeOfStatusList(address, text, trust)
    const known = statusListTimes.get(address)
    if (issuedAt === null || (known && issuedAt < known)) {
      refusedOlder ||= issuedAt !== null
      keepOld(address)
      continue
    }
    statusLists.set(address, text)
    statusListTimes.set(address, issuedAt)
  }
  // What was not offered this time is still signed, and says how old it is.
  for (const address of kept?.statusLists.keys() ?? []) if (!statusLists.has(address)) keepOld(address)

  function keepOld(address: string): void {
    const old = kept?.statusLists.get(address)
    if (old !== undefined) statusLists.set(address, old)
  }

  // Not the latest time remembered: a server whose clock once ran ahead would else put every device in the wrong for good.
  const times = [asOf, list.issuedAt, ...statusListTimes.values()]
  const memory: FetchMemory = {
    trustListSequence: Math.max(list.sequenceNumber, before?.trustListSequence ?? 0),
    statusListTimes,
    latestTime: new Date(Math.max(...times.map((time) => time.getTime()))),
  }
  const { nextUpdate } = list
  const current = isOlder ? kept! : { roots, crls, trustList: offered.trustList, nextUpdate, asOf }
  return { lists: { ...current, statusLists, memory, seen: kept?.seen ?? {} }, refusedOlder }
}

/** When a status list was issued, or null for one that is no such list or not rightly signed. */
async function timeOfStatusList(
  address: string,
  text: string,
  trust: Parameters<typeof verifyStatusList>[1],
): Promise<Date | null> {
  try {
    const list = await parseStatusList(text)
    if (list.address !== address) return null
    await verifyStatusList(text, trust)
    return list.issuedAt
  } catch {
    return null
  }
}
