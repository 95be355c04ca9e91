export {
  type Certificate,
  decodePem,
  encodePem,
  isSelfIssued,
  parseCertificate,
} from './certificate.ts'
export type { RevocationStatus } from './check-revocation.ts'
export { type DistributionPoint, type Extension, type GeneralName, type KeyUsage, keyUsageNames } from './extensions.ts'
export { encodeName, findAttribute, type Name, type NameAttribute, type NameEntry } from './name.ts'
export { type Purpose, purposes } from './purpose.ts'
export { type PathReason, type PathRequest, type PathResult, validatePath } from './validate-path.ts'
export { verifyCertificateSignature } from './verify-signature.ts'
