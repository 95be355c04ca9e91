import type { LicenceBody } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { ValidatedData } from '../../templates/index.ts'
import type { CoSeal } from '../domain/co-seal.ts'
import { codesActedFor, isOpenAt } from '../domain/department-range.ts'
import { type Level, targetLevel } from '../domain/level.ts'
import { LicenceError } from '../errors.ts'
import { listAssignments, type TypeAssignment } from '../store/type-assignments.ts'
import { settleBody } from './bodies/settle-body.ts'
import type { Deps, Template } from './deps.ts'
import { validatedData } from './entered-data.ts'
import type { KeyedRequest } from './issue-licences.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import { checkReplacement, type Replaced, recordedData, replacedBy } from './life/replaced.ts'

/** A request that may become a licence, with all that the next step needs. */
export interface ValidRequest {
  readonly request: KeyedRequest
  readonly template: Template
  readonly sealId: string
  readonly coSeals: readonly CoSeal[]
  readonly issuer: { readonly code: string; readonly name: string }
  /** Its pictures hold the octets of an uploaded document too. */
  readonly validated: ValidatedData
  readonly body: LicenceBody | undefined
  readonly replaced: Replaced | undefined
  readonly targetLevel: Level
}

/**
 * Step 2: may these licences exist? Every fault of every request at once. What is only to be ordered yet needs no order that stands, and
 * nobody's approval.
 */
export async function validateRequests(
  deps: Deps,
  caller: Principal,
  requests: readonly KeyedRequest[],
  purpose: 'to issue' | 'to order' = 'to issue',
): Promise<{ valid: ValidRequest[]; refused: Map<string, IssueOutcome> }> {
  const valid: ValidRequest[] = []
  const refused = new Map<string, IssueOutcome>()
  if (requests.length === 0) return { valid, refused }
  const assignments = (await listAssignments(deps.database)).filter(
    ({ departmentCode }) => departmentCode === caller.departmentCode,
  )
  const departments = await deps.facts.departments()
  const department = departments.find(({ code }) => code === caller.departmentCode)
  const issuer = { code: caller.departmentCode, name: department?.name.zh ?? '' }
  // What was ordered or begun before its last day makes nothing in a closed department's name after it.
  const isOpen = department !== undefined && isOpenAt(department, deps.clock.now())
  const replacer = { caller, acted: codesActedFor(departments, caller.departmentCode, deps.clock.now()), purpose }
  for (const request of requests) {
    try {
      const entitlement = entitlementOf(deps, request, isOpen ? assignments : [])
      const { coSeals } = entitlement
      const sealId = request.replaces?.sealId ?? entitlement.sealId
      const replaced = await replacedBy(deps, replacer, request)
      const { template, validated, body } =
        replaced?.cause === 'reseal'
          ? await recordedData(deps, replaced.row)
          : await enteredContent(deps, caller, entitlement, request)
      if (replaced) await checkReplacement(deps, replaced, validated)
      valid.push({
        ...{ request, template, sealId, coSeals, issuer, validated, body, replaced },
        targetLevel: targetLevel(request.level, validated),
      })
    } catch (error) {
      if (!(error instanceof LicenceError)) throw error
      refused.set(request.key, { ok: false, error })
    }
  }
  return { valid, refused }
}

/** What a person entered, with the document it is about where that is uploaded. */
async function enteredContent(
  deps: Deps,
  caller: Principal,
  { template, coSeals }: Pick<ValidRequest, 'template' | 'coSeals'>,
  request: KeyedRequest,
): Promise<Pick<ValidRequest, 'template' | 'validated' | 'body'>> {
  const validated = validatedData(deps, template, request.data, request.replaces?.effectiveAt)
  const settled = await settleBody(deps, caller, template, request.body, { coSeals })
  if (!settled) return { template, validated, body: undefined }
  const { body, pdf } = settled
  return { template, validated: { ...validated, pictures: new Map([...validated.pictures, [body.digest, pdf]]) }, body }
}

function entitlementOf(
  deps: Deps,
  { typeCode }: KeyedRequest,
  assignments: readonly TypeAssignment[],
): { template: Template; sealId: string; coSeals: readonly CoSeal[] } {
  const template = deps.templates.current(typeCode)
  if (!template) throw withoutTemplate(deps, typeCode)
  const assignment = assignments.find((one) => one.typeCode === typeCode && !one.endedAt)
  if (!assignment)
    throw new LicenceError('LICENCE_TYPE_NOT_ASSIGNED', 'this department may not issue licences of this type')
  return { template, sealId: assignment.sealId, coSeals: assignment.coSeals }
}

/** Why nothing can be issued of a type that has no template in force. */
function withoutTemplate(deps: Deps, typeCode: string): LicenceError {
  if (deps.templates.entry(typeCode)?.state !== 'published')
    return new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  return new LicenceError('TEMPLATE_NOT_PUBLISHED', 'the type has no template in force')
}
