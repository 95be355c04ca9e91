// One act in the life of a licence: judged, then done at once, or put on record as an order that waits for a second person or its day.
import { canonicalJson, LicenceFormatError } from '../../../licence-format/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import type { BodyRequest } from '../../domain/body.ts'
import { isOpenAt } from '../../domain/department-range.ts'
import {
  type Actor,
  type CancelCause,
  checkReady,
  isStateAction,
  isSuccessorAction,
  type LifeAction,
  notFound,
  orderOpen,
  permissionFor,
  rulesOf,
} from '../../domain/life-policy.ts'
import { effectiveTimeOf, isForLater } from '../../domain/register-entry.ts'
import { LicenceError } from '../../errors.ts'
import { insertOrder, type OpenOrderState } from '../../store/acts.ts'
import { findKeys, takeKeys } from '../../store/idempotency.ts'
import { entriesOf, recordAudit } from '../../store/register.ts'
import { keepBody } from '../bodies/waiting-bodies.ts'
import type { Deps } from '../deps.ts'
import type { IssuedLicence } from '../issue-outcome.ts'
import type { Within } from '../part.ts'
import { keyedHash } from '../sealed-content.ts'
import { lockSettled } from './carry-out.ts'
import { actorOf, type Held, lifeRulesOf, readHeld, todayOf } from './life-facts.ts'
import { sealOrder } from './order-content.ts'
import { type ActDone, recordStateAct } from './record-act.ts'
import { recordArchive } from './record-archive.ts'
import { checkOrderable, replaceNow } from './replace-now.ts'

export interface ActRequest {
  readonly identifier: string
  readonly action: LifeAction
  /** For the register; sealed, since it may speak of people. */
  readonly reason: string
  readonly legalBasis?: string | undefined
  /** From when it holds: now when left out; in the past not before the last change, in future 366 days at most. */
  readonly effectiveAt?: Date | undefined
  /** Why a licence is cancelled. */
  readonly cause?: CancelCause | undefined
  /** What a person entered for the licence that takes the place of this one, and the level of its seal. */
  readonly data?: unknown
  readonly level?: string | undefined
  /** Of a type whose document is uploaded: the one that takes the place. */
  readonly body?: BodyRequest | undefined
  /** The department that a licence is transferred to. */
  readonly to?: string | undefined
  /** Idempotency key, within the caller's department. */
  readonly key: string
}

export interface ActOrdered {
  readonly orderId: string
  readonly identifier: string
  readonly state: OpenOrderState
  readonly effectiveAt: Date | null
}

/** Done at once, with the licence that took the place where one did; or ordered. */
export type ActAnswer =
  | (ActDone & { readonly kind: 'done'; readonly successor: IssuedLicence | null })
  | (ActOrdered & { readonly kind: 'ordered' })

/**
 * Does something to a licence, or orders it. Repeated with the same key, it is answered as the first time.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ROLE_MISSING, LICENCE_TRANSITION_REFUSED, LICENCE_ORDER_OPEN,
 *   LICENCE_LEGAL_BASIS_MISSING, LICENCE_RECEIVER_UNFIT, LICENCE_EFFECTIVE_TIME_REFUSED, LICENCE_RENEWAL_REFUSED, LICENCE_ERASED, IDEMPOTENCY_KEY_REUSED; where a
 *   licence takes the place, whatever issuing throws
 */
export async function act(deps: Deps, within: Within, caller: Principal, request: ActRequest): Promise<ActAnswer> {
  const requestMac = macOf(deps, request)
  const [kept] = await findKeys(deps.database, caller.departmentCode, [request.key])
  if (kept && isActAnswer(kept.answer)) return keptAnswer(kept.requestMac, requestMac, kept.answer)
  const actor = await actorOf(deps, caller)
  const held = await readHeld(deps.database, request.identifier)
  if (!held) throw notFound()
  const { action, ...given } = request
  const replacement = isSuccessorAction(action) ? { action, ...given } : undefined
  if (kept && replacement) return replaceNow(deps, within, caller, held.row, replacement)
  await check(deps, deps.database, actor, held, request)
  const state = orderStateFor(deps, held, request)
  if (replacement && !state) return replaceNow(deps, within, caller, held.row, replacement)
  if (replacement && action !== 'transfer') await checkOrderable(deps, caller, held.row, replacement)
  return deps.database.transaction(async (tx) => {
    const locked = await lockSettled(deps, tx, request.identifier)
    const [first] = await findKeys(tx, caller.departmentCode, [request.key])
    if (first) {
      if (!isActAnswer(first.answer)) throw keyReused()
      return keptAnswer(first.requestMac, requestMac, first.answer)
    }
    await check(deps, tx, actor, locked, request)
    const answer = state
      ? await placeOrder(deps, tx, caller, locked, request, state)
      : await doNow(deps, tx, caller, locked, request)
    const key = { key: request.key, requestMac, identifier: request.identifier, answer: { acted: answer } }
    const taken = await takeKeys(tx, caller.departmentCode, deps.clock.now(), [key])
    if (taken.length === 0) throw keyReused()
    return answer
  })
}

async function doNow(
  deps: Deps,
  tx: Queryable,
  caller: Principal,
  held: Held,
  { action, reason, legalBasis, effectiveAt, cause }: ActRequest,
): Promise<ActAnswer> {
  if (action === 'archive') {
    const done = await recordArchive(deps, tx, caller, held, reason)
    return { kind: 'done', ...done, successor: null }
  }
  if (!isStateAction(action)) throw new TypeError(`${action} is no change of state`)
  const done = await recordStateAct(deps, tx, caller, held, { action, reason, legalBasis, effectiveAt, cause })
  return { kind: 'done', ...done, successor: null }
}

async function placeOrder(
  deps: Deps,
  tx: Queryable,
  caller: Principal,
  { row, order: open }: Held,
  request: ActRequest,
  state: OpenOrderState,
): Promise<ActAnswer> {
  if (open) throw orderOpen(open.action)
  const {
    identifier,
    action,
    reason,
    legalBasis,
    cause,
    to,
    effectiveAt = null,
    data = null,
    level = null,
    body,
  } = request
  const orderId = deps.ids.uuid()
  const askedAt = deps.clock.now()
  await keepBody(deps, tx, caller.departmentCode, body)
  await insertOrder(tx, {
    ...{
      orderId,
      identifier,
      typeCode: row.typeCode,
      departmentCode: row.departmentCode,
      action,
      state,
      effectiveAt,
      askedAt,
    },
    cause: cause ?? null,
    toDepartment: to ?? null,
    sealedOrder: sealOrder(deps, row, { orderId, reason, legalBasis: legalBasis ?? null, data, level, body }),
    caller: { id: caller.id, kind: caller.kind, departmentCode: caller.departmentCode, roles: caller.roles },
  })
  await recordAudit(tx, caller, askedAt, [{ action: `order-${action}`, identifier, detail: orderId }])
  return { kind: 'ordered', orderId, identifier, state, effectiveAt }
}

/** Whether the caller may do it, and whether it may be done now. */
async function check(
  deps: Deps,
  db: Queryable,
  actor: Actor,
  { row, facts }: Held,
  request: ActRequest,
): Promise<void> {
  permissionFor(request.action, actor, row.departmentCode)
  checkReady(request.action, facts, lifeRulesOf(deps, row.typeCode), todayOf(deps))
  if (rulesOf(request.action).legalBasis && !request.legalBasis?.trim())
    throw new LicenceError(
      'LICENCE_LEGAL_BASIS_MISSING',
      `to ${request.action} a licence the law that says so is named`,
    )
  const now = deps.clock.now()
  if (request.action === 'transfer') checkReceiver(actor, request.to, now)
  if (isForLater(request.effectiveAt, now)) return
  const last = (await entriesOf(db, row.identifier)).at(-1)!
  effectiveTimeOf(request.effectiveAt, last.effectiveAt, now)
}

function checkReceiver({ actsFor, departments }: Actor, to: string | undefined, now: Date): void {
  const receiver = departments.find(({ code }) => code === to)
  if (!receiver || !isOpenAt(receiver, now) || actsFor.has(receiver.code))
    throw new LicenceError('LICENCE_RECEIVER_UNFIT', 'a licence is transferred to another department that is open')
}

/** Undefined where it is done at once. */
function orderStateFor(deps: Deps, { row }: Held, { action, effectiveAt }: ActRequest): OpenOrderState | undefined {
  if (lifeRulesOf(deps, row.typeCode).secondPerson.includes(action)) return 'awaiting approval'
  if (action === 'transfer') return 'offered'
  return isForLater(effectiveAt, deps.clock.now()) ? 'scheduled' : undefined
}

function macOf(deps: Deps, { key: _, effectiveAt, ...request }: ActRequest): Uint8Array {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))
  try {
    return keyedHash(deps, 'act', canonicalJson({ ...given, effectiveAt: effectiveAt?.toISOString() ?? null }))
  } catch (error) {
    if (!(error instanceof LicenceFormatError)) throw error
    throw new LicenceError('LICENCE_DATA_INVALID', 'the data are no JSON, or nested too deep', { cause: error })
  }
}

const keyReused = () => new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request')

/** An answer as the database keeps it: instants are texts. */
type KeptAnswer =
  | (Omit<Extract<ActAnswer, { kind: 'done' }>, 'effectiveAt' | 'recordedAt'> &
      Record<'effectiveAt' | 'recordedAt', string>)
  | (Omit<Extract<ActAnswer, { kind: 'ordered' }>, 'effectiveAt'> & { readonly effectiveAt: string | null })

const isActAnswer = (answer: unknown): answer is { readonly acted: KeptAnswer } =>
  typeof answer === 'object' && answer !== null && 'acted' in answer

function keptAnswer(kept: Uint8Array, asked: Uint8Array, { acted }: { readonly acted: KeptAnswer }): ActAnswer {
  if (!Buffer.from(kept).equals(asked)) throw keyReused()
  if (acted.kind === 'ordered') {
    const { orderId, identifier, state, effectiveAt } = acted
    return {
      kind: 'ordered',
      orderId,
      identifier,
      state,
      effectiveAt: effectiveAt === null ? null : new Date(effectiveAt),
    }
  }
  const { identifier, status, effectiveAt, recordedAt, successor } = acted
  return {
    ...{ kind: 'done', identifier, status, effectiveAt: new Date(effectiveAt), recordedAt: new Date(recordedAt) },
    successor,
  }
}
