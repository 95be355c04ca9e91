// Uploads are judged in threads of their own: the server answers meanwhile, and a hostile document costs its thread, nobody else anything.
import type { ForeignJudge } from '../licence-service/index.ts'
import { createWorkerPool } from '../platform/workers/index.ts'
import { type Judge, type JudgedBy, VerifierError, type Worked } from '../verifier/http/index.ts'
import type { GatherSubject, VerificationReport } from '../verifier/index.ts'
import { exact, exactEvidence } from './task-copies.ts'

export type UploadTask =
  | { readonly what: 'find-subject'; readonly bytes: Uint8Array }
  | ({ readonly what: 'verify'; readonly name: string; readonly bytes: Uint8Array } & JudgedBy)

/** Many times what the worst of the documents that we know within the limits of the reader takes. */
const TIME_LIMIT_MS = 10_000
/** Of a thread's objects; the document itself lies in a buffer beside. */
const HEAP_MB = 512

export interface JudgePool extends Judge {
  close(): Promise<void>
}

/** Judges in so many threads, which start with the first document. */
export function createJudgePool(threads: number, timeLimitMs = TIME_LIMIT_MS): JudgePool {
  const pool = createWorkerPool<UploadTask, Worked<GatherSubject | VerificationReport>>({
    module: new URL('./judge-worker.ts', import.meta.url),
    threads,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const run = async <T>(task: UploadTask, signal: AbortSignal | undefined): Promise<Worked<T>> => {
    const limits = { timeoutMs: timeLimitMs, ...(signal && { signal }) }
    try {
      return (await pool.run(task, [task.bytes.buffer as ArrayBuffer], limits)) as Worked<T>
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === 'TASK_CALLED_OFF')
        throw new VerifierError('VERIFICATION_BUSY', 'nobody waits for it any more', { cause: error })
      throw isGivenUp(error) ? tooCostly(error) : error
    }
  }
  return {
    findSubject: (bytes, signal) => run({ what: 'find-subject', bytes: exact(bytes) }, signal),
    verify: ({ name, bytes }, by, signal) =>
      run({ what: 'verify', name, bytes: exact(bytes), ...by, evidence: exactEvidence(by.evidence) }, signal),
    close: () => pool.close(),
  }
}

/** Judges what the licence service gets from others where uploads are judged. */
export const foreignJudgeBy =
  (judge: Pick<Judge, 'verify'>): ForeignJudge =>
  async (document, evidence, policy, at) => {
    try {
      return (await judge.verify(document, { evidence, policy, at, question: {} })).value
    } catch (error) {
      if (error instanceof VerifierError && error.code === 'VERIFICATION_TOO_COSTLY') return 'too-costly'
      throw error
    }
  }

/** Out of time or memory. A thread that ended for another reason is a defect of ours. */
function isGivenUp(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return code === 'TASK_TIMED_OUT' || (code === 'TASK_THREAD_ENDED' && cause?.code === 'ERR_WORKER_OUT_OF_MEMORY')
}

const tooCostly = (cause: unknown) =>
  new VerifierError('VERIFICATION_TOO_COSTLY', 'verifying this document takes more time or memory than it may', {
    cause,
  })
