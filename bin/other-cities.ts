// What a server knows of other cities: the pinned lists of its trust folder, read anew while it runs, and what it saw of all lists.
import { type Clock, createGuardedFetch, type Log, type PrivateAddresses } from '../platform/index.ts'
import type { ValidationPolicy } from '../verifier/index.ts'
import type { Outside } from './evidence.ts'
import { listMemoryOf, openListMemory } from './list-memory.ts'
import { demandsOf, type Others, readOthers, refreshOthers } from './other-trust-lists.ts'
import { trustFolderOf } from './trust-folder.ts'

/** Trust lists of whole cities are larger than one answer about one licence. */
const LARGEST_LIST = 8 << 20
const LIST_TIMEOUT_MS = 15_000

export interface OtherCities {
  readonly outside: Outside
  /** What the public check demands by the pins; they are read once, at the start. */
  demands(): Pick<ValidationPolicy, 'divisions' | 'otherTrustLists'>
  /** Reads every pinned list anew; what may not be believed is logged, and what was there stays. */
  refresh(policy: ValidationPolicy): Promise<void>
}

/**
 * Opens pins and memory of a data folder.
 * @throws CommandError TRUST_PINS_INVALID: a server does not start on pins that contradict each other
 */
export async function openOtherCities(options: {
  readonly dataDir: string
  readonly privateAddresses: PrivateAddresses
  readonly clock: Clock
  readonly log: Log
}): Promise<OtherCities> {
  const { dataDir, privateAddresses, clock, log } = options
  const folder = trustFolderOf(dataDir)
  const memory = await openListMemory(listMemoryOf(dataDir))
  const fetchList = createGuardedFetch({ privateAddresses, timeoutMs: LIST_TIMEOUT_MS, maxBytes: LARGEST_LIST })
  const pinned = await readOthers(folder)
  const pins = new Map(pinned.lists.map(({ pin }) => [pin.name, pin]))
  let others: Others = pinned
  return {
    outside: { others: () => others, fetch: createGuardedFetch({ privateAddresses }), memory },
    demands: () => demandsOf(pinned),
    async refresh(policy) {
      if (pins.size === 0) return
      const { current, remember } = memory
      const results = await refreshOthers(folder, others, {
        fetch: fetchList,
        policy,
        memory: current,
        remember,
        at: clock.now(),
      })
      for (const { name, outcome, code } of results) {
        if (outcome === null) log.warn('a pinned trust list could not be read', { name })
        else if (code !== undefined)
          log.warn('a pinned trust list is not believed; the one before stays', { name, code })
      }
      const { lists } = await readOthers(folder)
      // The pins stay the objects they were: what is prepared for them is kept with them.
      others = {
        ...pinned,
        lists: lists.flatMap((list) => (pins.has(list.pin.name) ? [{ ...list, pin: pins.get(list.pin.name)! }] : [])),
      }
    },
  }
}
