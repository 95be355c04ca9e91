// Uses of a seal as a compromise divides them.
import type { Queryable } from '../../platform/index.ts'
import type { UsePhase } from './use-records.ts'

/** What proves that a use came before: the time stamp in its CMS, or a signed checkpoint behind its link. */
export type EarlierProof = 'time-stamp' | 'checkpoint'

/** One use of a seal whose key is not its owner's alone since some time. */
export interface AffectedUse {
  readonly useId: string
  /** How far it came: of one that is only intended or was refused a signature may exist. */
  readonly phase: UsePhase
  readonly at: Date
  readonly identifier: string
  readonly typeCode: string
  readonly signedDigest: Uint8Array | null
  readonly callerId: string
  readonly stampedAt: Date | null
  /** Null: doubtful. */
  readonly proof: EarlierProof | null
}

/** How a seal's uses are judged: those proven to be before `since` are not affected. */
export interface Judging {
  readonly sealId: string
  readonly since: Date
  /** The last link that a signed checkpoint from before `since` covers, and when that was signed; null: there is none. */
  readonly covered: { readonly sequence: number; readonly signedAt: Date } | null
}

export type AffectedStanding = 'earlier' | 'doubtful'

/** A link is looked for only where a checkpoint can have covered it: a row is linked after it is written. */
const PROOF = `case
  when t.stamped_at < $2::timestamptz then 'time-stamp'
  when u.at <= $4::timestamptz and exists (select from seal.ledger_links l where l.table_name = 'seal_uses'
    and l.entry_key = jsonb_build_array(u.use_id::text, u.phase)::text and l.sequence <= $3::bigint) then 'checkpoint'
end as proof`
const WITH_STAMP = `left join seal.stamp_times t on t.use_id = u.use_id and u.phase = 'sealed'`

/** The last row of each use stands for it; read in the order of the index, so that a page costs no more than its rows. */
const JUDGED = `
  select u.use_id, u.phase, u.at, u.identifier, u.type_code, u.signed_digest, u.caller_id, t.stamped_at, ${PROOF}
  from seal.seal_uses u ${WITH_STAMP}
  where u.seal_id = $1 and (u.phase = 'sealed' or not exists (
    select from seal.seal_uses later where later.use_id = u.use_id
      and (later.phase = 'sealed' or (later.phase = 'refused' and u.phase = 'intended'))))`

/** The same for all uses at once. */
const ALL_JUDGED = `
  select ${PROOF} from (
    select use_id, coalesce(max(at) filter (where phase = 'sealed'), max(at) filter (where phase = 'refused'), max(at)) as at,
      case when bool_or(phase = 'sealed') then 'sealed' when bool_or(phase = 'refused') then 'refused' else 'intended' end as phase
    from seal.seal_uses where seal_id = $1 group by use_id
  ) u ${WITH_STAMP}`

const judgingParams = ({ sealId, since, covered }: Judging): unknown[] => [
  sealId,
  since,
  covered?.sequence ?? null,
  covered?.signedAt ?? null,
]

interface AffectedRow {
  use_id: string
  phase: UsePhase
  at: Date
  identifier: string
  type_code: string
  signed_digest: Uint8Array | null
  caller_id: string
  stamped_at: Date | null
  proof: EarlierProof | null
}

/** A page of the uses in the order of their time, behind the use `after`. */
export async function listAffected(
  db: Queryable,
  judging: Judging,
  standing: AffectedStanding | null,
  after: string | null,
  most: number,
): Promise<AffectedUse[]> {
  const rows = await db.query<AffectedRow>(
    `select * from (
       ${JUDGED}
       and ($5::uuid is null or (u.at, u.use_id) > (select p.at, p.use_id from seal.seal_uses p where p.use_id = $5
         order by p.phase = 'sealed' desc, p.phase = 'refused' desc limit 1))
     ) judged
     where $6::text is null or (proof is null) = ($6 = 'doubtful')
     order by at, use_id limit $7`,
    [...judgingParams(judging), after, standing, most],
  )
  return rows.map((row) => ({
    useId: row.use_id,
    phase: row.phase,
    at: row.at,
    identifier: row.identifier,
    typeCode: row.type_code,
    signedDigest: row.signed_digest,
    callerId: row.caller_id,
    stampedAt: row.stamped_at,
    proof: row.proof,
  }))
}

export async function countAffected(
  db: Queryable,
  judging: Judging,
): Promise<{ readonly earlier: number; readonly doubtful: number }> {
  const rows = await db.query<{ earlier: bigint; doubtful: bigint }>(
    `select count(proof) as earlier, count(*) filter (where proof is null) as doubtful from (${ALL_JUDGED}) judged`,
    judgingParams(judging),
  )
  return { earlier: Number(rows[0]!.earlier), doubtful: Number(rows[0]!.doubtful) }
}

/** The last signed checkpoint from before `since`. */
export async function findCheckpointBefore(
  db: Queryable,
  since: Date,
): Promise<{ readonly number: number; readonly sequence: number; readonly signedAt: Date } | null> {
  const rows = await db.query<{ number: number; sequence: bigint; signed_at: Date }>(
    `select number, sequence, signed_at from seal.ledger_checkpoints
     where statement is not null and signed_at < $1 order by number desc limit 1`,
    [since],
  )
  const [row] = rows
  return row ? { number: row.number, sequence: Number(row.sequence), signedAt: row.signed_at } : null
}

/** Sealings whose stamps have not been read yet: their uses and CMS. `sealId`: of one seal, also those that nobody noted. */
export async function listUnreadStamps(db: Queryable, most: number): Promise<{ useId: string; cms: Uint8Array }[]> {
  const rows = await db.query<{ use_id: string; cms: Uint8Array }>(
    `select s.use_id, s.cms from seal.stamps_unread u join seal.sealings s on s.use_id = u.use_id order by u.use_id limit $1`,
    [most],
  )
  return rows.map(({ use_id, cms }) => ({ useId: use_id, cms }))
}

/** Notes the sealings of a seal whose stamps are neither on record nor noted. */
export async function noteUnreadStamps(db: Queryable, sealId: string): Promise<void> {
  await db.query(
    `insert into seal.stamps_unread select use_id from seal.sealings s
     where seal_id = $1 and not exists (select from seal.stamp_times t where t.use_id = s.use_id) on conflict do nothing`,
    [sealId],
  )
}

/** When the stamps of these uses were made; null: there is none. */
export async function insertStampTimes(
  db: Queryable,
  stamps: readonly { readonly useId: string; readonly stampedAt: Date | null }[],
): Promise<void> {
  if (stamps.length === 0) return
  await db.query(
    `insert into seal.stamp_times (use_id, stamped_at) select * from unnest($1::uuid[], $2::timestamptz[]) on conflict do nothing`,
    [stamps.map(({ useId }) => useId), stamps.map(({ stampedAt }) => stampedAt)],
  )
}

export async function deleteUnreadStamps(db: Queryable, useIds: readonly string[]): Promise<void> {
  await db.query(`delete from seal.stamps_unread where use_id = any($1::uuid[])`, [useIds])
}

/** Takes the finished uses in doubt into an order to seal them anew. */
export async function insertDoubtful(tx: Queryable, judging: Judging, resealId: string): Promise<void> {
  await tx.query(
    `insert into seal.reseal_items (reseal_id, use_id, identifier, type_code, signed_digest, at)
     select $5, use_id, identifier, type_code, signed_digest, at from (${JUDGED}) judged where proof is null and phase = 'sealed'`,
    [...judgingParams(judging), resealId],
  )
}
