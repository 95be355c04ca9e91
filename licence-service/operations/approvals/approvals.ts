// Approval results as other rooms ask for them; `parts/approvals.ts` gives them routes and a clock.
import type { EventSender, Principal } from '../../../platform/index.ts'
import type { CaseName } from '../../store/cases.ts'
import type { Deps } from '../deps.ts'
import type { Within } from '../part.ts'
import { callBack } from './call-back.ts'
import { issueCase, refuseCase, resumeCases } from './issue-case.ts'
import { type CaseSubmission, type CaseView, submitCase, toView } from './submit-case.ts'

export interface Approvals {
  /** Puts an approval result on record, once per case and type. See `submit-case.ts`. */
  submit(caller: Principal, submission: CaseSubmission): Promise<CaseView>
  /** Makes the licence of a case, once. See `issue-case.ts`. */
  issue(caller: Principal, name: CaseName): Promise<CaseView>
  refuse(caller: Principal, name: CaseName, reason: string): Promise<CaseView>
  /** Takes up what a crash or an outage stopped; answers how many have their licence now. */
  resume(stopping: AbortSignal): Promise<number>
  /** Tells answers that are due; answers how many were taken. */
  tell(sendEvent: EventSender, stopping: AbortSignal): Promise<number>
}

export const createApprovals = (deps: Deps, within: Pick<Within, 'issue'>): Approvals => ({
  submit: (caller, submission) => submitCase(deps, within, caller, submission),
  issue: async (caller, name) => toView(await issueCase(deps, within, caller, name)),
  refuse: async (caller, name, reason) => toView(await refuseCase(deps, caller, name, reason)),
  resume: (stopping) => resumeCases(deps, within, stopping),
  tell: (sendEvent, stopping) => callBack(deps, sendEvent, stopping),
})
