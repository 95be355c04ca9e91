// Judging in other threads, so that the server answers while documents are judged.
import type { Judge } from '../licence-service/index.ts'
import { createWorkerPool } from '../platform/workers/index.ts'
import type { Evidence, ValidationPolicy, VerificationReport } from '../verifier/index.ts'

export interface JudgeTask {
  readonly documents: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
}

export interface JudgePool {
  readonly judge: Judge
  close(): Promise<void>
}

/** Judges in so many threads, which start with the first document. */
export function createJudgePool(threads: number): JudgePool {
  const pool = createWorkerPool<JudgeTask, VerificationReport[]>({
    module: new URL('./judge-worker.ts', import.meta.url),
    threads,
  })
  return {
    judge: (documents, evidence, policy, at) => {
      // A copy of exactly the document is handed over: a view would take its whole buffer along.
      const copies = documents.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }))
      const { crls, ocsps = [], ...rest } = evidence
      const exact = (values: readonly Uint8Array[]) => values.map((value) => new Uint8Array(value))
      return pool.run(
        { documents: copies, evidence: { ...rest, crls: exact(crls), ocsps: exact(ocsps) }, policy, at },
        copies.map(({ bytes }) => bytes.buffer),
      )
    },
    close: () => pool.close(),
  }
}
