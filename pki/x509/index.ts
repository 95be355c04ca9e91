export type { AnswerPart, AnswerSigner } from './answer-part.ts'
export {
  type Certificate,
  decodePem,
  encodePem,
  parseCertificate,
} from './certificate.ts'
export type { RevocationAnswer, RevocationStatus } from './check-revocation.ts'
export type { DistributionPoint, Extension, GeneralName, KeyUsage } from './extensions.ts'
export { encodeName, findAttribute, type Name, type NameAttribute, type NameEntry } from './name.ts'
export { beginOfRevocation, type PastPathRequest, type PastPathResult, validatePastPath } from './past-path.ts'
export type { PolicyInputs } from './process-policies.ts'
export type { Purpose } from './purpose.ts'
export { createSignatureCache, type SignatureCache } from './signature-cache.ts'
export { type PathReason, type PathRequest, type PathResult, validatePath } from './validate-path.ts'
export { verifyCertificateSignature } from './verify-signature.ts'
