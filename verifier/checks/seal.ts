// Is the seal one of the issuer's, by the trust list, and was it in use when the licence was issued?
import { isCompromised, serviceStateAt, type TrustIndex } from '../../licence-format/index.ts'
import type { x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

/**
 * Of a document that is no licence: nothing says when it was sealed, so a listed seal must be in use now. Signers that are no listed
 * seals are left to their path.
 */
export function findSealOutOfUse(signer: x509.Certificate, at: Date, index: TrustIndex): Finding[] {
  const listed = index.findCertificate('seal', signer.raw)
  if (!listed) return []
  if (isCompromised(listed.service)) return [finding('seal', 'undecided', 'SEAL_COMPROMISED')]
  const isInUse = serviceStateAt(listed.service, at) === 'granted'
  return isInUse ? [] : [finding('seal', 'undecided', 'SEAL_OUT_OF_USE')]
}

/** `confirmed`: the register says that it holds this very document, which outweighs a compromised key. */
export function checkSeal(
  signer: x509.Certificate,
  issuerCode: string,
  issuedAt: Date,
  index: TrustIndex,
  confirmed: boolean,
): Finding {
  const listed = index.findCertificate('seal', signer.raw)
  if (!listed) return finding('seal', 'failed', 'SEAL_NOT_LISTED')
  const department = listed.entity.name
  if (listed.entity.code !== issuerCode) return finding('seal', 'failed', 'SEAL_OF_OTHER_DEPARTMENT', { department })
  if (isCompromised(listed.service) && !confirmed) return finding('seal', 'undecided', 'SEAL_COMPROMISED')
  const state = serviceStateAt(listed.service, issuedAt)
  if (state !== 'granted' && !(state === 'compromised' && confirmed))
    return finding('seal', 'failed', 'SEAL_NOT_IN_USE')
  return finding('seal', 'passed', 'SEAL_LISTED', { department })
}
