import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asn1, OID, type x509 } from '../../../pki/index.ts'
import { findPolicyFault, type PolicyInputs } from '../../../pki/x509/process-policies.ts'

/** One certificate as policy processing sees it. */
interface Facts {
  readonly policies: readonly string[] | undefined
  readonly mappings: readonly (readonly [string, string])[]
  readonly requireExplicit: number | undefined
  readonly inhibitMapping: number | undefined
  readonly inhibitAny: number | undefined
  readonly selfIssued: boolean
}

const ANY = '2.5.29.32.0'

interface Node {
  readonly policy: string
  expected: string[]
  readonly parent: Node | null
  children: Node[]
}

/**
 * The policy tree of RFC 5280 §6.1, letter by letter, as the oracle: exponential, and so for small paths only. `path`: the first below the
 * anchor first.
 */
function treeAccepts(path: readonly Facts[], inputs: PolicyInputs): boolean {
  const n = path.length
  let explicit = inputs.requireExplicitPolicy ? 0 : n + 1
  let inhibitAny = inputs.inhibitAnyPolicy ? 0 : n + 1
  let mapping = inputs.inhibitPolicyMapping ? 0 : n + 1
  const top: Node = { policy: ANY, expected: [ANY], parent: null, children: [] }
  let isNull = false
  const atDepth = (depth: number, node = top): Node[] =>
    isNull ? [] : depth === 0 ? [node] : node.children.flatMap((child) => atDepth(depth - 1, child))
  const add = (parent: Node, policy: string, expected = [policy]) =>
    parent.children.push({ policy, expected, parent, children: [] })
  /** Removes nodes above `depth` that have no child, from the lowest up. */
  const prune = (depth: number): void => {
    for (let level = depth - 1; level >= 0; level--)
      for (const node of atDepth(level)) {
        if (node.children.length > 0) continue
        if (node.parent === null) isNull = true
        else node.parent.children = node.parent.children.filter((child) => child !== node)
      }
  }
  const remove = (node: Node): void => {
    if (node.parent === null) isNull = true
    else node.parent.children = node.parent.children.filter((child) => child !== node)
  }
  for (const [index, facts] of path.entries()) {
    const i = index + 1
    if (facts.policies !== undefined && !isNull) {
      for (const policy of facts.policies.filter((other) => other !== ANY)) {
        const parents = atDepth(i - 1).filter((node) => node.expected.includes(policy))
        for (const parent of parents) add(parent, policy)
        if (parents.length === 0) for (const node of atDepth(i - 1)) if (node.policy === ANY) add(node, policy)
      }
      if (facts.policies.includes(ANY) && (inhibitAny > 0 || (i < n && facts.selfIssued))) {
        for (const node of atDepth(i - 1))
          for (const policy of node.expected)
            if (!node.children.some((child) => child.policy === policy)) add(node, policy)
      }
      prune(i)
    }
    if (facts.policies === undefined) isNull = true
    if (explicit === 0 && isNull) return false
    if (i === n) break
    if (facts.mappings.some((pair) => pair.includes(ANY))) return false
    for (const from of new Set(facts.mappings.map(([issuer]) => issuer))) {
      const to = facts.mappings.filter(([issuer]) => issuer === from).map(([, subject]) => subject)
      const named = atDepth(i).filter((node) => node.policy === from)
      if (mapping > 0) {
        for (const node of named) node.expected = to
        const any = atDepth(i).find((node) => node.policy === ANY)
        if (named.length === 0 && any?.parent) add(any.parent, from, to)
      } else {
        for (const node of named) remove(node)
        prune(i)
      }
    }
    if (!facts.selfIssued) {
      explicit = Math.max(0, explicit - 1)
      mapping = Math.max(0, mapping - 1)
      inhibitAny = Math.max(0, inhibitAny - 1)
    }
    explicit = Math.min(explicit, facts.requireExplicit ?? explicit)
    mapping = Math.min(mapping, facts.inhibitMapping ?? mapping)
    inhibitAny = Math.min(inhibitAny, facts.inhibitAny ?? inhibitAny)
  }
  explicit = path[n - 1]!.requireExplicit === 0 ? 0 : Math.max(0, explicit - 1)
  if (explicit > 0) return true
  const wanted = inputs.policies
  if (wanted === undefined || wanted.includes(ANY) || isNull) return !isNull
  const all: Node[] = Array.from({ length: n + 1 }, (_, depth) => atDepth(depth)).flat()
  for (const node of all) {
    if (node.parent?.policy === ANY && node.policy !== ANY && !wanted.includes(node.policy)) remove(node)
  }
  prune(n)
  return !isNull && atDepth(n).length > 0
}

const { encodeContextPrimitive, encodeInteger, encodeOid, encodeSequence, parseDer } = asn1

/** A certificate with nothing but what policy processing reads. */
function toCertificate(facts: Facts): x509.Certificate {
  const extensions = new Map<string, x509.Extension>()
  const set = (oid: string, value: Uint8Array) => extensions.set(oid, { oid, critical: true, value })
  const skip = (tag: number, value: number | undefined) =>
    value === undefined ? [] : [encodeContextPrimitive(tag, parseDer(encodeInteger(value)).content)]
  if (facts.policies !== undefined)
    set(OID.certificatePolicies, encodeSequence(...facts.policies.map((oid) => encodeSequence(encodeOid(oid)))))
  if (facts.mappings.length > 0)
    set(
      OID.policyMappings,
      encodeSequence(...facts.mappings.map(([from, to]) => encodeSequence(encodeOid(from), encodeOid(to)))),
    )
  if (facts.requireExplicit !== undefined || facts.inhibitMapping !== undefined)
    set(OID.policyConstraints, encodeSequence(...skip(0, facts.requireExplicit), ...skip(1, facts.inhibitMapping)))
  if (facts.inhibitAny !== undefined) set(OID.inhibitAnyPolicy, encodeInteger(facts.inhibitAny))
  const name = (matchKey: string) => ({ matchKey }) as x509.Name
  return { extensions, subject: name('s'), issuer: name(facts.selfIssued ? 's' : 'i') } as unknown as x509.Certificate
}

const some = ['1.2.3.1', '1.2.3.2', '1.2.3.3']
const policy = fc.constantFrom(...some)
const skip = fc.option(fc.nat(2), { nil: undefined, freq: 2 })
const facts: fc.Arbitrary<Facts> = fc.record({
  policies: fc.option(fc.uniqueArray(fc.constantFrom(...some, ANY), { minLength: 1, maxLength: 4 }), {
    nil: undefined,
    freq: 8,
  }),
  mappings: fc.oneof(fc.constant([]), fc.array(fc.tuple(policy, policy), { maxLength: 3 })),
  requireExplicit: skip,
  inhibitMapping: skip,
  inhibitAny: skip,
  selfIssued: fc.boolean(),
})
const inputs: fc.Arbitrary<PolicyInputs> = fc
  .record({
    wanted: fc.option(fc.uniqueArray(fc.constantFrom(...some, ANY), { minLength: 1, maxLength: 3 }), {
      nil: undefined,
    }),
    requireExplicitPolicy: fc.boolean(),
    inhibitAnyPolicy: fc.boolean(),
    inhibitPolicyMapping: fc.boolean(),
  })
  .map(({ wanted, ...rest }) => (wanted === undefined ? rest : { ...rest, policies: wanted }))

describe('the policy graph', () => {
  it('accepts what the policy tree of RFC 5280 accepts, and nothing else', () => {
    const anchor = toCertificate({
      policies: undefined,
      mappings: [],
      requireExplicit: undefined,
      inhibitMapping: undefined,
      inhibitAny: undefined,
      selfIssued: true,
    })
    let accepted = 0
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 5 }), inputs, (path, asked) => {
        const fault = findPolicyFault([...path.map(toCertificate).reverse(), anchor], asked)
        if (fault === null) accepted++
        expect(fault === null).toBe(treeAccepts(path, asked))
      }),
      { numRuns: 4000 },
    )
    expect(accepted).toBeGreaterThan(400)
  })
})
