import type { FieldValue } from '../../licence-format/index.ts'
import { SharingError } from '../errors.ts'
import { findPrefillMap, type PrefillField } from '../store/prefill-maps.ts'
import type { FetchCaller } from './caller.ts'
import { admitLicence, decide, type Fetch, type FetchReason, record, requireMatter } from './decide.ts'
import type { Deps } from './deps.ts'
import { findCovered, openGranted, type SharedData, type SharedLicence } from './fetch.ts'

export interface Prefilled {
  /** By the form's own names. */
  readonly values: Readonly<Record<string, FieldValue>>
  /** From which licence each came. */
  readonly sources: Readonly<Record<string, SharedLicence>>
  /** What the person still has to say. */
  readonly missing: readonly {
    readonly formField: string
    readonly why: 'not entitled' | 'nothing found' | 'not filled in'
  }[]
}

/** Looked through for one that is in force. */
const MOST_CANDIDATES = 20

/**
 * 辅助录入: the fields of a form filled from the holder's licences in force, the newest of each type. What may not be had is missing like what
 * is not there. Each type is a fetch of its own, on record as one. Throws MATTER_UNKNOWN, PREFILL_MAP_NOT_FOUND,
 * SHARING_QUOTA_EXHAUSTED.
 */
export async function prefill(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & { readonly formCode: string; readonly holderCode: string },
): Promise<Prefilled> {
  const { formCode, holderCode, ...why } = asked
  const holderKey = deps.register.keyOf(holderCode)
  const call = { what: 'prefill', caller, why, identifier: null, holderKeys: [holderKey] } as const
  await requireMatter(deps, { ...call, typeCode: null })
  const map = await findPrefillMap(deps.database, caller.departmentCode, formCode)
  if (!map) throw new SharingError('PREFILL_MAP_NOT_FOUND', 'the department has no map for this form')
  const values: Record<string, FieldValue> = {}
  const sources: Record<string, SharedLicence> = {}
  const missing: Prefilled['missing'][number][] = []
  for (const [typeCode, entries] of byType(map.fields)) {
    const fields = [...new Set(entries.map(({ field }) => field))]
    const found = await openNewest(deps, { ...call, typeCode, issuerCode: null, fields }, holderKey)
    for (const { formField, field } of entries) {
      if (typeof found === 'string') missing.push({ formField, why: found })
      else if (found.refused.some((one) => one.field === field)) missing.push({ formField, why: 'not entitled' })
      else if (!Object.hasOwn(found.fields, field) || found.fields[field] === null)
        missing.push({ formField, why: 'not filled in' })
      else {
        values[formField] = found.fields[field]!
        sources[formField] = found.licence
      }
    }
  }
  return { values, sources, missing }
}

async function openNewest(
  deps: Deps,
  fetch: Fetch,
  holderKey: string,
): Promise<SharedData | 'not entitled' | 'nothing found'> {
  try {
    const leave = await decide(deps, fetch)
    const candidates = await findCovered(deps, leave, holderKey, MOST_CANDIDATES)
    const newest = candidates.find(({ brief }) => brief.status === 'in force')
    if (newest) {
      await admitLicence(deps, fetch, newest.leave, newest.brief)
      return await openGranted(deps, fetch, newest.leave, newest.brief)
    }
    await record(deps, fetch, { answer: 'nothing', fields: [], agreement: leave.shares[0].agreement })
    return 'nothing found'
  } catch (error) {
    if (!(error instanceof SharingError) || error.code === 'SHARING_QUOTA_EXHAUSTED') throw error
    return error.code === 'SHARING_LICENCE_NOT_FOUND' ? 'nothing found' : 'not entitled'
  }
}

function byType(fields: readonly PrefillField[]): ReadonlyMap<string, readonly PrefillField[]> {
  return Map.groupBy(fields, ({ typeCode }) => typeCode)
}
