import { parseAlgorithmIdentifier } from './algorithms.ts'
import {
  type DerElement,
  encodeOid,
  encodeSequence,
  isNullOrAbsent,
  parseDer,
  readBitStringOctets,
  readIntegerBytes,
  readSequence,
  toHex,
} from './asn1/index.ts'
import { PkiError } from './errors.ts'
import { OID } from './oids.ts'

/**
 * DSA (FIPS 186-4 §4), verified only and never counted by the table of algorithms: it is there because RFC 5280 paths may contain it, and
 * with it keys that inherit their parameters (§6.1.4 d, e). WebCrypto has none, so it is done here for both. Everything is public.
 */
interface DsaKey {
  /** absent: inherited from the key that certified this one */
  readonly parameters:
    | { readonly raw: Uint8Array; readonly p: bigint; readonly q: bigint; readonly g: bigint }
    | undefined
  readonly y: bigint
  /** the BIT STRING, DER */
  readonly keyBits: Uint8Array
}

/** Larger moduli cost more than any use of them is worth. */
const MAX_OCTETS = 512

function readPositive(element: DerElement | undefined, what: string): bigint {
  const bytes = readIntegerBytes(element, what)
  if (bytes[0]! >= 0x80 || bytes.length > MAX_OCTETS) throw new PkiError('KEY_MALFORMED', `${what} is out of range`)
  return BigInt(`0x${toHex(bytes)}`)
}

function parseDsaKey(spki: Uint8Array): DsaKey | null {
  const [algorithmElement, key] = readSequence(parseDer(spki), 'SubjectPublicKeyInfo', 2, 2)
  const { oid, parameters } = parseAlgorithmIdentifier(algorithmElement, 'algorithm')
  if (oid !== OID.dsa) return null
  const y = readPositive(parseDer(readBitStringOctets(key, 'DSAPublicKey')), 'DSAPublicKey')
  if (isNullOrAbsent(parameters)) return { parameters: undefined, y, keyBits: key!.raw }
  const [p, q, g] = readSequence(parameters, 'Dss-Parms', 3, 3).map((number) => readPositive(number, 'Dss-Parms'))
  return { parameters: { raw: parameters!.raw, p: p!, q: q!, g: g! }, y, keyBits: key!.raw }
}

const OID_OCTETS = encodeOid(OID.dsa)

/** Whether the algorithm at the head of a key can be DSA: most are not, and need not be parsed to know. */
function mayBeDsa(spki: Uint8Array): boolean {
  for (let at = 4; at <= 8; at++) if (OID_OCTETS.every((octet, i) => spki[at + i] === octet)) return true
  return false
}

/** As `parseDsaKey`; `null` as well for what is no key at all. */
function findDsaKey(spki: Uint8Array): DsaKey | null {
  if (!mayBeDsa(spki)) return null
  try {
    return parseDsaKey(spki)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** Whether a key is DSA's, with or without parameters. */
export const isDsaKey = (spki: Uint8Array): boolean => findDsaKey(spki) !== null

/** Whether a key is DSA's and inherits its parameters. */
export function inheritsParameters(spki: Uint8Array): boolean {
  const key = findDsaKey(spki)
  return key !== null && key.parameters === undefined
}

/** The key with the parameters of the key that certified it, or `null` when that has none to inherit. */
export function inheritParameters(spki: Uint8Array, from: Uint8Array): Uint8Array | null {
  const key = findDsaKey(spki)
  const { parameters } = findDsaKey(from) ?? {}
  if (key === null || parameters === undefined) return null
  return encodeSequence(encodeSequence(encodeOid(OID.dsa), parameters.raw), key.keyBits)
}

/** Whether a signature (Dss-Sig-Value, DER) over a digest is right; `false` for a key or signature that is malformed or out of range. */
export function verifyDsa(spki: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const key = findDsaKey(spki)
  if (key?.parameters === undefined) return false
  const { p, q, g } = key.parameters
  const bitsOfQ = q.toString(2).length
  const isSound = p > q && g > 1n && g < p && key.y > 1n && key.y < p && p % 2n === 1n && (p - 1n) % q === 0n
  if (!isSound || ![160, 224, 256].includes(bitsOfQ) || p.toString(2).length < 1024) return false
  const [r, s] = readSignature(signature)
  if (r <= 0n || r >= q || s <= 0n || s >= q) return false
  const z = BigInt(`0x${toHex(digest.subarray(0, bitsOfQ / 8))}`)
  const w = power(s, q - 2n, q)
  const v = (power(g, (z * w) % q, p) * power(key.y, (r * w) % q, p)) % p
  return v % q === r
}

function readSignature(signature: Uint8Array): readonly [r: bigint, s: bigint] {
  try {
    const [r, s] = readSequence(parseDer(signature), 'Dss-Sig-Value', 2, 2)
    return [readPositive(r, 'r'), readPositive(s, 's')]
  } catch (error) {
    if (error instanceof PkiError) return [0n, 0n]
    throw error
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
