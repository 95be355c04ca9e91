export const MINUTE_MS = 60_000

/** Where no setting says otherwise, a session ends this long after its last use. */
export const SESSION_IDLE_MINUTES = 30
/** In any case it ends this long after its start. */
export const SESSION_LONGEST_MS = 12 * 60 * MINUTE_MS
/** Uses closer together than this are not written down each. */
export const SESSION_TOUCH_MS = 60_000

/** Logins are on record for so long at least, whatever is set (the database refuses less too). */
export const LOGS_KEPT_DAYS = 180

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

export function isSessionAlive({ startedAt, lastUsedAt }: SessionTimes, now: Date, idleMs: number): boolean {
  return now < plus(lastUsedAt, idleMs) && now < plus(startedAt, SESSION_LONGEST_MS)
}
