/**
 * Judges a finished document or QR statement: is the seal genuine, is the licence in force, was its issuer entitled?
 *
 * A pure library: verdicts follow from (bytes, evidence, policy, time) alone. It fetches nothing (`gather.ts` asks sources that others
 * make), writes nothing and trusts no document. It does not decide what a licence is worth beyond these three answers.
 *
 * Invariants: a bad document is a verdict, never an exception; every check is made and told; nothing is accepted unless every required
 * check passed (missing evidence is `undecided`); data and statement count only from the revision that the seal covers.
 */

export { VerifierError, type VerifierErrorCode } from './errors.ts'
export type { Evidence, LiveStatus, PastState } from './evidence.ts'
export { NO_EVIDENCE } from './evidence.ts'
export {
  createGatherer,
  type EvidenceSource,
  findSubject,
  type Gatherer,
  type GatherLimits,
  type GatherSubject,
  type OtherTrustList,
} from './gather.ts'
export {
  type BlockIndication,
  type BlockResult,
  type BlockResults,
  type BuildingBlock,
  buildingBlocks,
  indicationUrn,
  subIndications,
  subIndicationUrn,
} from './indications.ts'
export { judgeTrustList } from './judge-trust-list.ts'
export {
  compareSeen,
  type ListMemory,
  rememberLists,
  type SeenList,
  type UsedList,
} from './list-memory.ts'
export { findingCodes } from './messages.ts'
export { findPinFaults, type PinnedTrustList } from './pinned-trust-list.ts'
export type { PolicyDemands, TrustAnchors, ValidationPolicy } from './policy.ts'
export { defaultDemands, describePolicy, namePolicy, type PolicyFile, parsePolicy, writePolicy } from './policy-file.ts'
export { anchorsByPurpose, createPolicySource, type TrustRoots } from './policy-source.ts'
export type { AskedQuestion, Question } from './question.ts'
export type {
  CheckName,
  Explanation,
  Finding,
  Indication,
  LicenceReport,
  PolicyName,
  SignatureReport,
  StatementReport,
  StatementVerification,
  SubIndication,
  Text,
  Verdict,
  VerificationReport,
} from './report.ts'
export { shown } from './shown.ts'
export { findScheme } from './trust-scheme.ts'
export { verifyDocument } from './verify-document.ts'
export { verifyStatementText } from './verify-statement.ts'
