import { OID } from '../oids.ts'
import type { Certificate } from './certificate.ts'
import type { KeyUsage } from './extensions.ts'

/**
 * What a leaf certificate is to be used for. `any` asks nothing (RFC 5280 alone); `document` is anyone's signature on a document;
 * `seal-making` anyone's who makes seals (GM/T 0031; no usage of it is standard); `time-stamp` is any TSA (RFC 3161 §2.3); the others are
 * the roles of this house.
 */
export type Purpose =
  | 'any'
  | 'document'
  | 'seal'
  | 'seal-making'
  | 'statement'
  | 'status-list'
  | 'trust-list'
  | 'receipt'
  | 'ledger'
  | 'time-stamp'

interface PurposeRule {
  /** one of these must be set, and the extension be there where `strict` */
  readonly keyUsage: readonly KeyUsage[]
  readonly strict: boolean
  /** this extended key usage must be there, and be the only one */
  readonly extKeyUsage?: string
  /** and be critical */
  readonly critical?: true
  /** none of these may be there */
  readonly forbidden: readonly string[]
}

const roleUsages = [
  OID.statusListSigning,
  OID.trustListSigning,
  OID.statementSigning,
  OID.sealMaking,
  OID.receiptSigning,
  OID.ledgerSigning,
  OID.timeStamping,
  OID.ocspSigning,
]

const purposes: Readonly<Record<Purpose, PurposeRule>> = {
  any: { keyUsage: [], strict: false, forbidden: [] },
  document: { keyUsage: ['digitalSignature', 'contentCommitment'], strict: false, forbidden: roleUsages },
  seal: { keyUsage: ['digitalSignature', 'contentCommitment'], strict: true, forbidden: roleUsages },
  'seal-making': {
    keyUsage: ['digitalSignature', 'contentCommitment'],
    strict: false,
    forbidden: roleUsages.filter((usage) => usage !== OID.sealMaking),
  },
  statement: { keyUsage: ['digitalSignature'], strict: true, extKeyUsage: OID.statementSigning, forbidden: [] },
  'status-list': { keyUsage: ['digitalSignature'], strict: true, extKeyUsage: OID.statusListSigning, forbidden: [] },
  'trust-list': { keyUsage: ['digitalSignature'], strict: true, extKeyUsage: OID.trustListSigning, forbidden: [] },
  receipt: { keyUsage: ['digitalSignature'], strict: true, extKeyUsage: OID.receiptSigning, forbidden: [] },
  ledger: { keyUsage: ['digitalSignature'], strict: true, extKeyUsage: OID.ledgerSigning, forbidden: [] },
  'time-stamp': {
    keyUsage: ['digitalSignature', 'contentCommitment'],
    strict: false,
    extKeyUsage: OID.timeStamping,
    critical: true,
    forbidden: [],
  },
}

/** Which extension of a leaf does not fit the purpose, or `null` when all do. */
export function findPurposeFault(leaf: Certificate, purpose: Purpose): 'KEY_USAGE' | 'EXTENDED_KEY_USAGE' | null {
  const rule = purposes[purpose]
  if (rule.keyUsage.length > 0) {
    if (leaf.keyUsage === undefined ? rule.strict : !rule.keyUsage.some((usage) => leaf.keyUsage!.has(usage)))
      return 'KEY_USAGE'
    if (rule.strict && leaf.basicConstraints?.cA === true) return 'KEY_USAGE'
  }
  const usages = leaf.extKeyUsage ?? []
  if (rule.extKeyUsage !== undefined && (usages.length !== 1 || usages[0] !== rule.extKeyUsage))
    return 'EXTENDED_KEY_USAGE'
  if (rule.critical && leaf.extensions.get(OID.extKeyUsage)?.critical !== true) return 'EXTENDED_KEY_USAGE'
  return usages.some((usage) => rule.forbidden.includes(usage)) ? 'EXTENDED_KEY_USAGE' : null
}
