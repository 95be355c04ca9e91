import { findScheme, parseAlgorithmIdentifier } from '../../algorithms.ts'
import {
  type DerElement,
  malformed,
  parseDer,
  readBitStringOctets,
  readIntegerBytes,
  readOid,
  readSequence,
  TAG,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { type KeyUsage, keyUsageNames } from '../../x509/extensions.ts'
import { type LintedCertificate, succeeds } from './read.ts'
import type { Report } from './rules.ts'

const signing: readonly KeyUsage[] = ['digitalSignature', 'contentCommitment', 'keyCertSign', 'cRLSign']
const agreeing: readonly KeyUsage[] = ['keyAgreement', 'encipherOnly', 'decipherOnly']
const without = (...usages: readonly KeyUsage[]): readonly KeyUsage[] =>
  keyUsageNames.filter((usage) => !usages.includes(usage))

interface KeyRule {
  readonly usages: readonly KeyUsage[]
  /** parameters as the algorithm's RFC has them */
  readonly parameters: 'null' | 'absent' | 'curve' | 'any'
  readonly notForCa?: true
}

const ofNist = (arc: string, from: number, to: number, rule: KeyRule): [string, KeyRule][] =>
  Array.from({ length: to - from + 1 }, (_, i) => [`2.16.840.1.101.3.4.${arc}.${from + i}`, rule])

/** What a key may be used for, and what parameters it has. Of these only RSA and elliptic curves (SM2 too) are ever certified here. */
const keyRules: ReadonlyMap<string, KeyRule> = new Map([
  [OID.rsaEncryption, { usages: without('keyAgreement'), parameters: 'null' }],
  [OID.ecPublicKey, { usages: without('keyEncipherment', 'dataEncipherment'), parameters: 'curve' }],
  [OID.rsassaPss, { usages: signing, parameters: 'any' }],
  [OID.ed25519, { usages: signing, parameters: 'absent' }],
  ['1.3.101.113', { usages: signing, parameters: 'absent' }],
  ['1.3.101.110', { usages: agreeing, parameters: 'absent' }],
  ['1.3.101.111', { usages: agreeing, parameters: 'absent' }],
  // ML-DSA, SLH-DSA, their forms that hash first (RFC 9881, RFC 9909), ML-KEM (RFC 9935)
  ...ofNist('3', 17, 31, { usages: signing, parameters: 'absent' }),
  ...ofNist('3', 32, 46, { usages: ['digitalSignature', 'contentCommitment'], parameters: 'absent', notForCa: true }),
  ...ofNist('4', 1, 3, { usages: ['keyEncipherment'], parameters: 'absent' }),
])

/** Arcs under which the drafts of Dilithium were tried out. */
const obsoleteArcs = ['1.3.6.1.4.1.2.267.7.', '1.3.6.1.4.1.2.267.12.']

/** Octets of ML-DSA's keys, by the last arc. */
const mlDsaLengths: Readonly<Record<string, number>> = { 17: 1312, 18: 1952, 19: 2592 }

/** Checks SubjectPublicKeyInfo; the algorithm's OID, where it can be read. */
export function checkKey({ key, isCa }: LintedCertificate, report: Report): string | undefined {
  let oid: string | undefined
  const isWell = succeeds(() => {
    const [algorithmElement, bits] = readSequence(key, 'subjectPublicKeyInfo', 2, 2)
    const algorithm = parseAlgorithmIdentifier(algorithmElement, 'subjectPublicKeyInfo')
    const octets = readBitStringOctets(bits, 'subjectPublicKey')
    oid = algorithm.oid
    const rule = keyRules.get(oid)
    if (obsoleteArcs.some((arc) => oid!.startsWith(arc))) report('key-algorithm-obsolete', oid)
    if (rule === undefined) return
    if (isCa && rule.notForCa) report('key-algorithm-not-for-ca', oid)
    if (!hasParameters(algorithm.parameters, rule.parameters))
      report('algorithm-parameters-wrong', 'subjectPublicKeyInfo')
    if (oid === OID.rsaEncryption) readRsa(octets)
    const length = oid.startsWith('2.16.840.1.101.3.4.3.') ? mlDsaLengths[oid.slice(21)] : undefined
    if (length !== undefined && octets.length !== length) report('key-malformed', 'subjectPublicKey')
  })
  if (!isWell) report('key-malformed', 'subjectPublicKeyInfo')
  return oid
}

function hasParameters(parameters: DerElement | undefined, wanted: KeyRule['parameters']): boolean {
  if (wanted === 'any') return true
  if (wanted === 'absent') return parameters === undefined
  if (wanted === 'null') return parameters?.tag === TAG.null
  return parameters?.tag === TAG.oid
}

/** Modulus and exponent without leading zeros; throws `DER_MALFORMED`. */
function readRsa(octets: Uint8Array): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } {
  const [modulus, exponent] = readSequence(parseDer(octets), 'RSAPublicKey', 2, 2).map((element) => {
    const number = readIntegerBytes(element, 'RSAPublicKey')
    if (number[0]! >= 0x80) throw malformed(element.start, 'RSAPublicKey: negative number')
    return number[0] === 0 ? number.subarray(1) : number
  })
  return { modulus: modulus!, exponent: exponent! }
}

const agreedCurves: readonly string[] = [
  OID.prime256v1,
  OID.secp384r1,
  OID.secp521r1,
  OID.sm2Curve,
  '1.3.36.3.3.2.8.1.1.7',
  '1.3.36.3.3.2.8.1.1.11',
  '1.3.36.3.3.2.8.1.1.13',
]

/** What ETSI TS 119 312 advises against: a modulus below 1900 bits, an exponent below 2^16, other curves, another salt than the digest's length. */
export function checkDiscouraged({ key, signature }: LintedCertificate, report: Report): void {
  succeeds(() => {
    const [algorithmElement, bits] = readSequence(key, 'subjectPublicKeyInfo', 2, 2)
    const { oid, parameters } = parseAlgorithmIdentifier(algorithmElement, 'subjectPublicKeyInfo')
    if (oid === OID.ecPublicKey && parameters?.tag === TAG.oid && !agreedCurves.includes(readOid(parameters, 'curve')))
      report('key-discouraged', 'curve')
    if (oid !== OID.rsaEncryption) return
    const { modulus, exponent } = readRsa(readBitStringOctets(bits, 'subjectPublicKey'))
    if (8 * modulus.length - Math.clz32(modulus[0] ?? 0) + 24 < 1900) report('key-discouraged', 'RSA modulus')
    if (exponent.length < 3) report('key-discouraged', 'RSA exponent')
  })
  succeeds(() => {
    const algorithm = parseAlgorithmIdentifier(signature, 'signature')
    if (algorithm.oid !== OID.rsassaPss) return
    const scheme = findScheme(algorithm)
    if (scheme?.kind !== 'rsa-pss' || `SHA-${8 * scheme.saltLength}` !== scheme.digest)
      report('signature-algorithm-discouraged', 'signature')
  })
}

/** The usages that a key is for (RFC 4055 §1.2, RFC 8813 §3, RFC 9295 §3 …); `undefined` for a key that is not known. */
export function usagesOf(keyOid: string): readonly KeyUsage[] | undefined {
  return keyRules.get(keyOid)?.usages
}

/** Algorithms whose AlgorithmIdentifier has no parameters at all. */
const bareAlgorithms: readonly string[] = [
  OID.ecdsaWithSHA1,
  OID.ecdsaWithSHA256,
  OID.ecdsaWithSHA384,
  OID.ecdsaWithSHA512,
  OID.ed25519,
  '1.3.101.113',
  ...ofNist('3', 17, 46, { usages: [], parameters: 'absent' }).map(([oid]) => oid),
]
const nullAlgorithms: readonly string[] = [
  OID.sha1WithRSAEncryption,
  OID.sha256WithRSAEncryption,
  OID.sha384WithRSAEncryption,
  OID.sha512WithRSAEncryption,
]

/** Checks the AlgorithmIdentifier of the signature that is to be made. */
export function checkSignatureAlgorithm(element: DerElement, report: Report): void {
  const where = 'signature'
  if (
    !succeeds(() => {
      const { oid, parameters } = parseAlgorithmIdentifier(element, where)
      if (bareAlgorithms.includes(oid) && parameters !== undefined) report('algorithm-parameters-wrong', where)
      if (nullAlgorithms.includes(oid) && parameters?.tag !== TAG.null) report('algorithm-parameters-wrong', where)
    })
  )
    report('structure-malformed', where)
}
