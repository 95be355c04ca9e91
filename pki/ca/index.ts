export type { CertificateProfile, ProfileName } from './certificate-profile.ts'
export { issueCertificate } from './issue-certificate.ts'
export { type CrlRequest, issueCrl, type RevokedEntry } from './issue-crl.ts'
export type { CertificateRequest } from './prepare-certificate.ts'
