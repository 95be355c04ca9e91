// The repeated work of the sharing service.
import type { SharingService } from '../sharing-service/index.ts'

const CHANGES_EVERY_MS = 1_000
const HOUSE_EVERY_MS = 3_600_000

type Repeat = (
  everyMs: number,
  what: string,
  work: () => Promise<unknown>,
) => { readonly first: Promise<unknown>; stop(): void }

/** Starts it; `stop` ends it and waits for what runs. */
export function startSharingJobs(
  sharing: Pick<SharingService, 'relay' | 'keepHouse'>,
  repeat: Repeat,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let round: Promise<unknown> = Promise.resolve()
  let isUnderWay = false
  // A receiver may take longer than the second until the next round.
  const relay = async () => {
    if (isUnderWay) return
    isUnderWay = true
    round = sharing.relay(stopping.signal).finally(() => {
      isUnderWay = false
    })
    await round
  }
  const jobs = [
    repeat(CHANGES_EVERY_MS, 'telling changes of licences', relay),
    repeat(HOUSE_EVERY_MS, 'keeping the record of accesses', () => sharing.keepHouse()),
  ]
  return {
    async stop() {
      for (const job of jobs) job.stop()
      stopping.abort()
      await Promise.allSettled([round, ...jobs.map(({ first }) => first)])
    },
  }
}
