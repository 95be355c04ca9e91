// The module that the pool's tests run in threads.
import { threadId } from 'node:worker_threads'
import { serveTasks } from '../../../platform/workers/index.ts'

serveTasks(async (task: { readonly what: string; readonly bytes?: Uint8Array; readonly untilMs?: number }) => {
  if (task.what === 'thread') return { result: threadId }
  if (task.what === 'clock') return { result: Date.now() }
  if (task.what === 'length') return { result: task.bytes!.length }
  if (task.what === 'refuse') throw Object.assign(new Error('no such thing'), { code: 'TASK_REFUSED' })
  if (task.what === 'die') process.exit(3)
  if (task.what === 'spin') for (;;);
  const kept: number[][] = []
  if (task.what === 'grow') for (;;) kept.push(Array.from({ length: 10_000 }, (_, i) => i / 3))
  while (Date.now() < (task.untilMs ?? 0)) await new Promise((resolve) => setTimeout(resolve, 5))
  return { result: threadId }
})
