import { crl } from '../../pki/index.ts'
import type { Clock } from '../../platform/index.ts'
import type { AskAuthority } from './ask-authority.ts'

export interface KeptList {
  readonly der: Uint8Array
  readonly parsed: crl.Crl
}

/** Revocation lists by their addresses; each is asked for once at a time and not again within a minute. */
export interface KeptLists {
  /** The list at an address, not fetched longer ago than `maxAgeMs`. Rejects with `UPSTREAM_UNAVAILABLE` or `CRL_MALFORMED`. */
  fetch(url: string, maxAgeMs: number): Promise<KeptList>
}

const MOST_KEPT = 32
/** An authority is no target for a flood, whether it answers or not. */
const LEAST_PAUSE_MS = 60_000

interface Attempt {
  readonly at: number
  readonly outcome: Promise<KeptList>
}

export function createKeptLists(clock: Clock, ask: AskAuthority): KeptLists {
  const attempts = new Map<string, Attempt>()
  const load = async (url: string): Promise<KeptList> => {
    const der = await ask(url)
    return { der, parsed: crl.parseCrl(der) }
  }
  return {
    fetch(url, maxAgeMs) {
      const now = clock.now().getTime()
      const last = attempts.get(url)
      const age = last === undefined ? Number.POSITIVE_INFINITY : now - last.at
      // A clock that was set back must not keep a list for ever.
      if (last !== undefined && age >= 0 && age < Math.max(maxAgeMs, LEAST_PAUSE_MS)) return last.outcome
      const outcome = load(url)
      // Whoever asked hears of a failure, and so does the next within the pause; kept without a listener it would end the process.
      outcome.catch(() => undefined)
      attempts.delete(url)
      attempts.set(url, { at: now, outcome })
      if (attempts.size > MOST_KEPT) attempts.delete(attempts.keys().next().value!)
      return outcome
    },
  }
}
