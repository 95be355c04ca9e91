import type { Queryable, Transaction } from '../../platform/index.ts'
import type { StoredLogin } from './accounts.ts'

export type Audience = 'people' | 'holders'

export interface LoginUnderWay {
  readonly stateDigest: Uint8Array
  readonly browserDigest: Uint8Array
  readonly nonce: string
  readonly codeVerifier: string
  /** Who logs in: people of departments, or holders. */
  readonly audience: Audience
  /** A path of our own. */
  readonly returnTo: string
  readonly endsAt: Date
}

/** Writes down a login that begins, and forgets those that nobody finished. */
export async function insertLoginUnderWay(db: Queryable, login: LoginUnderWay, now: Date): Promise<void> {
  await db.query('delete from directory.oidc_login where ends_at <= $1', [now])
  await db.query(
    `insert into directory.oidc_login (state_digest, browser_digest, nonce, code_verifier, return_to, ends_at, audience)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      login.stateDigest,
      login.browserDigest,
      login.nonce,
      login.codeVerifier,
      login.returnTo,
      login.endsAt,
      login.audience,
    ],
  )
}

/** The login of this state in this browser, which is gone with this; undefined where there is none or its time is over. */
export async function takeLoginUnderWay(
  db: Queryable,
  one: { stateDigest: Uint8Array; browserDigest: Uint8Array; audience: Audience; now: Date },
): Promise<Pick<LoginUnderWay, 'nonce' | 'codeVerifier' | 'returnTo'> | undefined> {
  const [row] = await db.query<{ nonce: string; code_verifier: string; return_to: string; ends_at: Date }>(
    `delete from directory.oidc_login where state_digest = $1 and browser_digest = $2 and audience = $3
     returning nonce, code_verifier, return_to, ends_at`,
    [one.stateDigest, one.browserDigest, one.audience],
  )
  if (!row || row.ends_at <= one.now) return undefined
  return { nonce: row.nonce, codeVerifier: row.code_verifier, returnTo: row.return_to }
}

/** The open account that is linked with a subject of an issuer. */
export async function findLinked(
  db: Queryable,
  { issuer, subject }: { issuer: string; subject: string },
): Promise<Omit<StoredLogin, 'password'> | undefined> {
  const [row] = await db.query<{ id: string; username: string; department_code: string }>(
    `select a.id, a.username, a.department_code
       from directory.oidc_link l join directory.account a on a.id = l.account_id
      where l.issuer = $1 and l.subject = $2 and a.disabled_at is null`,
    [issuer, subject],
  )
  return row && { id: row.id, username: row.username, departmentCode: row.department_code }
}

/** Links an account, in place of a link it had; returns false when the subject is somebody else's. */
export async function putLink(
  tx: Transaction,
  link: { issuer: string; subject: string; accountId: string; at: Date },
): Promise<boolean> {
  await deleteLink(tx, link)
  const rows = await tx.query(
    `insert into directory.oidc_link (issuer, subject, account_id, linked_at) values ($1, $2, $3, $4)
     on conflict do nothing returning subject`,
    [link.issuer, link.subject, link.accountId, link.at],
  )
  return rows.length > 0
}

export async function deleteLink(tx: Transaction, link: { issuer: string; accountId: string }): Promise<void> {
  await tx.query('delete from directory.oidc_link where issuer = $1 and account_id = $2::uuid', [
    link.issuer,
    link.accountId,
  ])
}
