import type { Queryable } from '../../platform/index.ts'

/** What a statement is known by: a repeat has the same key. */
export interface StatementKeyOfRequest {
  readonly identifier: string
  readonly dataDigest: Uint8Array
}

/** A signed statement on record. */
export interface SignedStatement extends StatementKeyOfRequest {
  readonly useId: string
  readonly kid: string
  /** SHA-256 over all claims, so that a repeat with other claims is noticed. */
  readonly claimsDigest: Uint8Array
  readonly signedAt: Date
  readonly text: string
}

/** One use of a statement key as its rows tell it. */
export interface StatementUse extends StatementKeyOfRequest {
  readonly useId: string
  readonly kid: string
  readonly typeCode: string
  /** Of a statement that stands on a copy. */
  readonly copyId?: string | null
  readonly callerId: string
  readonly callerDepartment: string
  readonly authorisationId: string | null
}

interface StatementRow {
  identifier: string
  data_digest: Uint8Array
  use_id: string
  kid: string
  claims_digest: Uint8Array
  signed_at: Date
  statement: string
}

/** The statements already signed among `keys`, in any order. */
export async function findStatements(
  db: Queryable,
  keys: readonly StatementKeyOfRequest[],
): Promise<SignedStatement[]> {
  const rows = await db.query<StatementRow>(
    `select identifier, data_digest, use_id, kid, claims_digest, signed_at, statement
     from seal.statements where (identifier, data_digest) in (select * from unnest($1::text[], $2::bytea[]))`,
    [keys.map(({ identifier }) => identifier), keys.map(({ dataDigest }) => dataDigest)],
  )
  return rows.map((row) => ({
    identifier: row.identifier,
    dataDigest: row.data_digest,
    useId: row.use_id,
    kid: row.kid,
    claimsDigest: row.claims_digest,
    signedAt: row.signed_at,
    text: row.statement,
  }))
}

/** Records what the statement key is about to be used for. */
export async function insertIntendedStatementUses(
  db: Queryable,
  uses: readonly StatementUse[],
  at: Date,
): Promise<void> {
  await insertUses(db, 'intended', uses, at)
}

/** Records uses whose statements were signed and given to nobody, with the code that says why. */
export async function insertRefusedStatementUses(
  db: Queryable,
  uses: readonly (StatementUse & { readonly refusal: string })[],
  at: Date,
): Promise<void> {
  await insertUses(db, 'refused', uses, at)
}

/**
 * Records signed statements and that their uses are done. Of several attempts at one statement only the first is
 * recorded; returns the use ids of those that were.
 */
export async function insertStatements(
  db: Queryable,
  done: readonly { readonly use: StatementUse; readonly statement: SignedStatement }[],
): Promise<ReadonlySet<string>> {
  const statements = done.map(({ statement }) => statement)
  const rows = await db.query<{ use_id: string }>(
    `insert into seal.statements (identifier, data_digest, use_id, kid, claims_digest, signed_at, statement)
     select * from unnest($1::text[], $2::bytea[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[], $7::text[])
     on conflict do nothing returning use_id`,
    [
      statements.map((statement) => statement.identifier),
      statements.map((statement) => statement.dataDigest),
      statements.map((statement) => statement.useId),
      statements.map((statement) => statement.kid),
      statements.map((statement) => statement.claimsDigest),
      statements.map((statement) => statement.signedAt),
      statements.map((statement) => statement.text),
    ],
  )
  const first = new Set(rows.map((row) => row.use_id))
  const counted = done.filter(({ use }) => first.has(use.useId)).map(({ use }) => use)
  await insertUses(db, 'signed', counted, statements[0]?.signedAt)
  return first
}

async function insertUses(
  db: Queryable,
  phase: 'intended' | 'signed' | 'refused',
  uses: readonly (StatementUse & { readonly refusal?: string })[],
  at: Date | undefined,
): Promise<void> {
  if (uses.length === 0) return
  await db.query(
    `insert into seal.statement_uses
       (phase, at, use_id, kid, identifier, type_code, data_digest, caller_id, caller_department, authorisation_id, refusal, copy_id)
     select $1, $2::timestamptz, u.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[],
       $10::bigint[], $11::text[], $12::text[]) u`,
    [
      phase,
      at,
      uses.map((use) => use.useId),
      uses.map((use) => use.kid),
      uses.map((use) => use.identifier),
      uses.map((use) => use.typeCode),
      uses.map((use) => use.dataDigest),
      uses.map((use) => use.callerId),
      uses.map((use) => use.callerDepartment),
      uses.map((use) => use.authorisationId),
      uses.map((use) => use.refusal ?? null),
      uses.map((use) => use.copyId ?? null),
    ],
  )
}
