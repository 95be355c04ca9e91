import { callApi } from '../kit/api.ts'
import { say, type Text } from '../kit/language.ts'
import { ApiProblem } from '../kit/problem.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'
import type { LicenceContent, LicenceDetail } from './licences.ts'
import type { FormAct } from './route.ts'

/** Acts on licences and the orders they leave, as the console reads them. Errors as `callApi`. */

/** What became of an act: done at once, with the licence that took the old one's place where one did, or an order that waits. */
export interface ActAnswer {
  readonly orderId?: string
  readonly state?: string
  readonly successor?: { readonly identifier: string } | null
}

export interface ActOrder {
  readonly orderId: string
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: Text | null
  /** Null to the department that the licence is offered to; the holder is masked, empty once erased. */
  readonly number: string | null
  readonly holder: string | null
  readonly departmentCode: string
  readonly action: string
  readonly state: string
  readonly cause: string | null
  /** The department that the licence is offered to. */
  readonly to: string | null
  readonly effectiveAt: string | null
  readonly askedAt: string
  readonly askedBy: string
  readonly decidedBy: string | null
  /** The code of what made it void. */
  readonly fault: string | null
}

/** The licence of an order as people know it: type and number, or the identifier where the number is not told. */
export const licenceOf = ({ typeName, number, identifier }: ActOrder): string =>
  typeName && number ? `${say(typeName)} · ${number}` : identifier

/** An order with what its person wrote; null once erased. */
export interface OpenedOrder extends ActOrder {
  readonly reason: string | null
  readonly legalBasis: string | null
  readonly data: unknown
}

export interface NextActions {
  readonly actions: readonly string[]
  /** Those of them that a second person approves. */
  readonly secondPerson: readonly string[]
  readonly order: OpenedOrder | null
}

/** The licence that a form's licence takes the place of, and by which act. */
export interface Follow {
  readonly old: LicenceDetail
  readonly action: FormAct
}

const at = (identifier: string): string => `/api/licences/${encodeURIComponent(identifier)}`
const post = <T>(to: string, body: object, key: string): Promise<T> =>
  withSession(() => callApi<T>(to, { method: 'POST', body, headers: { 'Idempotency-Key': key } }))

export const readNextActions = (identifier: string): Promise<NextActions> =>
  withSession(() => callApi(`${at(identifier)}/next-actions`))

export const actOn = (identifier: string, body: object, key: string): Promise<ActAnswer> =>
  post(`${at(identifier)}/acts`, body, key)

export const listOrders = (state: string, cursor: string): Promise<PageOf<ActOrder>> => {
  const given = Object.entries({ state, cursor }).filter(([, value]) => value !== '')
  return withSession(() => callApi(`/api/licence-orders?${new URLSearchParams(given)}`))
}

/** A licence that is offered to the own department. @throws ApiProblem where it is offered no more */
export async function readOffer(orderId: string): Promise<ActOrder> {
  for (let cursor = ''; ; ) {
    const { items, next } = await listOrders('offered', cursor)
    const found = items.find((order) => order.orderId === orderId)
    if (found) return found
    if (next === null) throw new ApiProblem({ status: 404, code: 'LICENCE_ORDER_NOT_FOUND' })
    cursor = next
  }
}

/** Takes over a licence that another department transfers, with its data entered anew. */
export const receiveLicence = (
  orderId: string,
  content: Omit<LicenceContent, 'typeCode'>,
  key: string,
): Promise<ActAnswer> => post(`/api/licence-orders/${encodeURIComponent(orderId)}/receipts`, content, key)

export type Decision = 'approvals' | 'refusals' | 'drops'
export const decideOrder = (orderId: string, decision: Decision, reason: string): Promise<unknown> =>
  withSession(() =>
    callApi(`/api/licence-orders/${encodeURIComponent(orderId)}/${decision}`, {
      method: 'POST',
      ...(decision !== 'approvals' && { body: { reason } }),
    }),
  )
