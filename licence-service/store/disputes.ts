import type { Queryable } from '../../platform/index.ts'

/** Closed: the licence's data were erased before there was an answer. */
export type DisputeState = 'open' | 'refused' | 'corrected' | 'closed'

export interface DisputeRow {
  readonly dispute: string
  readonly identifier: string
  readonly departmentCode: string
  /** Name of the field; null: the licence as a whole. */
  readonly field: string | null
  /** Sealed under the licence's own data key. */
  readonly sealedWords: Uint8Array
  readonly raisedBy: string
  readonly raisedByKind: 'holder' | 'department'
  readonly raisedAt: Date
  /** The last day on which an answer is in time. */
  readonly answerUntil: string
  readonly state: DisputeState
  readonly sealedAnswer: Uint8Array | null
  readonly answeredAt: Date | null
  /** The version that says it right. */
  readonly correctedBy: string | null
}

const columns = `dispute, identifier, department_code as "departmentCode", field, sealed_words as "sealedWords", raised_by as "raisedBy",
  raised_by_kind as "raisedByKind", raised_at as "raisedAt", answer_until as "answerUntil", state, sealed_answer as "sealedAnswer",
  answered_at as "answeredAt", corrected_by as "correctedBy"`

/** Adds a dispute; false where whoever raises it has one open about the same. */
export async function insertDispute(
  tx: Queryable,
  row: Omit<DisputeRow, 'state' | 'sealedAnswer' | 'answeredAt' | 'correctedBy'>,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into licence.disputes (dispute, identifier, department_code, field, sealed_words, raised_by, raised_by_kind, raised_at,
       answer_until, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open') on conflict do nothing returning dispute`,
    [
      row.dispute,
      row.identifier,
      row.departmentCode,
      row.field,
      row.sealedWords,
      row.raisedBy,
      row.raisedByKind,
      row.raisedAt,
      row.answerUntil,
    ],
  )
  return rows.length === 1
}

export async function findDispute(db: Queryable, dispute: string): Promise<DisputeRow | undefined> {
  return (await db.query<DisputeRow>(`select ${columns} from licence.disputes where dispute = $1`, [dispute]))[0]
}

/** The same row, held until the transaction ends. */
export async function lockDispute(tx: Queryable, dispute: string): Promise<DisputeRow | undefined> {
  return (
    await tx.query<DisputeRow>(`select ${columns} from licence.disputes where dispute = $1 for update`, [dispute])
  )[0]
}

export async function closeDispute(
  tx: Queryable,
  row: Pick<DisputeRow, 'dispute' | 'state' | 'sealedAnswer' | 'answeredAt' | 'correctedBy'> & { answeredBy: string },
): Promise<void> {
  await tx.query(
    `update licence.disputes set state = $2, sealed_answer = $3, answered_at = $4, answered_by = $5, corrected_by = $6
     where dispute = $1 and state = 'open'`,
    [row.dispute, row.state, row.sealedAnswer, row.answeredAt, row.answeredBy, row.correctedBy],
  )
}

/** Closes the open disputes about a licence without an answer; answers which. */
export async function closeDisputesOf(tx: Queryable, identifier: string, by: string, at: Date): Promise<string[]> {
  const rows = await tx.query<{ dispute: string }>(
    `update licence.disputes set state = 'closed', answered_at = $2, answered_by = $3
     where identifier = $1 and state = 'open' returning dispute`,
    [identifier, at, by],
  )
  return rows.map(({ dispute }) => dispute)
}

/** Open ones of these departments, those that are due first. `after` is a place in that order. */
export const listOpenDisputes = (
  db: Queryable,
  departmentCodes: readonly string[],
  after: { readonly answerUntil: string; readonly dispute: string } | null,
  limit: number,
): Promise<DisputeRow[]> =>
  db.query<DisputeRow>(
    `select ${columns} from licence.disputes where department_code = any($1) and state = 'open'
       and ($2::date is null or (answer_until, dispute) > ($2::date, $3::uuid))
     order by answer_until, dispute limit $4`,
    [departmentCodes, after?.answerUntil ?? null, after?.dispute ?? null, limit],
  )

/** What somebody raised about licences of a holder and of these types (null: all), latest first. */
export const listRaised = (
  db: Queryable,
  raisedBy: string,
  holder: { readonly mac: Uint8Array; readonly typeCodes: readonly string[] | null },
  limit: number,
): Promise<DisputeRow[]> =>
  db.query<DisputeRow>(
    `select ${columns} from licence.disputes d
     where raised_by = $1 and ($3::text[] is null or split_part(identifier, '.', 6) = any($3))
       and exists (select from licence.holders h where h.identifier = d.identifier and h.code_mac = $2)
     order by raised_at desc, dispute limit $4`,
    [raisedBy, holder.mac, holder.typeCodes, limit],
  )

/** Forgets those answered before an instant; returns how many. */
export async function deleteDisputesBefore(db: Queryable, before: Date): Promise<number> {
  const rows = await db.query('delete from licence.disputes where answered_at < $1 returning dispute', [before])
  return rows.length
}
