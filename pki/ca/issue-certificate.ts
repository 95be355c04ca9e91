import { profiles } from './certificate-profile.ts'
import { lint } from './lint/index.ts'
import { type CertificateRequest, prepareCertificate } from './prepare-certificate.ts'
import { refuseFaults, signStructure } from './sign-structure.ts'

/**
 * Issues a certificate of a profile: checks the request, lints what is to be signed, signs, and verifies the signature before handing the
 * DER out. Throws `CERTIFICATE_REFUSED`, `NAME_REFUSED`, `KEY_MALFORMED`, `LINT_FAILED`; what the key throws passes through.
 */
export async function issueCertificate(request: CertificateRequest): Promise<Uint8Array> {
  const tbs = await prepareCertificate(request)
  const profile = profiles[request.profile].lint ?? 'pkix'
  refuseFaults(lint(tbs, { profile, selfSigned: request.issuer === undefined }))
  return signStructure(tbs, request.key)
}
