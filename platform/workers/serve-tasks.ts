import { parentPort } from 'node:worker_threads'

export interface TaskMessage {
  readonly task: unknown
  /** Whether the thread says when it begins: time is counted from there. */
  readonly tellsStart?: true
}

export type TaskAnswer =
  | { readonly started: true }
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly name: string; readonly message: string; readonly code?: string } }

/** What a task made, and which of its buffers may be handed over instead of copied. */
export interface TaskOutcome {
  readonly result: unknown
  readonly transfer?: readonly ArrayBuffer[]
}

/** In a thread of a `WorkerPool`: answers each task with what `handle` makes of it, one after the other. */
export function serveTasks(handle: (task: never) => Promise<TaskOutcome>): void {
  if (parentPort === null) throw new TypeError('serveTasks is for worker threads')
  const port = parentPort
  const answer = async ({ task, tellsStart }: TaskMessage): Promise<void> => {
    if (tellsStart) port.postMessage({ started: true } satisfies TaskAnswer)
    try {
      const { result, transfer = [] } = await handle(task as never)
      port.postMessage({ ok: true, result } satisfies TaskAnswer, [...transfer])
    } catch (reason) {
      port.postMessage(toAnswer(reason))
    }
  }
  let last = Promise.resolve()
  port.on('message', (message: TaskMessage) => {
    last = last.then(() => answer(message))
  })
}

/** An error loses its code on the way between threads, so it goes as plain data. */
function toAnswer(reason: unknown): Exclude<TaskAnswer, { readonly started: true }> {
  const error = reason instanceof Error ? reason : new Error(String(reason))
  const { code } = error as { code?: unknown }
  return {
    ok: false,
    error: { name: error.name, message: error.message, ...(typeof code === 'string' && { code }) },
  }
}
