import type { Principal, Queryable } from '../../platform/index.ts'
import type { RegisterEntry } from '../domain/register-entry.ts'

export type NewRegisterEntry = RegisterEntry & {
  readonly identifier: string
  readonly sealedReason: Uint8Array | null
  readonly sealedLegalBasis?: Uint8Array | null | undefined
  readonly departmentCode: string
  readonly dataDigest: string
  readonly sealedDigest: string | null
}

/** Appends entries in the order given. The table refuses every other kind of change. */
export async function appendEntries(tx: Queryable, entries: readonly NewRegisterEntry[]): Promise<void> {
  await tx.query(
    `insert into licence.register_entries (identifier, event, state, sealed_reason, effective_at, recorded_at, recorded_by,
       department_code, data_digest, sealed_digest, related, cause, sealed_legal_basis, order_id, second_person)
     select identifier, event, state, decode("sealedReason", 'hex'), "effectiveAt", "recordedAt", "recordedBy", "departmentCode",
       "dataDigest", "sealedDigest", related, cause, decode("sealedLegalBasis", 'hex'), "orderId", "secondPerson"
     from rows from (jsonb_to_recordset($1::jsonb) as (identifier text, event text, state text, "sealedReason" text,
       "effectiveAt" timestamptz, "recordedAt" timestamptz, "recordedBy" text, "departmentCode" text, "dataDigest" text,
       "sealedDigest" text, related text, cause text, "sealedLegalBasis" text, "orderId" uuid, "secondPerson" text)) with ordinality order by ordinality`,
    [
      JSON.stringify(
        entries.map((entry) => ({
          ...entry,
          sealedReason: entry.sealedReason && Buffer.from(entry.sealedReason).toString('hex'),
          sealedLegalBasis: entry.sealedLegalBasis && Buffer.from(entry.sealedLegalBasis).toString('hex'),
        })),
      ),
    ],
  )
}

/** Makes room for the entries to come, long before it is needed; answers how many partitions were added. */
export async function makeRoom(db: Queryable): Promise<number> {
  const [row] = await db.query<{ added: number }>('select licence.add_register_partitions() as added')
  return row!.added
}

/** A licence's entries in the order they were recorded. */
export const entriesOf = (
  db: Queryable,
  identifier: string,
): Promise<(RegisterEntry & { sealedReason: Uint8Array | null; sealedLegalBasis: Uint8Array | null })[]> =>
  db.query(
    `select event, state, sealed_reason as "sealedReason", effective_at as "effectiveAt", recorded_at as "recordedAt",
       recorded_by as "recordedBy", related, cause, sealed_legal_basis as "sealedLegalBasis", order_id as "orderId",
       second_person as "secondPerson"
     from licence.register_entries where identifier = $1 order by entry`,
    [identifier],
  )

/** Records who did what, in the transaction in which it is done. */
export async function recordAudit(
  tx: Queryable,
  actor: Pick<Principal, 'id' | 'kind' | 'departmentCode'>,
  at: Date,
  records: readonly { action: string; identifier: string | null; detail?: string }[],
): Promise<void> {
  await tx.query(
    `insert into licence.audit_records (at, actor, actor_kind, department_code, action, identifier, detail)
     select $1, $2, $3, $4, r.action, r.identifier, r.detail
     from jsonb_to_recordset($5::jsonb) as r(action text, identifier text, detail text)`,
    [at, actor.id, actor.kind, actor.departmentCode, JSON.stringify(records)],
  )
}

/** Whether somebody is on record with one of these acts about a thing. */
export const hasActed = async (
  tx: Queryable,
  actor: string,
  identifier: string,
  actions: readonly string[],
): Promise<boolean> =>
  (
    await tx.query(
      `select 1 from licence.audit_records where identifier = $1 and actor = $2
         and action in (select jsonb_array_elements_text($3::jsonb)) limit 1`,
      [identifier, actor, JSON.stringify(actions)],
    )
  ).length > 0
