import type { Queryable } from '../../platform/index.ts'

export type CountedPurpose = 'time-stamp' | 'ocsp'

/** Signatures of one key within one hour, since they were last put on record. */
export interface KeyUseHour {
  readonly keyName: string
  readonly purpose: CountedPurpose
  /** The beginning of the hour. */
  readonly hour: Date
  readonly count: number
  /** The latest time that one of these signatures states. */
  readonly lastAt: Date
}

/** Adds to the hours on record, all or none. */
export async function addKeyUses(db: Queryable, hours: readonly KeyUseHour[]): Promise<void> {
  await db.query(
    `insert into pki.key_use_hours as known (key_name, purpose, hour, count, last_at)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[])
     order by 1, 2, 3
     on conflict (key_name, purpose, hour) do update
       set count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at)`,
    [
      hours.map(({ keyName }) => keyName),
      hours.map(({ purpose }) => purpose),
      hours.map(({ hour }) => hour),
      hours.map(({ count }) => count),
      hours.map(({ lastAt }) => lastAt),
    ],
  )
}

/** The latest time that a signature of this key is known to state. */
export async function findLastUse(db: Queryable, keyName: string, purpose: CountedPurpose): Promise<Date | undefined> {
  const rows = await db.query<{ last_at: Date }>(
    `select last_at from pki.key_use_hours where key_name = $1 and purpose = $2 order by last_at desc limit 1`,
    [keyName, purpose],
  )
  return rows[0]?.last_at
}
