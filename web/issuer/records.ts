import { callApi, fetchFile } from '../kit/api.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** What is kept beside one licence: copies for a purpose, sheets of paper, who read it, erasures. Errors as `callApi`. */

export interface CopyBrief {
  readonly copyId: string
  readonly status: string
  readonly madeAt: string
  readonly expiresAt: string
  readonly makerDepartment: string
}

export interface Copy extends Omit<CopyBrief, 'madeAt' | 'makerDepartment'> {
  readonly purpose: string
  readonly recipient: string
  readonly creator: string
  readonly createdAt: string
  readonly fields: readonly string[]
}

export interface CopyOrder {
  readonly identifier: string
  readonly purpose: string
  readonly recipient: { readonly name: string; readonly code?: string }
  readonly expiresAt: string
  readonly fields: readonly string[]
}

const at = (identifier: string): string => `/api/licences/${encodeURIComponent(identifier)}`
const after = (cursor: string): string => (cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`)
const post = <T>(to: string, body: object, key: string): Promise<T> =>
  withSession(() => callApi<T>(to, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))
const copyAt = (copyId: string): string => `/api/copies/${encodeURIComponent(copyId)}`

export const listCopies = (identifier: string, cursor: string): Promise<PageOf<CopyBrief>> =>
  withSession(() => callApi(`${at(identifier)}/copies${after(cursor)}`))
export const readCopy = (copyId: string): Promise<Copy> => withSession(() => callApi(copyAt(copyId)))
export const makeCopy = (order: CopyOrder, key: string): Promise<Copy> => post('/api/copies', order, key)
export const fetchCopy = (copyId: string): Promise<Blob> => withSession(() => fetchFile(`${copyAt(copyId)}/document`))
export const revokeCopy = (copyId: string, reason: string, key: string): Promise<unknown> =>
  post(`${copyAt(copyId)}/revocations`, { reason }, key)

export interface Print {
  readonly print: number
  readonly paperSerial: string
  readonly at: string
  readonly by: string
}
export const listPrints = (identifier: string): Promise<{ readonly items: readonly Print[] }> =>
  withSession(() => callApi(`${at(identifier)}/prints`))
/** The document for a sheet of paper; the same sheet again is the same print. */
export const printOn = (identifier: string, paperSerial: string): Promise<Blob> =>
  withSession(() => fetchFile(`${at(identifier)}/prints`, { method: 'POST', body: { paperSerial } }))

export interface Read {
  readonly at: string
  /** Null for readers of other departments, and for holders. */
  readonly reader: string | null
  readonly readerKind: string
  readonly departmentCode: string
  readonly what: string
  readonly matterCode: string | null
}
export const listReads = (identifier: string, cursor: string): Promise<PageOf<Read>> =>
  withSession(() => callApi(`${at(identifier)}/reads${after(cursor)}`))

export interface Erasure {
  readonly erasure: string
  readonly identifier: string
  readonly cause: string
  readonly state: string
  readonly askedBy: string
  readonly askedAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}
export const listErasures = (): Promise<{ readonly items: readonly Erasure[] }> =>
  withSession(() => callApi('/api/erasures'))
export const askErasure = (identifier: string, cause: string, key: string): Promise<Erasure> =>
  post(`${at(identifier)}/erasures`, { cause }, key)
export const decideErasure = (erasure: string, decision: 'approvals' | 'refusals'): Promise<Erasure> =>
  withSession(() => callApi(`/api/erasures/${encodeURIComponent(erasure)}/${decision}`, { method: 'POST' }))

export interface Kept {
  readonly what: string
  readonly days: number
  /** Whether an operator set it; else it is the house's own. */
  readonly isRule: boolean
}
export const readRetention = (): Promise<{ readonly items: readonly Kept[] }> =>
  withSession(() => callApi('/api/retention'))
