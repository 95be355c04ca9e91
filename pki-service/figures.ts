import type { ca, tsp } from '../pki/index.ts'
import type { Dependencies } from './dependencies.ts'

export type OcspOutcome = 'held' | 'fresh' | 'unknown' | ca.OcspErrorStatus
export type StampOutcome = 'granted' | tsp.FailureInfo

/** What operators see of stamps and answers: figures, and a log line where something is wrong with us. */
export interface Figures {
  tellAnswer(outcome: OcspOutcome, error?: unknown): void
  tellStamps(outcome: StampOutcome, error?: unknown, count?: number): void
  tellOldestAnswer(madeAt: Date | undefined, now: Date): void
  tellClock(isReliable: boolean): void
}

/** A flood of failures of one kind is one line in so long. */
const quietMs = 10_000

export function createFigures({ metrics, log, clock }: Dependencies): Figures {
  const answers = metrics?.counter('pki_ocsp_answers_total', 'OCSP answers, by what was answered', ['outcome'])
  const stamps = metrics?.counter('pki_time_stamps_total', 'Time stamps, made or refused for a reason', ['outcome'])
  const oldest = metrics?.gauge('pki_ocsp_oldest_answer_age_seconds', 'Age of the oldest OCSP answer held')
  const clockReliable = metrics?.gauge(
    'pki_time_stamp_clock_reliable',
    '1 while the time-stamp authority trusts its clock',
  )
  const loggedAt = new Map<string, number>()
  const warn = (what: string, error: unknown): void => {
    const now = clock.now().getTime()
    if (Math.abs(now - (loggedAt.get(what) ?? Number.NEGATIVE_INFINITY)) < quietMs) return
    loggedAt.set(what, now)
    log?.warn(what, { error })
  }
  return {
    tellAnswer(outcome, error) {
      answers?.inc({ outcome })
      if (error !== undefined) warn('an OCSP answer could not be made', error)
    },
    tellStamps(outcome, error, count = 1) {
      stamps?.inc({ outcome }, count)
      if (error !== undefined) warn('a time stamp could not be made', error)
    },
    tellClock(isReliable) {
      clockReliable?.set(isReliable ? 1 : 0)
    },
    tellOldestAnswer(madeAt, now) {
      oldest?.set(madeAt === undefined ? 0 : (now.getTime() - madeAt.getTime()) / 1000)
    },
  }
}
