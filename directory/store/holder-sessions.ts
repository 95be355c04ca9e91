import type { Queryable } from '../../platform/index.ts'
import type { SessionTimes } from '../domain/limits.ts'

/** A holder as the session knows them: no name and no number, a keyed hash and what the page shows. */
export interface Holder {
  /** Keyed hash of the identity number or credit code, hex: the register's own, so that it finds their licences. */
  readonly key: string
  readonly maskedName: string
  readonly isCompany: boolean
}

export interface HolderSession extends SessionTimes {
  readonly holder: Holder
  /** How well the person was identified, 1 to 4; 0 in a demonstration. */
  readonly assurance: number
}

interface Row {
  readonly key: string
  readonly maskedName: string
  readonly isCompany: boolean
  readonly assurance: number
  readonly startedAt: Date
  readonly lastUsedAt: Date
}

export async function insertHolderSession(
  db: Queryable,
  idDigest: Uint8Array,
  { holder, assurance, startedAt, lastUsedAt }: HolderSession,
): Promise<void> {
  await db.query(
    `insert into directory.holder_session (id_digest, holder_key, name_masked, is_company, assurance, started_at, last_used_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [idDigest, holder.key, holder.maskedName, holder.isCompany, assurance, startedAt, lastUsedAt],
  )
}

/** The session, alive or not. */
export async function findHolderSession(db: Queryable, idDigest: Uint8Array): Promise<HolderSession | undefined> {
  const [row] = await db.query<Row>(
    `select holder_key as key, name_masked as "maskedName", is_company as "isCompany", assurance, started_at as "startedAt",
       last_used_at as "lastUsedAt"
     from directory.holder_session where id_digest = $1`,
    [idDigest],
  )
  if (!row) return undefined
  const { key, maskedName, isCompany, ...session } = row
  return { ...session, holder: { key, maskedName, isCompany } }
}

export async function touchHolderSession(db: Queryable, idDigest: Uint8Array, at: Date): Promise<void> {
  await db.query('update directory.holder_session set last_used_at = $2 where id_digest = $1 and last_used_at < $2', [
    idDigest,
    at,
  ])
}

export async function deleteHolderSession(db: Queryable, idDigest: Uint8Array): Promise<void> {
  await db.query('delete from directory.holder_session where id_digest = $1', [idDigest])
}

export async function deleteEndedHolderSessions(db: Queryable, startedBefore: Date): Promise<void> {
  await db.query('delete from directory.holder_session where started_at < $1', [startedBefore])
}

export async function recordHolderLogin(
  db: Queryable,
  login: {
    id: string
    at: Date
    event: 'logged in' | 'refused' | 'logged out'
    holderKey: string | null
    clientAddress: string
  },
): Promise<void> {
  await db.query(
    'insert into directory.holder_login (id, at, event, holder_key, client_address) values ($1, $2, $3, $4, $5)',
    [login.id, login.at, login.event, login.holderKey, login.clientAddress],
  )
}

/** As `deleteLoginsBefore`, of holders. */
export async function deleteHolderLoginsBefore(db: Queryable, before: Date): Promise<number> {
  const rows = await db.query('delete from directory.holder_login where at < $1 returning id', [before])
  return rows.length
}
