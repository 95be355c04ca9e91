// What comes before every fetch: is there such a matter, may it be had, is there enough left of the day's quota? Whatever the outcome, it
// is on record before the caller hears of it.
import { dayOf } from '../../licence-format/index.ts'
import type { Agreement } from '../domain/agreement.ts'
import { type Entitlement, mayGet, type Refusal, type SharedType } from '../domain/entitlement.ts'
import { type Quota, quotaOfAgreement, quotaOfOpenType } from '../domain/quota.ts'
import { SharingError } from '../errors.ts'
import type { FieldsWithin, LicenceBrief } from '../ports/licence-register.ts'
import type { AccessKind } from '../store/accesses.ts'
import { findAgreement, listAgreed } from '../store/agreements.ts'
import { findMatter } from '../store/matters.ts'
import { relyOn, takeHolders, takeUse } from '../store/quotas.ts'
import type { NewAccess } from './access-log.ts'
import type { FetchCaller } from './caller.ts'
import { createReach, type Reach } from './coverage.ts'
import type { Deps } from './deps.ts'

/** Why a department asks, and for which matter of its own. */
export interface FetchReason {
  readonly matterCode: string
  readonly purpose: string
  readonly legalBasis?: string | undefined
  /** The interface has no place for a legal basis (GB/T 36906): where none is said, that of the agreement counts. */
  readonly isLegalBasisAgreed?: boolean
}

/** One call, as far as it is known before anything is looked up. */
export interface FetchCall {
  readonly what: AccessKind
  readonly caller: FetchCaller
  readonly why: FetchReason
  readonly typeCode: string | null
  readonly identifier: string | null
  readonly holderKeys: readonly string[]
}

/** A call for something of a licence. */
export interface Fetch extends FetchCall {
  readonly typeCode: string
  /** From the identifier, where one was given: what decides is known before it is known whether there is such a licence. */
  readonly issuerCode: string | null
  readonly fields: readonly string[]
}

/** Leave to fetch. */
export interface Leave extends Entitlement {
  readonly type: SharedType
  readonly agreement: Agreement | null
  readonly quota: Quota
  /** The same for licences of one issuer, under the agreement that is about these; undefined where none is. */
  under(issuerCode: string): Promise<Leave | undefined>
}

/** Throws MATTER_UNKNOWN, on record, unless the department has this matter. */
export async function requireMatter(deps: Deps, call: FetchCall): Promise<void> {
  if (await findMatter(deps.database, call.caller.departmentCode, call.why.matterCode)) return
  await record(deps, call, { answer: 'matter unknown', fields: [] })
  throw new SharingError('MATTER_UNKNOWN', 'the department has no matter with this code')
}

/**
 * Throws unless the caller may have something, and something of the day's quota is left; one use of it is taken, and the holders that the
 * call names are counted, whether there is something of them or not: who asks through a list of people is stopped.
 * @throws SharingError MATTER_UNKNOWN, SHARING_NOT_ENTITLED, SHARING_AGREEMENT_ENDED, SHARING_LEGAL_BASIS_MISSING, SHARING_QUOTA_EXHAUSTED
 */
export async function decide(deps: Deps, fetch: Fetch): Promise<Leave> {
  await requireMatter(deps, fetch)
  const { typeCode, fields } = fetch
  const type = deps.register.type(typeCode)
  const reach = createReach(deps)
  const agreements = type?.sharing === 'conditional' ? await agreementsFor(deps, reach, fetch) : [null]
  const [agreement = null] = agreements
  const leave = type && leaveUnder(deps, fetch, type, agreement)
  const refusal = leave ? whyNothing(leave) : 'no agreement'
  if (!leave || refusal !== null) {
    await record(deps, fetch, { answer: refusal ?? 'no agreement', fields, agreement })
    throw refusalError(refusal ?? 'no agreement')
  }
  const day = dayOf(deps.clock.now())
  const isLeft = await deps.database.transaction(
    async (tx) =>
      (await takeUse(tx, leave.quota, day)) &&
      (fetch.holderKeys.length === 0 || takeHolders(tx, leave.quota, day, fetch.holderKeys)),
  )
  if (!isLeft) {
    await record(deps, fetch, { answer: 'quota exhausted', fields, agreement })
    throw quotaError()
  }
  return { ...leave, under: (issuerCode) => findUnder(deps, fetch, leave, { agreements, reach, issuerCode }) }
}

/** Of the fields asked for those that the caller might have, each agreement's with its issuers; nothing is taken of a quota, nothing recorded. */
export async function fieldsWithin(deps: Deps, fetch: Fetch): Promise<readonly FieldsWithin[]> {
  const type = deps.register.type(fetch.typeCode)
  if (!type) return []
  const reach = createReach(deps)
  const agreements = type.sharing === 'conditional' ? await agreementsFor(deps, reach, fetch) : [null]
  const within: FieldsWithin[] = []
  for (const agreement of agreements) {
    const leave = leaveUnder(deps, fetch, type, agreement)
    if (whyNothing(leave) !== null) continue
    const issuerCodes = agreement && (await reach.issuersReached(agreement.providerCode))
    within.push({ fields: leave.granted, issuerCodes })
  }
  return within
}

type Granted = Omit<Leave, 'under'>

function leaveUnder(
  deps: Deps,
  { caller, why, fields }: Fetch,
  type: SharedType,
  agreement: Agreement | null,
): Granted {
  const asked = { matterCode: why.matterCode, legalBasis: legalBasisOf(why, agreement), fields }
  const quota = agreement ? quotaOfAgreement(agreement) : quotaOfOpenType(caller.departmentCode, type.typeCode)
  return { ...mayGet(type, agreement, asked, deps.clock.now()), type, agreement, quota }
}

const whyNothing = ({ refusal, granted }: Granted): Refusal | 'no field' | null =>
  refusal ?? (granted.length === 0 ? 'no field' : null)

async function findUnder(
  deps: Deps,
  fetch: Fetch,
  { type }: Granted,
  {
    agreements,
    reach,
    issuerCode,
  }: { readonly agreements: readonly (Agreement | null)[]; readonly reach: Reach; readonly issuerCode: string },
): Promise<Leave | undefined> {
  for (const agreement of agreements) {
    const leave = leaveUnder(deps, fetch, type, agreement)
    if (whyNothing(leave) !== null) continue
    if (agreement && !(await reach.isOfProvider(agreement.providerCode, issuerCode))) continue
    return { ...leave, under: async () => undefined }
  }
  return undefined
}

/**
 * Counts the holders of what is about to be opened, and that the department relies on it from now on: whatever changes after this is told.
 * @throws SharingError SHARING_QUOTA_EXHAUSTED, on record
 */
export async function admitLicence(deps: Deps, fetch: Fetch, leave: Leave, licence: LicenceBrief): Promise<void> {
  const now = deps.clock.now()
  const isAdmitted = await deps.database.transaction(async (tx) => {
    if (!(await takeHolders(tx, leave.quota, dayOf(now), licence.holderKeys))) return false
    await relyOn(tx, fetch.caller.departmentCode, licence.identifier, now)
    return true
  })
  if (isAdmitted) return
  const { holderKeys, identifier } = licence
  await record(deps, fetch, {
    answer: 'quota exhausted',
    fields: fetch.fields,
    agreement: leave.agreement,
    holderKeys,
    identifier,
  })
  throw quotaError()
}

/**
 * What was looked up leaves only while the agreement under which it was looked up stands.
 * @throws SharingError SHARING_AGREEMENT_ENDED, on record
 */
export async function requireStanding(
  deps: Deps,
  fetch: Fetch,
  { agreement }: Pick<Leave, 'agreement'>,
  found: Partial<Pick<NewAccess, 'holderKeys' | 'identifier'>> = {},
): Promise<void> {
  if (!agreement) return
  const now = await findAgreement(deps.database, agreement.id)
  if (now?.state === 'accepted' && deps.clock.now() < now.validUntil) return
  await record(deps, fetch, { answer: 'agreement ended', fields: fetch.fields, agreement, ...found })
  throw refusalError('agreement ended')
}

/** What became of a fetch, on record. */
export function record(
  deps: Deps,
  { what, caller, why, typeCode, identifier, holderKeys }: FetchCall,
  outcome: Pick<NewAccess, 'answer' | 'fields'> &
    Partial<Pick<NewAccess, 'holderKeys' | 'identifier'>> & { readonly agreement?: Agreement | null },
): Promise<void> {
  const { agreement = null, ...rest } = outcome
  return deps.accesses.record({
    ...{ what, caller, typeCode, identifier, holderKeys },
    matterCode: why.matterCode,
    reason: { purpose: why.purpose, legalBasis: legalBasisOf(why, agreement) },
    ...rest,
    agreementId: agreement?.id ?? null,
  })
}

const legalBasisOf = ({ legalBasis, isLegalBasisAgreed }: FetchReason, agreement: Agreement | null): string | null =>
  legalBasis ?? (isLegalBasisAgreed ? agreement?.legalBasis : undefined) ?? null

/** What was agreed on licences of the type, of the issuer where one is known: first what gives something, then what says best why not. */
async function agreementsFor(
  deps: Deps,
  reach: Reach,
  { caller, typeCode, why, issuerCode }: Fetch,
): Promise<Agreement[]> {
  const now = deps.clock.now()
  const rankOf = (one: Agreement) => {
    if (one.state !== 'accepted' || now >= one.validUntil) return 3
    if (now < one.validFrom) return 2
    return one.matterCodes.includes(why.matterCode) ? 0 : 1
  }
  const all = await listAgreed(deps.database, caller.departmentCode, typeCode)
  const ranked = all.sort((one, other) => rankOf(one) - rankOf(other))
  if (issuerCode === null) return ranked
  const ofIssuer: Agreement[] = []
  for (const one of ranked) if (await reach.isOfProvider(one.providerCode, issuerCode)) ofIssuer.push(one)
  return ofIssuer
}

function refusalError(refusal: Refusal | 'no field'): SharingError {
  if (refusal === 'agreement ended')
    return new SharingError('SHARING_AGREEMENT_ENDED', 'the agreement on licences of this type has ended')
  if (refusal === 'legal basis missing')
    return new SharingError('SHARING_LEGAL_BASIS_MISSING', 'licences of this type are fetched on a legal basis alone')
  // Not shared, not agreed and not there are one answer: it tells nothing of what others agreed or have.
  return new SharingError('SHARING_NOT_ENTITLED', 'the department may not have this for this matter')
}

const quotaError = () => new SharingError('SHARING_QUOTA_EXHAUSTED', "today's quota is used up")

/** What is said where there is nothing: to those alone who might have had it. */
export const nothingFound = () => new SharingError('SHARING_LICENCE_NOT_FOUND', 'there is no such licence')
