import {
  type DerElement,
  encodeNull,
  encodeOid,
  encodeSequence,
  isNullOrAbsent,
  malformed,
  readExplicit,
  readOid,
  readSequence,
  readSmallInteger,
} from './asn1/index.ts'
import { PkiError } from './errors.ts'
import { OID } from './oids.ts'
import type { SignatureAlgorithm } from './signing-key.ts'

/** Digests that go with RSA and ECDSA. SM3 goes with SM2 alone. */
type ShaAlgorithm = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
export type DigestAlgorithm = ShaAlgorithm | 'SM3'

/** Digests of signatures over certificates and lists that are verified where the library has them; nothing else is digested with them. */
export type RareDigest = 'SHA-224' | 'SHA3-224' | 'SHA3-256' | 'SHA3-384' | 'SHA3-512'
type SignatureDigest = ShaAlgorithm | RareDigest

/** The signer's identifier that GM/T 0009 §10 and GM/T 0015 prescribe where nothing else was agreed: certificates, CRLs, seals. */
export const SM2_DEFAULT_ID = '1234567812345678'

/** A signature algorithm with all that verifying needs. */
export type SignatureScheme =
  | { readonly kind: 'ecdsa'; readonly digest: SignatureDigest }
  | { readonly kind: 'rsa-pkcs1'; readonly digest: SignatureDigest }
  /** verified only, and never counted by the table below */
  | { readonly kind: 'dsa'; readonly digest: 'SHA-1' | 'SHA-224' | 'SHA-256' }
  /** verified only, never made; its digest is part of the scheme (RFC 8032, RFC 8419 §3) */
  | { readonly kind: 'ed25519'; readonly digest: 'SHA-512' }
  | { readonly kind: 'rsa-pss'; readonly digest: ShaAlgorithm; readonly saltLength: number }
  /** SM3 over Z of the signer's identifier and the message (GB/T 32918.2); signatures are DER like ECDSA's */
  | { readonly kind: 'sm2'; readonly digest: 'SM3'; readonly id: string }

/** AlgorithmIdentifier as it stands: OID and the raw parameters, if any. */
export interface AlgorithmIdentifier {
  readonly oid: string
  readonly parameters: DerElement | undefined
  readonly raw: Uint8Array
}

const digestByOid: Readonly<Record<string, DigestAlgorithm>> = {
  [OID.sha1]: 'SHA-1',
  [OID.sha256]: 'SHA-256',
  [OID.sha384]: 'SHA-384',
  [OID.sha512]: 'SHA-512',
  [OID.sm3]: 'SM3',
}

const sm2Scheme: SignatureScheme = { kind: 'sm2', digest: 'SM3', id: SM2_DEFAULT_ID }

const schemeByOid: Readonly<Record<string, SignatureScheme>> = {
  [OID.sha1WithRSAEncryption]: { kind: 'rsa-pkcs1', digest: 'SHA-1' },
  [OID.sha256WithRSAEncryption]: { kind: 'rsa-pkcs1', digest: 'SHA-256' },
  [OID.sha384WithRSAEncryption]: { kind: 'rsa-pkcs1', digest: 'SHA-384' },
  [OID.sha512WithRSAEncryption]: { kind: 'rsa-pkcs1', digest: 'SHA-512' },
  [OID.ecdsaWithSHA1]: { kind: 'ecdsa', digest: 'SHA-1' },
  [OID.ecdsaWithSHA256]: { kind: 'ecdsa', digest: 'SHA-256' },
  [OID.ecdsaWithSHA384]: { kind: 'ecdsa', digest: 'SHA-384' },
  [OID.ecdsaWithSHA512]: { kind: 'ecdsa', digest: 'SHA-512' },
  [OID.sm2WithSm3]: sm2Scheme,
  [OID.sha224WithRSAEncryption]: { kind: 'rsa-pkcs1', digest: 'SHA-224' },
  [OID.ecdsaWithSHA224]: { kind: 'ecdsa', digest: 'SHA-224' },
  [OID.ecdsaWithSHA3_224]: { kind: 'ecdsa', digest: 'SHA3-224' },
  [OID.ecdsaWithSHA3_256]: { kind: 'ecdsa', digest: 'SHA3-256' },
  [OID.ecdsaWithSHA3_384]: { kind: 'ecdsa', digest: 'SHA3-384' },
  [OID.ecdsaWithSHA3_512]: { kind: 'ecdsa', digest: 'SHA3-512' },
  [OID.rsaWithSHA3_224]: { kind: 'rsa-pkcs1', digest: 'SHA3-224' },
  [OID.rsaWithSHA3_256]: { kind: 'rsa-pkcs1', digest: 'SHA3-256' },
  [OID.rsaWithSHA3_384]: { kind: 'rsa-pkcs1', digest: 'SHA3-384' },
  [OID.rsaWithSHA3_512]: { kind: 'rsa-pkcs1', digest: 'SHA3-512' },
  [OID.dsaWithSHA1]: { kind: 'dsa', digest: 'SHA-1' },
  [OID.dsaWithSHA224]: { kind: 'dsa', digest: 'SHA-224' },
  [OID.dsaWithSHA256]: { kind: 'dsa', digest: 'SHA-256' },
}

const oidByDigest = new Map(Object.entries(digestByOid).map(([oid, digest]) => [digest, oid]))

const digestLengths: Readonly<Record<DigestAlgorithm, number>> = {
  'SHA-1': 20,
  'SHA-256': 32,
  'SHA-384': 48,
  'SHA-512': 64,
  SM3: 32,
}

/** Octets of a digest. */
export const digestLength = (algorithm: DigestAlgorithm): number => digestLengths[algorithm]

/** AlgorithmIdentifier of a digest, without parameters (RFC 5754 §2). */
export const encodeDigestAlgorithm = (algorithm: DigestAlgorithm): Uint8Array =>
  encodeSequence(encodeOid(oidByDigest.get(algorithm)!))

/** Parses AlgorithmIdentifier; throws `DER_MALFORMED`. */
export function parseAlgorithmIdentifier(element: DerElement | undefined, what: string): AlgorithmIdentifier {
  const [algorithm, parameters] = readSequence(element, what, 1, 2)
  return { oid: readOid(algorithm, what), parameters, raw: element!.raw }
}

/** The digest an AlgorithmIdentifier names (parameters NULL or absent, RFC 5754 §2), or `undefined` when it is not one of ours. */
export function findDigest(algorithm: AlgorithmIdentifier): DigestAlgorithm | undefined {
  return isNullOrAbsent(algorithm.parameters) ? digestByOid[algorithm.oid] : undefined
}

/**
 * The scheme an AlgorithmIdentifier names, or `undefined` when it is not one of ours or has parameters that it should not have
 * (NULL is let pass for ECDSA as well: it is seen, and changes nothing). CMS may name only the key type (`rsaEncryption`, `id-ecPublicKey`): the digest then comes
 * from `signerDigest` (RFC 3370 §3.2).
 */
export function findScheme(
  algorithm: AlgorithmIdentifier,
  signerDigest?: DigestAlgorithm,
): SignatureScheme | undefined {
  if (algorithm.oid === OID.rsassaPss) return findPssScheme(algorithm.parameters)
  if (algorithm.oid === OID.ed25519) return algorithm.parameters ? undefined : { kind: 'ed25519', digest: 'SHA-512' }
  if (signerDigest !== undefined) {
    const keyType = findSchemeOfKeyType(algorithm, signerDigest)
    if (keyType !== undefined) return keyType
  }
  return isNullOrAbsent(algorithm.parameters) ? schemeByOid[algorithm.oid] : undefined
}

/** The key type alone, as CMS may name it: PKCS #1, elliptic curve, and GB/T 35275's "SM2 signature", which goes with SM3 alone. */
function findSchemeOfKeyType(
  { oid, parameters }: AlgorithmIdentifier,
  digest: DigestAlgorithm,
): SignatureScheme | undefined {
  if (digest === 'SM3') return oid === OID.sm2Sign && isNullOrAbsent(parameters) ? sm2Scheme : undefined
  if (oid === OID.ecPublicKey) return { kind: 'ecdsa', digest }
  return oid === OID.rsaEncryption && isNullOrAbsent(parameters) ? { kind: 'rsa-pkcs1', digest } : undefined
}

function findPssScheme(parameters: DerElement | undefined): SignatureScheme | undefined {
  try {
    return parsePss(parameters)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

/** RSASSA-PSS-params (RFC 4055 §3.1); only MGF1 over the message's own digest, trailer field 1. */
function parsePss(parameters: DerElement | undefined): SignatureScheme | undefined {
  if (parameters === undefined) return undefined
  let digest: DigestAlgorithm | undefined = 'SHA-1'
  let mgfDigest: DigestAlgorithm | undefined = 'SHA-1'
  let saltLength = 20
  let last = -1
  for (const field of readSequence(parameters, 'RSASSA-PSS-params', 0, 4)) {
    const number = field.tag - 0xa0
    if (number <= last || number > 3) throw malformed(field.start, 'RSASSA-PSS-params: order of fields')
    last = number
    const value = readExplicit(field, number, 'RSASSA-PSS-params')
    if (number === 0) digest = findDigest(parseAlgorithmIdentifier(value, 'hashAlgorithm'))
    else if (number === 1) mgfDigest = findMgfDigest(value)
    else if (number === 2) saltLength = readSmallInteger(value, 'saltLength')
    else if (readSmallInteger(value, 'trailerField') !== 1) return undefined
  }
  if (digest === undefined || digest === 'SM3' || digest !== mgfDigest || saltLength > 512) return undefined
  return { kind: 'rsa-pss', digest, saltLength }
}

function findMgfDigest(value: DerElement): DigestAlgorithm | undefined {
  const mgf = parseAlgorithmIdentifier(value, 'maskGenAlgorithm')
  if (mgf.oid !== OID.mgf1 || mgf.parameters === undefined) return undefined
  return findDigest(parseAlgorithmIdentifier(mgf.parameters, 'maskGenAlgorithm'))
}

const ownAlgorithms: Readonly<Record<SignatureAlgorithm, string>> = {
  'ecdsa-with-SHA256': OID.ecdsaWithSHA256,
  sha256WithRSAEncryption: OID.sha256WithRSAEncryption,
  'SM2-with-SM3': OID.sm2WithSm3,
}

/** AlgorithmIdentifier of our own signatures: RSA with NULL, ECDSA and SM2 without parameters (RFC 4055 §5, RFC 5758 §3.2). */
export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  const oid = encodeOid(ownAlgorithms[algorithm])
  return algorithm === 'sha256WithRSAEncryption' ? encodeSequence(oid, encodeNull()) : encodeSequence(oid)
}

/** The scheme of one of our own algorithm names. */
export function toScheme(algorithm: SignatureAlgorithm | SignatureScheme): SignatureScheme {
  if (typeof algorithm !== 'string') return algorithm
  return schemeByOid[ownAlgorithms[algorithm]]!
}
