const hourMs = 3_600_000

/** How long an answer counts, and how old it may grow before it is made anew. */
export const ocspSchedule = { lifetimeMs: 24 * hourMs, refreshAfterMs: 12 * hourMs } as const

/** A signed answer about one certificate, kept for whoever asks in the same words. */
export interface HeldAnswer {
  /** OCSPResponse, DER. */
  readonly der: Uint8Array
  readonly serialNumber: string
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}

/** Whether an answer may still be given: it has not ended. */
export function isCurrent(answer: HeldAnswer, now: Date): boolean {
  return now >= answer.thisUpdate && now < answer.nextUpdate
}

/** Whether an answer should be made anew, long before it ends. */
export function isAged(answer: HeldAnswer, now: Date): boolean {
  return now.getTime() - answer.thisUpdate.getTime() >= ocspSchedule.refreshAfterMs || !isCurrent(answer, now)
}
