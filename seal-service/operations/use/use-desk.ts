import type { Dependencies } from '../../dependencies.ts'
import { departmentsApart } from '../../ports/departments.ts'
import type { UseRequest } from '../../store/use-requests.ts'
import type { Once } from './answer-once.ts'
import { decideUseRequest, readWaitingDocument, showUseRequests, type UseDecision } from './decide-use-request.ts'
import {
  type AuthorisationOrder,
  endAuthorisation,
  type Grantor,
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
  authorisations(caller: Grantor, sealId: string): Promise<ShownAuthorisation[]>
  /** See `grantAuthorisation`. */
  authorise(
    caller: Grantor,
    order: AuthorisationOrder & { readonly once: Omit<Once, 'callerId'> },
  ): Promise<ShownAuthorisation>
  /** See `endAuthorisation`. */
  endAuthorisation(
    caller: Grantor,
    order: { readonly sealId: string; readonly authorisationId: string; readonly reason: string },
  ): Promise<boolean>
  useRequests(departmentCode: string, which: { readonly open: boolean }): Promise<UseRequest[]>
  /** See `readWaitingDocument`. */
  waitingDocument(caller: Grantor, requestId: string): Promise<Uint8Array>
  /** See `decideUseRequest`. */
  decideUse(caller: Grantor, decided: UseDecision): Promise<UseRequest>
  /** See `receiptOfUse`. */
  receipt(caller: Grantor, useId: string): Promise<string>
}

export function createUseDesk(deps: Dependencies): UseDesk {
  const { isWithin } = deps.departments ?? departmentsApart
  const mayRead =
    ({ departmentCode, roles }: Grantor) =>
    async (code: string): Promise<boolean> => {
      if (departmentCode === null) return false
      return (
        departmentCode === code || (roles.some((role) => lookBelow.includes(role)) && isWithin(departmentCode, code))
      )
    }
  return {
    authorisations: (caller, sealId) => showAuthorisations(deps, sealId, mayRead(caller)),
    async authorise(caller, order) {
      const { id } = await grantAuthorisation(deps, caller, order)
      return (await showAuthorisations(deps, order.sealId, mayRead(caller))).find((one) => one.id === id)!
    },
    endAuthorisation: (caller, order) => endAuthorisation(deps, caller, order),
    useRequests: (departmentCode, which) => showUseRequests(deps, departmentCode, which),
    waitingDocument: (caller, requestId) => readWaitingDocument(deps, caller, requestId),
    decideUse: (caller, decided) => decideUseRequest(deps, caller, decided),
    receipt: (caller, useId) => receiptOfUse(deps, useId, mayRead(caller)),
  }
}
