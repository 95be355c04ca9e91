import { fromHex } from '../asn1/index.ts'
import type { GeneralName } from './general-name.ts'

/** `unknown`: name or base is not well formed, or of a form that is not processed. Nobody may take it for either answer. */
export type SubtreeMatch = 'within' | 'outside' | 'unknown'

/** A name made ready for many comparisons. What it is not, or is not well formed as, is absent. */
export interface PreparedName {
  readonly kind: GeneralName['kind']
  /** lower case, of DNS name, mailbox or URI; a wildcard's without its first label */
  readonly host?: string
  readonly isWildcard?: boolean
  readonly localPart?: string
  readonly address?: Uint8Array
  readonly rdnKeys?: readonly string[]
}

/** The subtree of one constraint: whether a name of its form lies in it (RFC 5280 §4.2.1.10). */
export type Subtree = (name: PreparedName) => SubtreeMatch

const answer = (holds: boolean): SubtreeMatch => (holds ? 'within' : 'outside')
const unknown: Subtree = () => 'unknown'

/** Labels of letters, digits, hyphens; underscores are let pass, since hosts have them. */
const HOST = /^([a-z0-9_][a-z0-9_-]{0,62}\.)*[a-z0-9_][a-z0-9_-]{0,62}$/
const IPV4 = /^\d+(\.\d+){3}$/
const URI_AUTHORITY = /^[a-z][a-z0-9+.-]{0,40}:\/\/(?:[^/?#]*@)?([^/?#@:[\]]*)(?::\d*)?(?:[/?#]|$)/i

/** Whether a text in lower case is a host name. */
export const isHostName = (text: string): boolean => text.length <= 253 && HOST.test(text)

/** Makes a name ready. A URI without a host, or with an address in its place, fits no constraint. */
export function prepareName({ kind, value, name }: GeneralName): PreparedName {
  if (kind === 'directory') return { kind, rdnKeys: name!.rdnKeys }
  if (kind === 'ip') return value.length === 8 || value.length === 32 ? { kind, address: fromHex(value) } : { kind }
  if (kind === 'dns') {
    const isWildcard = value.startsWith('*.')
    const host = (isWildcard ? value.slice(2) : value).toLowerCase()
    return isHostName(host) ? { kind, host, isWildcard } : { kind }
  }
  if (kind === 'email') {
    const at = value.lastIndexOf('@')
    const host = value.slice(at + 1).toLowerCase()
    return at > 0 && isHostName(host) ? { kind, host, localPart: value.slice(0, at) } : { kind }
  }
  const host = kind === 'uri' ? URI_AUTHORITY.exec(value)?.[1]?.toLowerCase() : undefined
  return host && !IPV4.test(host) && isHostName(host) ? { kind, host } : { kind }
}

/** Makes a constraint's base ready. */
export function toSubtree({ kind, value, name }: GeneralName): Subtree {
  switch (kind) {
    case 'dns':
      return dnsSubtree(value.toLowerCase())
    case 'email':
      return emailSubtree(value)
    case 'uri':
      return hostSubtree(value.toLowerCase())
    case 'ip':
      return ipSubtree(fromHex(value))
    case 'directory':
      return ({ rdnKeys }) => answer(name!.rdnKeys.every((key, index) => rdnKeys![index] === key))
    default:
      return unknown
  }
}

/** Zero or more labels added to the left of the base. A wildcard stands for any one label: it is within what its rest is within. */
function dnsSubtree(base: string): Subtree {
  if (base !== '' && !isHostName(base)) return unknown
  const suffix = `.${base}`
  return ({ host, isWildcard }) => {
    if (host === undefined) return 'unknown'
    if (base === '' || host === base || host.endsWith(suffix)) return 'within'
    // Some of the names that a wildcard stands for may be in the subtree, others are not.
    return isWildcard && base.endsWith(`.${host}`) ? 'unknown' : 'outside'
  }
}

/** A mailbox, all mailboxes of a host, or (leading period) of all hosts of a domain. The local part keeps its case. */
function emailSubtree(base: string): Subtree {
  const at = base.lastIndexOf('@')
  const baseHost = base.slice(at + 1).toLowerCase()
  if (at < 0) return hostSubtree(baseHost)
  if (at === 0 || !isHostName(baseHost)) return unknown
  const baseLocal = base.slice(0, at)
  return ({ host, localPart }) =>
    host === undefined ? 'unknown' : answer(host === baseHost && localPart === baseLocal)
}

/** A host, or with a leading period every host below a domain but not the domain itself: the form of e-mail and URI constraints. */
function hostSubtree(base: string): Subtree {
  const isDomain = base.startsWith('.')
  if (base !== '' && !isHostName(isDomain ? base.slice(1) : base)) return unknown
  return ({ host }) => {
    if (host === undefined) return 'unknown'
    return answer(base === '' || (isDomain ? host.endsWith(base) : host === base))
  }
}

/** Address against address and mask, the mask in CIDR form (ones, then zeros). */
function ipSubtree(range: Uint8Array): Subtree {
  const length = range.length / 2
  if ((length !== 4 && length !== 16) || !isCidrMask(range.subarray(length))) return unknown
  return ({ address }) => {
    if (address === undefined) return 'unknown'
    return answer(
      address.length === length && address.every((byte, i) => ((byte ^ range[i]!) & range[length + i]!) === 0),
    )
  }
}

function isCidrMask(mask: Uint8Array): boolean {
  let bits = ''
  for (const byte of mask) bits += byte.toString(2).padStart(8, '0')
  return /^1*0*$/.test(bits)
}
