import { afterAll, describe, expect, it } from 'vitest'
import { createWorkerPool } from '../../../platform/workers/index.ts'

interface Task {
  readonly what: string
  readonly bytes?: Uint8Array
  readonly untilMs?: number
}

const module = new URL('./tasks.ts', import.meta.url)

describe('createWorkerPool', () => {
  const pool = createWorkerPool<Task, number>({ module, threads: 2 })
  afterAll(() => pool.close())

  it('runs many tasks, each once, in no more threads than it may', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => pool.run({ what: 'thread' })))
    expect(ids).toHaveLength(40)
    expect(new Set(ids).size).toBeLessThanOrEqual(2)
  })

  it('runs two at once', async () => {
    const untilMs = Date.now() + 150
    const ids = await Promise.all([pool.run({ what: 'wait', untilMs }), pool.run({ what: 'wait', untilMs })])
    expect(new Set(ids).size).toBe(2)
  })

  it('hands over what is transferred', async () => {
    const bytes = new Uint8Array(1000)
    expect(await pool.run({ what: 'length', bytes }, [bytes.buffer])).toBe(1000)
    expect(bytes.length).toBe(0)
  })

  it('rejects with name, message and code of what a task throws, and goes on', async () => {
    await expect(pool.run({ what: 'refuse' })).rejects.toMatchObject({ message: 'no such thing', code: 'TASK_REFUSED' })
    expect(await pool.run({ what: 'thread' })).toBeGreaterThan(0)
  })

  it('fails only the task whose thread dies, and starts another thread for the next', async () => {
    const untilMs = Date.now() + 100
    const [dead, alive] = await Promise.allSettled([pool.run({ what: 'die' }), pool.run({ what: 'wait', untilMs })])
    expect(dead).toMatchObject({ status: 'rejected', reason: { message: 'the worker thread ended' } })
    expect(alive.status).toBe('fulfilled')
    expect(await Promise.all([pool.run({ what: 'thread' }), pool.run({ what: 'thread' })])).toHaveLength(2)
  })

  it('ends the thread of a task that never yields, harms no other, and starts another for the next', async () => {
    const untilMs = Date.now() + 400
    const spinning = pool.run({ what: 'spin' }, [], { timeoutMs: 100 })
    const [late, other] = await Promise.allSettled([spinning, pool.run({ what: 'wait', untilMs })])
    expect(late).toMatchObject({ status: 'rejected', reason: { code: 'TASK_TIMED_OUT' } })
    expect(other.status).toBe('fulfilled')
    expect(await Promise.all([pool.run({ what: 'thread' }), pool.run({ what: 'thread' })])).toHaveLength(2)
  })

  it('counts work, not waiting, against the time of a task', async () => {
    const single = createWorkerPool<Task, number>({ module, threads: 1 })
    const first = single.run({ what: 'wait', untilMs: Date.now() + 300 })
    expect(await single.run({ what: 'thread' }, [], { timeoutMs: 200 })).toBe(await first)
    await single.close()
  })

  it('drops a task that waits when nobody wants it any more', async () => {
    const single = createWorkerPool<Task, number>({ module, threads: 1 })
    const leaving = new AbortController()
    const first = single.run({ what: 'wait', untilMs: Date.now() + 100 })
    const dropped = single.run({ what: 'die' }, [], { signal: leaving.signal })
    leaving.abort()
    await expect(dropped).rejects.toMatchObject({ code: 'TASK_CALLED_OFF' })
    expect(await single.run({ what: 'thread' })).toBe(await first)
    await single.close()
  })

  it('ends a thread whose heap grows beyond its limit, and no other', async () => {
    const small = createWorkerPool<Task, number>({ module, threads: 2, resourceLimits: { maxOldGenerationSizeMb: 32 } })
    const [grown, other] = await Promise.allSettled([small.run({ what: 'grow' }), small.run({ what: 'thread' })])
    const cause = expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
    expect(grown).toMatchObject({ status: 'rejected', reason: { code: 'TASK_THREAD_ENDED', cause } })
    expect(other.status).toBe('fulfilled')
    await small.close()
  })

  it('goes on with a task handed in advance while this thread is busy, and only when it is done with the one before', async () => {
    const eager = createWorkerPool<Task, number>({ module, threads: 1, ahead: 1 })
    await eager.run({ what: 'thread' })
    const untilMs = Date.now() + 100
    const first = eager.run({ what: 'wait', untilMs })
    const second = eager.run({ what: 'clock' })
    while (Date.now() < untilMs + 500);
    const busyUntil = Date.now()
    await first
    expect(await second).toBeGreaterThanOrEqual(untilMs)
    expect(await second).toBeLessThan(busyUntil)
    await eager.close()
  })

  it('fails what a thread that dies has in hand, and nothing that still waits', async () => {
    const eager = createWorkerPool<Task, number>({ module, threads: 1, ahead: 1 })
    const outcomes = await Promise.allSettled(['die', 'thread', 'thread'].map((what) => eager.run({ what })))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    await eager.close()
  })

  it('starts another thread before it hands one a task in advance', async () => {
    const eager = createWorkerPool<Task, number>({ module, threads: 2, ahead: 1 })
    const untilMs = Date.now() + 150
    const ids = await Promise.all([eager.run({ what: 'wait', untilMs }), eager.run({ what: 'wait', untilMs })])
    expect(new Set(ids).size).toBe(2)
    await eager.close()
  })

  it('refuses tasks once it is closed, those under way too', async () => {
    const closing = createWorkerPool<Task, number>({ module, threads: 1 })
    const untilMs = Date.now() + 10_000
    const pending = [closing.run({ what: 'wait', untilMs }), closing.run({ what: 'thread' })]
    const settled = Promise.allSettled(pending)
    await closing.close()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(closing.run({ what: 'thread' })).rejects.toThrow('closed')
  })
})
