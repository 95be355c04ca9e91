export {
  compileTokenSigner,
  type PreparedToken,
  type TokenContent,
  type TokenSigner,
  type TokenSignerParts,
} from './compile-token-signer.ts'
export { findTokenWeakness, judgeToken, type TokenJudgement, type TokenTrust } from './judge-token.ts'
export { findProvenTime, type ProvenTime } from './proven-time.ts'
export {
  encodeRequest,
  findRefusal,
  type Imprint,
  type MessageImprint,
  parseRequest,
  type RequestFields,
  type TimeStampRequest,
} from './request.ts'
export {
  encodeRejection,
  encodeResponse,
  type FailureInfo,
  type PkiStatus,
  parseResponse,
  type Refusal,
  type TimeStampResponse,
} from './response.ts'
export { parseToken, type TimeStampToken } from './token.ts'
export {
  hasTimeStampPurpose,
  type StampedData,
  type TokenReason,
  type TokenVerification,
  verifyToken,
} from './verify-token.ts'
