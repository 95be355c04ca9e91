import { primitives } from '#primitives'
import { findAlgorithmFault } from '../algorithm-terms.ts'
import { type AlgorithmIdentifier, findScheme, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  type DerLimits,
  expectTag,
  malformed,
  parseDer,
  readBitStringOctets,
  readSequence,
  readSmallInteger,
} from '../asn1/index.ts'
import { type Attribute, findSingleValue, parseAttributes } from '../cms/signed-attributes.ts'
import { withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import { type PublicKeyInfo, parsePublicKey } from '../public-key.ts'
import { type Extension, parseExtensions } from './extensions.ts'
import { type Name, parseName } from './name.ts'

/** A request for a certificate (PKCS #10, RFC 2986 §4). Byte fields are views of `raw`. */
export interface CertificateSigningRequest {
  readonly raw: Uint8Array
  /** the signed bytes, CertificationRequestInfo */
  readonly info: Uint8Array
  readonly subject: Name
  /** SubjectPublicKeyInfo, DER, and what it is */
  readonly subjectPublicKeyInfo: Uint8Array
  readonly key: PublicKeyInfo
  readonly attributes: readonly Attribute[]
  /** what the requester would like in the certificate (RFC 2985 §5.4.2); a CA gives what its profile gives */
  readonly extensions: ReadonlyMap<string, Extension>
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly signature: Uint8Array
}

/** Requests take one or two KiB. */
const requestLimits: DerLimits = { maxSize: 64 * 1024, maxDepth: 20, maxElements: 5000 }

/**
 * Parses a CertificationRequest from strict DER. Throws `CSR_MALFORMED`, `DER_LIMIT_EXCEEDED`, and for its key `KEY_MALFORMED` or
 * `ALGORITHM_UNSUPPORTED`. Verifies nothing.
 */
export function parseCsr(der: Uint8Array): CertificateSigningRequest {
  return withCode('CSR_MALFORMED', 'CertificationRequest', () => {
    const [info, algorithm, signature] = readSequence(parseDer(der, requestLimits), 'CertificationRequest', 3, 3)
    const [version, subject, key, attributesElement] = readSequence(info, 'CertificationRequestInfo', 3, 4)
    if (readSmallInteger(version, 'version') !== 0) throw malformed(info!.start, 'version is not v1')
    readSequence(key, 'subjectPKInfo', 2, 2)
    const attributes =
      attributesElement === undefined
        ? []
        : parseAttributes(expectTag(attributesElement, contextTag(0, true), 'attributes'), 'attributes')
    const requested = findSingleValue(attributes, OID.extensionRequest)
    return {
      raw: der,
      info: info!.raw,
      subject: parseName(subject, 'subject'),
      subjectPublicKeyInfo: key!.raw,
      key: parsePublicKey(key!.raw),
      attributes,
      extensions: requested === undefined ? new Map() : parseExtensions(requested, 'extensionRequest'),
      signatureAlgorithm: parseAlgorithmIdentifier(algorithm, 'signatureAlgorithm'),
      signature: readBitStringOctets(signature, 'signature'),
    }
  })
}

export type CsrFault = 'SIGNATURE_ALGORITHM_UNKNOWN' | 'ALGORITHM_TOO_WEAK' | 'SIGNATURE_INVALID'

/**
 * Proof of possession: whether whoever asks holds the private key (RFC 2986 §3 note 2), by an algorithm and a key that count at a time.
 * `null`: yes.
 */
export async function verifyCsr(request: CertificateSigningRequest, at: Date): Promise<CsrFault | null> {
  const scheme = findScheme(request.signatureAlgorithm)
  if (scheme === undefined) return 'SIGNATURE_ALGORITHM_UNKNOWN'
  if (findAlgorithmFault(scheme, request.key, at) !== null) return 'ALGORITHM_TOO_WEAK'
  const isSigned = await primitives.verify(scheme, request.subjectPublicKeyInfo, request.info, request.signature)
  return isSigned ? null : 'SIGNATURE_INVALID'
}
