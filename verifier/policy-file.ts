// A policy as a file that a person can read, and back. Whom to trust is not in it: roots and lists come with the trust folder.
import { canonicalJson } from '../licence-format/index.ts'
import { type AlgorithmTerms, asn1, currentTerms, primitives } from '../pki/index.ts'
import { VerifierError } from './errors.ts'
import type { PolicyDemands } from './policy.ts'
import type { PolicyName, Text } from './report.ts'

const SCHEMA = 'zhengyin-policy-1'
const LARGEST = 64 * 1024

type Term = string | null
type Terms<Name extends string = string> = { readonly [name in Name]: Term }

/** The file: every member is there, none besides. Terms are days (UTC) from which on something no longer counts; `null`: no end is known. */
export interface PolicyFile {
  readonly schema: typeof SCHEMA
  readonly id: string
  readonly title: Text
  readonly revocation: 'required' | 'skipped'
  readonly revocationFreshness: 'after-signature' | 'current-at-signature'
  readonly trustList: 'required' | 'skipped'
  readonly status: 'required' | 'skipped'
  readonly minimumLevel: 'B-T' | 'B-LT' | 'B-LTA' | null
  readonly signaturePolicies: 'ignored' | 'required'
  readonly algorithms: {
    readonly digests: Terms
    readonly keys: { readonly rsa: Terms; readonly ec: Terms; readonly ed25519: Term; readonly sm2: Term }
  }
}

/** What is demanded where nobody demands anything else: `docs/policies/default.json`. */
export const defaultDemands: Required<Omit<PolicyDemands, 'minimumLevel'>> = {
  id: 'urn:zhengyin:policy:default:1',
  title: { zh: '电子证照验证默认策略', en: 'Default policy for verifying licences' },
  revocation: 'required',
  revocationFreshness: 'after-signature',
  trustList: 'required',
  status: 'required',
  signaturePolicies: 'ignored',
  algorithms: currentTerms,
}
const UNNAMED = { id: 'urn:zhengyin:policy:unnamed', title: { zh: '未命名策略', en: 'A policy without a name' } }

/** A policy in its written form. One without a name has the default's where it demands the same. */
export function describePolicy(policy: PolicyDemands): PolicyFile {
  const { revocation, revocationFreshness, trustList, status, minimumLevel, signaturePolicies, algorithms } = {
    ...defaultDemands,
    ...given(policy),
  }
  const demands = {
    revocation,
    revocationFreshness,
    trustList,
    status,
    minimumLevel: minimumLevel ?? null,
    signaturePolicies,
    algorithms: writeAlgorithms(algorithms),
  }
  if (policy.id !== undefined) {
    return { schema: SCHEMA, id: policy.id, title: policy.title ?? UNNAMED.title, ...demands }
  }
  const isDefault = policy !== defaultDemands && sameDemands(demands, describePolicy(defaultDemands))
  const { id, title } = isDefault ? defaultDemands : UNNAMED
  return { schema: SCHEMA, id, title: policy.title ?? title, ...demands }
}

function given(policy: PolicyDemands): PolicyDemands {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined))
}

function sameDemands(demands: Omit<PolicyFile, 'schema' | 'id' | 'title'>, file: PolicyFile): boolean {
  const { schema: _, id: __, title: ___, ...others } = file
  return asn1.equalBytes(canonicalJson(demands), canonicalJson(others))
}

const writeAlgorithms = ({ digests, rsa, ec, ed25519, sm2 }: AlgorithmTerms): PolicyFile['algorithms'] => ({
  digests: writeTerms(digests),
  keys: { rsa: writeTerms(rsa), ec: writeTerms(ec), ed25519: writeTerm(ed25519), sm2: writeTerm(sm2) },
})

const writeTerm = (term: Date | null): Term => (term === null ? null : term.toISOString().slice(0, 10))
const writeTerms = (terms: Readonly<Record<string, Date | null | undefined>>): Terms =>
  Object.fromEntries(
    Object.entries(terms)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, term]) => (term === undefined ? [] : [[name, writeTerm(term)]])),
  )

/** The text of a policy's file. */
export const writePolicy = (policy: PolicyDemands): string => `${JSON.stringify(describePolicy(policy), null, 2)}\n`

/**
 * What a report calls a policy: its name, and the SHA-256 (hex) of the text that `writePolicy` gives, whatever spaces the file had from
 * which it was read.
 */
export function namePolicy(policy: PolicyDemands): Promise<PolicyName> {
  const known = names.get(policy)
  if (known) return known
  const name = digestOf(policy)
  names.set(policy, name)
  return name
}
const names = new WeakMap<PolicyDemands, Promise<PolicyName>>()

async function digestOf(policy: PolicyDemands): Promise<PolicyName> {
  const digest = await primitives.digest('SHA-256', new TextEncoder().encode(writePolicy(policy)))
  return { id: describePolicy(policy).id, digest: asn1.toHex(digest) }
}

/** Reads the text of a policy's file. Throws `VerifierError`: what is missing, unknown or misspelt is refused, nothing is guessed. */
export function parsePolicy(text: string): Required<Omit<PolicyDemands, 'minimumLevel'>> & PolicyDemands {
  const file = membersOf(parseJson(text), '', [
    'schema',
    'id',
    'title',
    'revocation',
    'revocationFreshness',
    'trustList',
    'status',
    'minimumLevel',
    'signaturePolicies',
    'algorithms',
  ])
  const minimumLevel = oneOf(file, 'minimumLevel', ['B-T', 'B-LT', 'B-LTA', null])
  return {
    id: textOf(file['id'], '/id', /^[a-z][a-z0-9+.-]*:\S{1,200}$/i),
    title: readTitle(file['title']),
    revocation: oneOf(file, 'revocation', ['required', 'skipped']),
    revocationFreshness: oneOf(file, 'revocationFreshness', ['after-signature', 'current-at-signature']),
    trustList: oneOf(file, 'trustList', ['required', 'skipped']),
    status: oneOf(file, 'status', ['required', 'skipped']),
    ...(minimumLevel === null ? {} : { minimumLevel }),
    signaturePolicies: oneOf(file, 'signaturePolicies', ['ignored', 'required']),
    algorithms: readAlgorithms(file['algorithms']),
  }
}

function parseJson(text: string): unknown {
  if (text.length > LARGEST) throw malformed('', `at most ${LARGEST} characters`, `${text.length}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new VerifierError('POLICY_NOT_JSON', 'the policy is not JSON', { cause: error })
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  if (schema === SCHEMA) return value
  throw new VerifierError('POLICY_VERSION_UNKNOWN', `/schema: expected ${SCHEMA}, came ${show(schema)}`)
}

type Members = Readonly<Record<string, unknown>>

/** An object; with `names`, of exactly these members. */
function membersOf(value: unknown, pointer: string, names?: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(pointer, 'an object', value)
  if (!names) return value as Members
  const missing = names.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) throw malformed(`${pointer}/${missing}`, 'a value', undefined)
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined) throw malformed(`${pointer}/${unknown}`, 'no such member', unknown)
  return value as Members
}

function oneOf<const Value>(file: Members, name: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === file[name])
  if (found === undefined) throw malformed(`/${name}`, values.map(show).join(' or '), file[name])
  return found
}

function textOf(value: unknown, pointer: string, form: RegExp): string {
  if (typeof value === 'string' && form.test(value)) return value
  throw malformed(pointer, `a text like ${form.source}`, value)
}

function readTitle(value: unknown): Text {
  const title = membersOf(value, '/title', ['zh', 'en'])
  const form = /^[^\p{Cc}]{1,200}$/u
  return { zh: textOf(title['zh'], '/title/zh', form), en: textOf(title['en'], '/title/en', form) }
}

function readAlgorithms(value: unknown): AlgorithmTerms {
  const at = '/algorithms'
  const { digests, keys } = membersOf(value, at, ['digests', 'keys'])
  const kinds = membersOf(keys, `${at}/keys`, ['rsa', 'ec', 'ed25519', 'sm2'])
  const known = Object.keys(currentTerms.digests)
  return {
    digests: readTerms(digests, `${at}/digests`, (name) => known.includes(name)),
    rsa: readTerms(kinds['rsa'], `${at}/keys/rsa`, isBits),
    ec: readTerms(kinds['ec'], `${at}/keys/ec`, isBits),
    ed25519: readTerm(kinds['ed25519'], `${at}/keys/ed25519`),
    sm2: readTerm(kinds['sm2'], `${at}/keys/sm2`),
  }
}

const isBits = (name: string): boolean => /^[1-9][0-9]{1,4}$/.test(name)

function readTerms(value: unknown, pointer: string, isKnown: (name: string) => boolean): Record<string, Date | null> {
  const terms = Object.entries(membersOf(value, pointer))
  const unknown = terms.find(([name]) => !isKnown(name))
  if (unknown) throw malformed(`${pointer}/${unknown[0]}`, 'no such member', unknown[0])
  return Object.fromEntries(terms.map(([name, term]) => [name, readTerm(term, `${pointer}/${name}`)]))
}

function readTerm(value: unknown, pointer: string): Date | null {
  if (value === null) return null
  const day = textOf(value, pointer, /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
  const term = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(term.getTime()) || !term.toISOString().startsWith(day)) throw malformed(pointer, 'a day', value)
  return term
}

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 100)

const malformed = (pointer: string, expected: string, value: unknown): VerifierError =>
  new VerifierError('POLICY_MALFORMED', `${pointer || '/'}: expected ${expected}, came ${show(value)}`)
