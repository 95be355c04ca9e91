export {
  type Crl,
  type CrlFault,
  type CrlScope,
  coversCertificate,
  findRevocation,
  parseCrl,
  type RevocationReason,
  type RevokedCertificate,
  revocationReasons,
  verifyCrl,
} from './crl.ts'
