import type { Queryable, Transaction } from '../../platform/index.ts'

export interface SecurityKey {
  /** base64url, as WebAuthn writes it. */
  readonly credentialId: string
  readonly accountId: string
  readonly name: string
  /** COSE. */
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: readonly string[]
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

/** Returns false when the key is known, to this or another account. */
export async function insertSecurityKey(tx: Transaction, key: Omit<SecurityKey, 'lastUsedAt'>): Promise<boolean> {
  const rows = await tx.query(
    `insert into directory.security_key (credential_id, account_id, name, public_key, counter, transports, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning credential_id`,
    [key.credentialId, key.accountId, key.name, key.publicKey, key.counter, key.transports, key.createdAt],
  )
  return rows.length > 0
}

export async function listSecurityKeys(db: Queryable, accountId: string): Promise<SecurityKey[]> {
  const rows = await db.query<{
    credential_id: string
    account_id: string
    name: string
    public_key: Uint8Array
    counter: bigint
    transports: string[]
    created_at: Date
    last_used_at: Date | null
  }>(
    `select credential_id, account_id, name, public_key, counter, transports, created_at, last_used_at
       from directory.security_key where account_id = $1::uuid order by created_at, credential_id`,
    [accountId],
  )
  return rows.map((row) => ({
    credentialId: row.credential_id,
    accountId: row.account_id,
    name: row.name,
    publicKey: row.public_key,
    counter: Number(row.counter),
    transports: row.transports,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }))
}

export async function hasSecurityKey(db: Queryable, accountId: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    'select exists (select 1 from directory.security_key where account_id = $1::uuid) as found',
    [accountId],
  )
  return row!.found
}

/**
 * Writes down the count that a key told, and returns false when a higher or the same one was told before: by a copy of the key, or in
 * an assertion that is shown again. Keys that do not count always tell 0.
 */
export async function advanceCounter(
  tx: Transaction,
  { credentialId, counter, at }: { credentialId: string; counter: number; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update directory.security_key set counter = $2, last_used_at = $3
      where credential_id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning credential_id`,
    [credentialId, counter, at],
  )
  return rows.length > 0
}

/** Removes one key of a person, or all; returns how many. */
export async function deleteSecurityKeys(tx: Transaction, accountId: string, credentialId?: string): Promise<number> {
  const rows = await tx.query(
    `delete from directory.security_key where account_id = $1::uuid and ($2::text is null or credential_id = $2)
     returning credential_id`,
    [accountId, credentialId ?? null],
  )
  return rows.length
}

export type ChallengePurpose = 'register' | 'step up'

/** One of each purpose a session: a new one takes the place of the one before. */
export async function putChallenge(
  db: Queryable,
  one: { sessionDigest: Uint8Array; purpose: ChallengePurpose; challenge: string; endsAt: Date },
): Promise<void> {
  await db.query(
    `insert into directory.challenge (session_digest, purpose, challenge, ends_at) values ($1, $2, $3, $4)
     on conflict (session_digest, purpose) do update set challenge = excluded.challenge, ends_at = excluded.ends_at`,
    [one.sessionDigest, one.purpose, one.challenge, one.endsAt],
  )
}

/** The challenge, which is gone with this; undefined when there is none or its time is over. */
export async function takeChallenge(
  db: Queryable,
  one: { sessionDigest: Uint8Array; purpose: ChallengePurpose; now: Date },
): Promise<string | undefined> {
  const [row] = await db.query<{ challenge: string; ends_at: Date }>(
    'delete from directory.challenge where session_digest = $1 and purpose = $2 returning challenge, ends_at',
    [one.sessionDigest, one.purpose],
  )
  return row && row.ends_at > one.now ? row.challenge : undefined
}

export async function markSteppedUp(tx: Transaction, sessionDigest: Uint8Array, at: Date): Promise<void> {
  await tx.query('update directory.session set stepped_up_at = $2 where id_digest = $1', [sessionDigest, at])
}
