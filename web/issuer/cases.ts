import { callApi } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Approval results (办件) and the machines that have licences made at once. Errors as `callApi`. */

export interface Case {
  readonly caseNumber: string
  readonly typeCode: string
  readonly itemCode: string
  readonly state: string
  readonly decidedAt: string
  readonly submittedAt: string
  readonly identifier: string | null
  /** The code of what made the last attempt fail. */
  readonly lastFault: string | null
}

export interface Grant {
  readonly clientId: string
  readonly typeCode: string
  readonly grantedAt: string
  readonly until: string
}

const post = <T>(to: string, body: object, key: string): Promise<T> =>
  withSession(() => callApi<T>(to, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))
const at = (caseNumber: string): string => `/api/approvals/${encodeURIComponent(caseNumber)}`

export const listCases = (state: string, cursor: string): Promise<PageOf<Case>> => {
  const given = Object.entries({ state, cursor }).filter(([, value]) => value !== '')
  return withSession(() => callApi(`/api/approvals?${new URLSearchParams(given)}`))
}
export const issueCase = ({ caseNumber, typeCode }: Case, key: string): Promise<Case> =>
  post(`${at(caseNumber)}/licences`, { typeCode }, key)
export const refuseCase = ({ caseNumber, typeCode }: Case, reason: string, key: string): Promise<Case> =>
  post(`${at(caseNumber)}/refusals`, { typeCode, reason }, key)

const grants = '/api/unattended-grants'
export const listGrants = (): Promise<{ readonly items: readonly Grant[] }> => withSession(() => callApi(grants))
export const makeGrant = (grant: Pick<Grant, 'clientId' | 'typeCode' | 'until'>, key: string): Promise<Grant> =>
  post(grants, grant, key)
export const endGrant = ({ clientId, typeCode }: Grant, key: string): Promise<unknown> =>
  post(`${grants}/ends`, { clientId, typeCode }, key)
