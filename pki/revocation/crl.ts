import { type AlgorithmIdentifier, parseAlgorithmIdentifier } from '../algorithms.ts'
import {
  contextTag,
  DerCursor,
  type DerElement,
  type DerLimits,
  equalBytes,
  malformed,
  parseDer,
  readBitStringOctets,
  readBoolean,
  readExplicit,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
  toHex,
} from '../asn1/index.ts'
import { PkiError, withCode } from '../errors.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import { type Extension, type PointName, parseExtensions, parsePointName } from '../x509/extensions.ts'
import { type Name, parseName } from '../x509/name.ts'
import { parseReasons, type ReasonMask } from '../x509/reasons.ts'
import { CrlEntries, type RevokedCertificate } from './crl-entries.ts'

export { CrlEntries, type RevokedCertificate } from './crl-entries.ts'
export { type RevocationReason, revocationReasons } from './reason.ts'

/** What issuingDistributionPoint limits a CRL to (RFC 5280 §5.2.5). */
export interface CrlScope {
  /** the distribution point the list belongs to; `undefined` when it belongs to none */
  readonly point: PointName | undefined
  readonly onlyUserCerts: boolean
  readonly onlyCaCerts: boolean
  readonly onlyAttributeCerts: boolean
  /** all reasons when it does not say */
  readonly onlySomeReasons: ReasonMask | undefined
  readonly indirect: boolean
  /** DER of the extension's value: two lists have the same scope when it is the same */
  readonly raw: Uint8Array
}

/** A certificate revocation list (RFC 5280 §5.1). Byte fields are views of `raw`. */
export interface Crl {
  readonly raw: Uint8Array
  readonly tbs: Uint8Array
  readonly version: 1 | 2
  readonly signatureAlgorithm: AlgorithmIdentifier
  readonly issuer: Name
  readonly thisUpdate: Date
  /** RFC 5280 demands it; a list without it is never fresh */
  readonly nextUpdate: Date | undefined
  /** by `serialNumberHex` of the certificate */
  readonly entries: CrlEntries
  readonly extensions: ReadonlyMap<string, Extension>
  readonly authorityKeyIdentifier: Uint8Array | undefined
  readonly cRLNumber: bigint | undefined
  /** BaseCRLNumber of a delta list */
  readonly deltaBase: bigint | undefined
  readonly scope: CrlScope | undefined
  readonly signature: Uint8Array
}

/** A list of some three million entries; the size of the largest that CAs publish. Everything but the entries is small. */
const MAX_SIZE = 128 * 1024 * 1024
const partLimits: DerLimits = { maxSize: 256 * 1024, maxDepth: 20, maxElements: 20_000 }

/**
 * Parses a CRL from strict DER; throws `CRL_MALFORMED` or `DER_LIMIT_EXCEEDED`. Verifies nothing. Every entry is checked for its form;
 * none is kept but as bytes.
 */
export function parseCrl(der: Uint8Array): Crl {
  if (der.length > MAX_SIZE)
    throw new PkiError('DER_LIMIT_EXCEEDED', `expected at most ${MAX_SIZE} octets, got ${der.length}`)
  return withCode('CRL_MALFORMED', 'CertificateList', () => {
    const outer = new Fields(der, 0, der.length, 'CertificateList')
    const list = outer.enter(TAG.sequence)
    outer.end()
    const tbsFields = list.enter(TAG.sequence)
    const tbs = list.lastRaw
    const algorithm = parseAlgorithmIdentifier(list.take(), 'signatureAlgorithm')
    const signature = readBitStringOctets(list.take(), 'signature')
    list.end()
    return { raw: der, tbs, signatureAlgorithm: algorithm, signature, ...parseTbs(tbsFields, algorithm) }
  })
}

/** The fields of a SEQUENCE one by one; only those that are taken become elements. */
class Fields {
  readonly #cursor: DerCursor
  readonly #what: string
  readonly #to: number
  #at: number

  constructor(source: Uint8Array, from: number, to: number, what: string) {
    this.#cursor = new DerCursor(source)
    this.#at = from
    this.#to = to
    this.#what = what
  }

  /** Identifier octet of the next field; `undefined` at the end. */
  get tag(): number | undefined {
    return this.#at < this.#to ? this.#cursor.source[this.#at] : undefined
  }

  take(): DerElement {
    this.#next()
    return parseDer(this.lastRaw, partLimits)
  }

  /** The fields within the next one. */
  enter(tag: number): Fields {
    const { contentStart, end, source } = this.#next()
    if (this.#cursor.tag !== tag) throw malformed(this.#cursor.start, `${this.#what}: unexpected field`)
    return new Fields(source, contentStart, end, this.#what)
  }

  entries(isV2: boolean): CrlEntries {
    const { contentStart, end, source } = this.#next()
    return new CrlEntries(source, contentStart, end, isV2)
  }

  get lastRaw(): Uint8Array {
    return this.#cursor.raw
  }

  end(): void {
    if (this.#at !== this.#to) throw malformed(this.#at, `${this.#what}: unexpected field`)
  }

  #next(): DerCursor {
    this.#cursor.read(this.#at, this.#to)
    this.#at = this.#cursor.end
    return this.#cursor
  }
}

type Tbs = Omit<Crl, 'raw' | 'tbs' | 'signatureAlgorithm' | 'signature'>

function parseTbs(fields: Fields, signatureAlgorithm: AlgorithmIdentifier): Tbs {
  const isV2 = fields.tag === TAG.integer
  if (isV2 && readSmallInteger(fields.take(), 'version') !== 1) throw malformed(0, 'version is not v2')
  if (!equalBytes(parseAlgorithmIdentifier(fields.take(), 'signature').raw, signatureAlgorithm.raw))
    throw malformed(0, 'signature algorithm inside and outside differ')
  const issuer = parseName(fields.take(), 'issuer')
  const thisUpdate = readTime(fields.take(), 'thisUpdate')
  const hasNextUpdate = fields.tag === TAG.utcTime || fields.tag === TAG.generalizedTime
  const nextUpdate = hasNextUpdate ? readTime(fields.take(), 'nextUpdate') : undefined
  const entries = fields.tag === TAG.sequence ? fields.entries(isV2) : new CrlEntries(new Uint8Array(0), 0, 0, isV2)
  const extensions =
    isV2 && fields.tag === contextTag(0, true)
      ? parseExtensions(readExplicit(fields.take(), 0, 'crlExtensions'), 'crlExtensions')
      : new Map<string, Extension>()
  fields.end()
  return {
    version: isV2 ? 2 : 1,
    issuer,
    thisUpdate,
    nextUpdate,
    entries,
    extensions,
    ...parseCrlExtensions(extensions),
  }
}

function parseCrlExtensions(
  extensions: ReadonlyMap<string, Extension>,
): Pick<Crl, 'authorityKeyIdentifier' | 'cRLNumber' | 'deltaBase' | 'scope'> {
  const value = <T>(oid: string, parse: (element: DerElement) => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension === undefined ? undefined : parse(parseDer(extension.value, partLimits))
  }
  return {
    authorityKeyIdentifier: value(
      OID.authorityKeyIdentifier,
      (element) =>
        readSequence(element, 'authorityKeyIdentifier').find(({ tag }) => tag === contextTag(0, false))?.content,
    ),
    cRLNumber: value(OID.cRLNumber, (element) => readCrlNumber(element, 'cRLNumber')),
    deltaBase: value(OID.deltaCRLIndicator, (element) => readCrlNumber(element, 'BaseCRLNumber')),
    scope: value(OID.issuingDistributionPoint, parseScope),
  }
}

function readCrlNumber(element: DerElement, what: string): bigint {
  const bytes = readIntegerBytes(element, what)
  if (bytes[0]! >= 0x80 || bytes.length > 21) throw malformed(element.start, `${what}: expected 0 to 2^160 - 1`)
  return BigInt(`0x${toHex(bytes)}`)
}

function parseScope(element: DerElement): CrlScope {
  let point: PointName | undefined
  let onlySomeReasons: ReasonMask | undefined
  const flags = new Set<number>()
  let last = -1
  for (const field of readSequence(element, 'issuingDistributionPoint', 0, 6)) {
    const number = field.tag & 0x1f
    if (number <= last || number > 5 || field.tag !== contextTag(number, number === 0))
      throw malformed(field.start, 'issuingDistributionPoint: unexpected field')
    last = number
    if (number === 0) point = parsePointName(readExplicit(field, 0, 'distributionPoint'))
    else if (number === 3) onlySomeReasons = parseReasons(field)
    else if (readBoolean(field, 'issuingDistributionPoint', field.tag)) flags.add(number)
  }
  return {
    point,
    onlyUserCerts: flags.has(1),
    onlyCaCerts: flags.has(2),
    onlySomeReasons,
    indirect: flags.has(4),
    onlyAttributeCerts: flags.has(5),
    raw: element.raw,
  }
}

/** Whether a list has, or may have, any entry about a certificate: found quickly, also in what nobody signed. */
export const mayList = (crl: Crl, certificate: Certificate): boolean =>
  crl.entries.mayHave(certificate.serialNumberHex, (names) => isAbout(crl, names, certificate))

/** The entry about a certificate of the list's own issuer, or `undefined`. The list must be verified and cover the certificate. */
export function findRevocation(crl: Crl, certificate: Certificate): RevokedCertificate | undefined {
  return crl.entries.get(certificate.serialNumberHex, (names) => isAbout(crl, names, certificate))
}

/** Whether entries under these issuer names (`undefined`: the list's own issuer) are about certificates of this one's issuer. */
function isAbout(crl: Crl, names: readonly string[] | undefined, { issuer }: Certificate): boolean {
  return names === undefined ? crl.issuer.matchKey === issuer.matchKey : names.includes(`directory:${issuer.matchKey}`)
}
