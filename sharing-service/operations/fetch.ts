import { type FieldValue, parseIdentifier } from '../../licence-format/index.ts'
import type { Entitlement } from '../domain/entitlement.ts'
import type { LicenceBrief, Reader } from '../ports/licence-register.ts'
import type { FetchCaller } from './caller.ts'
import {
  admitLicence,
  decide,
  type Fetch,
  type FetchReason,
  type Leave,
  nothingFound,
  record,
  recordGiven,
  requireStanding,
} from './decide.ts'
import type { Deps } from './deps.ts'

/** A licence as another department sees it: nothing of its holder but the fields that were granted. */
export type SharedLicence = Omit<LicenceBrief, 'holderKeys' | 'statusAsOf'> & {
  readonly statusAsOf: Date
  readonly typeName: { readonly zh: string; readonly en: string }
}

export interface SharedData {
  readonly licence: SharedLicence
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly refused: Entitlement['refused']
}

/** Licences that a search shows, at most; there is no next page. */
const MOST_HITS = 50
/** Of one holder and type that are looked through. */
const MOST_CANDIDATES = 200

export const toReader = ({ id, kind, departmentCode }: FetchCaller, { matterCode }: FetchReason): Reader => ({
  ...{ id, kind, departmentCode, matterCode },
})

function toShared({ holderKeys: _, ...brief }: LicenceBrief, { type }: Pick<Leave, 'type'>): SharedLicence {
  return { ...brief, typeName: type.name }
}

/** 证照检索: licences of one type of one holder, both of which must be known. Throws as `decide`. */
export async function search(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & { readonly holderCode: string; readonly typeCode: string },
): Promise<SharedLicence[]> {
  const { holderCode, typeCode, ...why } = asked
  const holderKey = deps.register.keyOf(holderCode)
  const fetch: Fetch = {
    ...{ what: 'search', caller, why, typeCode, issuerCode: null, identifier: null },
    holderKeys: [holderKey],
    fields: [],
  }
  const leave = await decide(deps, fetch)
  const found = await findCovered(deps, leave, holderKey, MOST_HITS)
  await requireStanding(
    deps,
    fetch,
    found.flatMap((one) => one.leave.shares),
  )
  const [{ agreement }] = leave.shares
  await record(deps, fetch, { answer: found.length > 0 ? 'given' : 'nothing', fields: [], agreement })
  return found.map(({ brief }) => toShared(brief, leave))
}

/** A licence that may be had, and under which leave. */
interface Covered {
  readonly brief: LicenceBrief
  readonly leave: Leave
}

/** A holder's licences of the type that may be had, those in force first, then newest first. */
export async function findCovered(deps: Deps, leave: Leave, holderKey: string, most: number): Promise<Covered[]> {
  const { typeCode } = leave.type
  const all = await deps.register.findByHolder({ holderKey, typeCode, most: MOST_CANDIDATES })
  const covered: Covered[] = []
  for (const brief of all) {
    const under = covered.length < most ? await leave.under(brief.issuerCode) : undefined
    if (under) covered.push({ brief, leave: under })
  }
  return covered
}

/** 信息获取: the fields of a licence that the department is entitled to. Throws as `decide`, and SHARING_LICENCE_NOT_FOUND. */
export async function fetchData(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & { readonly identifier: string; readonly fields: readonly string[] },
  what: 'data' | 'qr-check' = 'data',
): Promise<SharedData> {
  const { identifier, fields, ...why } = asked
  const { text, typeCode, issuerCode } = parseIdentifier(identifier)
  const fetch: Fetch = { what, caller, why, typeCode, issuerCode, identifier: text, holderKeys: [], fields }
  const leave = await decide(deps, fetch)
  const brief = await deps.register.find(text)
  if (brief) await admitLicence(deps, fetch, leave, brief)
  return openGranted(deps, fetch, leave, brief)
}

/** Opens what was granted and nothing else, and puts on record what was given before it leaves. */
export async function openGranted(
  deps: Deps,
  fetch: Fetch,
  leave: Leave,
  brief: LicenceBrief | undefined,
): Promise<SharedData> {
  const values = brief && (await deps.register.open(brief.identifier, leave.granted, toReader(fetch.caller, fetch.why)))
  if (!brief || !values) {
    await record(deps, fetch, { answer: 'nothing', fields: [], agreement: leave.shares[0].agreement })
    throw nothingFound()
  }
  const fields: Record<string, FieldValue> = {}
  for (const name of leave.granted) if (Object.hasOwn(values, name)) fields[name] = values[name]!
  const { holderKeys, identifier } = brief
  await requireStanding(deps, fetch, leave.shares, { holderKeys, identifier })
  await recordGiven(deps, fetch, leave, { fields: Object.keys(fields), holderKeys, identifier })
  return { licence: toShared(brief, leave), fields, refused: leave.refused }
}
