// A thread that reads and judges uploads. It holds no key and reaches nothing; it may be ended in the middle of a hostile document.
import { performance } from 'node:perf_hooks'
import { serveTasks } from '../platform/workers/index.ts'
import { findSubject, verifyDocument } from '../verifier/index.ts'
import type { UploadTask } from './judge-pool.ts'
import { createKeptPolicies } from './task-copies.ts'

const kept = createKeptPolicies()

async function work(task: UploadTask) {
  if (task.what === 'find-subject') return findSubject(task.bytes)
  const { name, bytes, evidence, policy, at, question } = task
  return verifyDocument({ name, bytes }, evidence, kept(policy), at, question)
}

serveTasks(async (task: UploadTask) => {
  const startedAt = performance.now()
  const value = await work(task)
  return { result: { value, ms: performance.now() - startedAt } }
})
