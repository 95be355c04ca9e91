import { type Clock, createGuardedFetch, PlatformError, type PrivateAddresses } from '../../platform/index.ts'

export interface AskOptions {
  readonly clock: Clock
  /** Whether addresses may lead to this machine or a private network; default `refuse`. */
  readonly privateAddresses?: PrivateAddresses
  readonly timeoutMs: number
  readonly maxBytes: number
  /** So long a server that gave no answer is not asked again: nobody waits for it every time. */
  readonly pauseMs: number
}

/** Asks a server that a certificate names, by POST where there is a body. Rejects with `UPSTREAM_UNAVAILABLE`. */
export type AskAuthority = (
  url: string,
  request?: { readonly body: Uint8Array; readonly contentType: string },
) => Promise<Uint8Array>

const MOST_SILENT = 64

/** One memory of who is silent for one kind of question. */
export function createAskAuthority({ clock, pauseMs, ...limits }: AskOptions): AskAuthority {
  const guarded = createGuardedFetch(limits)
  const silentSince = new Map<string, number>()
  const unavailable = (url: string, what: string) =>
    new PlatformError('UPSTREAM_UNAVAILABLE', `${new URL(url).origin} ${what}`)
  return async (url, request) => {
    // A clock that was set back must not silence a server for ever.
    const age = clock.now().getTime() - (silentSince.get(url) ?? Number.NEGATIVE_INFINITY)
    if (age >= 0 && age < pauseMs) throw unavailable(url, 'gave no answer a moment ago')
    const answer = await guarded(url, request)
    silentSince.delete(url)
    if (answer !== null) return answer
    silentSince.set(url, clock.now().getTime())
    if (silentSince.size > MOST_SILENT) silentSince.delete(silentSince.keys().next().value!)
    throw unavailable(url, 'may not be asked, or gave no answer in time, in full and within limits')
  }
}
