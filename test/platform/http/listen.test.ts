import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createApp, listen, publicRoute } from '../../../platform/http/index.ts'
import { systemIds } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'

const answers = { 200: { description: 'fine' } }

describe('createApp', () => {
  const { log } = testLog()

  it('refuses two meanings of one code', () => {
    const set = (status: number) => ({ routes: [], problems: { THING_TAKEN: { status, title: 'Thing taken' } } })
    const options = { ids: systemIds, log, baseUrl: 'http://x', isProduction: false }
    expect(() => createApp({ ...options, routeSets: [set(409), set(410)] })).toThrow(TypeError)
    expect(() => createApp({ ...options, routeSets: [set(409), set(409)] })).not.toThrow()
  })
})

describe('listen', () => {
  const open = async (stopTimeoutMs: number, work: (signal: AbortSignal) => Promise<void>) => {
    const slow = publicRoute({
      method: 'get',
      path: '/slow',
      permission: 'public',
      summary: 'Slow',
      answers,
      handle: async ({ signal }) => {
        await work(signal)
        return { status: 200, json: 'done' }
      },
    })
    const { log } = testLog()
    const app = createApp({
      routeSets: [{ routes: [slow], problems: {} }],
      ids: systemIds,
      log,
      baseUrl: 'http://x',
      isProduction: false,
    })
    return listen(app, { host: '127.0.0.1', port: 0, stopTimeoutMs })
  }

  it('keeps idle connections longer than the reverse proxies before it do', async () => {
    const server = await open(5_000, async () => {})
    try {
      const { headers } = await fetch(`${server.url}/slow`)
      expect(headers.get('keep-alive')).toBe('timeout=65')
    } finally {
      await server.stop()
    }
  })

  it('finishes running requests before it stops, and takes no new ones', async () => {
    let started = (): void => {}
    const running = new Promise<void>((resolve) => {
      started = resolve
    })
    let finish = (): void => {}
    const server = await open(5_000, () => {
      started()
      return new Promise((resolve) => {
        finish = resolve
      })
    })
    const answer = fetch(`${server.url}/slow`)
    await running
    const stopped = Promise.all([server.stop(), server.stop()])
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    finish()
    expect(await (await answer).json()).toBe('done')
    await stopped
  })

  it('cuts requests that outlast the limit, whose handlers learn of it', async () => {
    let aborted = false
    let started = (): void => {}
    const running = new Promise<void>((resolve) => {
      started = resolve
    })
    const server = await open(
      50,
      (signal) =>
        new Promise((resolve) => {
          started()
          signal.addEventListener('abort', () => {
            aborted = true
            resolve()
          })
        }),
    )
    const answer = fetch(`${server.url}/slow`).catch((error: unknown) => error)
    await running
    await server.stop()
    expect(await answer).toBeInstanceOf(TypeError)
    await expect.poll(() => aborted).toBe(true)
  })

  it('does not wait for idle connections', async () => {
    const server = await open(60_000, async () => {})
    const idle = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    await (await fetch(`${server.url}/slow`)).text()
    const closed = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => {})
    await Promise.all([server.stop(), closed])
  })

  it("rejects with Node's error for a port in use", async () => {
    const server = await open(1_000, async () => {})
    await expect(listen({ handler: () => {} }, { host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await server.stop()
  })
})
