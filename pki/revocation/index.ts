export {
  type Crl,
  type CrlFault,
  type CrlScope,
  findRevocation,
  parseCrl,
  type RevocationReason,
  type RevokedCertificate,
  verifyCrl,
} from './crl.ts'
