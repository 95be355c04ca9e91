// Uses of seals as their rows tell them, for whoever looks at them: newest first, page by page, whatever their number.
import type { Queryable } from '../../platform/index.ts'

export const usePhases = ['intended', 'sealed', 'refused'] as const
export type UsePhase = (typeof usePhases)[number]

/** One row of the record: intended before the key signed, sealed or refused after it. */
export interface UseRecord {
  readonly useId: string
  readonly phase: UsePhase
  readonly at: Date
  readonly sealId: string
  /** Of the licence or document. */
  readonly identifier: string
  readonly typeCode: string
  readonly unsignedDigest: Uint8Array
  readonly signedDigest: Uint8Array | null
  readonly callerId: string
  readonly callerDepartment: string
  readonly authorisationId: string | null
  /** Why the signature was given to nobody. */
  readonly refusal: string | null
  /** Number of its link in the ledger; null: not linked yet. */
  readonly sequence: number | null
}

export interface UseFilter {
  /** Not before, and before. */
  readonly from?: Date
  readonly to?: Date
  readonly callerId?: string
  readonly identifier?: string
  readonly phase?: UsePhase
}

/** The row that the page before ended with. */
export interface UsePlace {
  readonly useId: string
  readonly phase: UsePhase
}

interface UseRow {
  use_id: string
  phase: UsePhase
  at: Date
  seal_id: string
  identifier: string
  type_code: string
  unsigned_digest: Uint8Array
  signed_digest: Uint8Array | null
  caller_id: string
  caller_department: string
  authorisation_id: bigint | null
  refusal: string | null
  sequence: bigint | null
}

const toRecord = (row: UseRow): UseRecord => ({
  useId: row.use_id,
  phase: row.phase,
  at: row.at,
  sealId: row.seal_id,
  identifier: row.identifier,
  typeCode: row.type_code,
  unsignedDigest: row.unsigned_digest,
  signedDigest: row.signed_digest,
  callerId: row.caller_id,
  callerDepartment: row.caller_department,
  authorisationId: row.authorisation_id === null ? null : String(row.authorisation_id),
  refusal: row.refusal,
  sequence: row.sequence === null ? null : Number(row.sequence),
})

const USE_COLUMNS = `use_id, phase, at, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id, caller_department,
  authorisation_id, refusal`
const KEY_OF_USE = `jsonb_build_array(u.use_id::text, u.phase)::text`

/** Uses of these seals, newest first, behind `after`. */
export async function listUses(
  db: Queryable,
  sealIds: readonly string[],
  { from, to, callerId, identifier, phase }: UseFilter,
  after: UsePlace | null,
  most: number,
): Promise<UseRecord[]> {
  const rows = await db.query<UseRow>(
    `select u.*, l.sequence
     from (
       select page.* from unnest($1::text[]) s(seal_id) cross join lateral (
         select ${USE_COLUMNS} from seal.seal_uses r
         where r.seal_id = s.seal_id and ($2::timestamptz is null or r.at >= $2) and ($3::timestamptz is null or r.at < $3)
           and ($4::text is null or r.caller_id = $4) and ($5::text is null or r.identifier = $5) and ($6::text is null or r.phase = $6)
           and ($7::uuid is null or (r.at, r.use_id, r.phase) < (select p.at, p.use_id, p.phase from seal.seal_uses p where p.use_id = $7 and p.phase = $8))
         order by r.at desc, r.use_id desc, r.phase desc limit $9
       ) page
       order by page.at desc, page.use_id desc, page.phase desc limit $9
     ) u left join seal.ledger_links l on l.table_name = 'seal_uses' and l.entry_key = ${KEY_OF_USE}
     order by u.at desc, u.use_id desc, u.phase desc`,
    [
      sealIds,
      from ?? null,
      to ?? null,
      callerId ?? null,
      identifier ?? null,
      phase ?? null,
      after?.useId ?? null,
      after?.phase ?? null,
      most,
    ],
  )
  return rows.map(toRecord)
}

/** Uses in the order in which they were linked, behind a link: a feed without gaps for whoever supervises. */
export async function listUsesLinkedAfter(db: Queryable, sequence: number, most: number): Promise<UseRecord[]> {
  const rows = await db.query<UseRow>(
    `select ${USE_COLUMNS.replaceAll(/(\w+)(?=,|$)/g, 'u.$1')}, l.sequence
     from seal.ledger_links l
       join seal.seal_uses u on u.use_id = (l.entry_key::jsonb ->> 0)::uuid and u.phase = l.entry_key::jsonb ->> 1
     where l.sequence > $1 and l.table_name = 'seal_uses' order by l.sequence limit $2`,
    [sequence, most],
  )
  return rows.map(toRecord)
}

/** Seals of these departments, for a search over all of them. */
export async function listSealIds(db: Queryable, departmentCodes: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from seal.seals where department_code = any($1) and certificate_number is not null order by id`,
    [departmentCodes],
  )
  return rows.map(({ id }) => id)
}

/** Who looked at what. */
export interface LedgerRead {
  readonly readId: string
  readonly kind: 'search' | 'export' | 'affected' | 'affected-export'
  readonly sealId: string | null
  readonly filter: Readonly<Record<string, unknown>>
  readonly callerId: string
  readonly callerDepartment: string
  readonly at: Date
}

export async function insertLedgerRead(db: Queryable, read: LedgerRead): Promise<void> {
  await db.query(
    `insert into seal.ledger_reads (read_id, kind, seal_id, filter, caller_id, caller_department, at)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7)`,
    [read.readId, read.kind, read.sealId, JSON.stringify(read.filter), read.callerId, read.callerDepartment, read.at],
  )
}
