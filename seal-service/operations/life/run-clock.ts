import type { Transaction } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { dueAt, plusDays, RENEWAL_NOTICE_DAYS } from '../../domain/life-deadlines.ts'
import { type Seal, type SealState, sealActions, statesBefore } from '../../domain/seal.ts'
import { listReleased } from '../../store/filing-orders.ts'
import { insertFiling } from '../../store/filings.ts'
import { closePendingEnding, listDueEndings, type PendingEnding } from '../../store/pending-endings.ts'
import { listEndingSoon, listExpired, listForReminders, listKept } from '../../store/seal-listing.ts'
import { lockSeal } from '../../store/seals.ts'
import { renewEseals } from '../make-eseals.ts'
import { endPassedOnByLeavers } from '../use/authorise.ts'
import { recordEvent } from './record-event.ts'
import { revokeEnded } from './revoke-ended.ts'
import { takeStep } from './take-step.ts'

/** What one run of the clock did; codes of seals. */
export interface ClockReport {
  readonly ended: readonly string[]
  readonly expired: readonly string[]
  /** Whose keeper keeps seals for the owner no more. */
  readonly suspended: readonly string[]
  readonly reminded: readonly string[]
  /** Whose release the publisher took after whoever asked for it had gone. */
  readonly filed: readonly string[]
  /** Whose SESeals were made anew. */
  readonly renewed: readonly string[]
  /** Whose certificates were revoked after their end. */
  readonly revoked: readonly string[]
}

const caller = { id: 'system:clock' }

/**
 * Takes the steps whose time has come: endings that were ordered, certificates that have ended, seals whose keeper left; reminds of what
 * waits too long, files seals whose release was taken late, has certificates of ended seals revoked and SESeals made anew. Everything is on record, so that it goes on after a restart; several processes may run it at once.
 */
export async function runClock(shop: Workshop): Promise<ClockReport> {
  const now = shop.clock.now()
  const ended: string[] = []
  for (const ending of await listDueEndings(shop.database, now))
    if (await shop.database.transaction((tx) => end(shop, tx, ending))) ended.push(ending.sealId)
  await endPassedOnByLeavers(shop)
  return {
    ended,
    expired: await expireSeals(shop, now),
    suspended: await suspendUnkept(shop),
    reminded: await remind(shop, now),
    filed: await fileReleased(shop, now),
    revoked: await revokeEnded(shop),
    renewed: await renewEseals(shop, caller.id),
  }
}

/** Of several at once the first one does it; a seal that has ended otherwise stays as it is. */
async function end(shop: Workshop, tx: Transaction, ending: PendingEnding): Promise<boolean> {
  const seal = await lockSeal(tx, ending.sealId)
  const at = shop.clock.now()
  const isOurs = await closePendingEnding(tx, ending.id, 'done', at)
  if (!isOurs || seal === undefined || !Object.hasOwn(sealActions[ending.action].moves, seal.state)) return false
  const { action, reason, effectiveAt, callerId: orderedBy } = ending
  await takeStep(tx, seal, { action, reason, caller, at, effectiveAt, detail: { ...ending.detail, orderedBy } })
  return true
}

/** Locks each seal and takes the step where it is still due. */
async function forEachStillDue(
  shop: Workshop,
  ids: readonly string[],
  work: (tx: Transaction, seal: Seal) => Promise<boolean>,
): Promise<string[]> {
  const done: string[] = []
  for (const id of ids) {
    const isDone = await shop.database.transaction(async (tx) => work(tx, (await lockSeal(tx, id))!))
    if (isDone) done.push(id)
  }
  return done
}

async function expireSeals(shop: Workshop, now: Date): Promise<string[]> {
  const states = statesBefore('expire') as readonly SealState[]
  return forEachStillDue(shop, await listExpired(shop.database, states, now), async (tx, seal) => {
    const { validUntil } = seal
    if (!states.includes(seal.state) || validUntil === null || validUntil > now) return false
    const step = { action: 'expire' as const, reason: null, caller, at: shop.clock.now(), effectiveAt: validUntil }
    return (await takeStep(tx, seal, step)) !== undefined
  })
}

/** What the operator set up keeps itself. */
const isPerson = (id: string): boolean => !id.startsWith('system:')

/** Whoever asked for the release and still waits is answered first. */
const ANSWERED_WITHIN_MS = 60_000

async function fileReleased(shop: Workshop, now: Date): Promise<string[]> {
  const released = await listReleased(shop.database, new Date(now.getTime() - ANSWERED_WITHIN_MS))
  const numberOf = new Map(released.map(({ sealId, recordNumber }) => [sealId, recordNumber]))
  return forEachStillDue(shop, [...numberOf.keys()], async (tx, seal) => {
    if (seal.state !== 'made') return false
    const at = shop.clock.now()
    const recordNumber = numberOf.get(seal.id)!
    await takeStep(tx, seal, { action: 'file', reason: null, caller, at, detail: { recordNumber } })
    await insertFiling(tx, { sealId: seal.id, kind: 'release', recordNumber, callerId: caller.id, at })
    return true
  })
}

async function suspendUnkept(shop: Workshop): Promise<string[]> {
  if (shop.people.isUnknown) return []
  const kept = (await listKept(shop.database, 'active')).filter(({ keeperId }) => isPerson(keeperId!))
  const unkept: Seal[] = []
  for (const [departmentCode, seals] of Map.groupBy(kept, (seal) => seal.departmentCode)) {
    const keepers = new Set((await shop.people.keepersOf(departmentCode)).map(({ id }) => id))
    unkept.push(...seals.filter(({ keeperId }) => !keepers.has(keeperId!)))
  }
  const keeperOf = new Map(unkept.map(({ id, keeperId }) => [id, keeperId]))
  return forEachStillDue(shop, [...keeperOf.keys()], async (tx, seal) => {
    if (seal.state !== 'active' || seal.keeperId !== keeperOf.get(seal.id)) return false
    const reason = 'its keeper keeps no seals of the owner any more'
    const step = {
      action: 'suspend' as const,
      reason,
      caller,
      at: shop.clock.now(),
      detail: { keeperLeft: seal.keeperId },
    }
    return (await takeStep(tx, seal, step)) !== undefined
  })
}

/** Once when the time is over, and again after each such time. */
async function remind(shop: Workshop, now: Date): Promise<string[]> {
  const deadlines = Object.entries(shop.deadlines) as [SealState, number][]
  const waiting = await listForReminders(shop.database, {
    states: deadlines.map(([state]) => state),
    changedBefore: deadlines.map(([, days]) => plusDays(now, -days)),
  })
  const isDue = (seal: Seal, remindedAt: Date | null): boolean =>
    remindedAt === null || plusDays(remindedAt, shop.deadlines[seal.state]!) <= now
  const overdue = waiting.flatMap(({ seal, remindedAt }) => (isDue(seal, remindedAt) ? [seal] : []))
  const told = await forEachStillDue(
    shop,
    overdue.map(({ id }) => id),
    async (tx, seal) => {
      const due = dueAt(seal, shop.deadlines)
      if (due === null || due > now) return false
      const detail = { about: 'overdue', state: seal.state, dueAt: due.toISOString() }
      await recordEvent(tx, { sealId: seal.id, action: 'remind', reason: null, caller, at: shop.clock.now(), detail })
      return true
    },
  )
  const ending = await listEndingSoon(shop.database, plusDays(now, RENEWAL_NOTICE_DAYS), RENEWAL_NOTICE_DAYS)
  const warned = await forEachStillDue(
    shop,
    ending.map(({ id }) => id),
    async (tx, seal) => {
      const detail = { about: 'certificate-ends', validUntil: seal.validUntil!.toISOString() }
      await recordEvent(tx, { sealId: seal.id, action: 'remind', reason: null, caller, at: shop.clock.now(), detail })
      return true
    },
  )
  return [...told, ...warned]
}
