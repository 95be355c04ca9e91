import type { Text } from './language.ts'

/** Shapes of the HTTP API as far as the pages read them. Members that only some answers carry are optional. */

export type LicenceStatus =
  | 'not yet in force'
  | 'in force'
  | 'suspended'
  | 'revoked'
  | 'withdrawn'
  | 'cancelled'
  | 'transferred'
  | 'superseded'
  | 'expired'
  | 'pending'
  | 'rejected'
  | 'unknown'

export type Question = 'seal' | 'licence' | 'issuer'
export type Outcome = 'yes' | 'no' | 'unknown'

export interface ReportFinding {
  readonly check: string
  readonly outcome: 'passed' | 'failed' | 'undecided' | 'info'
  readonly code: string
  readonly message: Text
  readonly field?: string
}

/** One thing that was changed after a seal; `rect` in points of its page, lower left and upper right corner. */
export interface ReportChange {
  readonly verdict: 'permitted' | 'not-permitted' | 'undecided'
  readonly kind: string
  /** From 0. */
  readonly page: number | null
  readonly rect: readonly number[] | null
  readonly detail: string
}

export interface ReportSignature {
  readonly field: string
  readonly type: 'signature' | 'document-time-stamp'
  readonly integrity: 'intact' | 'broken' | 'not-checkable'
  readonly byteRange: 'ok' | 'bad'
  readonly coversWholeFile: boolean
  readonly laterChanges: 'none' | 'permitted' | 'not-permitted' | 'undecided'
  readonly changes?: readonly ReportChange[]
  /** The sealed document is the file's first so many octets. */
  readonly revisionEnd?: number | null
  readonly level: string
  readonly indication: string
  readonly subIndication: string | null
  readonly signedBy: string | null
  readonly bestSignatureTime: string | null
  readonly claimedSigningTime?: string | null
  readonly signedDigest?: string | null
}

export interface ReportLicence {
  readonly identifier: string
  readonly status: LicenceStatus
  readonly asOf: string | null
  readonly issuerEntitled: boolean | null
  readonly replacedBy?: string | null
  /** Of a copy for one purpose: a QR code alone does not say for what and for whom. */
  readonly copy?: {
    readonly copyId: string
    readonly expiresAt: string
    readonly cause?: string
    readonly recipient?: string
  } | null
}

/** What a signed statement (QR) says, masked as it was signed, for a person to compare with the paper. */
export interface ReportStatement {
  readonly holder: string
  readonly number: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly issuedAt: string
  readonly typeName: Text | null
  readonly issuerName: Text | null
}

/** A signed list that a verdict stands on. */
export interface ReportList {
  readonly kind: 'trust-list' | 'status-list'
  readonly key: string
  readonly name: string | null
  readonly sequence: number | null
  readonly issuedAt: string
  readonly validUntil: string | null
  readonly digest: string
}

export interface VerificationReport {
  readonly file?: string
  readonly text?: string
  readonly verdict: 'accepted' | 'refused' | 'undecided'
  readonly reason: string
  readonly indication?: string
  readonly subIndication?: string | null
  readonly validationTime?: string
  /** What was asked beside. */
  readonly question?: { readonly inForceAt?: string; readonly scannedStatement?: string }
  readonly documentChangedAfterSeal?: boolean
  readonly signatures?: readonly ReportSignature[]
  readonly licence?: ReportLicence | null
  readonly statement?: ReportStatement | null
  readonly findings?: readonly ReportFinding[]
  readonly lists?: readonly ReportList[]
  readonly explanation: {
    readonly word: Text
    readonly sentence: Text
    readonly answers: readonly { readonly question: Question; readonly outcome: Outcome; readonly sentence: Text }[]
  }
}

export interface Account {
  readonly id: string
  readonly name: string
  readonly departmentCode: string
  readonly departmentName: Text
  readonly roles: readonly string[]
}

export interface CatalogueType {
  readonly typeCode: string
  readonly name: Text
  readonly issuers: readonly { readonly code: string; readonly name: Text }[]
}

export interface LicenceRow {
  readonly identifier: string
  readonly typeCode: string
  readonly typeName: string
  readonly number: string
  readonly holder: string
  readonly status: LicenceStatus
  readonly issuedOn: string
  readonly validUntil: string | null
}

export interface MintedLicence {
  readonly identifier: string
  readonly number: string
  readonly status: LicenceStatus
  readonly dataDigest: string
  readonly sealedDigest: string
  readonly links: {
    readonly self: string
    readonly document: string
    readonly status: string
    readonly verification: string
  }
}

/** The register's public answer about one licence; handed on to the verifier as it came. */
export interface LiveAnswer {
  readonly identifier: string
  readonly status: Exclude<LicenceStatus, 'pending' | 'rejected'>
  readonly asOf: string
  readonly dataDigest?: string | null
  readonly sealedDigest?: string | null
  readonly replacedBy?: string | null
  readonly copyId?: string
}
