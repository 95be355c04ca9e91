import { canonicalJson } from '../../../licence-format/index.ts'
import { faultOfReceiver, type Principal } from '../../../platform/index.ts'
import type { BodyRequest } from '../../domain/body.ts'
import { LicenceError } from '../../errors.ts'
import { type CaseRow, type CaseState, putCase, runningGrants } from '../../store/cases.ts'
import { recordAudit } from '../../store/register.ts'
import { settleBody } from '../bodies/settle-body.ts'
import { keepBody } from '../bodies/waiting-bodies.ts'
import type { Deps, Template } from '../deps.ts'
import { validatedData } from '../entered-data.ts'
import { holderCodeMac } from '../holder-key.ts'
import type { Within } from '../part.ts'
import { createBox, keyedHash } from '../sealed-content.ts'
import { boxNameOf } from './case-box.ts'
import { issueCase } from './issue-case.ts'

/** An approval result as the system that decided hands it over. */
export interface CaseSubmission {
  /** 办件编号 and 事项编码. */
  readonly caseNumber: string
  readonly itemCode: string
  readonly applicant: { readonly name: string; readonly code: string }
  readonly decidedAt: Date
  readonly typeCode: string
  /** What the licence is to say, by the names of the type's definition. */
  readonly data: Readonly<Record<string, unknown>>
  /** Of a type whose document is uploaded: which one. */
  readonly body?: BodyRequest | undefined
  /** Where the answer is told, signed. */
  readonly callBack?: string | undefined
}

/** A case as its department sees it. */
export interface CaseView {
  readonly caseNumber: string
  readonly typeCode: string
  readonly itemCode: string
  readonly state: CaseState
  readonly decidedAt: Date
  readonly submittedAt: Date
  readonly answeredAt: Date | null
  /** The licence. */
  readonly identifier: string | null
  /** Why the last attempt made none, as a code. */
  readonly lastFault: string | null
}

/**
 * Puts an approval result on record, once per case and type; where a grant names the machine that hands it over, the licence is made at
 * once (秒批). A case handed over again is answered as it stands, with the licence it has.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, LICENCE_DATA_INVALID, CASE_ITEM_DIFFERS, CASE_TIME_REFUSED, CASE_CALL_BACK_REFUSED,
 *   CASE_DIFFERS
 */
export async function submitCase(
  deps: Deps,
  within: Pick<Within, 'issue'>,
  caller: Principal,
  submission: CaseSubmission,
): Promise<CaseView> {
  const template = check(deps, submission)
  await settleBody(deps, caller, template, submission.body)
  const { caseNumber, itemCode, typeCode, applicant, decidedAt, data, body, callBack = null } = submission
  const document = body ? { body: JSON.parse(JSON.stringify(body)) } : {}
  const at = deps.clock.now()
  const name = { departmentCode: caller.departmentCode, caseNumber, typeCode }
  const { box, wrapped } = createBox(deps, boxNameOf(name))
  const request = canonicalJson({ applicant, data, ...document })
  const requestMac = keyedHash(deps, 'case', canonicalJson({ itemCode, applicant, data, ...document }))
  const row = await deps.database.transaction(async (tx) => {
    await keepBody(deps, tx, caller.departmentCode, body)
    const put = await putCase(tx, {
      ...name,
      ...{ itemCode, decidedAt, submittedAt: at, submittedBy: caller.id, requestMac, callBack },
      applicantMac: holderCodeMac(deps, applicant.code),
      wrappedDataKey: wrapped,
      sealedRequest: box.seal('case', request),
    })
    if (put.submittedAt.getTime() === at.getTime() && put.submittedBy === caller.id)
      await recordAudit(tx, caller, at, [
        { action: 'submit-case', identifier: null, detail: `${typeCode} ${caseNumber}` },
      ])
    return put
  })
  if (!Buffer.from(row.requestMac).equals(requestMac))
    throw new LicenceError('CASE_DIFFERS', 'this case was handed over before with other data')
  if (row.state === 'waiting' && (await isUnattended(deps, caller, typeCode)))
    return toView(await issueCase(deps, within, caller, name))
  return toView(row)
}

export const toView = (row: CaseRow): CaseView => {
  const { caseNumber, typeCode, itemCode, state, decidedAt, submittedAt, answeredAt, identifier, lastFault } = row
  return { caseNumber, typeCode, itemCode, state, decidedAt, submittedAt, answeredAt, identifier, lastFault }
}

/** A machine that a running grant names, and that still may hand over and issue by the record. */
async function isUnattended(deps: Deps, caller: Principal, typeCode: string): Promise<boolean> {
  if (caller.kind !== 'machine') return false
  const grants = await runningGrants(deps.database, caller.departmentCode, deps.clock.now())
  if (!grants.some((grant) => grant.clientId === caller.id && grant.typeCode === typeCode)) return false
  return (await deps.people.mayNow(caller, 'approvals:submit')) && (await deps.people.mayNow(caller, 'licences:issue'))
}

function check(deps: Deps, { typeCode, itemCode, data, decidedAt, callBack }: CaseSubmission): Template {
  const template = deps.templates.current(typeCode)
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no such licence type in force')
  const items = deps.templates.entry(typeCode)?.items ?? []
  if (items.length > 0 && !items.some(({ code }) => code === itemCode))
    throw new LicenceError('CASE_ITEM_DIFFERS', 'this service item does not end in a licence of this type')
  if (decidedAt > deps.clock.now()) throw new LicenceError('CASE_TIME_REFUSED', 'a decision lies in the past')
  const fault = callBack === undefined ? undefined : faultOfReceiver(callBack, false)
  if (fault !== undefined) throw new LicenceError('CASE_CALL_BACK_REFUSED', `the address for the answer ${fault}`)
  validatedData(deps, template, data)
  return template
}
