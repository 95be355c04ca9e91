// Certificates, lists and OCSP responses that no CA would make: every field and extension as the test says, signatures real.
import { hash } from 'node:crypto'
import { encodeSignatureAlgorithm } from '../../pki/algorithms.ts'
import { asn1, OID, ocsp, type SigningKey, x509 } from '../../pki/index.ts'
import { makeTestKey, testTimes } from '../fixtures/pki.ts'

const {
  encodeBitString,
  encodeBoolean,
  encodeContext,
  encodeContextPrimitive,
  encodeElement,
  encodeGeneralizedTime,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTime,
  TAG,
  parseDer,
} = asn1

export interface Forged {
  readonly der: Uint8Array
  readonly certificate: x509.Certificate
  readonly key: SigningKey
}

export interface ForgedSpec {
  /** common name, entries, or Name DER; default TEST */
  readonly name?: string | readonly x509.NameEntry[] | Uint8Array
  /** absent: self-signed */
  readonly issuer?: Forged
  readonly key?: SigningKey
  readonly serial?: number | Uint8Array
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly extensions?: readonly Uint8Array[]
  readonly version?: 1 | 3
}

let serials = 1000

export const encodeTestName = (name: NonNullable<ForgedSpec['name']>): Uint8Array =>
  name instanceof Uint8Array ? name : x509.encodeName(typeof name === 'string' ? [['CN', name]] : name)

async function signed(tbs: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  return encodeSequence(tbs, encodeSignatureAlgorithm(key.signatureAlgorithm), encodeBitString(await key.sign(tbs)))
}

/** A certificate as the specification says, and nothing more. */
export async function forge(spec: ForgedSpec = {}): Promise<Forged> {
  const key = spec.key ?? makeTestKey()
  const signer = spec.issuer?.key ?? key
  const subject = encodeTestName(spec.name ?? 'TEST')
  const version = spec.version ?? 3
  const tbs = encodeSequence(
    ...(version === 3 ? [encodeContext(0, encodeInteger(2))] : []),
    encodeInteger(spec.serial ?? ++serials),
    encodeSignatureAlgorithm(signer.signatureAlgorithm),
    spec.issuer?.certificate.subject.raw ?? subject,
    encodeSequence(encodeTime(spec.notBefore ?? testTimes.start), encodeTime(spec.notAfter ?? testTimes.end)),
    subject,
    key.publicKey,
    ...(spec.extensions === undefined || spec.extensions.length === 0
      ? []
      : [encodeContext(3, encodeSequence(...spec.extensions))]),
  )
  const der = await signed(tbs, signer)
  return { der, certificate: x509.parseCertificate(der), key }
}

/** A CA: basicConstraints and key usage, then the extensions given. */
export const forgeCa = (spec: ForgedSpec & { pathLen?: number; keyUsage?: readonly number[] } = {}): Promise<Forged> =>
  forge({
    ...spec,
    extensions: [basicConstraints(spec.pathLen), keyUsage(spec.keyUsage ?? [5, 6]), ...(spec.extensions ?? [])],
  })

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctetString(value))
}

export const basicConstraints = (pathLen?: number): Uint8Array =>
  extension(
    OID.basicConstraints,
    encodeSequence(encodeBoolean(true), ...(pathLen === undefined ? [] : [encodeInteger(pathLen)])),
    true,
  )
export const keyUsage = (bits: readonly number[]): Uint8Array => extension(OID.keyUsage, encodeNamedBits(bits), true)
export const extKeyUsage = (...oids: string[]): Uint8Array =>
  extension(OID.extKeyUsage, encodeSequence(...oids.map(encodeOid)))

/** GeneralName: text forms by their tag number, directory names as EXPLICIT [4]. */
export const generalName = {
  email: (text: string) => encodeContextPrimitive(1, new TextEncoder().encode(text)),
  dns: (text: string) => encodeContextPrimitive(2, new TextEncoder().encode(text)),
  directory: (name: NonNullable<ForgedSpec['name']>) => encodeContext(4, encodeTestName(name)),
  uri: (text: string) => encodeContextPrimitive(6, new TextEncoder().encode(text)),
  ip: (...octets: number[]) => encodeContextPrimitive(7, Uint8Array.from(octets)),
  registeredId: (oid: string) => encodeContextPrimitive(8, asn1.parseDer(encodeOid(oid)).content),
  other: (oid: string, value: Uint8Array) => encodeContext(0, encodeOid(oid), encodeContext(0, value)),
}

export const subjectAltName = (...names: Uint8Array[]): Uint8Array =>
  extension(OID.subjectAltName, encodeSequence(...names))

export interface ForgedEntry {
  readonly serial: Uint8Array
  readonly revokedAt?: Date
  readonly extensions?: readonly Uint8Array[]
}

export interface ForgedCrl {
  readonly issuer: Forged
  readonly entries?: readonly ForgedEntry[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | null
  readonly extensions?: readonly Uint8Array[]
}

export const reasonCode = (code: number): Uint8Array => extension(OID.reasonCode, encodeInteger(code, TAG.enumerated))

/** A CRL v2 as the specification says. */
export async function forgeCrl(spec: ForgedCrl): Promise<Uint8Array> {
  const entries = (spec.entries ?? []).map(({ serial, revokedAt = testTimes.start, extensions = [] }) =>
    encodeSequence(
      encodeElement(TAG.integer, serial),
      encodeTime(revokedAt),
      ...(extensions.length > 0 ? [encodeSequence(...extensions)] : []),
    ),
  )
  const tbs = encodeSequence(
    encodeInteger(1),
    encodeSignatureAlgorithm(spec.issuer.key.signatureAlgorithm),
    spec.issuer.certificate.subject.raw,
    encodeTime(spec.thisUpdate ?? testTimes.thisUpdate),
    ...(spec.nextUpdate === null ? [] : [encodeTime(spec.nextUpdate ?? testTimes.nextUpdate)]),
    ...(entries.length > 0 ? [encodeSequence(...entries)] : []),
    ...(spec.extensions === undefined || spec.extensions.length === 0
      ? []
      : [encodeContext(0, encodeSequence(...spec.extensions))]),
  )
  return signed(tbs, spec.issuer.key)
}

export interface ForgedSingle {
  readonly certificate: x509.Certificate
  readonly issuer: Forged
  readonly digest?: 'SHA-1' | 'SHA-256'
  readonly status?: 'good' | 'unknown' | { readonly revokedAt: Date; readonly reason?: number }
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | null
  readonly extensions?: readonly Uint8Array[]
}

export interface ForgedOcsp {
  readonly signer: Forged
  readonly by?: 'name' | 'key'
  readonly singles: readonly ForgedSingle[]
  readonly producedAt?: Date
  readonly extensions?: readonly Uint8Array[]
  readonly certificates?: readonly Uint8Array[]
}

const digestAlgorithm = {
  'SHA-1': encodeSequence(encodeOid(OID.sha1), asn1.encodeNull()),
  'SHA-256': encodeSequence(encodeOid(OID.sha256), asn1.encodeNull()),
}

async function encodeSingle(single: ForgedSingle): Promise<Uint8Array> {
  const { digest = 'SHA-256', status = 'good', extensions = [] } = single
  const { nameHash, keyHash } = await ocsp.hashIssuer(single.issuer.certificate, digest)
  const id = encodeSequence(
    digestAlgorithm[digest],
    encodeOctetString(nameHash),
    encodeOctetString(keyHash),
    encodeElement(TAG.integer, single.certificate.serialNumber),
  )
  const told =
    typeof status === 'string'
      ? encodeContextPrimitive(status === 'good' ? 0 : 2, new Uint8Array(0))
      : encodeContext(
          1,
          encodeGeneralizedTime(status.revokedAt),
          ...(status.reason === undefined ? [] : [encodeContext(0, encodeInteger(status.reason, TAG.enumerated))]),
        )
  return encodeSequence(
    id,
    told,
    encodeGeneralizedTime(single.thisUpdate ?? testTimes.thisUpdate),
    ...(single.nextUpdate === null
      ? []
      : [encodeContext(0, encodeGeneralizedTime(single.nextUpdate ?? testTimes.nextUpdate))]),
    ...(extensions.length > 0 ? [encodeContext(1, encodeSequence(...extensions))] : []),
  )
}

/** A successful OCSP response as the specification says. */
export async function forgeOcsp(spec: ForgedOcsp): Promise<Uint8Array> {
  const { certificate, key } = spec.signer
  const spki = asn1.readSequence(asn1.parseDer(key.publicKey), 'spki')
  const keyHash = new Uint8Array(hash('sha1', asn1.readBitStringOctets(spki[1], 'key'), 'buffer'))
  const tbs = encodeSequence(
    spec.by === 'name' ? encodeContext(1, certificate.subject.raw) : encodeContext(2, encodeOctetString(keyHash)),
    encodeGeneralizedTime(spec.producedAt ?? testTimes.thisUpdate),
    encodeSequence(...(await Promise.all(spec.singles.map(encodeSingle)))),
    ...(spec.extensions === undefined ? [] : [encodeContext(1, encodeSequence(...spec.extensions))]),
  )
  const basic = encodeSequence(
    tbs,
    encodeSignatureAlgorithm(key.signatureAlgorithm),
    encodeBitString(await key.sign(tbs)),
    ...(spec.certificates === undefined ? [] : [encodeContext(0, encodeSequence(...spec.certificates))]),
  )
  return encodeSequence(
    encodeInteger(0, TAG.enumerated),
    encodeContext(0, encodeSequence(encodeOid(OID.ocspBasic), encodeOctetString(basic))),
  )
}

/** An answer without the certificates that it brought, which nobody signed. */
export function withoutCertificates(response: Uint8Array): Uint8Array {
  const [status, wrapped] = parseDer(response).children
  const [type, octets] = wrapped!.children[0]!.children
  const signed = parseDer(octets!.content).children.slice(0, 3)
  const basic = encodeOctetString(encodeSequence(...signed.map(({ raw }) => raw)))
  return encodeSequence(status!.raw, encodeContext(0, encodeSequence(type!.raw, basic)))
}
