import type { Principal } from '../../platform/index.ts'
import type { ValidatedData } from '../../templates/index.ts'
import type { CoSeal } from '../domain/co-seal.ts'
import { type Level, targetLevel } from '../domain/level.ts'
import { nextState } from '../domain/licence.ts'
import { effectiveTimeOf } from '../domain/register-entry.ts'
import { LicenceError } from '../errors.ts'
import { findLicence, holderCodes, type LicenceRow, lastVersion } from '../store/licences.ts'
import { entriesOf } from '../store/register.ts'
import { listAssignments, type TypeAssignment } from '../store/type-assignments.ts'
import type { Deps, Template } from './deps.ts'
import { validatedData } from './entered-data.ts'
import type { KeyedRequest } from './issue-licences.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import { keyedHash } from './sealed-content.ts'

/** A request that may become a licence, with all that the next step needs. */
export interface ValidRequest {
  readonly request: KeyedRequest
  readonly template: Template
  readonly sealId: string
  readonly coSeals: readonly CoSeal[]
  readonly issuer: { readonly code: string; readonly name: string }
  readonly validated: ValidatedData
  readonly replaced: Replaced | undefined
  readonly targetLevel: Level
}

interface Replaced {
  readonly row: LicenceRow
  /** Of the new licence. */
  readonly version: number
}

const LAST_VERSION = 999

/** Step 2: may these licences exist? Every fault of every request at once. */
export async function validateRequests(
  deps: Deps,
  caller: Principal,
  requests: readonly KeyedRequest[],
): Promise<{ valid: ValidRequest[]; refused: Map<string, IssueOutcome> }> {
  const valid: ValidRequest[] = []
  const refused = new Map<string, IssueOutcome>()
  if (requests.length === 0) return { valid, refused }
  const assignments = (await listAssignments(deps.database)).filter(
    ({ departmentCode }) => departmentCode === caller.departmentCode,
  )
  const department = (await deps.facts.departments()).find(({ code }) => code === caller.departmentCode)
  const issuer = { code: caller.departmentCode, name: department?.name.zh ?? '' }
  for (const request of requests) {
    try {
      const { template, sealId, coSeals } = entitlementOf(deps, request, department ? assignments : [])
      const validated = validatedData(deps, template, request.data)
      const replaced = await replacedBy(deps, caller, request, validated)
      valid.push({
        ...{ request, template, sealId, coSeals, issuer, validated, replaced },
        targetLevel: targetLevel(request.level, validated),
      })
    } catch (error) {
      if (!(error instanceof LicenceError)) throw error
      refused.set(request.key, { ok: false, error })
    }
  }
  return { valid, refused }
}

function entitlementOf(
  deps: Deps,
  { typeCode }: KeyedRequest,
  assignments: readonly TypeAssignment[],
): { template: Template; sealId: string; coSeals: readonly CoSeal[] } {
  const template = deps.template(typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const assignment = assignments.find((one) => one.typeCode === typeCode && !one.endedAt)
  if (!assignment)
    throw new LicenceError('LICENCE_TYPE_NOT_ASSIGNED', 'this department may not issue licences of this type')
  return { template, sealId: assignment.sealId, coSeals: assignment.coSeals }
}

/** Whether the licence named may be replaced by this one: the same type and holders, in force, and no other on its way. */
async function replacedBy(
  deps: Deps,
  caller: Principal,
  { typeCode, replaces }: KeyedRequest,
  validated: ValidatedData,
): Promise<Replaced | undefined> {
  if (!replaces) return undefined
  const row = await findLicence(deps.database, replaces.identifier)
  if (!row || row.departmentCode !== caller.departmentCode || row.typeCode !== typeCode)
    throw new LicenceError('LICENCE_NOT_FOUND', 'the department has no such licence of this type')
  nextState(row.state, 'supersede')
  const entries = await entriesOf(deps.database, row.identifier)
  effectiveTimeOf(replaces.effectiveAt, entries.at(-1)!.effectiveAt, deps.clock.now())
  const version = 1 + (await lastVersion(deps.database, row))
  if (version > LAST_VERSION)
    throw new LicenceError('LICENCE_VERSIONS_EXHAUSTED', 'version 999 has no successor: issue a new licence')
  const codes = new Set(
    (await holderCodes(deps.database, row.identifier)).map((mac) => Buffer.from(mac).toString('hex')),
  )
  const given = new Set(
    validated.holders.map(({ code }) => Buffer.from(keyedHash(deps, 'holder-code', code)).toString('hex')),
  )
  if (given.size !== codes.size || ![...given].every((code) => codes.has(code)))
    throw new LicenceError(
      'LICENCE_HOLDER_DIFFERS',
      'a replacement keeps the holders; another holder needs a new licence',
    )
  return { row, version }
}
