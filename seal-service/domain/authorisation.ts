import { SealError } from '../errors.ts'

/** Roles of the owner's department that may be authorised. */
export const authorisableRoles = ['issuer', 'seal-user'] as const

/**
 * Whom an authorisation names: one account or one machine (client or API key) of the owner's department, everyone there with a role, or
 * another department, whose licences may carry the seal.
 */
export interface Grantee {
  readonly kind: 'account' | 'role' | 'client' | 'department'
  readonly id: string
}

/** Every licence type that the seal may stand on, also those it is given later. */
export const ALL_LICENCES = 'licences'
/** Copies of licences for one purpose (加注件), on every type the seal may stand on. Leave for licences is none for their copies. */
export const COPIES = 'copies'
/** Every official document that is no licence. */
export const ALL_DOCUMENTS = 'documents'

/** Leave to use a seal. */
export interface Authorisation {
  readonly id: string
  readonly sealId: string
  readonly grantee: Grantee
  /** `licences`, `copies`, `documents`, codes of licence types, codes of templates. */
  readonly purposes: readonly string[]
  /** Documents in a day of Asia/Shanghai, and as many statements; null: without limit. */
  readonly perDay: number | null
  /** The same for a minute by the clock. */
  readonly perMinute: number | null
  readonly from: Date
  /** Null: as long as the seal has a certificate. */
  readonly until: Date | null
  readonly needsSecondPerson: boolean
  /** The authorisation of which this is a part: it ends with it and spends its quota too. */
  readonly delegatedFrom: string | null
  readonly grantedAt: Date
  readonly grantedBy: string
  readonly ended: { readonly at: Date; readonly by: string; readonly cause: string } | null
}

/** Who asks to use a seal, and for what. */
export interface UseFacts {
  readonly callerId: string
  /** Null where the caller's kind is not told: then accounts and machines of that id both count. */
  readonly callerKind: 'person' | 'machine' | 'system' | null
  readonly departmentCode: string
  readonly roles: readonly string[]
  /** Code of a licence type, or of a document's template; `documents` for one without template. */
  readonly purpose: string
  readonly isLicence: boolean
  /** Whether the licence is a copy. */
  readonly isCopy?: boolean
  /** Owner of the seal. */
  readonly ownerCode: string
  readonly at: Date
}

/** Whether it runs at an instant, looked at alone. */
export function isRunning({ ended, from, until }: Authorisation, at: Date): boolean {
  return (ended === null || at < ended.at) && at >= from && (until === null || at < until)
}

function isFor({ kind, id }: Grantee, facts: UseFacts): boolean {
  if (kind === 'department') return facts.departmentCode === id
  // Whoever has left the department has left its rights behind.
  if (facts.departmentCode !== facts.ownerCode) return false
  if (kind === 'role') return facts.roles.includes(id)
  if (facts.callerId !== id || facts.callerKind === 'system') return false
  return facts.callerKind === null || (facts.callerKind === 'machine') === (kind === 'client')
}

function covers(purposes: readonly string[], { purpose, isLicence, isCopy }: UseFacts): boolean {
  if (isCopy === true) return purposes.includes(COPIES)
  if (purposes.includes(isLicence ? ALL_LICENCES : ALL_DOCUMENTS)) return true
  // The caller says what a document's template is called: under the name of a licence's it is not named by leave for that.
  const isNameOfLicence = isLicencePurpose(purpose)
  return isNameOfLicence === isLicence && purposes.includes(purpose)
}

/** An authorisation with the one it was delegated from: both must run, both are spent. */
export type Chain = readonly [Authorisation, ...Authorisation[]]

export const isLimited = ({ perDay, perMinute }: Pick<Authorisation, 'perDay' | 'perMinute'>): boolean =>
  perDay !== null || perMinute !== null
/** Whether a use by it waits for a second person. */
export const needsSecondPerson = (chain: Chain): boolean => chain.some((link) => link.needsSecondPerson)

/**
 * The authorisations by which a use is allowed, most convenient first: without a second person before with one, without limit before
 * limited, older before newer. Throws `SEAL_NOT_AUTHORISED` where there is none, with what is nearest as the message.
 */
export function findChains(standing: readonly Authorisation[], sealId: string, facts: UseFacts): Chain[] {
  const named = standing.filter((one) => one.sealId === sealId && isFor(one.grantee, facts))
  const fitting = named.filter(({ purposes }) => covers(purposes, facts))
  const chains = fitting.flatMap((one) => {
    const chain = chainOf(one, standing)
    return chain?.every((link) => isRunning(link, facts.at)) ? [chain] : []
  })
  if (chains.length > 0) {
    const rank = (chain: Chain) => Number(needsSecondPerson(chain)) * 2 + Number(chain.some(isLimited))
    return chains.toSorted((a, b) => rank(a) - rank(b))
  }
  throw new SealError('SEAL_NOT_AUTHORISED', whyNot(sealId, named, fitting))
}

function whyNot(sealId: string, named: readonly unknown[], fitting: readonly unknown[]): string {
  if (fitting.length > 0) return `no authorisation for seal ${sealId} runs now`
  if (named.length > 0) return `seal ${sealId} may be used by this caller, but not for this`
  return `this caller has no authorisation for seal ${sealId}`
}

/** Undefined where the authorisation it was delegated from no longer stands. */
function chainOf(one: Authorisation, standing: readonly Authorisation[]): Chain | undefined {
  if (one.delegatedFrom === null) return [one]
  const parent = standing.find(({ id }) => id === one.delegatedFrom)
  return parent && [one, parent]
}

/** What is asked for when an authorisation is granted. */
export interface Terms {
  readonly grantee: Grantee
  readonly purposes: readonly string[]
  readonly perDay: number | null
  readonly perMinute: number | null
  readonly from: Date
  readonly until: Date | null
  readonly needsSecondPerson: boolean
}

/**
 * Throws `SEAL_AUTHORISATION_INVALID` with what is wrong with terms of their own: an end before the beginning or already past, a purpose
 * the seal is not for, a role that uses no seal, the owner as another department.
 */
export function checkTerms(
  terms: Terms,
  seal: { readonly departmentCode: string; readonly typeCodes: readonly string[] },
  grantedBy: string,
  at: Date,
): void {
  const { grantee, purposes, from, until } = terms
  const refuse = (why: string): never => {
    throw new SealError('SEAL_AUTHORISATION_INVALID', why)
  }
  if (until !== null && (until <= from || until <= at))
    refuse('an authorisation ends after it begins, and in the future')
  if (purposes.length === 0) refuse('an authorisation is for something')
  if (new Set(purposes).size < purposes.length) refuse('a purpose is named once')
  const known = [ALL_LICENCES, COPIES, ALL_DOCUMENTS, ...seal.typeCodes]
  const foreign = purposes.find((purpose) => isTypeCode(purpose) && !known.includes(purpose))
  if (foreign !== undefined) refuse(`the seal may not stand on licences of type ${foreign}`)
  if (grantee.kind === 'role' && !(authorisableRoles as readonly string[]).includes(grantee.id))
    refuse(`of the roles, ${authorisableRoles.join(' and ')} use seals`)
  if (grantee.kind === 'department' && grantee.id === seal.departmentCode)
    refuse('the owner is authorised by role, account or client')
  if (grantee.kind !== 'role' && grantee.id === grantedBy)
    throw new SealError('SEAL_AUTHORISATION_TO_ONESELF', 'nobody gives a right to himself')
}

/** GB/T 36903, 附录: the code of a licence type. Everything else is the code of a template. */
const isTypeCode = (purpose: string): boolean => /^[0-9A-Z]{21}$/.test(purpose)

/** Whether a purpose is the name of something about licences: no document's template is named like that. */
const isLicencePurpose = (purpose: string): boolean =>
  purpose === ALL_LICENCES || purpose === COPIES || isTypeCode(purpose)

/** Throws `SEAL_DELEGATION_EXCEEDS` where a part would be more than the whole. */
export function checkDelegation(part: Terms, whole: Authorisation, at: Date): void {
  const refuse = (why: string): never => {
    throw new SealError('SEAL_DELEGATION_EXCEEDS', why)
  }
  if (!isRunning(whole, at)) refuse('the authorisation to be passed on does not run')
  if (whole.delegatedFrom !== null) refuse('what was passed on is not passed on again')
  if (whole.grantee.kind !== 'account' && whole.grantee.kind !== 'client')
    refuse('only what one account or client was given can be passed on')
  if (part.grantee.kind !== 'account' && part.grantee.kind !== 'client')
    refuse('an authorisation is passed on to one account or client')
  if (part.grantee.id === whole.grantee.id)
    throw new SealError('SEAL_AUTHORISATION_TO_ONESELF', 'nobody passes a right on to himself')
  if (!part.purposes.every((purpose) => isWithinPurposes(purpose, whole.purposes)))
    refuse('it is for something the whole is not for')
  if (isMore(part.perDay, whole.perDay) || isMore(part.perMinute, whole.perMinute))
    refuse('it allows more than the whole')
  if (part.from < whole.from || isLater(part.until, whole.until)) refuse('it runs outside the time of the whole')
  if (whole.needsSecondPerson && !part.needsSecondPerson) refuse('the whole asks for a second person')
}

const isWithinPurposes = (purpose: string, whole: readonly string[]): boolean =>
  whole.includes(purpose) ||
  (isTypeCode(purpose) && whole.includes(ALL_LICENCES)) ||
  (!isLicencePurpose(purpose) && whole.includes(ALL_DOCUMENTS))

const isMore = (part: number | null, whole: number | null): boolean => whole !== null && (part === null || part > whole)

const isLater = (part: Date | null, whole: Date | null): boolean => whole !== null && (part === null || part > whole)
