import type { Queryable } from '../../platform/index.ts'
import type { SealEventAction, SealState } from '../domain/seal.ts'

/** An event as it is on record. */
export interface RecordedEvent {
  readonly id: bigint
  readonly sealId: string
  readonly action: SealEventAction
  readonly state: SealState
  readonly reason: string | null
  readonly callerId: string
  readonly callerName: string | null
  readonly callerDepartment: string | null
  readonly at: Date
  readonly effectiveAt: Date | null
  readonly detail: Readonly<Record<string, unknown>> | null
}

/** Everything that happened to these seals, oldest first. */
export function listSealEvents(db: Queryable, sealIds: readonly string[]): Promise<RecordedEvent[]> {
  return db.query<RecordedEvent>(
    `select id, seal_id as "sealId", action, state, reason, caller_id as "callerId", caller_name as "callerName",
       caller_department as "callerDepartment", at, effective_at as "effectiveAt", detail
     from seal.seal_events where seal_id = any($1) order by id`,
    [sealIds],
  )
}
