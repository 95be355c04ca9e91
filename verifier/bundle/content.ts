// What a bundle holds, member by member.
import type { JsonValue } from '../../licence-format/index.ts'
import { VerifierError } from '../errors.ts'
import type { Evidence, LiveStatus, PastState } from '../evidence.ts'
import type { ListMemory, SeenList } from '../list-memory.ts'
import type { PinnedTrustList } from '../pinned-trust-list.ts'
import type { PolicyDemands, ValidationPolicy } from '../policy.ts'
import { parsePolicy, writePolicy } from '../policy-file.ts'
import type { Question } from '../question.ts'
import type { StatementVerification, VerificationReport } from '../report.ts'
import {
  anyJson,
  bytes,
  type Codec,
  instant,
  listOf,
  malformed,
  mapOf,
  nullable,
  number,
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
  /** What was asked beside; of a statement's text, `inForceAt` alone. */
  readonly question?: Question
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

// The register's words are judged where they are used: one that is not known is no fault of form.
const statusWord = text as Codec<LiveStatus['status']>

const liveStatus = objectOf<LiveStatus>({
  identifier: text,
  copyId: optional(text),
  status: statusWord,
  asOf: text,
  dataDigest: optional(nullable(text)),
  sealedDigest: optional(nullable(text)),
  replacedBy: optional(nullable(text)),
  history: optional(listOf(objectOf<PastState>({ status: statusWord, from: text }))),
})

const seenLists = mapOf(objectOf<SeenList>({ sequence: nullable(number), issuedAt: text }))

const memory: Codec<ListMemory> = {
  write: (value, parts) => seenLists.write(new Map(Object.entries(value)), parts),
  read: (json, parts) => Object.fromEntries(seenLists.read(json, parts)),
}

const evidenceCodec = objectOf<Evidence>({
  crls: listOf(bytes),
  ocsps: optional(listOf(bytes)),
  askedAbout: optional(listOf(text)),
  trustList: nullable(textPart),
  statusLists: mapOf(textPart),
  keptStatusLists: optional(mapOf(textPart)),
  live: nullable(liveStatus),
  otherTrustLists: optional(mapOf(textPart)),
  memory: optional(memory),
})

const pinnedTrustList = objectOf<PinnedTrustList>({
  name: text,
  divisions: listOf(text),
  anchors: listOf(bytes),
  signers: optional(listOf(text)),
})

type Roots = Omit<ValidationPolicy, keyof PolicyDemands>

/** Whom to trust, and the policy's file as `writePolicy` gives it: with every default, so that later versions demand what this one did. */
const writtenPolicy = objectOf<Roots & { readonly file: string }>({
  file: textPart,
  trustAnchors: listOf(bytes),
  listAnchors: optional(listOf(bytes)),
  timeStampAnchors: optional(listOf(bytes)),
  divisions: optional(listOf(text)),
  otherTrustLists: optional(listOf(pinnedTrustList)),
})

const policyCodec: Codec<ValidationPolicy> = {
  write: (policy, parts) => writtenPolicy.write({ ...policy, file: writePolicy(policy) }, parts),
  read(json, parts) {
    const { file, ...roots } = writtenPolicy.read(json, parts)
    try {
      return { ...parsePolicy(file), ...roots }
    } catch (error) {
      if (error instanceof VerifierError) throw malformed('the policy is not one', error)
      throw error
    }
  },
}

const questionCodec = objectOf<Question>({ inForceAt: optional(instant), scannedStatement: optional(textPart) })

export const contentCodec: Codec<BundleContent> = objectOf<BundleContent>({
  software: text,
  subject,
  at: instant,
  question: optional(questionCodec),
  policy: policyCodec,
  evidence: evidenceCodec,
  report: anyJson,
})
