import type { Queryable, Transaction } from '../../platform/index.ts'
import type { Role } from '../permissions.ts'

type Jwk = Readonly<Record<string, unknown>>

export interface MachineClient {
  readonly id: string
  readonly name: string
  readonly departmentCode: string
  readonly roles: readonly Role[]
  /** Public keys (RFC 7517), one to three. */
  readonly keys: readonly Jwk[]
  readonly createdAt: Date
}

interface Row {
  id: string
  name: string
  department_code: string
  roles: Role[]
  keys: Jwk[]
  created_at: Date
}

const toClient = (row: Row): MachineClient => ({
  id: row.id,
  name: row.name,
  departmentCode: row.department_code,
  roles: row.roles,
  keys: row.keys,
  createdAt: row.created_at,
})

const COLUMNS = 'c.id, c.name, c.department_code, c.roles, c.keys, c.created_at'
const OPEN = `directory.machine_client c join directory.department d on d.code = c.department_code
  where c.closed_at is null and (d.closed_at is null or d.closed_at > $1)`

export async function insertClient(tx: Transaction, client: MachineClient): Promise<void> {
  await tx.query(
    `insert into directory.machine_client (id, name, department_code, roles, keys, created_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [client.id, client.name, client.departmentCode, client.roles, JSON.stringify(client.keys), client.createdAt],
  )
}

/** The client, unless it or its department is closed. */
export async function findClient(db: Queryable, id: string, now: Date): Promise<MachineClient | undefined> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from ${OPEN} and c.id = $2::uuid`, [now, id])
  return row && toClient(row)
}

export async function listClients(
  db: Queryable,
  departmentCodes: readonly string[],
  now: Date,
): Promise<MachineClient[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS} from ${OPEN} and c.department_code = any($2) order by c.created_at, c.id`,
    [now, departmentCodes],
  )
  return rows.map(toClient)
}

export async function setClientKeys(tx: Transaction, id: string, keys: readonly Jwk[]): Promise<void> {
  await tx.query('update directory.machine_client set keys = $2 where id = $1::uuid', [id, JSON.stringify(keys)])
  await tx.query('delete from directory.access_token where client_id = $1::uuid', [id])
}

export async function closeClient(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query('update directory.machine_client set closed_at = $2 where id = $1::uuid', [id, at])
  await tx.query('delete from directory.access_token where client_id = $1::uuid', [id])
}

/** Returns false when this assertion was taken before. */
export async function takeAssertion(
  tx: Transaction,
  assertion: { clientId: string; jtiDigest: Uint8Array; endsAt: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into directory.client_assertion (client_id, jti_digest, ends_at) values ($1, $2, $3)
     on conflict do nothing returning client_id`,
    [assertion.clientId, assertion.jtiDigest, assertion.endsAt],
  )
  return rows.length > 0
}

export async function insertAccessToken(
  tx: Transaction,
  token: { digest: Uint8Array; clientId: string; endsAt: Date },
): Promise<void> {
  await tx.query('insert into directory.access_token (digest, client_id, ends_at) values ($1, $2, $3)', [
    token.digest,
    token.clientId,
    token.endsAt,
  ])
}

export async function deleteEndedTokens(tx: Transaction, now: Date): Promise<void> {
  await tx.query('delete from directory.access_token where ends_at <= $1', [now])
  await tx.query('delete from directory.client_assertion where ends_at <= $1', [now])
}

/** Whose a token is that has not ended. */
export async function findByAccessToken(
  db: Queryable,
  digest: Uint8Array,
  now: Date,
): Promise<MachineClient | undefined> {
  const [row] = await db.query<Row>(
    `select ${COLUMNS} from ${OPEN} and c.id = (
       select client_id from directory.access_token where digest = $2 and ends_at > $1)`,
    [now, digest],
  )
  return row && toClient(row)
}
