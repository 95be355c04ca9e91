// The licence that a new one takes the place of: whether it may, and what the new one has from it.
import type { LicenceBody } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import type { ValidatedData } from '../../../templates/index.ts'
import { checkReady, type LifeRules, orderOpen, rulesOf, type SuccessorAction } from '../../domain/life-policy.ts'
import { effectiveTimeOf } from '../../domain/register-entry.ts'
import { LicenceError } from '../../errors.ts'
import { holderCodes, type LicenceRow, lastVersion } from '../../store/licences.ts'
import { entriesOf } from '../../store/register.ts'
import type { Deps, Template } from '../deps.ts'
import { holderKeyOf } from '../holder-key.ts'
import type { KeyedRequest } from '../issue-licences.ts'
import { loadPrepared } from '../load-prepared.ts'
import { type Held, lifeRulesOf, readHeld, todayOf } from './life-facts.ts'

export interface Replaced {
  readonly row: LicenceRow
  readonly cause: SuccessorAction
  /** Of the new licence; one that gets a number of its own has neither serial nor number from the old one. */
  readonly version: number
  readonly serial: string | undefined
  readonly number: string | undefined
}

/** Who replaces licences, and what for. */
export interface Replacer {
  readonly caller: Principal
  /** Departments whose licences the caller has in hand. */
  readonly acted: ReadonlySet<string>
  readonly purpose: 'to issue' | 'to order'
}

const LAST_VERSION = 999

/**
 * The licence that a request replaces, if it may now: of the same type, in the caller's hand or given to it, with no other order or
 * successor on its way. Another issuer (of a merged department, or by transfer) gives it a number of its own.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED, LICENCE_ORDER_OPEN, LICENCE_ORDER_SETTLED,
 *   LICENCE_SECOND_PERSON_MISSING, LICENCE_RENEWAL_REFUSED, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_VERSIONS_EXHAUSTED
 */
export async function replacedBy(
  deps: Deps,
  { caller, acted, purpose }: Replacer,
  { typeCode, replaces }: KeyedRequest,
): Promise<Replaced | undefined> {
  if (!replaces) return undefined
  const { identifier, cause = 'change', orderId, effectiveAt } = replaces
  const held = await readHeld(deps.database, identifier)
  if (!held || held.row.typeCode !== typeCode || !acted.has(holderOf(held, cause)))
    throw new LicenceError('LICENCE_NOT_FOUND', 'the department has no such licence of this type')
  const { row } = held
  checkOrder(held, cause, orderId)
  const rules = lifeRulesOf(deps, typeCode)
  checkReady(cause, { ...held.facts, openOrder: null }, rules, todayOf(deps))
  // The seal service's order to seal anew has had its approval there.
  const isUnapproved = orderId === undefined && cause !== 'reseal'
  if (purpose === 'to issue' && isUnapproved && rules.secondPerson.includes(cause))
    throw new LicenceError(
      'LICENCE_SECOND_PERSON_MISSING',
      `to ${cause} a licence of this type is ordered, and approved`,
    )
  const entries = await entriesOf(deps.database, identifier)
  effectiveTimeOf(effectiveAt, entries.at(-1)!.effectiveAt, deps.clock.now())
  if (rulesOf(cause).makes === 'licence' || row.departmentCode !== caller.departmentCode)
    return { row, cause, version: 1, serial: undefined, number: undefined }
  const version = 1 + (await lastVersion(deps.database, row))
  if (version > LAST_VERSION)
    throw new LicenceError('LICENCE_VERSIONS_EXHAUSTED', 'version 999 has no successor: issue a new licence')
  return { row, cause, version, serial: row.serial, number: row.printedNumber }
}

/** Whose hand the licence is in for this: a transfer is received by the department it was given to. */
const holderOf = ({ row, order }: Held, cause: SuccessorAction): string =>
  cause === 'transfer' ? (order?.toDepartment ?? '') : row.departmentCode

/** An order that stands is carried out, or keeps every other successor away. */
function checkOrder({ order }: Held, cause: SuccessorAction, orderId: string | undefined): void {
  if (orderId === undefined) {
    if (order) throw orderOpen(order.action)
    return
  }
  const state = cause === 'transfer' ? 'offered' : 'scheduled'
  if (order?.orderId !== orderId || order.state !== state || order.action !== cause)
    throw new LicenceError('LICENCE_ORDER_SETTLED', `the order is not ${state}`)
}

/**
 * Whether the data of the new licence fit the old one: a correction may name another holder, since the old licence is void; a renewal
 * reaches further, and a change does not where renewals are guarded.
 * @throws LicenceError LICENCE_HOLDER_DIFFERS, LICENCE_RENEWAL_REFUSED
 */
export async function checkReplacement(deps: Deps, { row, cause }: Replaced, validated: ValidatedData): Promise<void> {
  if (cause === 'renew' && validated.validUntil !== null && validated.validUntil <= row.validUntil!)
    throw new LicenceError('LICENCE_RENEWAL_REFUSED', `a renewal reaches beyond ${row.validUntil}`)
  if (cause === 'change') checkLastDayKept(lifeRulesOf(deps, row.typeCode), row.validUntil, validated.validUntil)
  if (cause === 'correct' || cause === 'reseal') return
  const macs = await holderCodes(deps.database, row.identifier)
  const codes = new Set(macs.map((mac) => Buffer.from(mac).toString('hex')))
  const given = new Set(validated.holders.map(({ code }) => holderKeyOf(deps, code)))
  if (given.size !== codes.size || ![...given].every((code) => codes.has(code)))
    throw new LicenceError(
      'LICENCE_HOLDER_DIFFERS',
      'a replacement keeps the holders; another holder needs a new licence',
    )
}

/** A change with a later last day would be a renewal that nobody approved, at any time. */
function checkLastDayKept({ renewalDays, secondPerson }: LifeRules, old: string | null, next: string | null): void {
  const isGuarded = renewalDays !== null || secondPerson.includes('renew')
  if (isGuarded && old !== null && (next === null || next > old))
    throw new LicenceError(
      'LICENCE_RENEWAL_REFUSED',
      `a change ends on ${old} at the latest: what reaches further is a renewal`,
    )
}

/**
 * What is printed on a licence, as it stands on record, with the template it was made with: for a new document with other seals.
 * @throws LicenceError LICENCE_ERASED, LICENCE_CONTENT_DAMAGED; LICENCE_TYPE_UNKNOWN where the template is gone
 */
export async function recordedData(
  deps: Deps,
  row: LicenceRow,
): Promise<{ template: Template; validated: ValidatedData; body: LicenceBody | undefined }> {
  const template = deps.templates.version(row.typeCode, row.templateVersion)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'the template this licence was made with is gone')
  const [recorded] = await loadPrepared(deps, [row])
  const { data, pictures } = recorded!
  const { holders, issuedOn, validFrom, validUntil, fields, body } = data
  return { template, validated: { holders, issuedOn, validFrom, validUntil, fields, pictures }, body }
}
