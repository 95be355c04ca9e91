import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerElement,
  type DerLimits,
  equalBytes,
  malformed,
  parseDer,
  readBitStringOctets,
  readExplicit,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  toHex,
} from '../asn1/index.ts'
import { withCode } from '../errors.ts'
import { type Extension, type KnownExtensions, parseExtensions, parseKnownExtensions } from './extensions.ts'
import { type Name, parseName } from './name.ts'

/** An X.509 certificate (RFC 5280 §4.1). Byte fields are views of `raw`. */
export interface Certificate extends KnownExtensions {
  readonly raw: Uint8Array
  /** the signed bytes */
  readonly tbs: Uint8Array
  readonly version: 1 | 2 | 3
  /** content octets of the INTEGER */
  readonly serialNumber: Uint8Array
  /** lower-case hexadecimal of `serialNumber` */
  readonly serialNumberHex: string
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly issuer: Name
  readonly subject: Name
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo, DER */
  readonly subjectPublicKeyInfo: Uint8Array
  readonly extensions: ReadonlyMap<string, Extension>
  readonly signature: Uint8Array
}

/** Certificates beyond this are refused: real ones take 1 to 4 KiB. */
const certificateLimits: DerLimits = { maxSize: 256 * 1024, maxDepth: 30, maxElements: 20_000 }

/** Parses a certificate from strict DER; throws `CERTIFICATE_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing. */
export function parseCertificate(der: Uint8Array): Certificate {
  return withCode('CERTIFICATE_MALFORMED', 'Certificate', () => {
    const [tbs, algorithm, signature] = readSequence(parseDer(der, certificateLimits), 'Certificate', 3, 3)
    return parseTbs(
      der,
      tbs!,
      parseAlgorithmIdentifier(algorithm, 'signatureAlgorithm'),
      readBitStringOctets(signature, 'signatureValue'),
    )
  })
}

function parseTbs(
  raw: Uint8Array,
  tbs: DerElement,
  signatureAlgorithm: AlgorithmIdentifier,
  signature: Uint8Array,
): Certificate {
  const fields = [...readSequence(tbs, 'TBSCertificate', 6, 10)]
  const hasVersion = fields[0]!.tag === contextTag(0, true)
  const version = hasVersion ? readSmallInteger(readExplicit(fields.shift()!, 0, 'version'), 'version') + 1 : 1
  if (version < 1 || version > 3) throw malformed(tbs.start, `version ${version}`)
  const [serial, inner, issuer, validity, subject, key, ...rest] = fields
  const serialNumber = readIntegerBytes(serial, 'serialNumber')
  if (!equalBytes(parseAlgorithmIdentifier(inner, 'signature').raw, signatureAlgorithm.raw)) {
    throw malformed(inner!.start, 'signature algorithm inside and outside differ')
  }
  const [notBefore, notAfter] = readSequence(validity, 'validity', 2, 2)
  const extensions = parseOptional(rest, version)
  return {
    raw,
    tbs: tbs.raw,
    version: version as 1 | 2 | 3,
    serialNumber,
    serialNumberHex: toHex(serialNumber),
    signatureAlgorithm,
    issuer: parseName(issuer, 'issuer'),
    subject: parseName(subject, 'subject'),
    notBefore: readTime(notBefore, 'notBefore'),
    notAfter: readTime(notAfter, 'notAfter'),
    subjectPublicKeyInfo: expectKey(key).raw,
    extensions,
    signature,
    ...parseKnownExtensions(extensions),
  }
}

function expectKey(key: DerElement | undefined): DerElement {
  readSequence(key, 'subjectPublicKeyInfo', 2, 2)
  return key!
}

/** issuerUniqueID [1], subjectUniqueID [2], extensions [3]: each at most once, in this order, only in the versions that have them. */
function parseOptional(rest: readonly DerElement[], version: number): ReadonlyMap<string, Extension> {
  let last = 0
  let extensions: ReadonlyMap<string, Extension> = new Map()
  for (const field of rest) {
    const number = field.tag & 0x1f
    const isUniqueId = field.tag === contextTag(1, false) || field.tag === contextTag(2, false)
    const isExtensions = field.tag === contextTag(3, true)
    if (!(isUniqueId && version >= 2) && !(isExtensions && version === 3))
      throw malformed(field.start, 'TBSCertificate: unexpected field')
    if (number <= last) throw malformed(field.start, 'TBSCertificate: order of fields')
    last = number
    if (isExtensions) extensions = parseExtensions(readExplicit(field, 3, 'extensions'), 'extensions')
  }
  return extensions
}

/** Whether issuer and subject are the same name (RFC 5280 §6.1: self-issued). */
export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.issuer.matchKey === certificate.subject.matchKey
}

/** A function of a certificate whose answers are kept as long as the certificate is. */
export function memoise<T>(compute: (certificate: Certificate) => T): (certificate: Certificate) => T {
  const known = new WeakMap<Certificate, { readonly value: T }>()
  return (certificate) => {
    const kept = known.get(certificate)
    if (kept !== undefined) return kept.value
    const value = compute(certificate)
    known.set(certificate, { value })
    return value
  }
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*?)-----END \1-----/g

export type PemLabel = 'CERTIFICATE' | 'X509 CRL' | 'CERTIFICATE REQUEST'

/**
 * DER of every block with this label in a PEM text, or with NEW before it, as old tools call requests; throws `CERTIFICATE_MALFORMED` for a
 * block that is not base64.
 */
export function decodePem(text: string, label: PemLabel = 'CERTIFICATE'): Uint8Array[] {
  return [...text.matchAll(PEM)]
    .filter((match) => match[1] === label || match[1] === `NEW ${label}`)
    .map((match) => withCode('CERTIFICATE_MALFORMED', label, () => decodeBase64(match[2]!.replace(/\s/g, ''))))
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    throw malformed(0, 'not base64')
  }
}

/** PEM text of a certificate, CRL or request, lines of 64 characters. */
export function encodePem(der: Uint8Array, label: PemLabel = 'CERTIFICATE'): string {
  let binary = ''
  for (const byte of der) binary += String.fromCharCode(byte)
  const lines = btoa(binary).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
