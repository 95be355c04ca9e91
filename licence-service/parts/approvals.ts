import { createEventSender } from '../../platform/index.ts'
import { approvalRoutes } from '../http/approvals.ts'
import { createApprovals } from '../operations/approvals/approvals.ts'
import type { CreatePart } from '../operations/part.ts'

const RESUME_EVERY_MS = 60_000
const TELL_EVERY_MS = 5_000

/** From approval results to licences. */
export const createApprovalsPart: CreatePart = (deps, within) => {
  const approvals = createApprovals(deps, within)
  const sendEvent = createEventSender()
  return {
    routes: approvalRoutes(deps, approvals),
    jobs: [
      { what: 'resuming cases', everyMs: RESUME_EVERY_MS, work: (stopping) => approvals.resume(stopping) },
      { what: 'telling answers', everyMs: TELL_EVERY_MS, work: (stopping) => approvals.tell(sendEvent, stopping) },
    ],
  }
}
