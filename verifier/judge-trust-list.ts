import type { Evidence } from './evidence.ts'
import type { UsedList } from './list-memory.ts'
import type { PinnedTrustList } from './pinned-trust-list.ts'
import type { ValidationPolicy } from './policy.ts'
import type { Finding } from './report.ts'
import { createTrust } from './trust.ts'

/**
 * Judges a pinned trust list by itself, before it takes the place of the one before: whoever keeps lists must not give up a good one for
 * one that will be refused. `evidence.otherTrustLists` holds it under the pin's name.
 */
export async function judgeTrustList(
  pin: PinnedTrustList,
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
): Promise<{ readonly list: UsedList | null; readonly finding: Finding }> {
  const { divisions, ...demands } = policy
  const trust = createTrust(evidence, { ...demands, otherTrustLists: [pin] }, at)
  const { finding, key } = await trust.pinned(pin).trustList()
  return { list: trust.lists().find((list) => list.key === key) ?? null, finding }
}
