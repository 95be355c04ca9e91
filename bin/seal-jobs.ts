// The repeated work around seals: their ledger, and what leaves the house about them.
import type { SealService } from '../seal-service/index.ts'

const LEDGER_EVERY_MS = 1_000
const EVENTS_EVERY_MS = 1_000
const FILINGS_EVERY_MS = 5_000
const SUPERVISION_EVERY_MS = 60_000
const FORGET_EVERY_MS = 3_600_000

type Repeat = (
  everyMs: number,
  what: string,
  work: () => Promise<unknown>,
) => { readonly first: Promise<unknown>; stop(): void }

/** Starts it; `stop` ends it and waits for what runs. */
export function startSealJobs(
  { outward, ledger }: Pick<SealService, 'outward' | 'ledger'>,
  repeat: Repeat,
): { stop(): Promise<void> } {
  const jobs = [
    repeat(LEDGER_EVERY_MS, 'linking the ledger', () => ledger.link()),
    repeat(LEDGER_EVERY_MS, 'reading time stamps of older sealings', () => ledger.readStamps()),
    repeat(EVENTS_EVERY_MS, 'telling events of seals', () => outward.relay()),
    repeat(FILINGS_EVERY_MS, 'filing seals', () => outward.fileDue()),
    repeat(SUPERVISION_EVERY_MS, 'supervising seals', () => outward.supervise()),
    repeat(FORGET_EVERY_MS, 'forgetting old deliveries', () => outward.forget()),
  ]
  return {
    async stop() {
      for (const job of jobs) job.stop()
      await Promise.allSettled(jobs.map(({ first }) => first))
      await outward.settled()
    },
  }
}
