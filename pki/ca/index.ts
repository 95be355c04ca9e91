export { type CertificateSigningRequest, type CsrFault, parseCsr, verifyCsr } from '../x509/csr.ts'
export {
  type CertificateStatus,
  compileOcspResponder,
  encodeOcspError,
  type OcspContent,
  type OcspErrorStatus,
  type OcspResponder,
  type OcspResponderParts,
  type PreparedOcsp,
  type SingleAnswer,
} from './answer-ocsp.ts'
export { type CertificateProfile, type ProfileName, profiles } from './certificate-profile.ts'
export { type CsrContent, encodeCsr } from './encode-csr.ts'
export type {
  ConstraintName,
  NameConstraints,
  PolicyConstraints,
  PolicyInformation,
  PolicyMapping,
} from './encode-extensions.ts'
export { issueCertificate } from './issue-certificate.ts'
export { type CrlRequest, type IssuedScope, issueCrl, type RevokedEntry, shardOf } from './issue-crl.ts'
export {
  type LintCode,
  type LintFinding,
  type LintOptions,
  type LintProfile,
  type LintSeverity,
  lint,
  lintCrl,
} from './lint/index.ts'
export { createCertId, encodeOcspRequest, type OcspRequest, parseOcspRequest } from './ocsp-request.ts'
export type { CaConstraints, CertificateRequest } from './prepare-certificate.ts'
