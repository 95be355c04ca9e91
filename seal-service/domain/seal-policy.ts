import { parseIdentifier } from '../../licence-format/index.ts'
import { SealError, type SealErrorCode } from '../errors.ts'
import { ALL_DOCUMENTS, type Authorisation, type Chain, findChains, type UseFacts } from './authorisation.ts'
import type { Seal } from './seal.ts'

/** What the policy needs to know of the caller; every `Principal` fits. */
export interface Caller {
  readonly id: string
  readonly kind?: 'person' | 'machine' | 'system'
  readonly departmentCode: string | null
  readonly roles: readonly string[]
}

/** What the policy needs to know of a seal. */
export type SealFacts = Pick<Seal, 'id' | 'departmentCode' | 'state' | 'typeCodes' | 'kindCode'>

/** Whose licence of which type an identifier names, with the identifier in its one full spelling. */
export interface LicenceFacts {
  readonly identifier: string
  readonly typeCode: string
  readonly issuerCode: string
}

/** A department's leave that its seal stands on licences of another department, of one type (joint issue). */
interface Grant {
  readonly sealId: string
  readonly departmentCode: string
  readonly typeCode: string
}

/** What is on record when a use is decided. */
export interface Leave {
  /** Authorisations of the seals in question that nobody has ended. */
  readonly standing: readonly Authorisation[]
  /** Leaves of other departments for the caller's. */
  readonly grants: readonly Grant[]
  readonly at: Date
}

/** Reads the identifier (GB/T 36904); throws `SEAL_IDENTIFIER_MALFORMED`. */
function readLicenceFacts(identifier: string): LicenceFacts {
  try {
    const parts = parseIdentifier(identifier)
    return { identifier: parts.text, typeCode: parts.typeCode, issuerCode: parts.issuerCode }
  } catch (cause) {
    throw new SealError('SEAL_IDENTIFIER_MALFORMED', 'the licence identifier is not one of GB/T 36904', { cause })
  }
}

/** May this caller act for the issuer of this licence at all? */
function checkCaller(caller: Caller, facts: LicenceFacts): void {
  if (!caller.roles.includes('issuer')) {
    throw new SealError('SEAL_ROLE_MISSING', 'sealing and signing need the role issuer')
  }
  if (caller.departmentCode === null || caller.departmentCode !== facts.issuerCode) {
    throw new SealError('SEAL_ISSUER_MISMATCH', "the licence's issuer is not the caller's department")
  }
}

/** What a state other than active means to whoever would seal; what is not here is just not in use. */
const stateRefusals: Readonly<Record<string, readonly [SealErrorCode, string]>> = {
  applied: ['SEAL_NOT_MADE', 'is applied for, not yet made'],
  returned: ['SEAL_NOT_MADE', 'is applied for, not yet made'],
  approved: ['SEAL_NOT_MADE', 'is approved but not yet made'],
  waiting: ['SEAL_CERTIFICATE_AWAITED', 'waits for a certificate from outside'],
  suspended: ['SEAL_SUSPENDED', 'is suspended'],
  lost: ['SEAL_LOST', 'is reported lost'],
  expired: ['SEAL_CERTIFICATE_EXPIRED', 'has come to the end of its certificate: renew it'],
  revoked: ['SEAL_REVOKED', 'is revoked'],
  withdrawn: ['SEAL_REVOKED', 'is withdrawn'],
  cancelled: ['SEAL_REVOKED', 'is cancelled'],
}

/** Why a seal that is not active does not seal; undefined for an active one. */
export function refusalOf(seal: Pick<SealFacts, 'id' | 'state'>): SealError | undefined {
  const state: string = seal.state
  if (state === 'active') return undefined
  const [code, why] = stateRefusals[state] ?? (['SEAL_NOT_IN_USE', `is ${state}`] as const)
  return new SealError(code, `seal ${seal.id} ${why}`)
}

/** A person's name seal (电子名章): that person alone signs with it, whatever leave was given to others. */
const isSomebodys = ({ kindCode }: SealFacts): boolean => kindCode === '05'

function checkInUse(seal: SealFacts): void {
  const refusal = refusalOf(seal)
  if (refusal !== undefined) throw refusal
}

const isGranted = (
  grants: readonly Grant[],
  { departmentCode }: Caller,
  { sealId, typeCode }: { readonly sealId: string; readonly typeCode: string },
): boolean =>
  grants.some((one) => one.sealId === sealId && one.typeCode === typeCode && one.departmentCode === departmentCode)

const toUseFacts = (
  caller: Caller,
  seal: SealFacts,
  { purpose, isLicence, isCopy }: Pick<UseFacts, 'purpose' | 'isLicence' | 'isCopy'>,
  at: Date,
): UseFacts => ({
  callerId: caller.id,
  callerKind: caller.kind ?? null,
  departmentCode: caller.departmentCode ?? '',
  roles: caller.roles,
  purpose,
  isLicence,
  isCopy: isCopy === true,
  ownerCode: seal.departmentCode,
  at,
})

/**
 * May this caller have this seal put on his department's licences of this type? Answers the authorisations that allow it; none where
 * another department's leave does. Throws a coded refusal otherwise.
 */
export function decideSealOnType(
  caller: Caller,
  request: { readonly sealId: string; readonly typeCode: string; readonly isCopy?: boolean },
  seal: SealFacts | undefined,
  leave: Leave,
): readonly Chain[] {
  if (seal === undefined || seal.id !== request.sealId) {
    throw new SealError('SEAL_NOT_FOUND', `there is no seal ${request.sealId}`)
  }
  const isOwn = seal.departmentCode === caller.departmentCode
  const use = { purpose: request.typeCode, isLicence: true, isCopy: request.isCopy === true }
  const chains = () => findChains(leave.standing, seal.id, toUseFacts(caller, seal, use, leave.at))
  // A copy carries its issuer's own seal alone.
  if (!isOwn && use.isCopy) throw new SealError('SEAL_NOT_YOURS', `seal ${seal.id} is not the issuer's own`)
  const foreign = isOwn || isGranted(leave.grants, caller, request) ? [] : chainsOfAnother(seal, chains)
  checkInUse(seal)
  if (isSomebodys(seal) || !seal.typeCodes.includes(request.typeCode)) {
    throw new SealError('SEAL_NOT_ALLOWED_ON_TYPE', `seal ${seal.id} may not stand on licences of this type`)
  }
  return isOwn ? chains() : foreign
}

/** The same for one licence, from its request; answers the facts read from the identifier. */
export function decideSealUse(
  caller: Caller,
  request: {
    readonly identifier: string
    readonly typeCode: string
    readonly sealId: string
    readonly isCopy?: boolean
  },
  seal: SealFacts | undefined,
  leave: Leave,
): LicenceFacts {
  const facts = readLicenceFacts(request.identifier)
  checkCaller(caller, facts)
  if (facts.typeCode !== request.typeCode) {
    throw new SealError('SEAL_TYPE_MISMATCH', 'the type in the request is not the type in the identifier')
  }
  decideSealOnType(caller, request, seal, leave)
  return facts
}

function chainsOfAnother(seal: SealFacts, find: () => Chain[]): Chain[] {
  try {
    return find()
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause
    throw new SealError('SEAL_NOT_YOURS', `seal ${seal.id} belongs to another department, which gave no leave`, {
      cause,
    })
  }
}

/**
 * May this caller put this seal of his department on an official document that is no licence? `templateCode` where it has one. Returns
 * what allows it; throws a coded refusal otherwise.
 */
export function decideDocumentUse(
  caller: Caller,
  request: { readonly sealId: string; readonly templateCode: string | null },
  seal: SealFacts | undefined,
  leave: Leave,
): readonly Chain[] {
  if (!caller.roles.includes('seal-user') && !caller.roles.includes('issuer')) {
    throw new SealError('SEAL_ROLE_MISSING', 'sealing documents needs the role seal-user or issuer')
  }
  if (seal === undefined || seal.id !== request.sealId) {
    throw new SealError('SEAL_NOT_FOUND', `there is no seal ${request.sealId}`)
  }
  if (caller.departmentCode === null || seal.departmentCode !== caller.departmentCode) {
    throw new SealError('SEAL_NOT_YOURS', `seal ${seal.id} belongs to another department`)
  }
  if (isSomebodys(seal))
    throw new SealError('SEAL_PERSONAL', `seal ${seal.id} is somebody's own: that person alone signs with it`)
  checkInUse(seal)
  const purpose = request.templateCode ?? ALL_DOCUMENTS
  return findChains(leave.standing, seal.id, toUseFacts(caller, seal, { purpose, isLicence: false }, leave.at))
}

/**
 * May this caller of the department be handed a sealed document that is kept, or remove it? Whoever handed it in, a keeper of the seal, and
 * whoever may seal the like now; a seal out of use keeps nobody from what it sealed before. Throws a coded refusal otherwise.
 */
export function decideKeptDocument(
  caller: Caller,
  document: { readonly handedInBy: string; readonly purpose: string },
  seal: SealFacts,
  leave: Leave,
): void {
  if (caller.id === document.handedInBy || caller.roles.includes('seal-keeper')) return
  if (isSomebodys(seal))
    throw new SealError('SEAL_PERSONAL', `seal ${seal.id} is somebody's own: its documents are that person's`)
  if (!caller.roles.includes('seal-user') && !caller.roles.includes('issuer'))
    throw new SealError('SEAL_ROLE_MISSING', 'documents of others are for the keeper and whoever may seal the like')
  const { purpose } = document
  findChains(leave.standing, seal.id, toUseFacts(caller, seal, { purpose, isLicence: false }, leave.at))
}

/**
 * May this caller have a statement signed for this licence? A department may state only what it may seal: one of its seals in use must be
 * allowed on the type, and the caller authorised to use it there. `sealId`: that seal.
 */
export function decideStatement(
  caller: Caller,
  request: {
    readonly identifier: string
    readonly claims: { readonly identifier: string; readonly copy?: object | undefined }
  },
  sealsOfDepartment: readonly SealFacts[],
  leave: Leave,
): { readonly facts: LicenceFacts; readonly sealId: string } {
  const facts = readLicenceFacts(request.identifier)
  checkCaller(caller, facts)
  if (readLicenceFacts(request.claims.identifier).identifier !== facts.identifier) {
    throw new SealError('STATEMENT_IDENTIFIER_MISMATCH', 'the claims speak of another licence than the request')
  }
  const fitting = sealsOfDepartment.filter(
    (seal) => seal.departmentCode === caller.departmentCode && seal.typeCodes.includes(facts.typeCode),
  )
  if (fitting.length === 0) {
    throw new SealError('SEAL_NOT_ALLOWED_ON_TYPE', 'no seal of the department is allowed on licences of this type')
  }
  let first: unknown
  for (const seal of fitting.toSorted((a, b) => Number(b.state === 'active') - Number(a.state === 'active'))) {
    try {
      const isCopy = request.claims.copy !== undefined
      decideSealOnType(caller, { sealId: seal.id, typeCode: facts.typeCode, isCopy }, seal, leave)
      return { facts, sealId: seal.id }
    } catch (error) {
      first ??= error
    }
  }
  throw first
}
