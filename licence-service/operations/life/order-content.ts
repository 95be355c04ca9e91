import { canonicalJson } from '../../../licence-format/index.ts'
import type { BodyRequest } from '../../domain/body.ts'
import { LicenceError } from '../../errors.ts'
import type { LicenceRow } from '../../store/licences.ts'
import type { Deps } from '../deps.ts'
import { openBox } from '../sealed-content.ts'

/** What of an order speaks of people: it stands on record under the licence's own data key. */
export interface OrderContent {
  readonly orderId: string
  readonly reason: string
  readonly legalBasis: string | null
  /** What a person entered for the licence that takes the place; null where none does. */
  readonly data: unknown
  readonly level: string | null
  /** The uploaded document it is to be on, for a type of that kind. */
  readonly body?: BodyRequest | undefined
}

export const sealOrder = (deps: Deps, row: LicenceRow, content: OrderContent): Uint8Array =>
  openBox(deps, row).seal('order', canonicalJson(withoutGaps(content)))

/** @throws LicenceError LICENCE_ERASED, LICENCE_CONTENT_DAMAGED */
export function openOrder(
  deps: Deps,
  row: LicenceRow,
  { orderId, sealedOrder }: { readonly orderId: string; readonly sealedOrder: Uint8Array },
): OrderContent {
  const content = JSON.parse(Buffer.from(openBox(deps, row).open('order', sealedOrder)).toString()) as OrderContent
  if (content.orderId !== orderId)
    throw new LicenceError('LICENCE_CONTENT_DAMAGED', `what is stored of the order ${orderId} is of another`)
  return content
}

/** Canonical JSON has no form for what was left out. */
const withoutGaps = ({ body, ...content }: OrderContent) =>
  body ? { ...content, body: JSON.parse(JSON.stringify(body)) } : content
