// What comes before every fetch: is there such a matter, may it be had, is there enough left of the day's quota? Whatever the outcome, it
// is on record before the caller hears of it.
import { dayOf } from '../../licence-format/index.ts'
import type { Agreement } from '../domain/agreement.ts'
import { type Entitlement, mayGet, type Refusal, type SharedType, shareOut } from '../domain/entitlement.ts'
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

/** What the class of a type, or one agreement, gives of what is asked, counted in a quota of its own. */
export interface Share extends Pick<Entitlement, 'granted'> {
  readonly agreement: Agreement | null
  readonly quota: Quota
}

/** Leave to fetch. */
export interface Leave extends Pick<Entitlement, 'granted' | 'refused'> {
  readonly type: SharedType
  /** Who gives which of the granted fields: every field is given by one. */
  readonly shares: readonly [Share, ...Share[]]
  /** The same for licences of one issuer, under the agreements that are about these; undefined where none is. */
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
 * call names are counted, whether there is something of them or not: who asks through a list of people is stopped. Of all agreements that
 * stand the fields count, each in the quota of the one that gives it; where no issuer is known yet, in that of the one that gives most.
 * @throws SharingError MATTER_UNKNOWN, SHARING_NOT_ENTITLED, SHARING_AGREEMENT_ENDED, SHARING_LEGAL_BASIS_MISSING, SHARING_QUOTA_EXHAUSTED
 */
export async function decide(deps: Deps, fetch: Fetch): Promise<Leave> {
  await requireMatter(deps, fetch)
  const { typeCode, fields } = fetch
  const type = deps.register.type(typeCode)
  const reach = createReach(deps)
  const agreements = type?.sharing === 'conditional' ? await agreementsFor(deps, reach, fetch) : [null]
  const leave = type && leaveUnder(deps, fetch, type, agreements)
  if (!leave) {
    const [agreement = null] = agreements
    const refusal = type ? (shareUnder(deps, fetch, type, agreement).refusal ?? 'no field') : 'no agreement'
    await record(deps, fetch, { answer: refusal, fields, agreement })
    throw refusalError(refusal)
  }
  const day = dayOf(deps.clock.now())
  const counted = fetch.issuerCode === null ? leave.shares.slice(0, 1) : leave.shares
  const exhausted = await deps.database.transaction((tx) =>
    findExhausted(
      counted,
      async ({ quota }) =>
        (await takeUse(tx, quota, day)) &&
        (fetch.holderKeys.length === 0 || takeHolders(tx, quota, day, fetch.holderKeys)),
    ),
  )
  if (exhausted) {
    await record(deps, fetch, { answer: 'quota exhausted', fields, agreement: exhausted.agreement })
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
    const { granted } = shareUnder(deps, fetch, type, agreement)
    if (granted.length === 0) continue
    const issuerCodes = agreement && (await reach.issuersReached(agreement.providerCode))
    within.push({ fields: granted, issuerCodes })
  }
  return within
}

function shareUnder(
  deps: Deps,
  { caller, why, fields }: Fetch,
  type: SharedType,
  agreement: Agreement | null,
): Share & Entitlement {
  const asked = { matterCode: why.matterCode, legalBasis: legalBasisOf(why, agreement), fields }
  const quota = agreement ? quotaOfAgreement(agreement) : quotaOfOpenType(caller.departmentCode, type.typeCode)
  return { ...mayGet(type, agreement, asked, deps.clock.now()), agreement, quota }
}

/** What the agreements give together; undefined where that is nothing. */
function leaveUnder(
  deps: Deps,
  fetch: Fetch,
  type: SharedType,
  agreements: readonly (Agreement | null)[],
): Omit<Leave, 'under'> | undefined {
  const [first, ...others] = shareOut(agreements.map((agreement) => shareUnder(deps, fetch, type, agreement)))
  if (!first) return undefined
  const shares = [first, ...others] as const
  const granted = shares.flatMap((share) => share.granted)
  return { type, shares, granted, refused: first.refused.filter(({ field }) => !granted.includes(field)) }
}

/** The first share whose quota is used up. Always in one order: calls that count in the same quotas never wait for each other in turn. */
async function findExhausted(
  shares: readonly Share[],
  take: (share: Share) => Promise<boolean>,
): Promise<Share | undefined> {
  const ordered = shares.toSorted((one, other) => (one.quota.scope < other.quota.scope ? -1 : 1))
  for (const share of ordered) if (!(await take(share))) return share
  return undefined
}

async function findUnder(
  deps: Deps,
  fetch: Fetch,
  { type }: Pick<Leave, 'type'>,
  {
    agreements,
    reach,
    issuerCode,
  }: { readonly agreements: readonly (Agreement | null)[]; readonly reach: Reach; readonly issuerCode: string },
): Promise<Leave | undefined> {
  const reaching: (Agreement | null)[] = []
  for (const agreement of agreements)
    if (!agreement || (await reach.isOfProvider(agreement.providerCode, issuerCode))) reaching.push(agreement)
  const leave = leaveUnder(deps, fetch, type, reaching)
  return leave && { ...leave, under: async () => undefined }
}

/**
 * Counts the holders of what is about to be opened, and that the department relies on it from now on: whatever changes after this is told.
 * @throws SharingError SHARING_QUOTA_EXHAUSTED, on record
 */
export async function admitLicence(deps: Deps, fetch: Fetch, leave: Leave, licence: LicenceBrief): Promise<void> {
  const now = deps.clock.now()
  const { holderKeys, identifier } = licence
  const exhausted = await deps.database.transaction(async (tx) => {
    const found = await findExhausted(leave.shares, ({ quota }) => takeHolders(tx, quota, dayOf(now), holderKeys))
    if (!found) await relyOn(tx, fetch.caller.departmentCode, identifier, now)
    return found
  })
  if (!exhausted) return
  await record(deps, fetch, {
    answer: 'quota exhausted',
    fields: fetch.fields,
    agreement: exhausted.agreement,
    holderKeys,
    identifier,
  })
  throw quotaError()
}

/**
 * What was looked up leaves only while the agreements under which it was looked up stand.
 * @throws SharingError SHARING_AGREEMENT_ENDED, on record
 */
export async function requireStanding(
  deps: Deps,
  fetch: Fetch,
  shares: readonly Pick<Share, 'agreement'>[],
  found: Partial<Pick<NewAccess, 'holderKeys' | 'identifier'>> = {},
): Promise<void> {
  for (const agreement of new Set(shares.map((share) => share.agreement))) {
    if (!agreement) continue
    const now = await findAgreement(deps.database, agreement.id)
    if (now?.state === 'accepted' && deps.clock.now() < now.validUntil) continue
    await record(deps, fetch, { answer: 'agreement ended', fields: fetch.fields, agreement, ...found })
    throw refusalError('agreement ended')
  }
}

/** What is about to leave, on record: of each agreement the fields that it gives. */
export async function recordGiven(
  deps: Deps,
  fetch: Fetch,
  { shares }: Leave,
  given: Pick<NewAccess, 'fields' | 'holderKeys'> & Partial<Pick<NewAccess, 'identifier'>>,
): Promise<void> {
  for (const { agreement, granted } of shares) {
    const fields = given.fields.filter((name) => granted.includes(name))
    await record(deps, fetch, { ...given, answer: 'given', agreement, fields })
  }
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

/** What was agreed on licences of the type, of the issuer where one is known: first what may give something, then what says best why not. */
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
  const all = await listAgreed(deps.database, caller.departmentCode, typeCode, now)
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
