import type { Queryable } from '../../platform/index.ts'
import type { Erasure } from '../domain/erasure.ts'

const columns = `erasure, identifier, department_code as "departmentCode", cause, state, asked_by as "askedBy", asked_at as "askedAt",
  decided_by as "decidedBy", decided_at as "decidedAt"`

/** Adds an order; false where one about the licence is open. */
export async function insertErasure(
  tx: Queryable,
  row: Pick<Erasure, 'erasure' | 'identifier' | 'departmentCode' | 'cause' | 'askedBy' | 'askedAt'>,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into licence.erasures (erasure, identifier, department_code, cause, state, asked_by, asked_at)
     values ($1, $2, $3, $4, 'asked', $5, $6) on conflict do nothing returning erasure`,
    [row.erasure, row.identifier, row.departmentCode, row.cause, row.askedBy, row.askedAt],
  )
  return rows.length === 1
}

export async function findErasure(db: Queryable, erasure: string): Promise<Erasure | undefined> {
  return (await db.query<Erasure>(`select ${columns} from licence.erasures where erasure = $1`, [erasure]))[0]
}

/** The same row, held until the transaction ends. */
export async function lockErasure(tx: Queryable, erasure: string): Promise<Erasure | undefined> {
  return (
    await tx.query<Erasure>(`select ${columns} from licence.erasures where erasure = $1 for update`, [erasure])
  )[0]
}

export async function decideErasure(
  tx: Queryable,
  erasure: string,
  state: 'done' | 'refused',
  decidedBy: string,
  decidedAt: Date,
): Promise<void> {
  await tx.query(
    `update licence.erasures set state = $2, decided_by = $3, decided_at = $4 where erasure = $1 and state = 'asked'`,
    [erasure, state, decidedBy, decidedAt],
  )
}

/** Orders of departments, latest first. */
export const listErasures = (db: Queryable, departmentCodes: readonly string[], limit: number): Promise<Erasure[]> =>
  db.query<Erasure>(
    `select ${columns} from licence.erasures where department_code = any($1) order by asked_at desc, erasure limit $2`,
    [departmentCodes, limit],
  )

/**
 * Destroys the data keys of the licence and of the copies made of it, so that data, statement, pictures, reasons and document can never be read again, in any copy, and takes
 * away the keyed hashes by which it was found. The register entries stay.
 */
export async function erasePersonalData(tx: Queryable, identifier: string): Promise<void> {
  await tx.query('update licence.licences set wrapped_data_key = null where identifier = $1', [identifier])
  await tx.query('update licence.copies set wrapped_data_key = null where identifier = $1', [identifier])
  await tx.query('delete from licence.holders where identifier = $1', [identifier])
  await tx.query('delete from licence.searched_fields where identifier = $1', [identifier])
}

export const KEPT_THINGS = ['licences', 'reads', 'disputes', 'agents'] as const
export type KeptThing = (typeof KEPT_THINGS)[number]

/** For how many days things are kept, where a rule says so. */
export async function retentionRules(db: Queryable): Promise<ReadonlyMap<KeptThing, number>> {
  const rows = await db.query<{ what: KeptThing; days: number }>('select what, days from licence.retention_rules')
  return new Map(rows.map(({ what, days }) => [what, days]))
}
