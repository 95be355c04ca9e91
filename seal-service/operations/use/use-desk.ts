import type { Principal } from '../../../platform/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import { departmentsApart } from '../../ports/departments.ts'
import type { UseRequest } from '../../store/use-requests.ts'
import type { Once } from './answer-once.ts'
import { decideUseRequest, readWaitingDocument, showUseRequests, type UseDecision } from './decide-use-request.ts'
import {
  type AuthorisationOrder,
  endAuthorisation,
  grantAuthorisation,
  type ShownAuthorisation,
  showAuthorisations,
} from './grant-authorisation.ts'
import { receiptOfUse } from './receipt-of-use.ts'

/** Roles that look at the departments below their own as well. */
const lookBelow = ['auditor', 'seal-reviewer', 'seal-maker']

/** Who may use which seal, second persons, receipts: what people and machines ask for. Each call decides who may. */
export interface UseDesk {
  /** Throws `SEAL_NOT_FOUND`, `SEAL_NOT_YOURS`. */
  authorisations(caller: Principal, sealId: string): Promise<ShownAuthorisation[]>
  /** See `grantAuthorisation`. */
  authorise(
    caller: Principal,
    order: AuthorisationOrder & { readonly once: Omit<Once, 'callerId'> },
  ): Promise<ShownAuthorisation>
  /** See `endAuthorisation`. */
  endAuthorisation(
    caller: Principal,
    order: { readonly sealId: string; readonly authorisationId: string; readonly reason: string },
  ): Promise<boolean>
  useRequests(departmentCode: string, which: { readonly open: boolean }): Promise<UseRequest[]>
  /** See `readWaitingDocument`. */
  waitingDocument(caller: Principal, requestId: string): Promise<Uint8Array>
  /** See `decideUseRequest`. */
  decideUse(caller: Principal, decided: UseDecision): Promise<UseRequest>
  /** See `receiptOfUse`. */
  receipt(caller: Principal, useId: string): Promise<string>
}

export function createUseDesk(deps: Dependencies): UseDesk {
  const { isWithin } = deps.departments ?? departmentsApart
  const mayRead =
    ({ departmentCode, roles }: Principal) =>
    async (code: string): Promise<boolean> => {
      return (
        departmentCode === code || (roles.some((role) => lookBelow.includes(role)) && isWithin(departmentCode, code))
      )
    }
  /** A right that was taken away since the session knew it counts no more. */
  const confirm = async (caller: Principal, permission: string): Promise<void> => {
    if (deps.people === undefined || deps.people.isUnknown || (await deps.people.mayNow(caller, permission))) return
    throw new SealError('SEAL_ROLE_MISSING', `this needs ${permission}`)
  }
  return {
    authorisations: (caller, sealId) => showAuthorisations(deps, sealId, mayRead(caller)),
    async authorise(caller, order) {
      await confirm(caller, order.delegatedFrom === null ? 'seals:keep' : 'seals:use')
      const { id } = await grantAuthorisation(deps, caller, order)
      return (await showAuthorisations(deps, order.sealId, mayRead(caller))).find((one) => one.id === id)!
    },
    async endAuthorisation(caller, order) {
      await confirm(caller, caller.roles.includes('seal-keeper') ? 'seals:keep' : 'seals:use')
      return endAuthorisation(deps, caller, order)
    },
    useRequests: (departmentCode, which) => showUseRequests(deps, departmentCode, which),
    waitingDocument: (caller, requestId) => readWaitingDocument(deps, caller, requestId),
    async decideUse(caller, decided) {
      await confirm(caller, 'seals:approve-use')
      return decideUseRequest(deps, caller, decided)
    },
    receipt: (caller, useId) => receiptOfUse(deps, useId, mayRead(caller)),
  }
}
