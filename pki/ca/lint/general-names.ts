import {
  contextTag,
  type DerElement,
  expectTag,
  latin1,
  malformed,
  readExplicit,
  readOid,
  readString,
  TAG,
} from '../../asn1/index.ts'
import { parseName } from '../../x509/name.ts'
import type { Report } from './rules.ts'

/** Where a name stands decides its syntax: of a subject or an address, or of a constraint (RFC 5280 §4.2.1.10). */
export type NameRole = 'name' | 'constraint'

const MAX_DOMAIN = 253
const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9'

const isDomain = (text: string): boolean => /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i.test(text)

/** RFC 5321 Mailbox without quoted local parts, which no certificate needs. */
function isMailbox(text: string): boolean {
  const [, local, domain] = /^([^@]{1,64})@([^@]+)$/.exec(text) ?? []
  if (local === undefined || domain === undefined || domain.length > MAX_DOMAIN || !isDomain(domain)) return false
  return /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i.test(local)
}

type Fault = 'general-name-malformed' | 'domain-name-too-long'
type TextRule = readonly [kind: string, find: (text: string, role: NameRole) => Fault[]]

const textRules: Readonly<Record<number, TextRule>> = {
  [contextTag(1, false)]: ['rfc822Name', checkEmail],
  [contextTag(2, false)]: ['dNSName', checkDns],
  [contextTag(6, false)]: ['uniformResourceIdentifier', checkUri],
}

/** x400Address, ediPartyName and registeredID: nobody here reads them. */
const unread: readonly number[] = [contextTag(3, true), contextTag(5, true), contextTag(8, false)]

/** Checks the syntax of a GeneralName; throws `DER_MALFORMED` where it is not even one. */
export function checkGeneralName(element: DerElement, role: NameRole, where: string, report: Report): void {
  const rule = textRules[element.tag]
  if (rule !== undefined) checkText(element, rule, role, where, report)
  else if (element.tag === contextTag(0, true)) checkOtherName(element, where, report)
  else if (element.tag === contextTag(4, true)) parseName(readExplicit(element, 4, where), where)
  else if (element.tag === contextTag(7, false)) {
    if (!isAddress(element.content, role)) report('general-name-malformed', `${where}: iPAddress`)
  } else if (!unread.includes(element.tag)) throw malformed(element.start, `${where}: no GeneralName`)
}

function checkText(element: DerElement, [kind, find]: TextRule, role: NameRole, where: string, report: Report): void {
  if (element.content.some((byte) => byte > 0x7f)) throw malformed(element.start, `${where}: not ASCII`)
  for (const fault of find(latin1(element.content), role)) report(fault, `${where}: ${kind}`)
}

/** Checks an address that stands as an IA5String of its own. */
export function checkUriString(element: DerElement, where: string, report: Report): void {
  for (const fault of checkUri(readString(expectTag(element, TAG.ia5String, where), where), 'name'))
    report(fault, where)
}

const faults = (isWell: boolean, domain: string): Fault[] => [
  ...(isWell ? [] : (['general-name-malformed'] as const)),
  ...(domain.length > MAX_DOMAIN ? (['domain-name-too-long'] as const) : []),
]

function checkEmail(text: string, role: NameRole): Fault[] {
  const domain = text.slice(text.indexOf('@') + 1)
  if (text.includes('@') || role === 'name') return faults(isMailbox(text), text.includes('@') ? domain : '')
  return faults(text === '.' || isDomain(text.replace(/^\./, '')), text)
}

/** A wildcard in the first label is the custom of server certificates. */
function checkDns(text: string, role: NameRole): Fault[] {
  if (role === 'constraint') return faults(text === '' || isDomain(text.replace(/^\./, '')), text)
  return text.length > MAX_DOMAIN ? ['domain-name-too-long'] : faults(isDomain(text.replace(/^\*\./, '')), text)
}

/** RFC 3986 in outline: a scheme, no white space, and after // a host. */
function checkUri(text: string, role: NameRole): Fault[] {
  if (role === 'constraint') return faults(text === '.' || isDomain(text.replace(/^\./, '')), text)
  const [, rest] = /^[a-z][a-z0-9+.-]*:([!-~]+)$/i.exec(text) ?? []
  if (rest === undefined) return ['general-name-malformed']
  if (!rest.startsWith('//')) return []
  const authority = /^\/\/([^/?#]*)/.exec(rest)![1]!
  const host = authority.replace(/^.*@/, '').replace(/:\d*$/, '')
  if (host.length > MAX_DOMAIN) return ['domain-name-too-long']
  const isLdap = /^ldaps?:/i.test(text)
  return faults(isDomain(host) || /^\[[0-9a-f:.]+\]$/i.test(host) || (isLdap && host === ''), host)
}

function isAddress(octets: Uint8Array, role: NameRole): boolean {
  const width = role === 'name' ? octets.length : octets.length / 2
  if (width !== 4 && width !== 16) return false
  if (role === 'name') return true
  const bits = [...octets.subarray(width)].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits)
}

/** SmtpUTF8Mailbox (RFC 9598): a local part beyond ASCII, a domain of A-labels in lower case. */
function checkOtherName(element: DerElement, where: string, report: Report): void {
  const [type, value] = element.children
  if (readOid(type, where) !== SMTP_UTF8_MAILBOX) return
  const text = readString(expectTag(readExplicit(value!, 0, where), 0x0c, where), where)
  const at = text.indexOf('@')
  const domain = text.slice(at + 1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (at < 1 || /^[\x00-\x7f]*$/.test(text.slice(0, at)) || text.startsWith('\ufeff'))
    report('general-name-malformed', `${where}: SmtpUTF8Mailbox`)
  if (!isDomain(domain) || domain !== domain.toLowerCase()) report('mailbox-domain-not-ascii', where)
  if (domain.length > MAX_DOMAIN) report('domain-name-too-long', `${where}: SmtpUTF8Mailbox`)
}
