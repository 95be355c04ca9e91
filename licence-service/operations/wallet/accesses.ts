import type { Principal } from '../../../platform/index.ts'
import type { SharedAccess } from '../../ports/accesses.ts'
import { type Look, looksOfHolder } from '../../store/wallet.ts'
import { cursorRefused } from '../cursor.ts'
import type { Deps } from '../deps.ts'
import { sharedType } from '../feed/shared-types.ts'
import { actingHolder } from './holder.ts'
import { departmentNames } from './licences.ts'

type Words = { readonly zh: string; readonly en: string }

/** Somebody looked at a licence: who, when, at what, and what for. A clerk is not named, their department is. */
export interface Access {
  readonly at: Date
  readonly identifier: string | null
  readonly by: Look['by'] | 'sharing'
  readonly department: Words | null
  readonly what: string
  readonly matter: string | null
  readonly matterName: string | null
  readonly purpose: string | null
  readonly fields: readonly string[]
  /** What these fields are called, in the same order. */
  readonly fieldLabels: readonly Words[]
  readonly isGranted: boolean
}

const CURSOR = /^(\d{1,15})\.(\d{1,6})$/

/** Up to which instant, and how many of that instant were told before. */
function parseCursor(cursor: string | undefined, now: Date): { until: Date; told: number } {
  if (cursor === undefined) return { until: now, told: 0 }
  const [, at, told] = CURSOR.exec(cursor) ?? []
  if (at === undefined) throw cursorRefused()
  return { until: new Date(Number(at)), told: Number(told) }
}

/**
 * Who looked at the holder's licences, newest first: departments, whoever had a link, the holder and their agents, and what other
 * departments fetched.
 * @throws LicenceError LICENCE_CURSOR_INVALID, AGENT_SCOPE_EXCEEDED
 */
export async function listAccesses(
  deps: Deps,
  principal: Principal,
  { limit, cursor, agency }: { limit: number; cursor?: string | undefined; agency?: string | undefined },
): Promise<{ items: Access[]; next: string | null }> {
  const { mac, typeCodes } = await actingHolder(deps, principal, 'read', agency)
  const { until, told } = parseCursor(cursor, deps.clock.now())
  const most = limit + told + 1
  const [looks, shared, nameOf] = await Promise.all([
    looksOfHolder(deps.database, mac, until, most),
    deps.accesses?.accessesOf(Buffer.from(mac).toString('hex'), until, most) ?? [],
    departmentNames(deps),
  ])
  const inOrder = [
    ...looks.map((look) => ({ key: look.look, access: accessOfLook(look, nameOf) })),
    ...shared.map((one) => ({ key: `s${one.access}`, access: accessOfSharing(deps, one, nameOf) })),
  ]
    .sort((one, other) => other.access.at.getTime() - one.access.at.getTime() || (one.key < other.key ? 1 : -1))
    .map(({ access }) => access)
  const page = inOrder.slice(told, told + limit)
  const last = page.at(-1)?.at.getTime()
  const isOver = inOrder.length <= told + limit || last === undefined
  const ofLast = inOrder.slice(0, told + limit).filter(({ at }) => at.getTime() === last).length
  const isSeen = ({ identifier }: Access) =>
    typeCodes === null || (identifier !== null && typeCodes.includes(identifier.split('.')[5] ?? ''))
  return { items: page.filter(isSeen), next: isOver ? null : `${last}.${ofLast}` }
}

const accessOfLook = (look: Look, nameOf: (code: string) => Words): Access => ({
  at: look.at,
  identifier: look.identifier,
  by: look.by,
  department: look.departmentCode === '' ? null : nameOf(look.departmentCode),
  what: look.what,
  matter: null,
  matterName: null,
  purpose: null,
  fields: [],
  fieldLabels: [],
  isGranted: !['refused', 'locked', 'copy-refused'].includes(look.what),
})

const accessOfSharing = (deps: Deps, one: SharedAccess, nameOf: (code: string) => Words): Access => ({
  at: one.at,
  identifier: one.identifier,
  by: 'sharing',
  department: nameOf(one.departmentCode),
  what: one.isEmpty ? 'shared-nothing' : `shared-${one.what}`,
  matter: one.matter,
  matterName: one.matterName,
  purpose: one.purpose,
  fields: one.fields,
  fieldLabels: labelsOf(deps, one),
  isGranted: one.isGranted,
})

function labelsOf(deps: Deps, { typeCode, fields }: SharedAccess): Words[] {
  const known = typeCode === null ? [] : (sharedType(deps, typeCode)?.fields ?? [])
  return fields.map((name) => known.find((field) => field.name === name)?.label ?? { zh: name, en: name })
}
