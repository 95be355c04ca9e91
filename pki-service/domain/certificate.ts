import { PkiServiceError } from '../errors.ts'
import type { AuthorityName, OwnName, Profile } from './authority.ts'

/**
 * prepared: the serial number and the content are on record, a signature may or may not exist.
 * active: signed and handed out. revoked: on its issuer's CRL, for ever (there is no way back, and no hold).
 */
export const certificateStates = ['prepared', 'active', 'revoked'] as const
export type CertificateState = (typeof certificateStates)[number]

/** Every permitted step. A prepared certificate may be revoked too: an unknown signature must be revocable. */
export const certificateTransitions: Readonly<Record<CertificateState, readonly CertificateState[]>> = {
  prepared: ['active', 'revoked'],
  active: ['revoked'],
  revoked: [],
}

/** Reasons of RFC 5280 §5.3.1 that this service gives; `certificateHold` and `removeFromCRL` are not offered. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const
export type RevocationReason = (typeof revocationReasons)[number]

/** Whom a certificate names. The common name gets TEST added while the root is a demonstration one. */
export interface CertificateSubject {
  readonly organisation: string
  /** Unified social credit code, written as organizationIdentifier (EN 319 412-1 §5.1.4). */
  readonly organisationCode: string
  readonly commonName: string
}

/** A row of the certificate register. */
export interface CertificateRecord {
  /** Lower-case hexadecimal, without sign octet. */
  readonly serialNumber: string
  /** Set for the certificates whose keys this service holds itself. */
  readonly ownName: OwnName | null
  readonly profile: Profile
  readonly issuer: AuthorityName
  /** The subject's Name, DER. */
  readonly subject: Uint8Array
  readonly publicKey: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly state: CertificateState
  /** The certificate, DER; null only while prepared. */
  readonly certificate: Uint8Array | null
  readonly revokedAt: Date | null
  readonly revocationReason: RevocationReason | null
}

/** Throws `PKI_TRANSITION_FORBIDDEN` where the table has no such step. */
export function checkTransition(from: CertificateState, to: CertificateState): void {
  if (!certificateTransitions[from].includes(to)) {
    throw new PkiServiceError('PKI_TRANSITION_FORBIDDEN', `a ${from} certificate cannot become ${to}`)
  }
}

/**
 * A serial number from 16 random octets: positive, at most 20 octets, more than 64 bits from a random source
 * (RFC 5280 §4.1.2.2). The first bits are fixed so that the number has neither a sign octet nor leading zeros.
 */
export function serialNumberFrom(random: Uint8Array): string {
  if (random.length !== 16) throw new TypeError('a serial number is made from 16 octets')
  const octets = Uint8Array.from(random)
  octets[0] = (octets[0]! & 0x3f) | 0x40
  return Buffer.from(octets).toString('hex')
}

const controlCharacters = /\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}/u

/** Refuses names that a certificate should not carry: empty, too long (X.520 upper bounds), control characters. */
export function checkSubject(subject: CertificateSubject): void {
  const limits = { organisation: 64, organisationCode: 18, commonName: 57 } as const
  for (const [field, limit] of Object.entries(limits)) {
    const text = subject[field as keyof typeof limits]
    if (text.trim() === '' || [...text].length > limit || controlCharacters.test(text)) {
      throw new PkiServiceError('PKI_SUBJECT_INVALID', `${field} must have 1 to ${limit} printable characters`)
    }
  }
}
