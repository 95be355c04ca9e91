import {
  type DerElement,
  encodeOid,
  encodePrintableString,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  malformed,
  readOid,
  readSequence,
  readSet,
  readString,
  toHex,
} from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { createKnownBytes } from '../known-bytes.ts'
import { OID } from '../oids.ts'

export interface NameAttribute {
  /** dotted OID */
  readonly type: string
  readonly value: string
}

/** A distinguished name. `raw` is its DER; `text` is for people (RFC 4514 order left as encoded), never for comparison. */
export interface Name {
  readonly raw: Uint8Array
  /** all attributes in their order, whatever RDN they stand in */
  readonly attributes: readonly NameAttribute[]
  readonly text: string
  /** Two names match by RFC 5280 §7.1 when their keys are equal: case and inner white space do not count. */
  readonly matchKey: string
  /** the same by RDN: a name lies within another's subtree when it begins with the other's (RFC 5280 §4.2.1.10) */
  readonly rdnKeys: readonly string[]
}

/** Short names for `encodeName` and `text`. */
const typeByShort: Readonly<Record<string, string>> = {
  C: OID.countryName,
  ST: OID.stateOrProvinceName,
  L: OID.localityName,
  STREET: OID.streetAddress,
  O: OID.organizationName,
  OU: OID.organizationalUnitName,
  CN: OID.commonName,
  SERIALNUMBER: OID.serialNumber,
  SN: OID.surname,
  GN: OID.givenName,
  T: OID.title,
  organizationIdentifier: OID.organizationIdentifier,
}
const shortByType: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(typeByShort).map(([short, type]) => [type, short])),
  [OID.domainComponent]: 'DC',
  [OID.emailAddress]: 'E',
}

/** Upper bounds of X.520 (RFC 5280 Appendix A.1), in characters. */
const upperBound: Readonly<Record<string, number>> = {
  [OID.countryName]: 2,
  [OID.commonName]: 64,
  [OID.organizationName]: 64,
  [OID.organizationalUnitName]: 64,
  [OID.serialNumber]: 64,
  [OID.localityName]: 128,
  [OID.stateOrProvinceName]: 128,
  [OID.title]: 64,
}

/** Attribute by short name (`C`, `ST`, `L`, `O`, `OU`, `CN`, `SERIALNUMBER`, `organizationIdentifier` …) or dotted OID, and its value. */
export type NameEntry = readonly [type: string, value: string]

/**
 * Encodes a name, one attribute per RDN, in the given order: C and serialNumber as PrintableString, all others as UTF8String
 * (RFC 5280 §4.1.2.4). Throws `NAME_REFUSED` for an unknown type, an empty or too long value, or a country that is not two letters.
 */
export function encodeName(entries: readonly NameEntry[]): Uint8Array {
  return encodeSequence(...entries.map(([short, value]) => encodeSetOf(encodeAttribute(short, value))))
}

function encodeAttribute(short: string, value: string): Uint8Array {
  const type = typeByShort[short] ?? (/^\d+(\.\d+)+$/.test(short) ? short : undefined)
  if (type === undefined) throw new PkiError('NAME_REFUSED', `unknown attribute ${short}`)
  const length = [...value].length
  if (value.trim() === '' || length > (upperBound[type] ?? 256)) {
    throw new PkiError('NAME_REFUSED', `${short}: expected 1 to ${upperBound[type] ?? 256} characters, got ${length}`)
  }
  if (type === OID.countryName && !/^[A-Z]{2}$/.test(value)) {
    throw new PkiError('NAME_REFUSED', 'C: expected two capital letters (ISO 3166)')
  }
  const printable = type === OID.countryName || type === OID.serialNumber
  return encodeSequence(encodeOid(type), printable ? encodePrintableString(value) : encodeUtf8String(value))
}

const MAX_ATTRIBUTES = 512

/** The same few names stand in all that their owners issue and sign. */
const knownNames = createKnownBytes<Omit<Name, 'raw'>>(256, 1 << 18)
const LARGEST_KEPT = 1024

/** Parses a Name; throws `DER_MALFORMED`. An empty name is a name. */
export function parseName(element: DerElement | undefined, what: string): Name {
  const raw = element?.raw
  const known = raw && knownNames.find(raw)
  if (known !== undefined) return { ...known.value, raw: raw! }
  const name = parseAnew(element, what)
  // What is kept must not hold on to the document in which it came.
  if (raw!.length <= LARGEST_KEPT) knownNames.add(new Uint8Array(raw!), name)
  return { ...name, raw: raw! }
}

function parseAnew(element: DerElement | undefined, what: string): Omit<Name, 'raw'> {
  const attributes: NameAttribute[] = []
  const keys: string[] = []
  const texts: string[] = []
  for (const rdn of readSequence(element, what)) {
    const inRdn = readSet(rdn, what, 1).map((pair) => parseAttribute(pair, what))
    attributes.push(...inRdn.map(({ type, value }) => ({ type, value })))
    if (attributes.length > MAX_ATTRIBUTES)
      throw malformed(rdn.start, `${what}: more than ${MAX_ATTRIBUTES} attributes`)
    keys.push(toRdnKey(inRdn))
    texts.push(inRdn.map(({ type, value }) => `${shortByType[type] ?? type}=${escapeValue(value)}`).join('+'))
  }
  return { attributes, text: texts.join(', '), matchKey: keys.join(RDN_SEPARATOR), rdnKeys: keys }
}

/** Between the RDNs of a match key; quoted texts have no such character left in them. */
export const RDN_SEPARATOR = '\u0000'

const toRdnKey = (attributes: readonly { readonly key: string }[]): string =>
  attributes
    .map(({ key }) => key)
    .sort()
    .join('\u0001')

/** Key of a RelativeDistinguishedName, whatever its tag; throws `DER_MALFORMED`. */
export function parseRelativeName(element: DerElement, what: string): string {
  if (element.children.length === 0) throw malformed(element.start, `${what}: no attributes`)
  return toRdnKey(element.children.map((pair) => parseAttribute(pair, what)))
}

/** `key` is unambiguous: a quoted text has no separators left in it, and what is no text is not quoted. */
function parseAttribute(pair: DerElement, what: string): NameAttribute & { readonly key: string } {
  const [typeElement, valueElement] = readSequence(pair, what, 2, 2)
  const type = readOid(typeElement, what)
  if (!isText(valueElement!)) {
    const value = `#${toHex(valueElement!.raw)}`
    return { type, value, key: `${type}=${value}` }
  }
  const value = readString(valueElement, what)
  return { type, value, key: `${type}=${JSON.stringify(foldValue(value))}` }
}

const isText = (value: DerElement): boolean => [0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e].includes(value.tag)

/** Single words of ASCII with single spaces between: nothing to fold but case. Most values are such. */
const PLAIN = /^[!-~]+( [!-~]+)*$/

/** RFC 5280 §7.1 with the folding of RFC 4518 as far as real names need it: NFKC, lower case, runs of white space as one space. */
function foldValue(value: string): string {
  if (PLAIN.test(value)) return value.toLowerCase()
  return value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}

const NEEDS_ESCAPE = /[,+"\\<>;=\p{Cc}]/u
const escapeValue = (value: string): string =>
  !NEEDS_ESCAPE.test(value)
    ? value
    : value
        .replace(/[,+"\\<>;=]/g, '\\$&')
        .replace(/\p{Cc}/gu, (control) => `\\${control.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** The first value of an attribute type, if the name has one. */
export function findAttribute(name: Name, type: string): string | undefined {
  const wanted = typeByShort[type] ?? type
  return name.attributes.find((attribute) => attribute.type === wanted)?.value
}
