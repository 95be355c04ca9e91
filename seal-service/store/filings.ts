import type { Queryable } from '../../platform/index.ts'

/** What a publisher of seals put on record (备案). */
export interface Filing {
  readonly sealId: string
  readonly kind: 'release' | 'renew' | 'deactivate'
  readonly recordNumber: string
  readonly callerId: string
  readonly at: Date
}

export async function insertFiling(db: Queryable, filing: Filing): Promise<void> {
  await db.query(`insert into seal.filings (seal_id, kind, record_number, caller_id, at) values ($1, $2, $3, $4, $5)`, [
    filing.sealId,
    filing.kind,
    filing.recordNumber,
    filing.callerId,
    filing.at,
  ])
}

/** The filings of a seal, oldest first. */
export function listFilings(db: Queryable, sealId: string): Promise<Filing[]> {
  return db.query<Filing>(
    `select seal_id as "sealId", kind, record_number as "recordNumber", caller_id as "callerId", at
     from seal.filings where seal_id = $1 order by filing_id`,
    [sealId],
  )
}
