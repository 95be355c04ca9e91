import { Worker } from 'node:worker_threads'
import type { TaskAnswer, TaskMessage } from './serve-tasks.ts'

/** A few threads that all run one module, which answers tasks by `serveTasks`. */
export interface WorkerPool<Task, Result> {
  /**
   * Runs a task in the first thread that is free. `transfer` is handed over and unusable here afterwards. Rejects with what the task threw
   * (name, message and code), or with `the worker thread ended` when its thread died; the next task gets a new thread.
   */
  run(task: Task, transfer?: readonly ArrayBuffer[]): Promise<Result>
  /** Ends the threads; tasks under way reject. */
  close(): Promise<void>
}

interface Job {
  readonly message: TaskMessage
  readonly transfer: readonly ArrayBuffer[]
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  job: Job | undefined
}

/** Starts no thread before the first task. */
export function createWorkerPool<Task, Result>({
  module,
  threads,
}: {
  readonly module: URL
  readonly threads: number
}): WorkerPool<Task, Result> {
  const running: Thread[] = []
  const waiting: Job[] = []
  let isClosed = false

  const assign = (): void => {
    while (waiting.length > 0) {
      const thread = running.find(({ job }) => job === undefined) ?? (running.length < threads ? start() : undefined)
      if (thread === undefined) return
      const job = waiting.shift()!
      thread.job = job
      // A thread holds the process only while somebody waits for it.
      thread.worker.ref()
      thread.worker.postMessage(job.message, job.transfer as ArrayBuffer[])
    }
  }
  const settle = (thread: Thread, answer: TaskAnswer): void => {
    const { job } = thread
    thread.job = undefined
    thread.worker.unref()
    if (job !== undefined) {
      if (answer.ok) job.resolve(answer.result as never)
      else job.reject(Object.assign(new Error(answer.error.message), answer.error))
    }
    assign()
  }
  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(module), job: undefined }
    thread.worker.unref()
    let fault: Error | undefined
    thread.worker.on('message', (answer: TaskAnswer) => settle(thread, answer))
    thread.worker.on('error', (error) => {
      fault = error instanceof Error ? error : new Error(String(error))
    })
    thread.worker.on('exit', () => {
      running.splice(running.indexOf(thread), 1)
      thread.job?.reject(new Error('the worker thread ended', { cause: fault }))
      if (!isClosed) assign()
    })
    running.push(thread)
    return thread
  }

  return {
    run(task, transfer = []) {
      if (isClosed) return Promise.reject(new Error('the worker threads are closed'))
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ message: { task }, transfer, resolve, reject })
        assign()
      })
    },
    async close() {
      isClosed = true
      for (const job of waiting.splice(0)) job.reject(new Error('the worker threads are closed'))
      await Promise.all([...running].map(({ worker }) => worker.terminate()))
    },
  }
}
