import { type Seal, type SealState, sealStates } from './seal.ts'

/** Within how many days a seal should leave a state that waits for somebody. */
export type LifeDeadlines = Readonly<Partial<Record<SealState, number>>>

export const usualDeadlines: LifeDeadlines = {
  applied: 5,
  returned: 15,
  approved: 10,
  waiting: 30,
  made: 3,
  filed: 5,
  issued: 5,
  suspended: 90,
  lost: 15,
  collected: 90,
  expired: 30,
}

/** The usual deadlines but for those that are given by the names of states. Throws `TypeError` for what is no state. */
export function toDeadlines(given: Readonly<Record<string, number>> = {}): LifeDeadlines {
  const unknown = Object.keys(given).filter((name) => !(sealStates as readonly string[]).includes(name))
  if (unknown.length > 0) throw new TypeError(`deadlines name ${unknown.join(', ')}: expected ${sealStates.join(', ')}`)
  return { ...usualDeadlines, ...given }
}

/** How long before the end of its certificate a seal in use is spoken of. */
export const RENEWAL_NOTICE_DAYS = 30

const DAY_MS = 24 * 60 * 60 * 1000

export const plusDays = (at: Date, days: number): Date => new Date(at.getTime() + days * DAY_MS)

/** Until when somebody should have acted; null where nobody needs to. */
export function dueAt(seal: Pick<Seal, 'state' | 'stateChangedAt'>, deadlines: LifeDeadlines): Date | null {
  const days = deadlines[seal.state]
  return days === undefined ? null : plusDays(seal.stateChangedAt, days)
}
