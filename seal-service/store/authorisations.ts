import type { Queryable } from '../../platform/index.ts'
import type { Authorisation, Grantee } from '../domain/authorisation.ts'

interface AuthorisationRow {
  authorisation_id: bigint
  seal_id: string
  grantee_kind: Grantee['kind']
  grantee: string
  purposes: string[]
  per_day: number | null
  per_minute: number | null
  runs_from: Date
  runs_until: Date | null
  needs_second_person: boolean
  delegated_from: bigint | null
  granted_at: Date
  granted_by: string
  ended_at: Date | null
  ended_by: string | null
  ended_cause: string | null
}

const columns = `authorisation_id, seal_id, grantee_kind, grantee, purposes, per_day, per_minute, runs_from, runs_until,
  needs_second_person, delegated_from, granted_at, granted_by, ended_at, ended_by, ended_cause`

function toAuthorisation(row: AuthorisationRow): Authorisation {
  return {
    id: String(row.authorisation_id),
    sealId: row.seal_id,
    grantee: { kind: row.grantee_kind, id: row.grantee },
    purposes: row.purposes,
    perDay: row.per_day,
    perMinute: row.per_minute,
    from: row.runs_from,
    until: row.runs_until,
    needsSecondPerson: row.needs_second_person,
    delegatedFrom: row.delegated_from === null ? null : String(row.delegated_from),
    grantedAt: row.granted_at,
    grantedBy: row.granted_by,
    ended:
      row.ended_at === null || row.ended_by === null || row.ended_cause === null
        ? null
        : { at: row.ended_at, by: row.ended_by, cause: row.ended_cause },
  }
}

/**
 * Authorisations that nobody has ended, of these seals, oldest first; their time may be over. `hold`: none of them can be ended by
 * another transaction until this one is done.
 */
export async function findStandingAuthorisations(
  db: Queryable,
  sealIds: readonly string[],
  hold = false,
): Promise<Authorisation[]> {
  const rows = await db.query<AuthorisationRow>(
    `select ${columns} from seal.authorisations where seal_id = any($1) and ended_at is null
     order by authorisation_id ${hold ? 'for share' : ''}`,
    [sealIds],
  )
  return rows.map(toAuthorisation)
}

export async function findAuthorisation(db: Queryable, id: string): Promise<Authorisation | undefined> {
  if (!/^[1-9]\d{0,17}$/.test(id)) return undefined
  const rows = await db.query<AuthorisationRow>(
    `select ${columns} from seal.authorisations where authorisation_id = $1`,
    [id],
  )
  return rows.map(toAuthorisation)[0]
}

/** All of a seal, ended ones too, newest first. */
export async function listAuthorisations(db: Queryable, sealId: string): Promise<Authorisation[]> {
  const rows = await db.query<AuthorisationRow>(
    `select ${columns} from seal.authorisations where seal_id = $1 order by authorisation_id desc limit 1000`,
    [sealId],
  )
  return rows.map(toAuthorisation)
}

/** Records an authorisation; returns it with its number. */
export async function insertAuthorisation(
  db: Queryable,
  granted: Omit<Authorisation, 'id' | 'ended'>,
): Promise<Authorisation> {
  const rows = await db.query<AuthorisationRow>(
    `insert into seal.authorisations
       (seal_id, grantee_kind, grantee, purposes, per_day, per_minute, runs_from, runs_until, needs_second_person, delegated_from,
        granted_at, granted_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${columns}`,
    [
      granted.sealId,
      granted.grantee.kind,
      granted.grantee.id,
      granted.purposes,
      granted.perDay,
      granted.perMinute,
      granted.from,
      granted.until,
      granted.needsSecondPerson,
      granted.delegatedFrom,
      granted.grantedAt,
      granted.grantedBy,
    ],
  )
  return toAuthorisation(rows[0]!)
}

/** Who has passed on a part of what he was given that still stands, with the owner of the seal. */
export async function listPassedOn(
  db: Queryable,
): Promise<{ readonly id: string; readonly sealId: string; readonly grantee: Grantee; readonly ownerCode: string }[]> {
  const rows = await db.query<{ id: bigint; seal_id: string; kind: Grantee['kind']; grantee: string; owner: string }>(
    `select a.authorisation_id as id, a.seal_id, a.grantee_kind as kind, a.grantee, s.department_code as owner
     from seal.authorisations a join seal.seals s on s.id = a.seal_id
     where a.ended_at is null and exists (select from seal.authorisations part
       where part.delegated_from = a.authorisation_id and part.ended_at is null) order by a.authorisation_id`,
  )
  return rows.map(({ id, seal_id: sealId, kind, grantee, owner }) => ({
    ...{ id: String(id), sealId, ownerCode: owner },
    grantee: { kind, id: grantee },
  }))
}

export interface Ending {
  readonly at: Date
  readonly by: string
  readonly cause: string
}

/** Ends one and what was delegated from it; answers those that were ended, none where it had ended before. */
export async function endAuthorisationRows(
  db: Queryable,
  which: { readonly id: string } | { readonly sealId: string },
  { at, by, cause }: Ending,
): Promise<Authorisation[]> {
  const [condition, value] =
    'id' in which ? ['(authorisation_id = $1 or delegated_from = $1)', which.id] : ['seal_id = $1', which.sealId]
  const rows = await db.query<AuthorisationRow>(
    `update seal.authorisations set ended_at = greatest($2, granted_at), ended_by = $3, ended_cause = $4
     where ${condition} and ended_at is null returning ${columns}`,
    [value, at, by, cause],
  )
  return rows.map(toAuthorisation)
}
