import type { Queryable, Transaction } from '../../platform/index.ts'

/**
 * Everything that counts as reading somebody's data. `picture`: a page showed the document and kept no file of it. `copy`: one was made;
 * `copy-refused`: one was asked for and not made; `copy-read`, `copy-document`: one that was there was looked at, or taken along.
 */
export type ReadKind =
  | 'list'
  | 'search'
  | 'data'
  | 'picture'
  | 'document'
  | 'statement'
  | 'copy'
  | 'copy-refused'
  | 'copy-read'
  | 'copy-document'
  | 'check'
  | 'export'
  | 'raise'

/** Who reads: the caller of an operation is one. `matterCode` stands where another department fetches for a matter of its own. */
export interface Reader {
  readonly id: string
  readonly kind: 'person' | 'machine' | 'system' | 'holder' | 'agent'
  readonly departmentCode: string
  readonly matterCode?: string
}

export interface Read {
  readonly at: Date
  readonly reader: Reader
  /** Null for a list. */
  readonly identifier: string | null
  readonly what: ReadKind
  /** How many licences a list showed; default one. */
  readonly count?: number
}

/**
 * Records that personal data were read, in the transaction of the answer, or before what was opened leaves the operation. What others
 * than the issuer read of a licence is counted as its use; a copy that was refused is none.
 */
export async function recordRead(tx: Queryable, { at, reader, identifier, what, count = 1 }: Read): Promise<void> {
  await tx.query(
    `with read as (
       insert into licence.reads (at, reader, reader_kind, department_code, identifier, what, count, matter_code)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning at, reader_kind, identifier, matter_code, what
     )
     insert into licence.figure_changes (day, type_code, department_code, figure, value)
     select (at at time zone 'Asia/Shanghai')::date, split_part(identifier, '.', 6), split_part(identifier, '.', 7),
       case when matter_code is null then 'held' else 'used' end, 1
     from read where identifier is not null and what <> 'copy-refused' and (matter_code is not null or reader_kind in ('holder', 'agent'))`,
    [at, reader.id, reader.kind, reader.departmentCode, identifier, what, count, reader.matterCode ?? null],
  )
}

/** One read on record. */
export interface ReadRow {
  readonly read: bigint
  readonly at: Date
  readonly reader: string
  readonly readerKind: Reader['kind']
  readonly departmentCode: string
  readonly what: ReadKind
  readonly matterCode: string | null
}

/** Where a page of reads ended. */
export type ReadPlace = Pick<ReadRow, 'at' | 'read'>

/** Reads of one licence, newest first, after the place of the page before. The house's own work is none. */
export const readsOfLicence = (
  db: Queryable,
  identifier: string,
  { after, limit }: { readonly after: ReadPlace | null; readonly limit: number },
): Promise<ReadRow[]> =>
  db.query<ReadRow>(
    `select read, at, reader, reader_kind as "readerKind", department_code as "departmentCode", what,
       matter_code as "matterCode"
     from licence.reads
     where identifier = $1 and reader_kind <> 'system' and ($2::timestamptz is null or (at, read) < ($2, $3::bigint))
     order by at desc, read desc limit $4`,
    [identifier, after?.at ?? null, after?.read ?? null, limit],
  )

/** Days that reads stay on record when no rule says otherwise: three years. */
export const READS_KEPT_DAYS = 1_096

/**
 * Makes the months ahead, and drops those whose last read is older than they are kept. A month of which rows lie in the rest stays there.
 */
export async function turnMonths(db: Transaction, now: Date, keptDays: number): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('licence.reads'))`)
  const months = [0, 1, 2].map((ahead) => monthOf(now, ahead))
  const known = new Set(
    (
      await db.query<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'licence.reads'::regclass`,
      )
    ).map(({ name }) => name),
  )
  for (const { name, from, to } of months.filter((month) => !known.has(month.name))) {
    const rest = await db.query('select 1 from licence.reads_rest where at >= $1 and at < $2 limit 1', [from, to])
    if (rest.length > 0) continue
    await db.script(
      `create table if not exists licence.${name} partition of licence.reads for values from ('${from}') to ('${to}');
       create or replace trigger append_only before update or delete or truncate on licence.${name}
         for each statement execute function licence.refuse_change();`,
    )
  }
  const oldest = monthOf(new Date(now.getTime() - keptDays * 86_400_000), 0).name
  for (const name of known)
    if (/^reads_\d{6}$/.test(name) && name < oldest) await db.script(`drop table if exists licence.${name}`)
}

function monthOf(now: Date, ahead: number): { name: string; from: string; to: string } {
  const start = (more: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + more, 1)).toISOString()
  const from = start(ahead)
  return { name: `reads_${from.slice(0, 7).replace('-', '')}`, from, to: start(ahead + 1) }
}
