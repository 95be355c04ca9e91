import { asn1, ca, type DigestAlgorithm, ocsp, type SigningKey, x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AuthorityName, isSm2 } from '../domain/authority.ts'
import { openKeyOf } from './open-key.ts'
import type { OwnCertificates } from './own-certificates.ts'

/** An authority and whoever answers for what it issued. */
export interface Responder {
  readonly authority: AuthorityName
  readonly certificateOfAuthority: x509.Certificate
  /** Of the responder's own certificate. */
  readonly serialNumber: string
  readonly keyName: string
  readonly key: SigningKey
  readonly answers: ca.OcspResponder
  /** The responder's own end: no answer may outlive it. */
  readonly notAfter: Date
}

/** The responders by the name of their authority, and found by the hashes with which a request names an issuer. */
export interface Responders {
  readonly byAuthority: ReadonlyMap<AuthorityName, Responder>
  find(certId: ocsp.CertId): Responder | undefined
}

const digests: readonly DigestAlgorithm[] = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']

/** Opens the responder of every authority that has one. */
export async function openResponders(deps: Dependencies, own: OwnCertificates): Promise<Responders> {
  const byAuthority = new Map<AuthorityName, Responder>()
  const byHashes = new Map<string, Responder>()
  for (const [name, record] of own) {
    const answering = own.get(`${name}-ocsp` as `${AuthorityName}-ocsp`)
    if (answering === undefined) continue
    const { name: keyName, key } = await openKeyOf(deps.keyStore, answering)
    const responder: Responder = {
      authority: name as AuthorityName,
      certificateOfAuthority: x509.parseCertificate(record.certificate),
      serialNumber: answering.serialNumber,
      keyName,
      key,
      answers: ca.compileOcspResponder({
        certificate: answering.certificate,
        signatureAlgorithm: key.signatureAlgorithm,
      }),
      notAfter: answering.notAfter,
    }
    byAuthority.set(responder.authority, responder)
    for (const digest of isSm2(responder.authority) ? [...digests, 'SM3' as const] : digests) {
      const { nameHash, keyHash } = await ocsp.hashIssuer(responder.certificateOfAuthority, digest)
      byHashes.set(hashesKey(digest, nameHash, keyHash), responder)
    }
  }
  return {
    byAuthority,
    find: ({ digest, issuerNameHash, issuerKeyHash }) =>
      digest === undefined ? undefined : byHashes.get(hashesKey(digest, issuerNameHash, issuerKeyHash)),
  }
}

function hashesKey(digest: DigestAlgorithm, nameHash: Uint8Array, keyHash: Uint8Array): string {
  return `${digest} ${asn1.toHex(nameHash)} ${asn1.toHex(keyHash)}`
}
