import type { Queryable } from '../../platform/index.ts'
import { insertStampTimes } from './affected.ts'

/** What a sealing is known by: a repeat has the same key. */
export interface SealingKey {
  readonly identifier: string
  readonly unsignedDigest: Uint8Array
}

/** A sealing that is done: its CMS and all that the signed bytes were prepared with. */
export interface Sealing extends SealingKey {
  readonly useId: string
  readonly sealId: string
  readonly place: { readonly page: number; readonly x: number; readonly y: number }
  readonly signedAt: Date
  readonly contentsLength: number
  readonly signedDigest: Uint8Array
  readonly cms: Uint8Array
  /** Whether the CMS holds a signature time stamp. */
  readonly timeStamped: boolean
  /** When that was made (genTime); told when a sealing is put on record, not when it is read. */
  readonly stampedAt?: Date | null
}

/** One use of a seal as its rows tell it. */
export interface SealUse extends SealingKey {
  readonly useId: string
  readonly sealId: string
  readonly typeCode: string
  /** Of a copy of the licence; left out or null: of the licence itself. */
  readonly copyId?: string | null
  readonly callerId: string
  readonly callerDepartment: string
  /** Which authorisation was spent; null by another department's leave. */
  readonly authorisationId: string | null
}

interface SealingRow {
  identifier: string
  unsigned_digest: Uint8Array
  use_id: string
  seal_id: string
  page: number
  x: number
  y: number
  signed_at: Date
  contents_length: number
  signed_digest: Uint8Array
  cms: Uint8Array
  time_stamped: boolean
}

/** The sealings already done among `keys`, in any order. */
export async function findSealings(db: Queryable, keys: readonly SealingKey[]): Promise<Sealing[]> {
  const rows = await db.query<SealingRow>(
    `select identifier, unsigned_digest, use_id, seal_id, page, x, y, signed_at, contents_length, signed_digest, cms, time_stamped
     from seal.sealings where (identifier, unsigned_digest) in (select * from unnest($1::text[], $2::bytea[]))`,
    [keys.map(({ identifier }) => identifier), keys.map(({ unsignedDigest }) => unsignedDigest)],
  )
  return rows.map((row) => ({
    identifier: row.identifier,
    unsignedDigest: row.unsigned_digest,
    useId: row.use_id,
    sealId: row.seal_id,
    place: { page: row.page, x: row.x, y: row.y },
    signedAt: row.signed_at,
    contentsLength: row.contents_length,
    signedDigest: row.signed_digest,
    cms: row.cms,
    timeStamped: row.time_stamped,
  }))
}

/** Records what the seal keys are about to be used for. */
export async function insertIntendedUses(db: Queryable, uses: readonly SealUse[], at: Date): Promise<void> {
  await insertUses(
    db,
    'intended',
    uses.map((use) => ({ ...use, signedDigest: null, refusal: null })),
    at,
  )
}

/**
 * Records finished sealings and that their uses are done. Of several attempts at one sealing only the first is
 * recorded; returns the use ids of those that were.
 */
export async function insertSealings(
  db: Queryable,
  done: readonly { readonly use: SealUse; readonly sealing: Sealing }[],
): Promise<ReadonlySet<string>> {
  const sealings = done.map(({ sealing }) => sealing)
  const rows = await db.query<{ use_id: string }>(
    `insert into seal.sealings
       (identifier, unsigned_digest, use_id, seal_id, page, x, y, signed_at, contents_length, signed_digest, cms, time_stamped)
     select * from unnest($1::text[], $2::bytea[], $3::uuid[], $4::text[], $5::integer[], $6::float8[], $7::float8[],
       $8::timestamptz[], $9::integer[], $10::bytea[], $11::bytea[], $12::boolean[])
     on conflict do nothing returning use_id`,
    [
      sealings.map((sealing) => sealing.identifier),
      sealings.map((sealing) => sealing.unsignedDigest),
      sealings.map((sealing) => sealing.useId),
      sealings.map((sealing) => sealing.sealId),
      sealings.map((sealing) => sealing.place.page),
      sealings.map((sealing) => sealing.place.x),
      sealings.map((sealing) => sealing.place.y),
      sealings.map((sealing) => sealing.signedAt),
      sealings.map((sealing) => sealing.contentsLength),
      sealings.map((sealing) => sealing.signedDigest),
      sealings.map((sealing) => sealing.cms),
      sealings.map((sealing) => sealing.timeStamped),
    ],
  )
  const first = new Set(rows.map((row) => row.use_id))
  const counted = done.filter(({ use }) => first.has(use.useId))
  await insertStampTimes(
    db,
    counted.map(({ sealing: { useId, stampedAt = null } }) => ({ useId, stampedAt })),
  )
  await insertUses(
    db,
    'sealed',
    counted.map(({ use, sealing }) => ({ ...use, signedDigest: sealing.signedDigest, refusal: null })),
    sealings[0]?.signedAt,
  )
  return first
}

/** Records uses whose signatures were made and given to nobody, with the code that says why. */
export async function insertRefusedUses(
  db: Queryable,
  uses: readonly (SealUse & { readonly refusal: string })[],
  at: Date,
): Promise<void> {
  await insertUses(
    db,
    'refused',
    uses.map((use) => ({ ...use, signedDigest: null })),
    at,
  )
}

async function insertUses(
  db: Queryable,
  phase: 'intended' | 'sealed' | 'refused',
  uses: readonly (SealUse & { readonly signedDigest: Uint8Array | null; readonly refusal: string | null })[],
  at: Date | undefined,
): Promise<void> {
  if (uses.length === 0) return
  await db.query(
    `insert into seal.seal_uses
       (phase, at, use_id, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id, caller_department,
        authorisation_id, refusal, copy_id)
     select $1, $2::timestamptz, u.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[],
       $10::text[], $11::bigint[], $12::text[], $13::text[]) u`,
    [
      phase,
      at,
      uses.map((use) => use.useId),
      uses.map((use) => use.sealId),
      uses.map((use) => use.identifier),
      uses.map((use) => use.typeCode),
      uses.map((use) => use.unsignedDigest),
      uses.map((use) => use.signedDigest),
      uses.map((use) => use.callerId),
      uses.map((use) => use.callerDepartment),
      uses.map((use) => use.authorisationId),
      uses.map((use) => use.refusal),
      uses.map((use) => use.copyId ?? null),
    ],
  )
}
