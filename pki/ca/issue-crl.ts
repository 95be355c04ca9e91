import { encodeSignatureAlgorithm } from '../algorithms.ts'
import {
  concat,
  encodeContext,
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
import { signStructure } from './issue-certificate.ts'

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
}

const refuse = (why: string): PkiError => new PkiError('CRL_REFUSED', why)

/**
 * Issues a complete v2 CRL (RFC 5280 §5) with cRLNumber and authorityKeyIdentifier.
 * Throws `CRL_REFUSED` when issuer, key, times or entries do not fit; what the key throws passes through.
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
  return signStructure(tbs, request.key)
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
