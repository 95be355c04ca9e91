import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen, nobody, publicRoute } from '../../../platform/http/index.ts'
import { systemIds } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'

const answers = { 200: { description: 'lines', contentType: 'text/csv' } }
let ended = 0

async function* lines(count: number, failsAt = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
  try {
    for (let number = 0; number < count; number++) {
      if (number === failsAt) throw new Error('the database went away')
      yield `${number} ${'x'.repeat(1000)}\n`
    }
  } finally {
    ended++
  }
}

const streams = publicRoute({
  method: 'get',
  path: '/lines/{how}',
  permission: 'public',
  summary: 'Lines',
  answers,
  handle: ({ headers }) => ({
    status: 200,
    stream: lines(Number(headers['x-count'] ?? 3), Number(headers['x-fails-at'] ?? 1e9)),
    contentType: 'text/csv; charset=utf-8',
  }),
})

describe('an answer that is a stream', () => {
  let listening: Listening
  const { log } = testLog()
  beforeAll(async () => {
    const app = createApp({
      routeSets: [{ routes: [streams], problems: {} }],
      authority: nobody,
      ids: systemIds,
      log,
      baseUrl: 'http://test',
      isProduction: false,
      readiness: {},
      api: { title: 'test', version: '1', sessionCookie: 's' },
      trustedProxies: 0,
    })
    listening = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => listening.stop())
  const ask = (headers: Record<string, string>) => fetch(`${listening.url}/lines/all`, { headers })

  it('is sent whole, with its media type and never kept', async () => {
    const answer = await ask({ 'x-count': '5000' })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await answer.text()).split('\n')).toHaveLength(5001)
  })

  it('breaks off where it fails, so that a part is not taken for the whole', async () => {
    const answer = await ask({ 'x-count': '5000', 'x-fails-at': '4000' })
    await expect(answer.text()).rejects.toThrow()
  })

  it('answers the problem where it fails before its first line', async () => {
    expect((await ask({ 'x-fails-at': '0' })).status).toBe(500)
  })

  it('is read no further when the client goes away', async () => {
    const before = ended
    const controller = new AbortController()
    const answer = await fetch(`${listening.url}/lines/all`, {
      headers: { 'x-count': '10000000' },
      signal: controller.signal,
    })
    await answer.body!.getReader().read()
    controller.abort()
    await expect.poll(() => ended, { timeout: 5000 }).toBe(before + 1)
  })
})
