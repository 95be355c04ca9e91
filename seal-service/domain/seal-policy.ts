import { parseIdentifier } from '../../licence-format/index.ts'
import { SealError } from '../errors.ts'
import type { Seal } from './seal.ts'

/** What the policy needs to know of the caller; every `Principal` fits. */
export interface Caller {
  readonly id: string
  readonly departmentCode: string | null
  readonly roles: readonly string[]
}

/** Whose licence of which type an identifier names, with the identifier in its one full spelling. */
export interface LicenceFacts {
  readonly identifier: string
  readonly typeCode: string
  readonly issuerCode: string
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

function checkInUse(seal: Seal): void {
  if (seal.state === 'active') return
  if (seal.state === 'suspended') throw new SealError('SEAL_SUSPENDED', `seal ${seal.id} is suspended`)
  if (seal.state === 'revoked') throw new SealError('SEAL_REVOKED', `seal ${seal.id} is revoked`)
  if (seal.state === 'waiting') {
    throw new SealError('SEAL_CERTIFICATE_AWAITED', `seal ${seal.id} waits for a certificate from outside`)
  }
  throw new SealError('SEAL_NOT_MADE', `seal ${seal.id} is approved but not yet made`)
}

/** A department's leave that its seal stands on licences of another department, of one type (joint issue). */
interface Grant {
  readonly sealId: string
  readonly departmentCode: string
  readonly typeCode: string
}

const isGranted = (grants: readonly Grant[], seal: Seal, { typeCode, issuerCode }: LicenceFacts): boolean =>
  grants.some((one) => one.sealId === seal.id && one.typeCode === typeCode && one.departmentCode === issuerCode)

/**
 * May this caller put this seal on this licence? Decided from the request and the seal's own record alone; returns
 * the facts read from the identifier, throws a coded refusal otherwise.
 */
export function decideSealUse(
  caller: Caller,
  request: { readonly identifier: string; readonly typeCode: string; readonly sealId: string },
  seal: Seal | undefined,
  grants: readonly Grant[] = [],
): LicenceFacts {
  const facts = readLicenceFacts(request.identifier)
  checkCaller(caller, facts)
  if (facts.typeCode !== request.typeCode) {
    throw new SealError('SEAL_TYPE_MISMATCH', 'the type in the request is not the type in the identifier')
  }
  if (seal === undefined || seal.id !== request.sealId) {
    throw new SealError('SEAL_NOT_FOUND', `there is no seal ${request.sealId}`)
  }
  if (seal.departmentCode !== caller.departmentCode && !isGranted(grants, seal, facts)) {
    throw new SealError('SEAL_NOT_YOURS', `seal ${seal.id} belongs to another department, which gave no leave`)
  }
  checkInUse(seal)
  if (!seal.typeCodes.includes(facts.typeCode)) {
    throw new SealError('SEAL_NOT_ALLOWED_ON_TYPE', `seal ${seal.id} may not stand on licences of this type`)
  }
  return facts
}

/**
 * May this caller have a statement signed for this licence? A department may state only what it may seal: one of
 * its seals in use must be allowed on the type.
 */
export function decideStatement(
  caller: Caller,
  request: { readonly identifier: string; readonly claims: { readonly identifier: string } },
  sealsOfDepartment: readonly Seal[],
): LicenceFacts {
  const facts = readLicenceFacts(request.identifier)
  checkCaller(caller, facts)
  if (readLicenceFacts(request.claims.identifier).identifier !== facts.identifier) {
    throw new SealError('STATEMENT_IDENTIFIER_MISMATCH', 'the claims speak of another licence than the request')
  }
  const own = sealsOfDepartment.filter((seal) => seal.departmentCode === caller.departmentCode)
  const fitting = own.filter((seal) => seal.typeCodes.includes(facts.typeCode))
  const candidate = fitting.find((seal) => seal.state === 'active') ?? fitting[0]
  if (candidate === undefined) {
    throw new SealError('SEAL_NOT_ALLOWED_ON_TYPE', 'no seal of the department is allowed on licences of this type')
  }
  checkInUse(candidate)
  return facts
}
