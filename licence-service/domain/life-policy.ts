// What may be done to a licence, as one table: from which state to which, by whom, and what it takes. docs/licence-life.md shows the same
// table to people; a test holds the two against each other.
import { LicenceError } from '../errors.ts'
import { refuseCollected } from './collected.ts'
import { isAbove, type RangedDepartment } from './department-range.ts'
import { endStates, type LicenceEvent, type LicenceState, licenceTransitions } from './licence.ts'

export type LifePermission = 'licences:issue' | 'licences:change' | 'licences:review'

interface LifeRule {
  readonly zh: string
  readonly en: string
  /** The change of state of the licence itself; null where it keeps its state. */
  readonly event: LicenceEvent | null
  /** The licence that takes its place: the next version, or one with a number of its own. */
  readonly makes: 'version' | 'licence' | null
  /** Asked of the department that has the licence in hand. */
  readonly own: LifePermission
  /** Asked of a department above it; null where only its own may. */
  readonly above: LifePermission | null
  readonly legalBasis: boolean
  /** What becomes of the copies that were made of it. */
  readonly copies: 'end' | 'touch' | null
}

const successor = { makes: 'version', own: 'licences:change', above: null, legalBasis: false, copies: 'end' } as const
const ofState = { makes: null, own: 'licences:change', above: null, legalBasis: true, copies: 'end' } as const

export const lifeTable = {
  correct: { zh: '更正', en: 'Correct', event: 'cancel', ...successor },
  change: { zh: '变更', en: 'Change', event: 'supersede', ...successor },
  renew: { zh: '延续', en: 'Renew', event: 'supersede', ...successor },
  reseal: { zh: '重新签章', en: 'Seal anew', event: 'supersede', ...successor },
  suspend: { zh: '暂扣', en: 'Suspend', event: 'suspend', ...ofState, copies: 'touch' },
  restore: { zh: '发还', en: 'Restore', event: 'restore', ...ofState, legalBasis: false, copies: 'touch' },
  revoke: { zh: '吊销', en: 'Revoke', event: 'revoke', ...ofState },
  withdraw: { zh: '撤销', en: 'Withdraw', event: 'withdraw', ...ofState, above: 'licences:review' },
  cancel: { zh: '注销', en: 'Cancel', event: 'cancel', ...ofState, legalBasis: false },
  transfer: { zh: '转出', en: 'Transfer out', event: 'transfer', ...successor, makes: 'licence' },
  archive: { zh: '归档', en: 'Archive', event: null, ...ofState, legalBasis: false, copies: null },
} as const satisfies Record<string, LifeRule>

export type LifeAction = keyof typeof lifeTable
export const lifeActions = Object.keys(lifeTable) as readonly LifeAction[]

export type SuccessorAction = 'correct' | 'change' | 'renew' | 'reseal' | 'transfer'
export type StateAction = 'suspend' | 'restore' | 'revoke' | 'withdraw' | 'cancel'

/** Why a licence is cancelled: its holder asked, what it permits ended, its holder died or was dissolved, it should never have been. */
export const cancelCauses = ['asked', 'ended', 'died', 'dissolved', 'issued-in-error'] as const
export type CancelCause = (typeof cancelCauses)[number]

/** What an entry of the register says of why. */
export type EntryCause = SuccessorAction | CancelCause

/** Acts that cannot be undone, or put every document of a seal in another's place: whoever approves them confirms with a security key. */
export const dangerousActions: readonly LifeAction[] = ['revoke', 'withdraw', 'reseal']

export const rulesOf = (action: LifeAction): LifeRule => lifeTable[action]
export const isSuccessorAction = (action: LifeAction): action is SuccessorAction => lifeTable[action].makes !== null
export const isStateAction = (action: LifeAction): action is StateAction =>
  lifeTable[action].event !== null && lifeTable[action].makes === null

/** The states in which an act is possible. */
export function statesFor(action: LifeAction): readonly LicenceState[] {
  const { event } = rulesOf(action)
  // An ended licence that is corrected would come back, and a suspended one be free: corrections are for licences in force.
  if (action === 'correct') return ['in force']
  return event === null ? [...endStates, 'in force', 'suspended'] : licenceTransitions[event].from
}

/** Whoever asks. */
export interface Actor {
  readonly id: string
  readonly departmentCode: string
  /** Departments whose licences the actor's has in hand. */
  readonly actsFor: ReadonlySet<string>
  readonly departments: readonly RangedDepartment[]
  may(permission: LifePermission | 'licences:read'): boolean
}

/** Whether a licence is one the actor may know of at all: of a department in hand, or below the own one for whoever reviews. */
export function isInSight(actor: Actor, departmentCode: string): boolean {
  if (actor.actsFor.has(departmentCode)) return true
  return actor.may('licences:review') && isAbove(actor.departments, actor.departmentCode, departmentCode)
}

/**
 * Whether an order is one the actor may know of and, with `licences:review`, decide: about a licence in hand, or by whoever reviews above its
 * department for an act that those above may do themselves. The others are that department's own business.
 */
export function isOrderInSight(
  actor: Actor,
  { departmentCode, action }: { readonly departmentCode: string; readonly action: LifeAction },
): boolean {
  if (actor.actsFor.has(departmentCode)) return true
  const { above } = rulesOf(action)
  return above !== null && actor.may(above) && isInSight(actor, departmentCode)
}

/**
 * The permission by which the actor may do this to a licence of this department.
 * @throws LicenceError LICENCE_NOT_FOUND where they may not know of it, LICENCE_ROLE_MISSING
 */
export function permissionFor(action: LifeAction, actor: Actor, departmentCode: string): LifePermission {
  if (!isInSight(actor, departmentCode)) throw notFound()
  const { own, above } = rulesOf(action)
  if (actor.actsFor.has(departmentCode) && actor.may(own)) return own
  if (above !== null && actor.may(above) && isAbove(actor.departments, actor.departmentCode, departmentCode))
    return above
  throw new LicenceError('LICENCE_ROLE_MISSING', `to ${action} a licence needs ${own} in its department`)
}

export const notFound = (): LicenceError =>
  new LicenceError('LICENCE_NOT_FOUND', 'the department has no licence with this identifier')

/** What is on record of a licence, as far as the next act depends on it. */
export interface LifeFacts {
  readonly state: LicenceState
  readonly validUntil: string | null
  readonly archivedAt: Date | null
  /** Its personal data, with the key that reasons would be sealed under. */
  readonly isErased: boolean
  readonly replacedBy: string | null
  /** The system that made it, if that is not this one. */
  readonly collectedFrom: string | null
  /** The order that stands, if one does. */
  readonly openOrder: { readonly orderId: string; readonly action: LifeAction } | null
}

/** What a type's catalogue entry says of the life of its licences. */
export interface LifeRules {
  /** Acts that a second person approves. */
  readonly secondPerson: readonly LifeAction[]
  /** Days before its last one from which on a licence may be renewed, and for as many after it; null: at any time. */
  readonly renewalDays: number | null
  /** Days after its end or its last day when a licence is archived by itself; null: never. */
  readonly archiveAfterDays: number | null
}

export const plainRules: LifeRules = { secondPerson: [], renewalDays: null, archiveAfterDays: null }

/**
 * Throws unless the licence may go this way now.
 *
 * While an order stands, nothing takes the licence's place: a revocation ordered for next week must not be washed away by a renewal.
 * What ends it comes first, and the order is void.
 * @throws LicenceError LICENCE_COLLECTED, LICENCE_TRANSITION_REFUSED, LICENCE_ERASED, LICENCE_ORDER_OPEN, LICENCE_RENEWAL_REFUSED
 */
export function checkReady(action: LifeAction, facts: LifeFacts, rules: LifeRules, today: string): void {
  refuseCollected(facts)
  const states = statesFor(action)
  if (!states.includes(facts.state) || facts.archivedAt !== null)
    throw new LicenceError(
      'LICENCE_TRANSITION_REFUSED',
      `${action} needs a licence that is ${states.join(' or ')}; this one is ${facts.archivedAt ? 'archived' : facts.state}`,
    )
  const hasExpired = facts.validUntil !== null && facts.validUntil < today
  if (action === 'archive' && !hasExpired && !endStates.includes(facts.state))
    throw new LicenceError(
      'LICENCE_TRANSITION_REFUSED',
      `archive needs a licence that ended; this one is ${facts.state}`,
    )
  if (facts.isErased && action !== 'archive')
    throw new LicenceError('LICENCE_ERASED', 'the personal data of this licence have been erased')
  if (facts.openOrder && !isStateAction(action)) throw orderOpen(facts.openOrder.action)
  if (action === 'renew') checkRenewal(facts.validUntil, rules.renewalDays, today)
}

export const orderOpen = (action: LifeAction): LicenceError =>
  new LicenceError('LICENCE_ORDER_OPEN', `an order stands: ${action}; it is decided or dropped first`)

const DAY_MS = 86_400_000

function checkRenewal(validUntil: string | null, renewalDays: number | null, today: string): void {
  if (validUntil === null)
    throw new LicenceError('LICENCE_RENEWAL_REFUSED', 'a licence without a last day needs no renewal')
  if (renewalDays === null) return
  const distance = Math.abs(Date.parse(today) - Date.parse(validUntil)) / DAY_MS
  if (distance > renewalDays)
    throw new LicenceError(
      'LICENCE_RENEWAL_REFUSED',
      `it may be renewed from ${renewalDays} days before its last one, ${validUntil}, until as many after it`,
    )
}

/** Whether an order that stands can no longer be carried out once the licence is in this state. */
export const isVoidIn = (action: LifeAction, state: LicenceState): boolean => !statesFor(action).includes(state)

/**
 * What the actor may do to a licence next, as far as what is on record says. What a second person approves would be an order: none is
 * offered while one stands.
 */
export function findNextActions(
  actor: Actor,
  licence: LifeFacts & { readonly departmentCode: string },
  rules: LifeRules,
  today: string,
): LifeAction[] {
  return lifeActions.filter((action) => {
    // The seal service orders it, for many at once.
    if (action === 'reseal') return false
    if (licence.openOrder && rules.secondPerson.includes(action)) return false
    try {
      permissionFor(action, actor, licence.departmentCode)
      checkReady(action, licence, rules, today)
      return true
    } catch (error) {
      if (error instanceof LicenceError) return false
      throw error
    }
  })
}
