import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { TaskAnswer, TaskMessage } from './serve-tasks.ts'

/** What a task may take, and who may still call it off. */
interface TaskLimits {
  /** Time of work, not of waiting, in milliseconds: beyond it the thread is ended and the task rejects with TASK_TIMED_OUT. */
  readonly timeoutMs?: number
  /** Aborted: a task that waits is dropped, one that a thread has in hand goes on. */
  readonly signal?: AbortSignal
}

/** A few threads that all run one module, which answers tasks by `serveTasks`. */
export interface WorkerPool<Task, Result> {
  /**
   * Runs a task in the first thread that is free. `transfer` is handed over and unusable here afterwards. Rejects with what the task threw
   * (name, message and code), with the code TASK_TIMED_OUT, or with TASK_THREAD_ENDED when its thread died (of its memory, say) with the
   * task in hand; others are unharmed and the next task gets a new thread.
   */
  run(task: Task, transfer?: readonly ArrayBuffer[], limits?: TaskLimits): Promise<Result>
  /** Ends the threads; tasks under way reject. */
  close(): Promise<void>
}

interface Job {
  readonly message: TaskMessage
  readonly transfer: readonly ArrayBuffer[]
  readonly timeoutMs: number | undefined
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  /** In hand, the one under way first. */
  readonly jobs: Job[]
  timer: NodeJS.Timeout | undefined
}

interface WorkerPoolOptions {
  readonly module: URL
  readonly threads: number
  /**
   * Tasks that a busy thread is handed in advance, none when left out. It goes on at once when it is done with one, even while this
   * thread is too busy to hear of it.
   */
  readonly ahead?: number
  /** Of each thread's JavaScript heap. Buffers are not among it. */
  readonly resourceLimits?: ResourceLimits
}

/** Starts no thread before the first task. */
export function createWorkerPool<Task, Result>(options: WorkerPoolOptions): WorkerPool<Task, Result> {
  const { module, threads, ahead = 0, resourceLimits } = options
  const running: Thread[] = []
  const waiting: Job[] = []
  let isClosed = false

  const nextThread = (): Thread | undefined => {
    const idle = running.find(({ jobs }) => jobs.length === 0)
    if (idle !== undefined || running.length < threads) return idle ?? start()
    const least = Math.min(...running.map(({ jobs }) => jobs.length))
    return least > ahead ? undefined : running.find(({ jobs }) => jobs.length === least)
  }
  const assign = (): void => {
    while (waiting.length > 0) {
      const thread = nextThread()
      if (thread === undefined) return
      const job = waiting.shift()!
      thread.jobs.push(job)
      // A thread holds the process only while somebody waits for it.
      thread.worker.ref()
      thread.worker.postMessage(job.message, job.transfer as ArrayBuffer[])
    }
  }
  const leave = (thread: Thread): void => {
    clearTimeout(thread.timer)
    const at = running.indexOf(thread)
    if (at >= 0) running.splice(at, 1)
  }
  const rejectAll = (thread: Thread, fault: Error | undefined): void => {
    for (const job of thread.jobs.splice(0)) job.reject(failure('TASK_THREAD_ENDED', 'the worker thread ended', fault))
  }
  const beginTime = (thread: Thread): void => {
    const job = thread.jobs[0]
    if (job?.timeoutMs === undefined) return
    thread.timer = setTimeout(() => {
      leave(thread)
      thread.jobs.shift()
      job.reject(failure('TASK_TIMED_OUT', `the task took longer than ${job.timeoutMs} ms`))
      rejectAll(thread, undefined)
      void thread.worker.terminate()
      assign()
    }, job.timeoutMs)
  }
  const settle = (thread: Thread, answer: TaskAnswer): void => {
    if ('started' in answer) {
      beginTime(thread)
      return
    }
    const job = thread.jobs.shift()
    clearTimeout(thread.timer)
    if (thread.jobs.length === 0) thread.worker.unref()
    if (job !== undefined) {
      if (answer.ok) job.resolve(answer.result as never)
      else job.reject(Object.assign(new Error(answer.error.message), answer.error))
    }
    assign()
  }
  const start = (): Thread => {
    const worker = new Worker(module, resourceLimits === undefined ? {} : { resourceLimits })
    const thread: Thread = { worker, jobs: [], timer: undefined }
    worker.unref()
    let fault: Error | undefined
    worker.on('message', (answer: TaskAnswer) => settle(thread, answer))
    worker.on('error', (error) => {
      fault = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', () => {
      leave(thread)
      rejectAll(thread, fault)
      if (!isClosed) assign()
    })
    running.push(thread)
    return thread
  }
  const dropWhenAborted = (job: Job, signal: AbortSignal): void => {
    const drop = () => {
      const at = waiting.indexOf(job)
      if (at < 0) return
      waiting.splice(at, 1)
      job.reject(failure('TASK_CALLED_OFF', 'nobody waits for the task any more'))
    }
    signal.addEventListener('abort', drop, { once: true })
  }

  return {
    run(task, transfer = [], { timeoutMs, signal } = {}) {
      if (isClosed) return Promise.reject(new Error('the worker threads are closed'))
      if (signal?.aborted) return Promise.reject(failure('TASK_CALLED_OFF', 'nobody waits for the task any more'))
      return new Promise<Result>((resolve, reject) => {
        const message: TaskMessage = timeoutMs === undefined ? { task } : { task, tellsStart: true }
        const job: Job = { message, transfer, timeoutMs, resolve, reject }
        if (signal) dropWhenAborted(job, signal)
        waiting.push(job)
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

const failure = (code: string, message: string, cause?: Error): Error =>
  Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code })
