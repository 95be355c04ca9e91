import { isSqlError, type Queryable, UNIQUE_VIOLATION } from '../../platform/index.ts'
import type { AuthorityName } from '../domain/authority.ts'

export interface CrlRecord {
  readonly issuer: AuthorityName
  /** 0 or left out: the complete list; else the part with that number. */
  readonly shard?: number
  readonly number: bigint
  readonly crl: Uint8Array
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly entryCount: number
}

interface CrlRow {
  issuer: AuthorityName
  number: bigint
  crl: Uint8Array
  this_update: Date
  next_update: Date
  entry_count: number
}

function toRecord(row: CrlRow): CrlRecord {
  return {
    issuer: row.issuer,
    number: row.number,
    crl: row.crl,
    thisUpdate: row.this_update,
    nextUpdate: row.next_update,
    entryCount: row.entry_count,
  }
}

/** The latest list of an authority: the complete one, or that of a shard. */
export async function findLatestCrl(db: Queryable, issuer: AuthorityName, shard = 0): Promise<CrlRecord | undefined> {
  const rows = await db.query<CrlRow>(
    `select issuer, number, crl, this_update, next_update, entry_count from pki.crls
     where issuer = $1 and shard = $2 order by number desc limit 1`,
    [issuer, shard],
  )
  return rows.map(toRecord)[0]
}

export async function insertCrl(db: Queryable, record: CrlRecord): Promise<void> {
  await db.query(
    `insert into pki.crls (issuer, shard, number, crl, this_update, next_update, entry_count) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      record.issuer,
      record.shard ?? 0,
      record.number,
      record.crl,
      record.thisUpdate,
      record.nextUpdate,
      record.entryCount,
    ],
  )
}

/** Another publisher took the same CRL number first. */
export function isCrlNumberTaken(error: unknown): boolean {
  return isSqlError(error, UNIQUE_VIOLATION, 'crls_pkey')
}
