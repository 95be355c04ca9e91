import { ca, type PublicKeyInfo, parsePublicKey, x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { isSm2, type OfferedProfile, offeredProfiles } from '../domain/authority.ts'
import { type CertificateSubject, checkSubject } from '../domain/certificate.ts'
import { PkiServiceError } from '../errors.ts'
import { findShard } from '../store/certificates.ts'
import { findLatestCrl } from '../store/crls.ts'
import { issueCertificate } from './issue-certificate.ts'
import { openKey } from './open-key.ts'
import { chainOf, getMade, isTestRoot, newestOf, type OwnCertificates } from './own-certificates.ts'
import { refreshCrls } from './publish-crl.ts'

export interface CertifyRequest {
  readonly profile: OfferedProfile
  readonly subject: CertificateSubject
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
}

export interface Certified {
  readonly certificate: Uint8Array
  /** Issuer first, root last. */
  readonly chain: Uint8Array[]
}

/**
 * Certifies a key held by another service. The same profile and key again give the same certificate, until its authority is revoked: then
 * one of the generation that issues.
 */
export async function certify(deps: Dependencies, own: OwnCertificates, request: CertifyRequest): Promise<Certified> {
  if (!Object.hasOwn(offeredProfiles, request.profile)) {
    throw new PkiServiceError('PKI_PROFILE_NOT_OFFERED', `${request.profile} is not a profile this service offers`)
  }
  const { issuer, profile, validityDays } = offeredProfiles[request.profile]
  checkSubject(request.subject)
  checkPublicKey(request.publicKey, isSm2(issuer))
  const authority = newestOf(own, issuer, deps.clock.now())
  const issued = await issueCertificate(deps, {
    ownName: null,
    profile,
    issuer: { name: authority.ownName, key: await openKey(deps.keyStore, authority.ownName), certificate: authority },
    subject: x509.encodeName([
      ['C', 'CN'],
      ['O', request.subject.organisation],
      ['organizationIdentifier', `NTRCN-${request.subject.organisationCode}`],
      [
        'CN',
        isTestRoot(getMade(own, authority.issuer))
          ? `${request.subject.commonName} (TEST)`
          : request.subject.commonName,
      ],
    ]),
    publicKey: request.publicKey,
    validityDays,
  })
  // The list that a certificate names is there before anybody has the certificate.
  const shard = await findShard(deps.database, issued.serialNumber)
  if (shard > 0 && (await findLatestCrl(deps.database, issued.issuer, shard)) === undefined) {
    await refreshCrls(deps, authority, deps.clock.now())
  }
  // A repeat may have been certified by an earlier generation.
  return { certificate: issued.certificate, chain: chainOf(own, issued.issuer) }
}

export interface CertifyCsrRequest {
  readonly profile: OfferedProfile
  /** Whom the certificate names: what the request says of its subject does not count. */
  readonly subject: CertificateSubject
  /** PKCS #10, DER. */
  readonly csr: Uint8Array
}

/**
 * Certifies a key that is held elsewhere, once its request proves that it is held (RFC 2986). Throws `PKI_REQUEST_REFUSED` and what
 * `certify` throws.
 */
export async function certifyRequest(
  deps: Dependencies,
  own: OwnCertificates,
  { profile, subject, csr }: CertifyCsrRequest,
): Promise<Certified> {
  let request: ca.CertificateSigningRequest
  try {
    request = ca.parseCsr(csr)
  } catch (cause) {
    throw new PkiServiceError('PKI_REQUEST_REFUSED', 'this is no certification request that is read here', { cause })
  }
  const fault = await ca.verifyCsr(request, deps.clock.now())
  if (fault !== null) throw new PkiServiceError('PKI_REQUEST_REFUSED', `the request does not prove its key: ${fault}`)
  const certified = await certify(deps, own, { profile, subject, publicKey: request.subjectPublicKeyInfo })
  if (!names(x509.parseCertificate(certified.certificate), subject))
    throw new PkiServiceError('PKI_REQUEST_REFUSED', 'a certificate of this key names somebody else')
  return certified
}

/** A key has one certificate: whoever asks for it again under another name must not be given that of the first. */
function names(
  { subject }: x509.Certificate,
  { organisation, organisationCode, commonName }: CertificateSubject,
): boolean {
  return (
    x509.findAttribute(subject, 'O') === organisation &&
    x509.findAttribute(subject, 'organizationIdentifier') === `NTRCN-${organisationCode}` &&
    x509.findAttribute(subject, 'CN')?.replace(/ \(TEST\)$/, '') === commonName.replace(/ \(TEST\)$/, '')
  )
}

const leastRsaBits = 3072

/** P-256 or RSA from 3072 bits on, SM2 in its own chain; checked before anything is recorded. */
function checkPublicKey(publicKey: Uint8Array, isSm2Asked: boolean): void {
  const refusal = `expected a SubjectPublicKeyInfo of ${isSm2Asked ? 'SM2' : 'P-256 or of RSA with at least 3072 bits'}`
  let isStrong: boolean
  try {
    const key = parsePublicKey(publicKey)
    isStrong = isSm2Asked ? key.kind === 'sm2' : isUsual(key)
  } catch (cause) {
    throw new PkiServiceError('PKI_PUBLIC_KEY_REFUSED', refusal, { cause })
  }
  if (!isStrong) throw new PkiServiceError('PKI_PUBLIC_KEY_REFUSED', refusal)
}

const isUsual = (key: PublicKeyInfo): boolean =>
  key.kind === 'ec' ? key.curve === 'P-256' : key.kind === 'rsa' && key.bits >= leastRsaBits
