import type { Dependencies } from '../dependencies.ts'
import { checkTransition, type RevocationReason } from '../domain/certificate.ts'
import { PkiServiceError } from '../errors.ts'
import { findCertificate, recordRevoked } from '../store/certificates.ts'
import type { OcspAnswers } from './answer-ocsp.ts'
import { refreshCrl } from './publish-crl.ts'
import { getMade, type OwnCertificates } from './start-demonstration-pki.ts'

/**
 * Revokes a certificate, replaces the OCSP answers about it and publishes its issuer's CRL at once. Should the process stop between the two, the next
 * refresh finds the revocation that the list lacks.
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
  if (record.ownName === 'root') {
    throw new PkiServiceError(
      'PKI_TRANSITION_FORBIDDEN',
      'a root is taken out of the trust list, it has no CRL above it',
    )
  }
  checkTransition(record.state, 'revoked')
  const { serialNumber, reason, revokedAt } = request
  if (!(await recordRevoked(deps.database, serialNumber, record.state, reason, revokedAt))) {
    throw new PkiServiceError('PKI_TRANSITION_FORBIDDEN', `certificate ${serialNumber} changed meanwhile`)
  }
  // Side by side: the answers of before are dropped as this is called, and nothing that keeps one of both keeps the other.
  await Promise.all([
    answers.replace(serialNumber),
    refreshCrl(deps, { ...getMade(own, record.issuer), ownName: record.issuer }, deps.clock.now()),
  ])
}
