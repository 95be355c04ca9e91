import { type Certificate, isSelfIssued } from './certificate.ts'
import { ANY_POLICY, type CertificatePolicies, policiesOf } from './policies.ts'

/** The initial inputs of RFC 5280 §6.1.1 (c) to (f). */
export interface PolicyInputs {
  /** user-initial-policy-set, dotted OIDs; `undefined`: any policy */
  readonly policies?: readonly string[]
  /** initial-explicit-policy */
  readonly requireExplicitPolicy?: boolean
  /** initial-any-policy-inhibit */
  readonly inhibitAnyPolicy?: boolean
  /** initial-policy-mapping-inhibit */
  readonly inhibitPolicyMapping?: boolean
}

/**
 * One node of the valid policy graph (RFC 9618 §5): at each depth a policy stands once, with all its parents, where the tree of RFC 5280
 * repeats it under each of them and grows with the power of the depth.
 */
interface PolicyNode {
  readonly policy: string
  /** policies that satisfy this one at the next depth */
  readonly expected: ReadonlySet<string>
  readonly parents: readonly PolicyNode[]
}

/** The nodes of the current depth, by policy. Nodes without a child here are no longer reached from it: that is their pruning. */
type Level = ReadonlyMap<string, PolicyNode>

const root: PolicyNode = { policy: ANY_POLICY, expected: new Set([ANY_POLICY]), parents: [] }

interface Counters {
  explicitPolicy: number
  policyMapping: number
  inhibitAnyPolicy: number
}

/**
 * Policy processing of RFC 5280 §6.1 as RFC 9618 mends it, over a finished path (leaf first, anchor last). `null` when the path has a valid
 * policy for the inputs or needs none, else what is wrong. Constraints of the anchor's own certificate count as inputs (RFC 5937 §3), its
 * policies do not. Work and memory grow with the size of the extensions. Throws `DER_MALFORMED`.
 */
export function findPolicyFault(path: readonly Certificate[], inputs: PolicyInputs): string | null {
  const count = path.length - 1
  const counters: Counters = {
    explicitPolicy: inputs.requireExplicitPolicy === true ? 0 : count + 1,
    policyMapping: inputs.inhibitPolicyMapping === true ? 0 : count + 1,
    inhibitAnyPolicy: inputs.inhibitAnyPolicy === true ? 0 : count + 1,
  }
  tighten(counters, policiesOf(path[count]!))
  let level: Level = new Map([[ANY_POLICY, root]])
  for (let index = count - 1; index >= 0; index--) {
    const certificate = path[index]!
    const said = policiesOf(certificate)
    const selfIssued = isSelfIssued(certificate)
    const takesAny = counters.inhibitAnyPolicy > 0 || (index > 0 && selfIssued)
    level = said.policies === undefined ? new Map() : descend(level, said.policies, takesAny)
    if (counters.explicitPolicy === 0 && level.size === 0) return `no valid policy is left at certificate ${index}`
    if (index === 0) return wrapUp(level, counters, said, inputs.policies)
    if (said.mappings.has(ANY_POLICY) || [...said.mappings.values()].some((to) => to.has(ANY_POLICY)))
      return `certificate ${index} maps anyPolicy`
    level = applyMappings(level, said.mappings, counters.policyMapping > 0)
    if (!selfIssued) countDown(counters)
    tighten(counters, said)
  }
  return null
}

/** RFC 9618 §5.3: the level of one certificate's policies under the level above. */
function descend(above: Level, policies: ReadonlySet<string>, takesAny: boolean): Level {
  const expecting = new Map<string, PolicyNode[]>()
  for (const node of above.values()) {
    for (const policy of node.expected) {
      const known = expecting.get(policy)
      if (known === undefined) expecting.set(policy, [node])
      else known.push(node)
    }
  }
  const any = above.get(ANY_POLICY)
  const level = new Map<string, PolicyNode>()
  const add = (policy: string, parents: readonly PolicyNode[]): void => {
    level.set(policy, { policy, expected: new Set([policy]), parents })
  }
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue
    const parents = expecting.get(policy) ?? (any === undefined ? [] : [any])
    if (parents.length > 0) add(policy, parents)
  }
  if (policies.has(ANY_POLICY) && takesAny) {
    for (const [policy, parents] of expecting) if (!level.has(policy)) add(policy, parents)
  }
  return level
}

/** RFC 9618 §5.4 (b). */
function applyMappings(level: Level, mappings: CertificatePolicies['mappings'], allowed: boolean): Level {
  if (mappings.size === 0) return level
  const mapped = new Map(level)
  const any = level.get(ANY_POLICY)
  for (const [from, expected] of mappings) {
    const node = level.get(from)
    if (!allowed) mapped.delete(from)
    else if (node !== undefined) mapped.set(from, { ...node, expected })
    else if (any !== undefined) mapped.set(from, { policy: from, expected, parents: any.parents })
  }
  return mapped
}

/** RFC 5280 §6.1.4 (h). */
function countDown(counters: Counters): void {
  counters.explicitPolicy = Math.max(0, counters.explicitPolicy - 1)
  counters.policyMapping = Math.max(0, counters.policyMapping - 1)
  counters.inhibitAnyPolicy = Math.max(0, counters.inhibitAnyPolicy - 1)
}

/** RFC 5280 §6.1.4 (i), (j). */
function tighten(counters: Counters, said: CertificatePolicies): void {
  counters.explicitPolicy = Math.min(counters.explicitPolicy, said.requireExplicitPolicy ?? Number.POSITIVE_INFINITY)
  counters.policyMapping = Math.min(counters.policyMapping, said.inhibitPolicyMapping ?? Number.POSITIVE_INFINITY)
  counters.inhibitAnyPolicy = Math.min(counters.inhibitAnyPolicy, said.inhibitAnyPolicy ?? Number.POSITIVE_INFINITY)
}

/** RFC 5280 §6.1.5 (a), (b), (g). */
function wrapUp(
  level: Level,
  counters: Counters,
  said: CertificatePolicies,
  wanted: readonly string[] | undefined,
): string | null {
  const explicitPolicy = said.requireExplicitPolicy === 0 ? 0 : Math.max(0, counters.explicitPolicy - 1)
  if (explicitPolicy > 0) return null
  if (wanted === undefined || wanted.includes(ANY_POLICY)) return level.size > 0 ? null : 'no valid policy is left'
  return hasAny(level, new Set(wanted)) ? null : 'none of the policies asked for is valid'
}

/** Whether a node of the last level descends from a wanted policy of the anchor's domain, or from no policy in particular. */
function hasAny(level: Level, wanted: ReadonlySet<string>): boolean {
  if (level.has(ANY_POLICY) && wanted.size > 0) return true
  const seen = new Set<PolicyNode>()
  const open = [...level.values()]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    if (node.policy === ANY_POLICY) continue
    if (node.parents.some(({ policy }) => policy === ANY_POLICY)) {
      if (wanted.has(node.policy)) return true
    } else open.push(...node.parents)
  }
  return false
}
