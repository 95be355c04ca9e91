import { x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { listAuthorities } from '../store/authorities.ts'
import { countOutside, listOutsideInUse, type SealCertificate } from '../store/seal-certificates.ts'

/** The authorities outside to which seals may lead, and what they say of the seals in use. */
export interface OutsideTrust {
  /** Reads who is trusted. */
  load(): Promise<void>
  /** The same, and fetches what lists are due. */
  refresh(): Promise<void>
  /** Their certificates as read last, DER. */
  anchors(): readonly Uint8Array[]
  /** Their lists as fetched last, DER; the first call fetches them. */
  lists(): Promise<readonly Uint8Array[]>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** People and another office are needed for a renewal: it is asked for this long before it is too late. */
const AHEAD_MS = 60 * 24 * HOUR_MS

type Deps = Pick<Dependencies, 'database' | 'outsideLists' | 'clock' | 'log'>

export function createOutsideTrust(deps: Deps): OutsideTrust {
  let anchors: readonly Uint8Array[] = []
  let lists: Promise<readonly Uint8Array[]> | undefined
  let seen = { count: 0, at: Number.NEGATIVE_INFINITY }
  let warnedAt = Number.NEGATIVE_INFINITY

  const load = async (): Promise<void> => {
    anchors = await listAuthorities(deps.database)
  }
  const warnOfEnds = (outside: readonly SealCertificate[]): void => {
    const now = deps.clock.now().getTime()
    if (now - warnedAt < HOUR_MS) return
    warnedAt = now
    for (const { sealId, certificate } of outside) {
      const { notAfter } = x509.parseCertificate(certificate)
      if (notAfter.getTime() - now < AHEAD_MS)
        deps.log?.warn('the certificate of a seal must be renewed', { sealId, ends: notAfter.toISOString() })
    }
  }
  const fetchLists = async (): Promise<readonly Uint8Array[]> => {
    const outside = await listOutsideInUse(deps.database)
    warnOfEnds(outside)
    if (deps.outsideLists === undefined || outside.length === 0) return []
    const issuers = uniqueBytes([...outside.flatMap(({ chain }) => chain), ...anchors])
    const all = uniqueBytes(outside.flatMap(({ certificate, chain }) => [certificate, ...chain]))
    const asked = all.filter((der) => !anchors.some((anchor) => Buffer.compare(anchor, der) === 0))
    return deps.outsideLists.lists(asked, issuers)
  }
  const refresh = async (): Promise<void> => {
    await load()
    const count = await countOutside(deps.database)
    const at = deps.clock.now().getTime()
    const isRecent = lists !== undefined && count === seen.count && at >= seen.at && at - seen.at < MINUTE_MS
    if (isRecent) return
    seen = { count, at }
    const fetching = fetchLists()
    // What was fetched before serves until there is something newer.
    if (lists === undefined) {
      lists = fetching
      fetching.catch(() => {
        lists = undefined
      })
    }
    const fetched = await fetching
    lists = Promise.resolve(fetched)
  }
  return {
    load,
    refresh,
    anchors: () => anchors,
    async lists() {
      if (lists === undefined) await refresh()
      return lists!
    },
  }
}

function uniqueBytes(values: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(values.map((value) => [Buffer.from(value).toString('hex'), value])).values()]
}
