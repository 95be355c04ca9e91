import type { Queryable, Transaction } from '../../platform/index.ts'
import type { Quota } from '../domain/quota.ts'

const ensure = (tx: Queryable, scope: string, day: string) =>
  tx.query('insert into sharing.quota_days (scope, day) values ($1, $2) on conflict do nothing', [scope, day])

/** Counts one use; false where the day's are used up. Two at once never take the same one. */
export async function takeUse(tx: Transaction, { scope, dailyUses }: Quota, day: string): Promise<boolean> {
  await ensure(tx, scope, day)
  const rows = await tx.query(
    'update sharing.quota_days set uses = uses + 1 where scope = $1 and day = $2 and uses < $3 returning uses',
    [scope, day, dailyUses],
  )
  return rows.length === 1
}

/** Counts the holders (hexadecimal) that were not counted today; false where that would be too many, and then none is counted. */
export async function takeHolders(
  tx: Transaction,
  { scope, dailyHolders }: Quota,
  day: string,
  holderKeys: readonly string[],
): Promise<boolean> {
  await ensure(tx, scope, day)
  // The row is held first: whoever counts at the same time waits here.
  const [counted] = await tx.query<{ holders: number }>(
    'select holders from sharing.quota_days where scope = $1 and day = $2 for update',
    [scope, day],
  )
  const fresh = await tx.query<{ holder: string }>(
    `select holder from unnest($3::text[]) holder where not exists (
       select from sharing.quota_holders q where q.scope = $1 and q.day = $2 and q.holder_mac = decode(holder, 'hex'))`,
    [scope, day, [...new Set(holderKeys)]],
  )
  if (counted!.holders + fresh.length > dailyHolders) return false
  if (fresh.length === 0) return true
  await tx.query(
    `insert into sharing.quota_holders (scope, day, holder_mac) select $1, $2, decode(holder, 'hex') from unnest($3::text[]) holder`,
    [scope, day, fresh.map(({ holder }) => holder)],
  )
  await tx.query('update sharing.quota_days set holders = holders + $3 where scope = $1 and day = $2', [
    scope,
    day,
    fresh.length,
  ])
  return true
}

/** Counts a check that hits nothing; false where the day's are used up. */
export async function takeMiss(tx: Transaction, scope: string, day: string, dailyMisses: number): Promise<boolean> {
  await ensure(tx, scope, day)
  const rows = await tx.query(
    'update sharing.quota_days set misses = misses + 1 where scope = $1 and day = $2 and misses < $3 returning misses',
    [scope, day, dailyMisses],
  )
  return rows.length === 1
}

/** It hit something after all. */
export async function giveMissBack(db: Queryable, scope: string, day: string): Promise<void> {
  await db.query('update sharing.quota_days set misses = misses - 1 where scope = $1 and day = $2', [scope, day])
}

/** Forgets what was counted before a day. */
export async function forgetCounts(db: Queryable, before: string): Promise<void> {
  await db.query('delete from sharing.quota_holders where day < $1', [before])
  await db.query('delete from sharing.quota_days where day < $1', [before])
}

/** From now on the department relies on this licence. */
export async function relyOn(db: Queryable, departmentCode: string, identifier: string, at: Date): Promise<void> {
  await db.query(
    'insert into sharing.relied_on (department_code, identifier, since) values ($1, $2, $3) on conflict do nothing',
    [departmentCode, identifier, at],
  )
}

/** Which of these licences the department relies on, each with since when. */
export async function whichRelied(
  db: Queryable,
  departmentCode: string,
  identifiers: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await db.query<{ identifier: string; since: Date }>(
    'select identifier, since from sharing.relied_on where department_code = $1 and identifier = any($2)',
    [departmentCode, identifiers],
  )
  return new Map(rows.map(({ identifier, since }) => [identifier, since]))
}
