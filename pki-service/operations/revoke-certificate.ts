import type { Dependencies } from '../dependencies.ts'
import { type CertificateRecord, checkTransition, type RevocationReason } from '../domain/certificate.ts'
import { PkiServiceError } from '../errors.ts'
import { findCertificate, recordRevoked } from '../store/certificates.ts'
import type { OcspAnswers } from './answer-ocsp.ts'
import { type Authority, getMade, isPublisher, type OwnCertificates } from './own-certificates.ts'
import { refreshCrls } from './publish-crl.ts'

/**
 * Revokes a certificate, replaces the OCSP answers about it and publishes its issuer's CRL at once. Should the process stop between the two, the next
 * refresh finds the revocation that the list lacks; a changed entry is not found so, and the same order again publishes it. A certificate that was revoked for another reason, or as of a later time, can still be
 * told as compromised: it then counts as of the earlier of both times. Any other second revocation is `PKI_TRANSITION_FORBIDDEN`.
 */
export async function revokeCertificate(
  deps: Dependencies,
  own: OwnCertificates,
  answers: Pick<OcspAnswers, 'replace'>,
  request: { readonly serialNumber: string; readonly reason: RevocationReason; readonly revokedAt: Date },
): Promise<void> {
  const record = await findCertificate(deps.database, request.serialNumber)
  if (record === undefined) {
    throw new PkiServiceError('PKI_CERTIFICATE_NOT_FOUND', `there is no certificate ${request.serialNumber}`)
  }
  if (record.profile === 'root') {
    throw new PkiServiceError(
      'PKI_TRANSITION_FORBIDDEN',
      'a root is taken out of the trust list, it has no CRL above it',
    )
  }
  const issuer: Authority = { ...getMade(own, record.issuer), ownName: record.issuer }
  if (!isPublisher(issuer, deps.clock.now())) {
    throw new PkiServiceError(
      'PKI_TRANSITION_FORBIDDEN',
      `${record.issuer} does not publish its list here: what it issued is revoked where its key is`,
    )
  }
  const { serialNumber, reason } = request
  const hasChangedEntry = isWorse(record, request) || isSame(record, request)
  if (!hasChangedEntry) checkTransition(record.state, 'revoked')
  const before = record.revokedAt ?? request.revokedAt
  const revokedAt = before < request.revokedAt ? before : request.revokedAt
  if (!(await recordRevoked(deps.database, serialNumber, record.state, reason, revokedAt))) {
    throw new PkiServiceError('PKI_TRANSITION_FORBIDDEN', `certificate ${serialNumber} changed meanwhile`)
  }
  // Side by side: the answers of before are dropped as this is called, and nothing that keeps one of both keeps the other.
  await Promise.all([answers.replace(serialNumber), refreshCrls(deps, issuer, deps.clock.now(), { hasChangedEntry })])
}

/** A compromise that is on record: whether it was published before the process stopped is not known. */
function isSame(
  { revokedAt, revocationReason }: CertificateRecord,
  told: { readonly reason: RevocationReason; readonly revokedAt: Date },
): boolean {
  const isCompromise = revocationReason === 'keyCompromise' && told.reason === 'keyCompromise'
  return isCompromise && revokedAt?.getTime() === told.revokedAt.getTime()
}

/** A compromise that came to light after the certificate was revoked otherwise, or that began earlier than was thought. */
function isWorse(
  { revokedAt, revocationReason }: CertificateRecord,
  told: { readonly reason: RevocationReason; readonly revokedAt: Date },
): boolean {
  if (revokedAt === null || told.reason !== 'keyCompromise') return false
  return revocationReason !== 'keyCompromise' || told.revokedAt < revokedAt
}
