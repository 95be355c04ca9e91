export { type CertificateProfile, type ProfileName, profiles } from './certificate-profile.ts'
export { issueCertificate } from './issue-certificate.ts'
export { type CrlRequest, issueCrl, type RevokedEntry } from './issue-crl.ts'
export { type CertificateRequest, computeKeyIdentifier } from './prepare-certificate.ts'
