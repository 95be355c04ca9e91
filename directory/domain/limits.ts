const MINUTE_MS = 60_000

/** A session ends this long after its last use, and in any case this long after its start. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS
export const SESSION_LONGEST_MS = 12 * 60 * MINUTE_MS
/** Uses closer together than this are not written down each. */
export const SESSION_TOUCH_MS = MINUTE_MS

/** Wrong passwords in a row for one name, and how long nobody may try after them. */
export const LOGIN_ATTEMPTS = 5
export const LOGIN_LOCK_MS = 15 * MINUTE_MS

/** How long an assertion with a security key lets its person do what is dangerous. */
export const STEP_UP_MS = 5 * MINUTE_MS

export const plus = (at: Date, ms: number): Date => new Date(at.getTime() + ms)

export interface SessionTimes {
  readonly startedAt: Date
  readonly lastUsedAt: Date
}

export function isSessionAlive({ startedAt, lastUsedAt }: SessionTimes, now: Date): boolean {
  return now < plus(lastUsedAt, SESSION_IDLE_MS) && now < plus(startedAt, SESSION_LONGEST_MS)
}
