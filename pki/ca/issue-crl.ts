import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  asciiBytes,
  concat,
  encodeContext,
  encodeContextPrimitive,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeSequence,
  encodeTime,
  equalBytes,
  TAG,
  toHex,
} from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { type RevocationReason, revocationReasons } from '../revocation/crl.ts'
import type { SigningKey } from '../signing-key.ts'
import { parseCertificate } from '../x509/certificate.ts'
import { encodeAuthorityKeyIdentifier, encodeExtension } from './encode-extensions.ts'
import { lintCrl } from './lint/index.ts'
import { refuseFaults, signStructure } from './sign-structure.ts'

/** One revoked certificate. `reason` left out or `unspecified` gives no reason code (RFC 5280 §5.3.1). */
export interface RevokedEntry {
  readonly serialNumber: Uint8Array
  readonly revocationDate: Date
  readonly reason?: RevocationReason
  readonly invalidityDate?: Date
}

export interface CrlRequest {
  readonly issuer: { readonly certificate: Uint8Array }
  readonly key: SigningKey
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** grows with every CRL of the issuer */
  readonly crlNumber: number | bigint
  readonly entries: readonly RevokedEntry[]
  /** what the list is limited to; a complete list of all certificates unless given */
  readonly scope?: IssuedScope
  /** since when certificates stay on the list after they expire (X.509 §8.5.2.12): a seal is verified long after */
  readonly expiredCertsSince?: Date
}

/** A part of an issuer's certificates: those that name this address as their distribution point, and those of one kind. */
export interface IssuedScope {
  readonly url?: string
  readonly only?: 'user-certificates' | 'ca-certificates'
}

const refuse = (why: string): PkiError => new PkiError('CRL_REFUSED', why)

/**
 * Issues a v2 CRL (RFC 5280 §5) with cRLNumber and authorityKeyIdentifier: complete, or a shard of a list by its distribution point.
 * Neither indirect nor delta. Linted before it is signed.
 * Throws `CRL_REFUSED` when issuer, key, times, scope or entries do not fit, `LINT_FAILED`; what the key throws passes through.
 */
export async function issueCrl(request: CrlRequest): Promise<Uint8Array> {
  const issuer = parseCertificate(request.issuer.certificate)
  if (!equalBytes(request.key.publicKey, issuer.subjectPublicKeyInfo)) throw refuse("the key is not the issuer's")
  if (issuer.keyUsage?.has('cRLSign') !== true || issuer.subjectKeyIdentifier === undefined)
    throw refuse('the issuer may not sign CRLs')
  if (!(request.thisUpdate < request.nextUpdate)) throw refuse('thisUpdate is not before nextUpdate')
  const serials = new Set(request.entries.map(({ serialNumber }) => toHex(serialNumber)))
  if (serials.size !== request.entries.length) throw refuse('a serial number occurs twice')
  const entries = request.entries.map((entry) => encodeEntry(entry, request.thisUpdate))
  const extensions = encodeSequence(
    encodeAuthorityKeyIdentifier(issuer.subjectKeyIdentifier),
    encodeExtension(OID.cRLNumber, false, encodeInteger(request.crlNumber)),
    ...(request.scope === undefined ? [] : [encodeScope(request.scope)]),
    ...(request.expiredCertsSince === undefined
      ? []
      : [encodeExtension(OID.expiredCertsOnCRL, false, encodeGeneralizedTime(request.expiredCertsSince))]),
  )
  const tbs = encodeSequence(
    encodeInteger(1),
    encodeSignatureAlgorithm(request.key.signatureAlgorithm),
    issuer.subject.raw,
    encodeTime(request.thisUpdate),
    encodeTime(request.nextUpdate),
    ...(entries.length === 0 ? [] : [encodeElement(TAG.sequence, concat(entries))]),
    encodeContext(0, extensions),
  )
  refuseFaults(lintCrl(tbs))
  return signStructure(tbs, request.key)
}

/** issuingDistributionPoint, critical (RFC 5280 §5.2.5). */
function encodeScope({ url, only }: IssuedScope): Uint8Array {
  if (url === undefined && only === undefined) throw refuse('a scope limits the list to something')
  const point =
    url === undefined ? [] : [encodeContext(0, encodeContext(0, encodeContextPrimitive(6, asciiBytes(url))))]
  const flag =
    only === undefined ? [] : [encodeContextPrimitive(only === 'user-certificates' ? 1 : 2, Uint8Array.of(0xff))]
  return encodeExtension(OID.issuingDistributionPoint, true, encodeSequence(...point, ...flag))
}

/**
 * Which of so many shards a certificate belongs to, by its random serial number: its last four octets, so the same at issuing and at
 * revocation and for every width of the number. Throws `TypeError` for a count that is none.
 */
export function shardOf(serialNumber: Uint8Array, shards: number): number {
  if (!Number.isSafeInteger(shards) || shards < 1) throw new TypeError('expected at least one shard')
  return serialNumber.subarray(-4).reduce((value, octet) => value * 256 + octet, 0) % shards
}

function encodeEntry(entry: RevokedEntry, thisUpdate: Date): Uint8Array {
  if (entry.revocationDate > thisUpdate) throw refuse('an entry is revoked after thisUpdate')
  const extensions: Uint8Array[] = []
  if (entry.reason !== undefined && entry.reason !== 'unspecified') {
    const code = encodeInteger(revocationReasons[entry.reason], TAG.enumerated)
    extensions.push(encodeExtension(OID.reasonCode, false, code))
  }
  if (entry.invalidityDate !== undefined) {
    extensions.push(encodeExtension(OID.invalidityDate, false, encodeGeneralizedTime(entry.invalidityDate)))
  }
  return encodeSequence(
    encodeInteger(entry.serialNumber),
    encodeTime(entry.revocationDate),
    ...(extensions.length === 0 ? [] : [encodeSequence(...extensions)]),
  )
}
