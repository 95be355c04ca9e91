// Who may take which step of a seal's life: powers, ranges, and that one person never does two steps that watch each other.
import { SealError } from '../errors.ts'
import { applySealAction, type Seal, type SealAction, type SealState, sealActions } from './seal.ts'

/** What people may ask of a seal that is on record: the steps of the table, and what changes no state. */
export type LifeAction =
  | Exclude<SealAction, 'apply' | 'amend' | 'expire' | 'replace'>
  | 'draw'
  | 'approve-picture'
  | 'order-destruction'
  | 'drop-ending'
  | 'order-types'
  | 'change-types'
  | 'refuse-types'

export type LifePermission = 'seals:apply' | 'seals:review' | 'seals:make' | 'seals:keep' | 'seals:report-lost'

/** Where a permission counts: in the owner's department, in those below one's own, or as the keeper of this seal. */
type Scope = 'own' | 'range' | 'keeper'

interface Rule {
  readonly permission: LifePermission
  readonly scope: Scope
}

const applicant: Rule = { permission: 'seals:apply', scope: 'own' }
const reviewer: Rule = { permission: 'seals:review', scope: 'range' }
const maker: Rule = { permission: 'seals:make', scope: 'range' }
const keeper: Rule = { permission: 'seals:keep', scope: 'keeper' }

const rules: Readonly<Record<LifeAction | 'amend', readonly Rule[]>> = {
  amend: [applicant],
  abandon: [applicant],
  'ask-for-more': [reviewer],
  reject: [reviewer],
  approve: [reviewer],
  draw: [maker],
  'approve-picture': [reviewer, applicant],
  wait: [maker],
  make: [maker],
  file: [maker],
  issue: [maker],
  accept: [keeper],
  decline: [keeper],
  suspend: [reviewer, keeper],
  restore: [reviewer],
  'report-lost': [{ permission: 'seals:report-lost', scope: 'own' }],
  recover: [reviewer],
  collect: [reviewer],
  return: [reviewer],
  renew: [maker],
  revoke: [reviewer],
  withdraw: [reviewer],
  cancel: [reviewer],
  'drop-ending': [reviewer],
  'order-destruction': [reviewer],
  'order-types': [applicant],
  'change-types': [reviewer],
  'refuse-types': [reviewer],
  destroy: [maker],
}
export const lifeActions = Object.keys(rules).filter((action) => action !== 'amend') as readonly LifeAction[]

/** Acts that cannot be undone, or bind others: whoever does them confirms with a security key. */
export const dangerousActions: readonly LifeAction[] = [
  'approve',
  'make',
  'revoke',
  'withdraw',
  'cancel',
  'order-destruction',
  'change-types',
  'destroy',
]

/** Whoever asks. */
export interface Actor {
  readonly id: string
  readonly departmentCode: string
  /** Whether the owner's department is the actor's, or below it. */
  readonly isInRange: boolean
  may(permission: LifePermission): boolean
}

/** A picture as it was drawn last, and who found it right. */
export interface DrawnPicture {
  readonly version: number
  readonly digest: Uint8Array
  readonly drawnBy: string
  readonly approvedBy: string | null
}

/** What is on record of a seal's life. */
export interface LifeFacts {
  readonly seal: Seal
  /** The application as it stands; null where nobody applied for it. */
  readonly application: { readonly version: number; readonly digest: Uint8Array; readonly certificate: string } | null
  /** Who applied and who amended. */
  readonly applicantIds: readonly string[]
  readonly approverId: string | null
  readonly picture: DrawnPicture | null
  /** Who ordered the destruction, while the order stands. */
  readonly destructionOrderedBy: string | null
  /** The state that it was in when it expired, while it is. */
  readonly expiredFrom: SealState | null
  /** Further licence types that its owner asked for, while nobody has decided. */
  readonly typesOrder: { readonly by: string; readonly typeCodes: readonly string[] } | null
  /** From when an ending that is ordered counts. */
  readonly endsAt: Date | null
}

const fits = ({ permission, scope }: Rule, actor: Actor, { seal }: LifeFacts): boolean => {
  if (!actor.may(permission)) return false
  if (scope === 'range') return actor.isInRange
  return actor.departmentCode === seal.departmentCode && (scope === 'own' || actor.id === seal.keeperId)
}

/** The permission by which the actor may do this to this seal. Throws `SEAL_ROLE_MISSING`, `SEAL_NOT_KEEPER`. */
export function permissionFor(action: LifeAction | 'amend', actor: Actor, facts: LifeFacts): LifePermission {
  const rule = rules[action].find((one) => fits(one, actor, facts))
  if (rule !== undefined) return rule.permission
  if (rules[action].some(({ permission, scope }) => scope === 'keeper' && actor.may(permission)))
    throw new SealError('SEAL_NOT_KEEPER', 'the seal was issued to somebody else')
  throw new SealError('SEAL_ROLE_MISSING', `to ${action} a seal needs ${rules[action][0]!.permission} for its owner`)
}

const alike = (why: string): SealError => new SealError('SEAL_SAME_PERSON', why)

/** Throws `SEAL_SAME_PERSON` where the same person took a step that this one watches. */
export function checkOtherPerson(action: LifeAction, actorId: string, facts: LifeFacts): void {
  const applied = facts.applicantIds.includes(actorId)
  if (action === 'approve' && applied) throw alike('whoever applied for a seal does not approve it')
  if (action === 'make' || action === 'wait') {
    if (applied || facts.approverId === actorId)
      throw alike('whoever applied for a seal or approved it does not make it')
  }
  if (action === 'approve-picture' && facts.picture?.drawnBy === actorId)
    throw alike('whoever drew the picture does not approve it')
  if (action === 'change-types' && facts.typesOrder?.by === actorId)
    throw alike('whoever asked for further types does not give them')
  if (action === 'destroy' && facts.destructionOrderedBy === actorId)
    throw alike('whoever ordered the destruction does not carry it out')
}

/** Throws unless what is on record allows the act now: the table's step, and what must have happened before. */
export function checkReady(action: LifeAction, facts: LifeFacts): void {
  const { seal, picture } = facts
  if (action === 'draw' || action === 'approve-picture') {
    if (seal.state !== 'approved') throw forbidden(action, seal)
    if (action === 'approve-picture' && picture === null)
      throw new SealError('SEAL_PICTURE_NOT_APPROVED', 'no picture was drawn yet')
    return
  }
  if (action === 'order-destruction') {
    if (!Object.hasOwn(sealActions.destroy.moves, seal.state)) throw forbidden(action, seal)
    return
  }
  if (action === 'drop-ending') {
    if (facts.endsAt === null) throw new SealError('SEAL_ENDING_NOT_ORDERED', 'no ending of this seal is ordered')
    return
  }
  if (action === 'order-types' || action === 'change-types' || action === 'refuse-types') checkTypesReady(action, facts)
  else checkStep(action, facts)
}

function checkStep(action: SealAction, facts: LifeFacts): void {
  applySealAction(facts.seal.state, action)
  checkBefore(action, facts)
}

/** Further types are for a seal in use that stands on licences; one order at a time. */
function checkTypesReady(
  action: 'order-types' | 'change-types' | 'refuse-types',
  { seal, typesOrder }: LifeFacts,
): void {
  const isInUse = seal.state === 'active' || seal.state === 'suspended'
  if ((!isInUse && action !== 'refuse-types') || seal.kindCode === '05') throw forbidden(action, seal)
  if (action === 'order-types' && typesOrder !== null)
    throw new SealError('SEAL_TYPES_ORDERED', 'further types were asked for, and nobody has decided yet')
  if (action !== 'order-types' && typesOrder === null)
    throw new SealError('SEAL_TYPES_NOT_ORDERED', 'nobody asked for further types of this seal')
}

function checkBefore(action: SealAction, { seal, application, picture, destructionOrderedBy, expiredFrom }: LifeFacts) {
  const isMaking = action === 'wait' || (action === 'make' && seal.state === 'approved')
  if (isMaking && (picture === null || picture.approvedBy === null))
    throw new SealError('SEAL_PICTURE_NOT_APPROVED', 'the picture must be drawn, and approved by another person')
  if (isMaking && application !== null && (application.certificate === 'outside') !== (action === 'wait'))
    throw new SealError('SEAL_TRANSITION_FORBIDDEN', `its certificate comes from ${application.certificate}`)
  if (action === 'destroy' && destructionOrderedBy === null)
    throw new SealError('SEAL_DESTRUCTION_NOT_ORDERED', 'a reviewer orders the destruction first')
  if (action === 'renew' && expiredFrom !== null && expiredFrom !== 'active')
    throw new SealError('SEAL_RENEWAL_REFUSED', `it was ${expiredFrom} when it expired: apply for its successor`)
}

/** A picture that is approved need not be drawn again, nor a drawn one be approved twice. */
export function isAwaited(
  action: LifeAction | 'amend',
  { seal, picture, destructionOrderedBy, typesOrder }: LifeFacts,
): boolean {
  if (action === 'change-types' || action === 'refuse-types') return typesOrder !== null
  if (!awaitedActions[seal.state]?.includes(action)) return false
  if (action === 'draw') return picture === null
  if (action === 'approve-picture') return picture?.approvedBy === null
  return action !== 'destroy' || destructionOrderedBy !== null
}

const forbidden = (action: LifeAction, { state }: Seal): SealError =>
  new SealError('SEAL_TRANSITION_FORBIDDEN', `cannot ${action} a seal that is ${state}`)

/** What the actor may do to the seal next. */
export function findNextActions(actor: Actor, facts: LifeFacts): (LifeAction | 'amend')[] {
  return (Object.keys(rules) as (LifeAction | 'amend')[]).filter((action) => {
    try {
      permissionFor(action, actor, facts)
      if (action === 'amend') return Object.hasOwn(sealActions.amend.moves, facts.seal.state)
      checkReady(action, facts)
      checkOtherPerson(action, actor.id, facts)
      return true
    } catch (error) {
      if (error instanceof SealError) return false
      throw error
    }
  })
}

/** What somebody is waited for to do in each state; nobody is in the others. */
export const awaitedActions: Readonly<Partial<Record<SealState, readonly (LifeAction | 'amend')[]>>> = {
  applied: ['approve', 'ask-for-more', 'reject'],
  returned: ['amend', 'abandon'],
  approved: ['draw', 'approve-picture', 'make', 'wait'],
  waiting: ['make'],
  made: ['file'],
  filed: ['issue'],
  issued: ['accept', 'decline'],
  suspended: ['restore', 'collect'],
  lost: ['recover', 'collect', 'revoke'],
  collected: ['return', 'order-destruction', 'destroy'],
  expired: ['renew', 'collect', 'destroy'],
  replaced: ['destroy'],
  revoked: ['destroy'],
  withdrawn: ['destroy'],
  cancelled: ['destroy'],
}
