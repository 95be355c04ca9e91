import type { Principal, Queryable } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { Actor, DrawnPicture, LifeFacts } from '../../domain/life-policy.ts'
import type { Seal } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { listApplicationHeads } from '../../store/applications.ts'
import { listLastPictures } from '../../store/drawn-pictures.ts'
import { listEndingTimes } from '../../store/pending-endings.ts'
import { listSealEvents, type RecordedEvent } from '../../store/seal-events.ts'
import { findSeal } from '../../store/seals.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** What is on record of a seal's life; in one transaction where `db` is one. */
export async function readLifeFacts(db: Queryable, seal: Seal): Promise<LifeFacts> {
  return (await readManyLifeFacts(db, [seal]))[0]!
}

/** The same of several seals at once, in their order. */
export async function readManyLifeFacts(db: Queryable, seals: readonly Seal[]): Promise<LifeFacts[]> {
  const ids = seals.map(({ id }) => id)
  const applications = groupBySeal(await listApplicationHeads(db, ids))
  const events = groupBySeal(await listSealEvents(db, ids))
  const drawn = groupBySeal(await listLastPictures(db, ids))
  const endings = groupBySeal(await listEndingTimes(db, ids))
  return seals.map((seal) => {
    const told = events.get(seal.id) ?? []
    const versions = applications.get(seal.id) ?? []
    const [last] = drawn.get(seal.id) ?? []
    const picture: DrawnPicture | null = last
      ? {
          version: last.version,
          digest: last.pictureDigest,
          drawnBy: last.drawnBy,
          approvedBy: findApproval(told, last.version, hex(last.pictureDigest)),
        }
      : null
    return {
      seal,
      application: versions.at(-1) ?? null,
      applicantIds: versions.map(({ applicantId }) => applicantId),
      approverId: told.findLast(({ action }) => action === 'approve')?.callerId ?? null,
      picture,
      destructionOrderedBy: findOrder(told),
      typesOrder: findTypesOrder(told),
      expiredFrom: seal.state === 'expired' ? findStateBefore(told) : null,
      endsAt: endings.get(seal.id)?.[0]?.effectiveAt ?? null,
    }
  })
}

const groupBySeal = <T extends { readonly sealId: string }>(rows: readonly T[]): Map<string, T[]> =>
  Map.groupBy(rows, ({ sealId }) => sealId)

/** Who approved this very picture. */
const findApproval = (events: readonly RecordedEvent[], version: number, digest: string): string | null =>
  events.findLast(
    ({ action, detail }) =>
      action === 'approve-picture' && detail?.['version'] === version && detail['digest'] === digest,
  )?.callerId ?? null

/** An order to destroy stands until the seal changes its state. */
function findOrder(events: readonly RecordedEvent[]): string | null {
  const order = events.findLastIndex(({ action }) => action === 'order-destruction')
  if (order < 0) return null
  const isStanding = events.slice(order).every(({ state }) => state === events[order]!.state)
  return isStanding ? events[order]!.callerId : null
}

/** An order for further types stands until the types change, or it is refused. */
function findTypesOrder(events: readonly RecordedEvent[]): LifeFacts['typesOrder'] {
  const last = events.findLast(({ action }) => ['order-types', 'change-types', 'refuse-types'].includes(action))
  if (last?.action !== 'order-types') return null
  const told: unknown = last.detail?.['typeCodes']
  const typeCodes = Array.isArray(told) ? told.filter((code): code is string => typeof code === 'string') : []
  return { by: last.callerId, typeCodes }
}

function findStateBefore(events: readonly RecordedEvent[]): LifeFacts['expiredFrom'] {
  const expiry = events.findLastIndex(({ action }) => action === 'expire')
  return expiry > 0 ? events[expiry - 1]!.state : null
}

/** Whoever asks, as the policy knows them. */
export async function toActor(
  { people, departments }: Workshop,
  principal: Principal,
  ownerCode: string,
): Promise<Actor> {
  return {
    id: principal.id,
    departmentCode: principal.departmentCode,
    isInRange: await departments.isWithin(principal.departmentCode, ownerCode),
    may: (permission) => people.isPermitted(principal, permission),
  }
}

/** Roles that see the departments below their own. */
const rangePermissions = ['seals:review', 'seals:make', 'audit:read'] as const

/** The departments whose seals the caller may see: the own one, for reviewers, makers and auditors those below it too. */
export async function codesInSight(
  { people, departments }: Workshop,
  principal: Principal,
): Promise<readonly string[]> {
  const seesRange = rangePermissions.some((permission) => people.isPermitted(principal, permission))
  return seesRange ? departments.codesWithin(principal.departmentCode) : [principal.departmentCode]
}

/** The seal, where the caller may see it. Throws `SEAL_NOT_FOUND`, for seals of others too. */
export async function findSealInSight(shop: Workshop, principal: Principal, sealId: string): Promise<Seal> {
  const seal = await findSeal(shop.database, sealId)
  const codes = seal === undefined ? [] : await codesInSight(shop, principal)
  if (seal === undefined || !codes.includes(seal.departmentCode))
    throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  return seal
}
