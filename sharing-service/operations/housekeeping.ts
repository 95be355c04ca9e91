import { dayOf } from '../../licence-format/index.ts'
import { dropMonths, makeMonths } from '../store/accesses.ts'
import { forgetTickets } from '../store/downloads.ts'
import { forgetCounts } from '../store/quotas.ts'
import { forgetDelivered } from '../store/subscriptions.ts'
import type { Deps } from './deps.ts'

const DAY_MS = 86_400_000
const COUNTS_KEPT_DAYS = 7
const DELIVERIES_KEPT_DAYS = 30
const MONTHS_AHEAD = 3

/** Makes months for accesses to come, and forgets what is kept no longer. Safe in several processes at once. */
export async function keepHouse({ database, clock, accessKeptDays }: Deps): Promise<void> {
  const now = clock.now()
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS)
  const months = Array.from({ length: MONTHS_AHEAD }, (_, ahead) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 10),
  )
  await makeMonths(database, months)
  await dropMonths(database, daysAgo(accessKeptDays))
  await forgetCounts(database, dayOf(daysAgo(COUNTS_KEPT_DAYS)))
  await forgetDelivered(database, daysAgo(DELIVERIES_KEPT_DAYS))
  await forgetTickets(database, now)
}
