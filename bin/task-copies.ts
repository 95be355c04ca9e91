// What goes from one thread to another is copied: a view would take its whole buffer along.
import { createHash } from 'node:crypto'
import type { Evidence, ValidationPolicy } from '../verifier/index.ts'

/** A copy of exactly these octets, in a buffer of its own. */
export const exact = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

export function exactEvidence({ crls, ocsps = [], ...rest }: Evidence): Evidence {
  return { ...rest, crls: crls.map(exact), ocsps: ocsps.map(exact) }
}

const MOST_POLICIES = 8

/** In a thread: policies arrive as copies; what the verifier prepares for one is kept with the first. */
export function createKeptPolicies(): (policy: ValidationPolicy) => ValidationPolicy {
  const kept = new Map<string, ValidationPolicy>()
  return (policy) => {
    const name = JSON.stringify(policy, byContent)
    const known = kept.get(name)
    if (known !== undefined) return known
    if (kept.size >= MOST_POLICIES) kept.delete(kept.keys().next().value!)
    kept.set(name, policy)
    return policy
  }
}

/** Octets by their digest, and what JSON would leave out, so that two policies have one name only where they say the same. */
function byContent(_member: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { sha256: createHash('sha256').update(value).digest('hex') }
  if (value instanceof Map || value instanceof Set) return { entries: [...value] }
  return value
}
