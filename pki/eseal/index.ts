/** Electronic seals: `SESeal` and `SES_Signature` of GM/T 0031-2014 (V1), GB/T 38540-2020 (V4), GM/T 0031-2025 (V5). */
export { isInCertList, makeCertDigest } from './cert-list.ts'
export type { SesOutcome, SesStep, SesTrust, SesVerdict } from './checks.ts'
export {
  type PreparedValue,
  prepareSeal,
  prepareSignature,
  type SealContent,
  type SesWrittenLayout,
  type SignatureContent,
} from './encode.ts'
export { parseSeal } from './parse-seal.ts'
export { parseSignature } from './parse-signature.ts'
export type {
  SesCertDigest,
  SesCertList,
  SesExtension,
  SesLayout,
  SesPicture,
  SesProperty,
  SesSeal,
  SesSealInfo,
  SesSignature,
} from './types.ts'
export { type SealMoment, type SealReason, type SealStep, type SealVerification, verifySeal } from './verify-seal.ts'
export {
  type SignatureReason,
  type SignatureStep,
  type SignatureVerification,
  verifySignature,
} from './verify-signature.ts'
