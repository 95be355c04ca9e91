import { deliverEvent, type EventSender } from '../../../platform/index.ts'
import { type CaseRow, settleCallBack, takeCallBacks } from '../../store/cases.ts'
import type { Deps } from '../deps.ts'

const TYPE = 'approval-answer+jws'
const LEASE_MS = 60_000
const TAKEN_TOGETHER = 20

/** Tells the systems that handed cases over what became of them: signed, at least once, without anything personal. */
export async function callBack(deps: Deps, sendEvent: EventSender, stopping: AbortSignal): Promise<number> {
  if (stopping.aborted) return 0
  const now = deps.clock.now()
  const rows = await takeCallBacks(deps.database, now, new Date(now.getTime() + LEASE_MS), TAKEN_TOGETHER)
  // Side by side: a receiver that is slow keeps no other waiting, and all are over before the lease is.
  const outcomes = await Promise.all(rows.map((row) => tell(deps, sendEvent, row)))
  return outcomes.filter((isTold) => isTold).length
}

async function tell(deps: Deps, sendEvent: EventSender, row: CaseRow): Promise<boolean> {
  const { position, departmentCode, caseNumber, typeCode, state, identifier, answeredAt } = row
  const sign = (body: string, header: Readonly<Record<string, unknown>>) =>
    deps.outwardKey.signDetached(TYPE, body, header)
  const outcome = await deliverEvent(
    { clock: deps.clock, sendEvent, sign },
    {
      ...{ position, departmentCode, topic: `approval.${state}`, at: answeredAt! },
      body: {
        ...{ caseNumber, typeCode, state, identifier },
        document: identifier === null ? null : `${deps.baseUrl}/api/licences/${identifier}/document`,
      },
      ...{ webhookId: `approvals-${departmentCode}`, address: row.callBack!, attempts: row.callBackAttempts },
    },
  )
  const isDone = outcome.state === 'delivered'
  await settleCallBack(deps.database, position, {
    state: isDone ? 'delivered' : outcome.state === 'dead' ? 'given up' : 'due',
    dueAt: outcome.state === 'failed' ? outcome.nextAttemptAt : outcome.at,
    fault: isDone ? null : outcome.fault,
  })
  return isDone
}
