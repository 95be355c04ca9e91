// What a verification answers. Indications and sub-indications are the words of ETSI EN 319 102-1.
import type { LicenceStatus } from '../licence-format/index.ts'
import type { BlockResults, Indication, SubIndication } from './indications.ts'
import type { UsedList } from './list-memory.ts'
import type { AskedQuestion } from './question.ts'

export interface Text {
  readonly zh: string
  readonly en: string
}

export type Verdict = 'accepted' | 'refused' | 'undecided'
export type { Indication, SubIndication } from './indications.ts'

/** The question a check answers; in the order in which they are asked. */
export type CheckName =
  | 'format'
  | 'coverage'
  | 'integrity'
  | 'later-changes'
  | 'time-stamp'
  | 'path'
  | 'level'
  | 'trust-list'
  | 'seal'
  | 'licence-data'
  | 'statement'
  | 'register'
  | 'issuer'
  | 'copy'
  | 'licence-status'

/** The answer of one check. `failed` refuses, `undecided` keeps from accepting, `info` weighs nothing. */
export interface Finding {
  readonly check: CheckName
  readonly outcome: 'passed' | 'failed' | 'undecided' | 'info'
  readonly code: string
  readonly message: Text
  /** Field of the signature it is about. */
  readonly field?: string
}

/** One later change (ISO 32000-2, 12.8.2.2). `detail` is an English sentence. */
export interface ChangeReport {
  readonly verdict: 'permitted' | 'not-permitted' | 'undecided'
  readonly kind: string
  /** Number of the object. */
  readonly object: number | null
  /** From 0. */
  readonly page: number | null
  /** In points, in the space of the page: lower left and upper right corner. */
  readonly rect: readonly [number, number, number, number] | null
  readonly detail: string
}

export interface SignatureReport {
  readonly field: string
  readonly type: 'signature' | 'document-time-stamp'
  readonly integrity: 'intact' | 'broken' | 'not-checkable'
  readonly byteRange: 'ok' | 'bad'
  readonly coversWholeFile: boolean
  readonly laterChanges: 'none' | 'permitted' | 'not-permitted' | 'undecided'
  /** What was changed after it, one by one, with the place on the page where there is one: for showing both states side by side. */
  readonly changes: readonly ChangeReport[]
  /** How many octets of the file it covers: these alone are the document as it was sealed. Null where the byte range is bad. */
  readonly revisionEnd: number | null
  /**
   * What was verified: B-T by a valid time stamp, B-LT where the document itself holds the chain and young enough revocation data for signer
   * and time stamp, B-LTA where a valid document time stamp covers these.
   */
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' | 'not-pades'
  readonly indication: Indication
  readonly subIndication: SubIndication | null
  readonly signedBy: string | null
  /** The earliest proven time; without a valid time stamp the validation time (EN 319 102-1 §5.5). */
  readonly bestSignatureTime: string
  /** /M or signing-time: the signer's word only. */
  readonly claimedSigningTime: string | null
  /** SHA-256 (hex) of the signed byte ranges; that of the seal is the register's sealed digest. Null where the byte range is bad. */
  readonly signedDigest: string | null
  /** What each building block of EN 319 102-1 answered; the indication above is the worst of them. */
  readonly bbb: BlockResults
}

/** What a copy for one purpose (加注件) says of itself; its statement alone names neither purpose nor recipient. */
export interface CopyReport {
  readonly copyId: string
  readonly cause?: string
  readonly recipient?: string
  readonly creator?: string
  /** Instants with +08:00, to the second. */
  readonly createdAt?: string
  readonly expiresAt: string
}

export interface LicenceReport {
  /** Full identifier; of a copy that of its original. */
  readonly identifier: string
  /** There where it is a copy: `status` is then the copy's own. */
  readonly copy?: CopyReport
  readonly status: LicenceStatus
  /** As of when the status holds: the time asked about in the past, that of the signed list or of the register's answer; null when nobody said. */
  readonly asOf: string | null
  readonly issuerEntitled: boolean | null
  /** Identifier of the licence that took its place, where the register said so. */
  readonly replacedBy: string | null
}

/** What a genuine statement says, for a person to compare with the paper. Names come from the trust list. */
export interface StatementReport {
  readonly holder: string
  readonly number: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly issuedAt: string
  readonly typeName: Text | null
  readonly issuerName: Text | null
}

/** The verdict for people: one word, one sentence, three answers. */
export interface Explanation {
  readonly word: Text
  readonly sentence: Text
  readonly answers: readonly {
    readonly question: 'seal' | 'licence' | 'issuer'
    readonly outcome: 'yes' | 'no' | 'unknown'
    readonly sentence: Text
  }[]
}

/** By which policy: its name and the SHA-256 (hex) of its written form (`writePolicy`). */
export interface PolicyName {
  readonly id: string
  readonly digest: string
}

interface Judgement {
  readonly verdict: Verdict
  /** One sentence, or `UNSIGNED`. */
  readonly reason: string
  readonly validationTime: string
  /** What was asked beside; left out where nothing was. `licence.status` answers it. */
  readonly question?: AskedQuestion
  readonly policy: PolicyName
  /** Null for what is no licence. */
  readonly licence: LicenceReport | null
  readonly statement: StatementReport | null
  readonly findings: readonly Finding[]
  readonly explanation: Explanation
  /** The signed lists that were believed, for `rememberLists` and for whoever asks how old they are. */
  readonly lists: readonly UsedList[]
}

export interface VerificationReport extends Judgement {
  readonly file: string
  /** The worst of the entries of type `signature`. */
  readonly indication: Indication
  readonly subIndication: SubIndication | null
  readonly documentChangedAfterSeal: boolean
  readonly signatures: readonly SignatureReport[]
}

export interface StatementVerification extends Judgement {
  readonly text: string
  readonly identifier: string | null
  readonly status: LicenceStatus | null
  readonly asOf: string | null
}
