export {
  type Crl,
  type CrlEntries,
  type CrlScope,
  findRevocation,
  parseCrl,
  type RevocationReason,
  type RevokedCertificate,
} from './crl.ts'
export { isEarlier } from './revocation-entry.ts'
export { type CrlFault, verifyCrl } from './verify-crl.ts'
