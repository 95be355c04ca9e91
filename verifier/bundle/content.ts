// What a bundle holds, member by member.
import type { JsonValue } from '../../licence-format/index.ts'
import type { Evidence, LiveStatus } from '../evidence.ts'
import type { ValidationPolicy } from '../policy.ts'
import type { StatementVerification, VerificationReport } from '../report.ts'
import {
  anyJson,
  bytes,
  type Codec,
  instant,
  listOf,
  type Members,
  mapOf,
  nullable,
  objectOf,
  oneOf,
  optional,
  readObject,
  text,
  textPart,
} from './codec.ts'

/** What was verified: a document under the name it was sent with, or the text of a QR code. */
export type BundleSubject =
  | { readonly kind: 'document'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'statement'; readonly text: string }

export type AnyReport = VerificationReport | StatementVerification

/** Everything that a verdict follows from, and the verdict. */
export interface BundleMaterial {
  readonly subject: BundleSubject
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  /** The validation time. */
  readonly at: Date
  readonly report: AnyReport
}

/** `BundleMaterial` as a bundle holds it, with the program that judged. */
export interface BundleContent extends Omit<BundleMaterial, 'report'> {
  /** Name and version, `zhengyin 0.1.0`. */
  readonly software: string
  /** The report as it was written. */
  readonly report: JsonValue
}

const document = objectOf<Extract<BundleSubject, { kind: 'document' }>>({ kind: oneOf('document'), name: text, bytes })
const statement = objectOf<Extract<BundleSubject, { kind: 'statement' }>>({ kind: oneOf('statement'), text: textPart })

const subject: Codec<BundleSubject> = {
  write: (value, parts) => (value.kind === 'document' ? document.write(value, parts) : statement.write(value, parts)),
  read: (json, parts) => (readObject(json).kind === 'document' ? document : statement).read(json, parts),
}

const liveMembers = {
  identifier: text,
  // The register's word is judged when it is used; one that is not known is no fault of form.
  status: text as Codec<LiveStatus['status']>,
  asOf: text,
  dataDigest: optional(nullable(text)),
  sealedDigest: optional(nullable(text)),
  replacedBy: optional(nullable(text)),
} as unknown as Members<LiveStatus>

const evidenceMembers = {
  crls: listOf(bytes),
  ocsps: optional(listOf(bytes)),
  trustList: nullable(textPart),
  statusLists: mapOf(textPart),
  live: nullable(objectOf<LiveStatus>(liveMembers)),
} as unknown as Members<Evidence>

const policyMembers = {
  trustAnchors: listOf(bytes),
  revocation: optional(oneOf('required', 'skipped')),
  trustList: optional(oneOf('required', 'skipped')),
  status: optional(oneOf('required', 'skipped')),
  listAnchors: optional(listOf(bytes)),
  timeStampAnchors: optional(listOf(bytes)),
  minimumLevel: optional(oneOf('B-T', 'B-LT', 'B-LTA')),
  revocationFreshness: optional(oneOf('after-signature', 'current-at-signature')),
} as unknown as Members<ValidationPolicy>

export const policyCodec: Codec<ValidationPolicy> = objectOf(policyMembers)

export const contentCodec: Codec<BundleContent> = objectOf<BundleContent>({
  software: text,
  subject,
  at: instant,
  policy: policyCodec,
  evidence: objectOf<Evidence>(evidenceMembers),
  report: anyJson,
})
