import { performance } from 'node:perf_hooks'
import {
  type Evidence,
  findSubject,
  type GatherSubject,
  type Question,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
} from '../index.ts'

/** What came of a piece of work, and how long it kept a processor, in milliseconds. */
export interface Worked<T> {
  readonly value: T
  readonly ms: number
}

/**
 * Reads and judges uploads, wherever that is done. `bytes` stay the caller's. Rejects with VERIFICATION_TOO_COSTLY for a document that takes
 * longer, or more memory, than it may.
 */
export interface Judge {
  /** What a document says it is, unverified: `findSubject`. */
  findSubject(bytes: Uint8Array, signal?: AbortSignal): Promise<Worked<GatherSubject>>
  /** `verifyDocument`. */
  verify(
    document: { readonly name: string; readonly bytes: Uint8Array },
    by: JudgedBy,
    signal?: AbortSignal,
  ): Promise<Worked<VerificationReport>>
}

/** By what a document is judged. */
export interface JudgedBy {
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
  readonly question: Question
}

const timed = async <T>(work: () => T | Promise<T>): Promise<Worked<T>> => {
  const startedAt = performance.now()
  return { value: await work(), ms: performance.now() - startedAt }
}

/** Judges in the thread that asks: nothing else is answered meanwhile, and nothing ends a document that takes long. */
export const judgeInThisThread: Judge = {
  findSubject: (bytes) => timed(() => findSubject(bytes)),
  verify: (document, { evidence, policy, at, question }) =>
    timed(() => verifyDocument(document, evidence, policy, at, question)),
}
