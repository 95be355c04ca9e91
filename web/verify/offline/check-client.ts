// The page's side of the worker: promises out, cancelling by ending the worker, which nothing hostile can outlive.
import { shallowRef } from 'vue'
import { now } from '../../kit/clock.ts'
import type { ListFacts } from './lists.ts'
import type { Answers, Phase, Reply, Request, Task } from './messages.ts'

/** Rejection of a task that was cancelled. */
export class Cancelled extends Error {}

/** The browser gives no cryptography to pages that are not secure (plain http from another machine). */
export const canVerifyHere = (): boolean => globalThis.isSecureContext && globalThis.crypto?.subtle !== undefined

/** What is known of the kept lists; null before the first are there. */
export const listFacts = shallowRef<ListFacts | null>(null)

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
  readonly tell: ((phase: Phase) => void) | undefined
}

const waiting = new Map<number, Waiting>()
let worker: Worker | undefined
let last = 0

function start(): Worker {
  const started = new Worker(new URL('./check-worker.ts', import.meta.url), { type: 'module', name: 'verify' })
  started.onmessage = ({ data }: MessageEvent<Reply>) => {
    const asker = waiting.get(data.id)
    if (!asker) return
    if ('phase' in data) return asker.tell?.(data.phase)
    waiting.delete(data.id)
    if ('error' in data) return asker.reject(new Error(data.error))
    listFacts.value = data.lists
    asker.resolve(data.answer as never)
  }
  // The script could not be loaded, or it ran out of memory.
  started.onerror = ({ message }) => end(new Error(message || 'the worker failed'))
  return started
}

function end(reason: Error): void {
  worker?.terminate()
  worker = undefined
  for (const { reject } of waiting.values()) reject(reason)
  waiting.clear()
}

/** Has a task done in the worker. Rejects with `Cancelled` after `cancelTasks`. */
export function perform<T extends Task>(task: T, tell?: (phase: Phase) => void): Promise<Answers[T['kind']]> {
  worker ??= start()
  const id = ++last
  const { promise, resolve, reject } = Promise.withResolvers<Answers[T['kind']]>()
  waiting.set(id, { resolve, reject, tell })
  worker.postMessage({ id, at: now(), task } satisfies Request)
  return promise
}

/** Stops whatever is under way, at once. */
export const cancelTasks = (): void => end(new Cancelled('cancelled'))
