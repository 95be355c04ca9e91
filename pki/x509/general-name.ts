import { type DerElement, latin1, malformed, readExplicit, readOid, toHex } from '../asn1/index.ts'
import { type Name, parseName } from './name.ts'

export interface GeneralName {
  readonly kind: 'otherName' | 'email' | 'dns' | 'x400' | 'directory' | 'ediParty' | 'uri' | 'ip' | 'registeredId'
  /** text of e-mail, DNS name, URI or directory name; hexadecimal of anything else */
  readonly value: string
  readonly name?: Name
  /** of an otherName: its type, dotted, and the DER of its value */
  readonly other?: { readonly type: string; readonly value: DerElement }
}

const kinds = ['otherName', 'email', 'dns', 'x400', 'directory', 'ediParty', 'uri', 'ip', 'registeredId'] as const

/** Forms that are constructed: SEQUENCE under an IMPLICIT tag, or EXPLICIT. */
const constructed: ReadonlySet<GeneralName['kind']> = new Set(['otherName', 'x400', 'directory', 'ediParty'])

/** Parses GeneralName (RFC 5280 §4.2.1.6); throws `DER_MALFORMED`. */
export function parseGeneralName(element: DerElement): GeneralName {
  const kind = kinds[element.tag & 0x1f]
  if ((element.tag & 0xc0) !== 0x80 || kind === undefined || constructed.has(kind) !== ((element.tag & 0x20) !== 0))
    throw malformed(element.start, 'GeneralName: unexpected choice')
  if (kind === 'directory') {
    const name = parseName(readExplicit(element, 4, 'directoryName'), 'directoryName')
    return { kind, value: name.text, name }
  }
  if (kind === 'email' || kind === 'dns' || kind === 'uri') {
    if (element.content.some((byte) => byte > 0x7f)) throw malformed(element.start, `${kind}: not ASCII`)
    return { kind, value: latin1(element.content) }
  }
  if (kind === 'otherName') {
    const [type, wrapped] = element.children
    if (element.children.length !== 2) throw malformed(element.start, 'otherName: unexpected number of elements')
    const other = { type: readOid(type, 'otherName: type-id'), value: readExplicit(wrapped!, 0, 'otherName: value') }
    return { kind, value: toHex(element.content), other }
  }
  return { kind, value: toHex(element.content) }
}

/** A name as text that is equal for names that match: directory names by RFC 5280 §7.1, all others as they stand. */
export const comparable = ({ kind, value, name }: GeneralName): string => `${kind}:${name?.matchKey ?? value}`
