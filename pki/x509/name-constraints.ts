import {
  contextTag,
  type DerElement,
  malformed,
  parseDer,
  readSequence,
  readSmallInteger,
  readString,
  TAG,
} from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { type Certificate, memoise } from './certificate.ts'
import { type GeneralName, parseGeneralName } from './general-name.ts'
import { type PreparedName, prepareName, type Subtree, toSubtree } from './subtree.ts'

/** NameConstraints (RFC 5280 §4.2.1.10), by form of name. */
export interface NameConstraints {
  readonly permitted: ReadonlyMap<GeneralName['kind'], readonly Subtree[]>
  readonly excluded: ReadonlyMap<GeneralName['kind'], readonly Subtree[]>
  readonly count: number
}

/** The name constraints of a certificate, parsed once; throws `DER_MALFORMED`. */
export const nameConstraintsOf = memoise((certificate: Certificate): NameConstraints | undefined => {
  const extension = certificate.extensions.get(OID.nameConstraints)
  return extension === undefined ? undefined : parseNameConstraints(parseDer(extension.value))
})

function parseNameConstraints(element: DerElement): NameConstraints {
  const permitted = new Map<GeneralName['kind'], Subtree[]>()
  const excluded = new Map<GeneralName['kind'], Subtree[]>()
  let count = 0
  let last = -1
  // Neither of the two present is against §4.2.1.10, and constrains nothing; an empty one of them is no GeneralSubtrees.
  for (const field of readSequence(element, 'nameConstraints', 0, 2)) {
    const number = field.tag & 0x1f
    if (number <= last || field.tag !== contextTag(number, true) || number > 1 || field.children.length === 0)
      throw malformed(field.start, 'nameConstraints: unexpected field')
    last = number
    count += field.children.length
    for (const subtree of field.children) {
      const base = parseSubtree(subtree)
      const byKind = number === 0 ? permitted : excluded
      const known = byKind.get(base.kind)
      if (known === undefined) byKind.set(base.kind, [toSubtree(base)])
      else known.push(toSubtree(base))
    }
  }
  return { permitted, excluded, count }
}

/** GeneralSubtree: minimum is 0, maximum absent, in this profile. */
function parseSubtree(element: DerElement): GeneralName {
  const [base, ...bounds] = readSequence(element, 'GeneralSubtree', 1, 3)
  for (const bound of bounds) {
    if (bound.tag !== contextTag(0, false) || readSmallInteger(bound, 'minimum', bound.tag) !== 0)
      throw malformed(bound.start, 'GeneralSubtree: minimum and maximum are not used')
  }
  return parseGeneralName(base!)
}

const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9'

interface ConstrainedNames {
  readonly names: readonly PreparedName[]
  /** as OpenSSL counts: attributes of the subject and alternative names */
  readonly count: number
}

/**
 * Subject, alternative names, and e-mail addresses in the subject, whether or not there is an alternative name. Of an end entity without
 * DNS names, common names that look like host names count as such: deployed software takes them for one.
 */
const namesOf = memoise(({ subject, subjectAltName = [], basicConstraints }: Certificate): ConstrainedNames => {
  const names: GeneralName[] = [...subjectAltName, ...subjectAltName.flatMap(toEmail)]
  const takesHosts = basicConstraints?.cA !== true && !names.some(({ kind }) => kind === 'dns')
  if (subject.attributes.length > 0) names.push({ kind: 'directory', value: subject.text, name: subject })
  for (const { type, value } of subject.attributes) {
    if (type === OID.emailAddress) names.push({ kind: 'email', value })
    else if (type === OID.commonName && takesHosts && looksLikeHost(value)) names.push({ kind: 'dns', value })
  }
  return { names: names.map(prepareName), count: subject.attributes.length + subjectAltName.length }
})

/** RFC 9598 §6: constraints on rfc822Name hold for SmtpUTF8Mailbox too. */
function toEmail({ other }: GeneralName): GeneralName[] {
  if (other?.type !== smtpUtf8Mailbox) return []
  return [
    { kind: 'email', value: other.value.tag === TAG.utf8String ? readString(other.value, 'SmtpUTF8Mailbox') : '' },
  ]
}

const looksLikeHost = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9_*]([a-z0-9_-]*\.)+[a-z0-9_-]*[a-z][a-z0-9_-]*$/i.test(text)

/**
 * Names times constraints of one pair of certificates at most, as OpenSSL has it; and of all pairs of a search together, which is some
 * tenths of a second.
 */
const MAX_COMPARISONS = 2 ** 20
export const MAX_COMPARISONS_IN_ALL = 2 ** 22

/** What is left of the comparisons that one search may make. */
export interface ComparisonBudget {
  comparisons: number
}

/**
 * Whether every name of `certificate` is permitted by the constraints of one CA above it (RFC 5280 §6.1.3 b, c). `null`, or what is not
 * permitted. A constraint or a name that cannot be understood permits nothing and excludes everything of its form; so does a constraint
 * of a form that is not processed (otherName, x400Address, ediPartyName, registeredID).
 */
export function findConstraintFault(
  certificate: Certificate,
  constraints: NameConstraints,
  budget: ComparisonBudget,
): string | null {
  const { names, count } = namesOf(certificate)
  const comparisons = count * constraints.count
  budget.comparisons -= comparisons
  if (comparisons > MAX_COMPARISONS || budget.comparisons < 0) return 'more names and constraints than are compared'
  for (const name of names) {
    const permitted = constraints.permitted.get(name.kind)
    const excluded = constraints.excluded.get(name.kind)
    if (permitted?.some((subtree) => subtree(name) === 'within') === false) return `${name.kind} name is not permitted`
    if (excluded?.some((subtree) => subtree(name) !== 'outside') === true) return `${name.kind} name is excluded`
  }
  return null
}
