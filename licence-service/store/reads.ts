import type { Queryable } from '../../platform/index.ts'

/** Everything that counts as reading somebody's data. */
export type ReadKind = 'list' | 'search' | 'data' | 'document' | 'statement' | 'copy' | 'check' | 'export' | 'raise'

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

/** Records that personal data were read, in the transaction of the answer, or before what was opened leaves the operation. */
export async function recordRead(tx: Queryable, { at, reader, identifier, what, count = 1 }: Read): Promise<void> {
  await tx.query(
    `insert into licence.reads (at, reader, reader_kind, department_code, identifier, what, count, matter_code)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [at, reader.id, reader.kind, reader.departmentCode, identifier, what, count, reader.matterCode ?? null],
  )
}
