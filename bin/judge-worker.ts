// A thread that judges documents. It holds no key and reaches nothing: a pure function with its caches.
import { createHash } from 'node:crypto'
import { serveTasks } from '../platform/workers/index.ts'
import { type ValidationPolicy, type VerificationReport, verifyDocument } from '../verifier/index.ts'
import type { JudgeTask } from './judge-pool.ts'

/** Policies arrive as copies; what the verifier prepares for one is kept with the first. */
const policies = new Map<string, ValidationPolicy>()
const MOST_POLICIES = 8

function samePolicy(policy: ValidationPolicy): ValidationPolicy {
  const anchors = [...policy.trustAnchors, ...(policy.timeStampAnchors ?? [])]
  const digests = anchors.map((anchor) => createHash('sha256').update(anchor).digest('hex'))
  const name = JSON.stringify({ ...policy, trustAnchors: digests, timeStampAnchors: policy.timeStampAnchors?.length })
  const known = policies.get(name)
  if (known !== undefined) return known
  if (policies.size >= MOST_POLICIES) policies.delete(policies.keys().next().value!)
  policies.set(name, policy)
  return policy
}

serveTasks(async ({ documents, evidence, policy, at }: JudgeTask): Promise<VerificationReport[]> => {
  const kept = samePolicy(policy)
  const reports: VerificationReport[] = []
  for (const document of documents) reports.push(await verifyDocument(document, evidence, kept, at))
  return reports
})
