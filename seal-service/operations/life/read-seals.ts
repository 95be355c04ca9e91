import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { dueAt } from '../../domain/life-deadlines.ts'
import {
  awaitedActions,
  findNextActions,
  isAwaited,
  type LifeAction,
  type LifeFacts,
} from '../../domain/life-policy.ts'
import { endedStates, type Seal, type SealState, sealStates } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { type ApplicationRecord, listApplications } from '../../store/applications.ts'
import { findLastPicture } from '../../store/drawn-pictures.ts'
import { type Filing, listFilings } from '../../store/filings.ts'
import { listSealEvents, type RecordedEvent } from '../../store/seal-events.ts'
import { listOrderedDestructions, listSeals, listTypesOrdered, listWaiting } from '../../store/seal-listing.ts'
import { codesInSight, findSealInSight, readLifeFacts, readManyLifeFacts, toActor } from './life-facts.ts'

export interface SealSearch {
  readonly states?: readonly SealState[] | undefined
  readonly departmentCode?: string | undefined
  readonly text?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of the seals that the caller may see, by code, and where the next page begins. */
export async function searchSeals(
  shop: Workshop,
  principal: Principal,
  search: SealSearch,
): Promise<{ readonly seals: readonly Seal[]; readonly next: string | null }> {
  const sight = await codesInSight(shop, principal)
  const { departmentCode, limit, ...rest } = search
  const departmentCodes = departmentCode === undefined ? sight : sight.filter((code) => code === departmentCode)
  const seals = await listSeals(shop.database, { ...rest, departmentCodes, limit: limit + 1 })
  const page = seals.slice(0, limit)
  return { seals: page, next: seals.length > limit ? page.at(-1)!.id : null }
}

/** All that is told of a seal's life. */
export interface SealLife {
  readonly seal: Seal
  readonly timeline: readonly RecordedEvent[]
  /** The application as it stands, for those who take part in the seal's life. */
  readonly application: ApplicationRecord | null
  readonly picture: LifeFacts['picture']
  readonly filings: readonly Filing[]
  readonly dueAt: Date | null
  readonly endsAt: Date | null
  /** What the caller may do next. */
  readonly mayDo: readonly (LifeAction | 'amend')[]
}

/** A seal with its timeline. Throws `SEAL_NOT_FOUND`, for seals out of sight too. */
export async function readSealLife(shop: Workshop, principal: Principal, sealId: string): Promise<SealLife> {
  const seal = await findSealInSight(shop, principal, sealId)
  const facts = await readLifeFacts(shop.database, seal)
  const readers = ['seals:apply', 'seals:review', 'seals:make', 'seals:keep', 'audit:read']
  const takesPart = readers.some((permission) => shop.people.isPermitted(principal, permission))
  return {
    seal,
    timeline: await listSealEvents(shop.database, [sealId]),
    application: takesPart ? ((await listApplications(shop.database, sealId)).at(-1) ?? null) : null,
    picture: facts.picture,
    filings: await listFilings(shop.database, sealId),
    dueAt: dueAt(seal, shop.deadlines),
    endsAt: facts.endsAt,
    mayDo: findNextActions(await toActor(shop, principal, seal.departmentCode), facts),
  }
}

/** The picture of a seal that is drawn but not made, as SVG. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_MADE`. */
export async function readDrawnPicture(shop: Workshop, principal: Principal, sealId: string): Promise<string> {
  const seal = await findSealInSight(shop, principal, sealId)
  const drawn = await findLastPicture(shop.database, seal.id)
  if (drawn === undefined) throw new SealError('SEAL_NOT_MADE', `no picture of seal ${sealId} was drawn yet`)
  return drawn.pictureSvg
}

/** Something that waits for the caller. */
export interface SealTask {
  readonly seal: Seal
  readonly actions: readonly (LifeAction | 'amend')[]
  readonly dueAt: Date | null
  readonly isOverdue: boolean
  /** What else speaks for it: the owner is closed, and who took over. */
  readonly closedOwner: { readonly successorCode: string | null } | null
}

const MOST_TASKS = 200
const stillRunning = sealStates.filter((state) => !(endedStates as readonly SealState[]).includes(state))

/** What waits for the caller, the longest waiting first; at most 200. Seals of departments that are closed wait for reviewers. */
export async function listTasks(shop: Workshop, principal: Principal): Promise<SealTask[]> {
  const now = shop.clock.now()
  const codes = await codesInSight(shop, principal)
  const states = (Object.keys(awaitedActions) as SealState[]).filter((state) => stillRunning.includes(state))
  const isReviewer = shop.people.isPermitted(principal, 'seals:review')
  const closed = isReviewer ? await findClosed(shop, codes) : new Map<string, { successorCode: string | null }>()
  const seals = new Map<string, Seal>()
  for (const seal of await listWaiting(shop.database, codes, states, MOST_TASKS * 5)) seals.set(seal.id, seal)
  for (const seal of await listOrderedDestructions(shop.database, codes, MOST_TASKS)) seals.set(seal.id, seal)
  for (const seal of await listTypesOrdered(shop.database, codes, MOST_TASKS)) seals.set(seal.id, seal)
  for (const seal of await listWaiting(shop.database, [...closed.keys()], stillRunning, MOST_TASKS))
    seals.set(seal.id, seal)
  const facts = await readManyLifeFacts(shop.database, [...seals.values()])
  const actors = new Map<string, Awaited<ReturnType<typeof toActor>>>()
  for (const code of new Set([...seals.values()].map(({ departmentCode }) => departmentCode)))
    actors.set(code, await toActor(shop, principal, code))
  const tasks = facts.flatMap((one): SealTask[] => {
    const { seal } = one
    const next = findNextActions(actors.get(seal.departmentCode)!, one)
    const closedOwner = closed.get(seal.departmentCode) ?? null
    const isEnding = (action: LifeAction | 'amend') => ['revoke', 'withdraw', 'cancel'].includes(action)
    const actions = next.filter((action) => isAwaited(action, one) || (closedOwner !== null && isEnding(action)))
    const due = dueAt(seal, shop.deadlines)
    if (actions.length === 0) return []
    return [{ seal, actions, dueAt: due, isOverdue: due !== null && due <= now, closedOwner }]
  })
  return tasks
    .toSorted((a, b) => a.seal.stateChangedAt.getTime() - b.seal.stateChangedAt.getTime())
    .slice(0, MOST_TASKS)
}

async function findClosed(shop: Workshop, codes: readonly string[]) {
  const now = shop.clock.now()
  const closed = await shop.people.closedDepartments()
  return new Map(
    codes.flatMap((code) => {
      const facts = closed.get(code)
      return facts?.closedAt != null && facts.closedAt <= now ? [[code, { successorCode: facts.successorCode }]] : []
    }),
  )
}
