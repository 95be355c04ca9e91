import { callApi, fetchFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'

/** Authorisations, uses and what is told of them, as the console reads them. Everything throws ApiProblem. */

export interface Authorisation {
  readonly id: string
  readonly grantee: { readonly kind: 'account' | 'role' | 'client' | 'department'; readonly id: string }
  readonly purposes: readonly string[]
  readonly perDay: number | null
  readonly perMinute: number | null
  readonly from: string
  readonly until: string | null
  readonly needsSecondPerson: boolean
  /** The authorisation of which this is a part. */
  readonly delegatedFrom: string | null
  readonly grantedBy: string
  readonly ended: { readonly at: string; readonly by: string; readonly cause: string } | null
  readonly isRunning: boolean
}

const at = (sealId: string): string => `/api/seals/${encodeURIComponent(sealId)}`
const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const listAuthorisations = (sealId: string): Promise<{ readonly items: readonly Authorisation[] }> =>
  withSession(() => callApi(`${at(sealId)}/authorisations`))

export const authorise = (sealId: string, terms: object, key: string): Promise<unknown> =>
  withSession(() =>
    callApi(`${at(sealId)}/authorisations`, { method: 'POST', body: terms, headers: { 'Idempotency-Key': key } }),
  )

/** Passes on a part of what one was given. */
export const delegate = (sealId: string, terms: object, key: string): Promise<unknown> =>
  withSession(() =>
    callApi(`${at(sealId)}/delegations`, { method: 'POST', body: terms, headers: { 'Idempotency-Key': key } }),
  )

/** As the seal's keeper, or, of a delegation, as whoever passed it on. */
export const endAuthorisation = (
  sealId: string,
  ending: { readonly id: string; readonly reason: string; readonly isOwnDelegation: boolean },
): Promise<void> => {
  const kind = ending.isOwnDelegation ? 'delegations' : 'authorisations'
  const reason = query({ reason: ending.reason })
  return withSession(() => callApi(`${at(sealId)}/${kind}/${ending.id}?${reason}`, { method: 'DELETE' }))
}

export interface Colleague {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}
export const listColleagues = (departmentCode: string): Promise<{ readonly items: readonly Colleague[] }> =>
  withSession(() => callApi(`/api/people?${query({ departmentCode })}`))

/** Where a seal is to stand; millimetres on the page as shown, from its lower left corner. */
export type Place =
  | { readonly at: 'point'; readonly page: number; readonly x: number; readonly y: number }
  | { readonly at: 'text'; readonly text: string; readonly occurrence: 'first' | 'last' | 'all' }
  | { readonly at: 'edge'; readonly edge: 'left' | 'right' }

export interface Mark {
  readonly page: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Shares of the width between which a straddle seal is seen on this page. */
  readonly strip: readonly [number, number] | null
}
export interface Preview {
  readonly pages: readonly { readonly width: number; readonly height: number }[]
  readonly risks: readonly { readonly kind: string; readonly page: number | null; readonly detail: string }[]
  readonly places: readonly ({ readonly marks: readonly Mark[] } | { readonly code: string; readonly detail: string })[]
}

const orderQuery = (places: readonly Place[], name: string): string =>
  query({ order: JSON.stringify({ places }), name })

export const previewPlaces = (sealId: string, file: File, places: readonly Place[]): Promise<Preview> =>
  withSession(() =>
    callApi(`${at(sealId)}/documents/preview?${orderQuery(places, file.name)}`, {
      ...{ method: 'POST', body: file },
      headers: { 'Content-Type': 'application/pdf' },
    }),
  )

/** The sealed document; `key` makes a repeat after a lost answer the same sealing. */
export const sealDocument = (sealId: string, file: File, places: readonly Place[], key: string): Promise<Blob> =>
  withSession(() =>
    fetchFile(`${at(sealId)}/documents?${orderQuery(places, file.name)}`, {
      ...{ method: 'POST', body: file },
      headers: { 'Content-Type': 'application/pdf', 'Idempotency-Key': key },
    }),
  )

export interface UseRequest {
  readonly id: string
  readonly sealId: string
  readonly purpose: string
  readonly digest: string
  readonly requestedAt: string
  readonly expiresAt: string
}
export const listUseRequests = (): Promise<{ readonly items: readonly UseRequest[] }> =>
  withSession(() => callApi('/api/seal-use-requests'))
export const waitingDocument = (id: string): Promise<Blob> =>
  withSession(() => fetchFile(`/api/seal-use-requests/${id}/document`))
export const decideUse = (
  { id, digest }: UseRequest,
  decision: 'approved' | 'refused',
  reason: string | null,
): Promise<unknown> =>
  withSession(() =>
    callApi(`/api/seal-use-requests/${id}/decision`, { method: 'POST', body: { decision, digest, reason } }),
  )

export interface UseRecord {
  readonly useId: string
  readonly phase: string
  readonly at: string
  readonly sealId: string
  readonly identifier: string
  readonly typeCode: string
  readonly callerId: string
  readonly refusal: string | null
  readonly sequence: number | null
}
export interface UsePage {
  readonly items: readonly UseRecord[]
  readonly next: string | null
}
export const searchLedger = (filter: Readonly<Record<string, string>>): Promise<UsePage> =>
  withSession(() => callApi(`/api/seal-ledger?${query(filter)}`))
export const exportLedger = (filter: Readonly<Record<string, string>>): Promise<Blob> =>
  withSession(() => fetchFile(`/api/seal-ledger/export?${query({ ...filter, format: 'csv' })}`))

export interface Warning {
  readonly id: string
  readonly rule: string
  readonly name: string
  readonly sealId: string | null
  readonly facts: Readonly<Record<string, string | number>>
  readonly raisedAt: string
  readonly state: 'open' | 'acknowledged' | 'closed'
}
export const listWarnings = (
  filter: Readonly<Record<string, string>>,
): Promise<{ readonly items: readonly Warning[] }> => withSession(() => callApi(`/api/seal-warnings?${query(filter)}`))
export const handleWarning = (id: string, action: 'acknowledge' | 'close', reason: string): Promise<void> =>
  withSession(() => callApi(`/api/seal-warnings/${id}/${action}`, { method: 'POST', body: { reason } }))

export interface SupervisionSettings {
  readonly reviewDays: number
  /** Minutes of the day in Beijing. */
  readonly officeFrom: number
  readonly officeUntil: number
  readonly holidays: readonly string[]
  readonly workdays: readonly string[]
  readonly quotaPercent: number
  readonly refusals: number
  readonly certificateDays: number
  readonly filingHours: number
}
export const readSupervision = (departmentCode: string): Promise<SupervisionSettings> =>
  withSession(() => callApi(`/api/seal-supervision?${query({ departmentCode })}`))
export const setSupervision = (departmentCode: string, settings: SupervisionSettings): Promise<SupervisionSettings> =>
  withSession(() => callApi(`/api/seal-supervision?${query({ departmentCode })}`, { method: 'PUT', body: settings }))
