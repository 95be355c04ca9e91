import { primitives } from '#primitives'
import { type DigestAlgorithm, findDigest, parseAlgorithmIdentifier } from '../algorithms.ts'
import { type DerElement, equalBytes, readIntegerBytes, readOctetString, readSequence, toHex } from '../asn1/index.ts'
import { subjectPublicKeyBits } from '../public-key.ts'
import type { Certificate } from '../x509/certificate.ts'

/** CertID (RFC 6960 §4.1.1): a certificate named by the hashes of its issuer's name and key, and its serial number. */
export interface CertId {
  readonly raw: Uint8Array
  /** `undefined` for a digest that is not one of ours: such an identifier matches nothing */
  readonly digest: DigestAlgorithm | undefined
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  /** content octets of the INTEGER */
  readonly serialNumber: Uint8Array
  /** lower-case hexadecimal of `serialNumber` */
  readonly serialNumberHex: string
}

/** Parses CertID; throws `DER_MALFORMED`. */
export function parseCertId(element: DerElement | undefined): CertId {
  const [algorithm, name, key, serial] = readSequence(element, 'CertID', 4, 4)
  const serialNumber = readIntegerBytes(serial, 'CertID: serialNumber')
  return {
    raw: element!.raw,
    digest: findDigest(parseAlgorithmIdentifier(algorithm, 'CertID: hashAlgorithm')),
    issuerNameHash: readOctetString(name, 'CertID: issuerNameHash'),
    issuerKeyHash: readOctetString(key, 'CertID: issuerKeyHash'),
    serialNumber,
    serialNumberHex: toHex(serialNumber),
  }
}

interface IssuerHashes {
  readonly nameHash: Uint8Array
  readonly keyHash: Uint8Array
}

const hashed = new WeakMap<Certificate, Map<DigestAlgorithm, Promise<IssuerHashes>>>()

/** The two hashes by which a CertID names an issuer: over the DER of its name and over the bits of its key. Each issuer is hashed once. */
export function hashIssuer(issuer: Certificate, digest: DigestAlgorithm): Promise<IssuerHashes> {
  return rememberedBy(hashed, issuer, digest, async () => {
    const [nameHash, keyHash] = await Promise.all([
      primitives.digest(digest, issuer.subject.raw),
      primitives.digest(digest, subjectPublicKeyBits(issuer.subjectPublicKeyInfo)),
    ])
    return { nameHash, keyHash }
  })
}

const namedAs = new WeakMap<Certificate, Map<DigestAlgorithm, Promise<Uint8Array>>>()

/** The hash of the name of its issuer as a certificate spells it. */
const hashIssuerName = (certificate: Certificate, digest: DigestAlgorithm): Promise<Uint8Array> =>
  rememberedBy(namedAs, certificate, digest, () => primitives.digest(digest, certificate.issuer.raw))

function rememberedBy<T>(
  known: WeakMap<Certificate, Map<DigestAlgorithm, Promise<T>>>,
  certificate: Certificate,
  digest: DigestAlgorithm,
  compute: () => Promise<T>,
): Promise<T> {
  let byDigest = known.get(certificate)
  if (byDigest === undefined) known.set(certificate, (byDigest = new Map()))
  let value = byDigest.get(digest)
  if (value === undefined) byDigest.set(digest, (value = compute()))
  return value
}

/**
 * Whether an identifier names `certificate` as issued by `issuer`. The name is hashed as the certificate spells its issuer (RFC 6960
 * §4.1.1), or as the issuer spells itself, where the two match but are not the same octets.
 */
export async function namesCertificate(id: CertId, certificate: Certificate, issuer: Certificate): Promise<boolean> {
  if (id.digest === undefined || id.serialNumberHex !== certificate.serialNumberHex) return false
  const { nameHash, keyHash } = await hashIssuer(issuer, id.digest)
  if (!equalBytes(keyHash, id.issuerKeyHash)) return false
  return (
    equalBytes(nameHash, id.issuerNameHash) ||
    equalBytes(await hashIssuerName(certificate, id.digest), id.issuerNameHash)
  )
}
