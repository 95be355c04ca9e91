import { OID } from '../oids.ts'
import type { KeyUsage } from '../x509/extensions.ts'
import type { PolicyInformation } from './encode-extensions.ts'
import type { LintProfile } from './lint/index.ts'

export type ProfileName =
  | 'root'
  | 'issuing-ca'
  | 'cross-ca'
  | 'seal'
  | 'seal-maker'
  | 'statement'
  | 'status-list-signer'
  | 'trust-list-signer'
  | 'receipt-signer'
  | 'ledger-signer'
  | 'time-stamp'
  | 'ocsp-responder'

/** What a certificate of a kind always carries; all key usages are critical, all extended key usages critical too. */
export interface CertificateProfile {
  readonly cA: boolean
  readonly pathLenConstraint?: number
  readonly keyUsage: readonly KeyUsage[]
  readonly extKeyUsage: readonly string[]
  /** id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1): nobody asks whether the one who answers is revoked, so its key is used for a short time */
  readonly ocspNoCheck?: boolean
  /** unless the request names others */
  readonly policies?: readonly PolicyInformation[]
  /** the organisation code of GB/T 20518 beside the subject's organizationIdentifier */
  readonly hasOrganizationCode?: boolean
  /** by which rules it is linted before it is signed; those of RFC 5280 unless said otherwise */
  readonly lint?: LintProfile
  /** the longest life, in days */
  readonly maxValidityDays: number
}

const YEAR = 366

/**
 * One row per kind of certificate. Extended key usages keep roles apart: a sealing certificate carries none, so it can never sign a
 * list or a statement, and no signer of those can seal.
 */
export const profiles: Readonly<Record<ProfileName, CertificateProfile>> = {
  root: { cA: true, keyUsage: ['keyCertSign', 'cRLSign'], extKeyUsage: [], maxValidityDays: 30 * YEAR },
  'issuing-ca': {
    cA: true,
    pathLenConstraint: 0,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extKeyUsage: [],
    // The policies below it are its own affair: without this extension a path that asks for one would end here (RFC 5280 §6.1.3 e).
    policies: [{ policy: OID.anyPolicy }],
    maxValidityDays: 20 * YEAR,
  },
  // Another hierarchy's CA, or our own under a former root: constraints and policies are in the request.
  'cross-ca': { cA: true, keyUsage: ['keyCertSign', 'cRLSign'], extKeyUsage: [], maxValidityDays: 10 * YEAR },
  // A legal person's seal: subject, addresses and policy by EN 319 412-3, key usage (type B of EN 319 412-2 table 1) and code by GB/T 20518.
  seal: {
    cA: false,
    keyUsage: ['digitalSignature', 'contentCommitment'],
    extKeyUsage: [],
    policies: [{ policy: OID.sealCertificatePolicy }],
    hasOrganizationCode: true,
    lint: 'legal-person',
    maxValidityDays: 6 * YEAR,
  },
  'seal-maker': {
    cA: false,
    keyUsage: ['digitalSignature', 'contentCommitment'],
    extKeyUsage: [OID.sealMaking],
    maxValidityDays: 6 * YEAR,
  },
  statement: {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.statementSigning],
    maxValidityDays: 6 * YEAR,
  },
  'status-list-signer': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.statusListSigning],
    maxValidityDays: 6 * YEAR,
  },
  'trust-list-signer': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.trustListSigning],
    maxValidityDays: 6 * YEAR,
  },
  'receipt-signer': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.receiptSigning],
    maxValidityDays: 6 * YEAR,
  },
  'ledger-signer': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.ledgerSigning],
    maxValidityDays: 6 * YEAR,
  },
  // RFC 3161 §2.3: the extended key usage critical and alone. Stamps are verified long after the key has stopped to make them.
  'time-stamp': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.timeStamping],
    maxValidityDays: 20 * YEAR,
  },
  // Answers kept inside a document (B-LT) count only as long as this certificate is valid: it outlives its key like a TSA's.
  'ocsp-responder': {
    cA: false,
    keyUsage: ['digitalSignature'],
    extKeyUsage: [OID.ocspSigning],
    ocspNoCheck: true,
    maxValidityDays: 20 * YEAR,
  },
}
