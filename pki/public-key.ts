import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from './algorithms.ts'
import { isNullOrAbsent, parseDer, readBitStringOctets, readIntegerBytes, readOid, readSequence } from './asn1/index.ts'
import { PkiError, withCode } from './errors.ts'
import { createKnownBytes } from './known-bytes.ts'
import { OID } from './oids.ts'

export type NamedCurve = 'P-256' | 'P-384' | 'P-521'

/** A public key of a kind we verify with. `rsassaPssOnly`: the key's own algorithm forbids PKCS #1 v1.5 (RFC 4055 §1.2). */
export type PublicKeyInfo =
  | { readonly kind: 'ec'; readonly bits: number; readonly curve: NamedCurve }
  | { readonly kind: 'rsa'; readonly bits: number; readonly rsassaPssOnly: boolean }
  | { readonly kind: 'ed25519'; readonly bits: 256 }
  | { readonly kind: 'sm2'; readonly bits: 256 }

const curves: Readonly<Record<string, { readonly curve: NamedCurve; readonly bits: number }>> = {
  [OID.prime256v1]: { curve: 'P-256', bits: 256 },
  [OID.secp384r1]: { curve: 'P-384', bits: 384 },
  [OID.secp521r1]: { curve: 'P-521', bits: 521 },
}

/** A larger modulus serves nobody but who wants others to compute. */
const MAX_RSA_BITS = 8192
/** The work of a check grows with the exponent's length, and nobody needs one beyond 2^16 + 1. */
const MAX_RSA_EXPONENT_BITS = 32

/**
 * Parses SubjectPublicKeyInfo: named curves P-256, P-384, P-521 and SM2 with an uncompressed point, RSA of 512 to 8192 bits with
 * an odd exponent of at most 32 bits, Ed25519.
 * Throws `KEY_MALFORMED`, or `ALGORITHM_UNSUPPORTED` for other kinds of keys.
 */
export function parsePublicKey(spki: Uint8Array): PublicKeyInfo {
  const known = knownKeys.find(spki)
  if (known !== undefined) return known.value
  const key = parseAnew(spki)
  knownKeys.add(new Uint8Array(spki), key)
  return key
}

/** The same few keys are asked about many times for each document. */
const knownKeys = createKnownBytes<PublicKeyInfo>(256, 1 << 20)

function parseAnew(spki: Uint8Array): PublicKeyInfo {
  return withCode('KEY_MALFORMED', 'SubjectPublicKeyInfo', () => {
    const [algorithmElement, key] = readSequence(parseDer(spki), 'SubjectPublicKeyInfo', 2, 2)
    const algorithm = parseAlgorithmIdentifier(algorithmElement, 'algorithm')
    const bytes = readBitStringOctets(key, 'subjectPublicKey')
    if (algorithm.oid === OID.ecPublicKey) return parseEcKey(algorithm, bytes)
    // Some name the curve as the algorithm too (Tongsuo does); the key is the same.
    if (algorithm.oid === OID.sm2Curve && namesSm2(algorithm)) return parseSm2Key(bytes)
    if (algorithm.oid === OID.rsaEncryption || algorithm.oid === OID.rsassaPss) return parseRsaKey(algorithm, bytes)
    if (algorithm.oid === OID.ed25519) return parseEd25519Key(algorithm, bytes)
    throw new PkiError('ALGORITHM_UNSUPPORTED', `public key of algorithm ${algorithm.oid}`)
  })
}

/** The key's own bits: content of the BIT STRING `subjectPublicKey`. */
export function subjectPublicKeyBits(spki: Uint8Array): Uint8Array {
  return withCode('KEY_MALFORMED', 'SubjectPublicKeyInfo', () =>
    readBitStringOctets(readSequence(parseDer(spki), 'SubjectPublicKeyInfo', 2, 2)[1], 'subjectPublicKey'),
  )
}

function parseEcKey(algorithm: AlgorithmIdentifier, point: Uint8Array): PublicKeyInfo {
  const curve = algorithm.parameters?.tag === 0x06 ? readOid(algorithm.parameters, 'curve') : ''
  if (curve === OID.sm2Curve) return parseSm2Key(point)
  const named = curves[curve]
  if (named === undefined)
    throw new PkiError('ALGORITHM_UNSUPPORTED', 'elliptic curve other than P-256, P-384, P-521, SM2')
  if (point[0] !== 4 || point.length !== 1 + 2 * Math.ceil(named.bits / 8)) {
    throw new PkiError('KEY_MALFORMED', `expected an uncompressed point of ${named.curve}`)
  }
  return { kind: 'ec', ...named }
}

const namesSm2 = ({ parameters }: AlgorithmIdentifier): boolean =>
  isNullOrAbsent(parameters) || (parameters!.tag === 0x06 && readOid(parameters, 'curve') === OID.sm2Curve)

function parseSm2Key(point: Uint8Array): PublicKeyInfo {
  if (point[0] !== 4 || point.length !== 65)
    throw new PkiError('KEY_MALFORMED', 'expected an uncompressed point of the SM2 curve')
  return { kind: 'sm2', bits: 256 }
}

/** RFC 8410 §3, §4. */
function parseEd25519Key(algorithm: AlgorithmIdentifier, bytes: Uint8Array): PublicKeyInfo {
  if (algorithm.parameters !== undefined || bytes.length !== 32)
    throw new PkiError('KEY_MALFORMED', 'expected an Ed25519 key of 32 octets without parameters')
  return { kind: 'ed25519', bits: 256 }
}

function parseRsaKey(algorithm: AlgorithmIdentifier, bytes: Uint8Array): PublicKeyInfo {
  const rsassaPssOnly = algorithm.oid === OID.rsassaPss
  if (!rsassaPssOnly && !isNullOrAbsent(algorithm.parameters))
    throw new PkiError('KEY_MALFORMED', 'RSA key with parameters')
  const [modulus, exponent] = readSequence(parseDer(bytes), 'RSAPublicKey', 2, 2).map((n) =>
    readIntegerBytes(n, 'RSAPublicKey'),
  )
  if (modulus![0]! >= 0x80 || exponent![0]! >= 0x80)
    throw new PkiError('KEY_MALFORMED', 'RSA key with a negative number')
  const bits = bitLength(modulus!)
  if (bits < 512 || bits > MAX_RSA_BITS) throw new PkiError('KEY_MALFORMED', `RSA modulus of ${bits} bits`)
  const odd = (modulus!.at(-1)! & 1) === 1 && (exponent!.at(-1)! & 1) === 1
  if (!odd || bitLength(exponent!) > MAX_RSA_EXPONENT_BITS || (exponent!.length === 1 && exponent![0]! < 3)) {
    throw new PkiError('KEY_MALFORMED', 'RSA modulus or exponent out of range')
  }
  return { kind: 'rsa', bits, rsassaPssOnly }
}

/** Bits of a number that is not negative, of the octets of a DER INTEGER. */
function bitLength(octets: Uint8Array): number {
  const magnitude = octets[0] === 0 ? octets.subarray(1) : octets
  return magnitude.length === 0 ? 0 : 8 * magnitude.length - Math.clz32(magnitude[0]!) + 24
}
