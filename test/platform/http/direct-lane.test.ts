import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Answer,
  createApp,
  createMetrics,
  createRateLimit,
  type Listening,
  listen,
  publicRoute,
  type Route,
  routeDefiner,
} from '../../../platform/http/index.ts'
import { createLog, PlatformError, systemClock, systemIds } from '../../../platform/index.ts'

const answers = { 200: { description: 'Echo', contentType: 'application/x-echo' } }
const octets = (text: string): Answer => ({ status: 200, bytes: Buffer.from(text), contentType: 'application/x-echo' })

/** The same routes twice: once on the short way, once only through Express. */
function routesOf(isDirect: boolean): Route[] {
  const direct = isDirect ? { direct: true as const } : {}
  return [
    publicRoute({
      ...direct,
      method: 'get',
      path: '/echo/{rest+}',
      permission: 'public',
      summary: 'Echo',
      params: z.object({ rest: z.string() }),
      answers,
      handle: ({ params, clientAddress }) => octets(`${params.rest} for ${clientAddress}`),
    }),
    publicRoute({
      ...direct,
      method: 'post',
      path: '/echo',
      permission: 'public',
      summary: 'Echo',
      rawBody: { mediaTypes: ['application/x-echo'], maxBytes: 1000 },
      answers,
      async handle({ bytes, signal }) {
        const text = Buffer.from(bytes!).toString()
        if (text === 'coded') throw new PlatformError('SERVICE_BUSY', 'inside', { retryAfterSeconds: 2 })
        if (text === 'bug') throw new TypeError('secret detail')
        return { ...octets(`${text} ${signal.aborted}`), headers: { 'Cache-Control': 'public, max-age=1' } }
      },
    }),
    publicRoute({
      ...direct,
      method: 'post',
      path: '/limited',
      permission: 'public',
      summary: 'Limited',
      rateLimit: createRateLimit({ capacity: 2, refillPerSecond: 0.001, clock: systemClock }),
      rawBody: { mediaTypes: ['application/x-echo'], maxBytes: 1000 },
      answers,
      handle: () => octets('let in'),
    }),
  ]
}

describe('the short way past Express', () => {
  const lines: string[] = []
  const metrics = createMetrics()
  const opened: Listening[] = []
  let short: Listening
  let common: Listening

  beforeAll(async () => {
    const log = createLog({ level: 'info', write: (line) => lines.push(line) })
    const options = { ids: systemIds, log, baseUrl: 'http://localhost', isProduction: true, trustedProxies: 1 }
    const open = async (isDirect: boolean) => {
      const problems = {}
      const app = createApp({
        ...options,
        routeSets: [{ routes: routesOf(isDirect), problems }],
        ...(isDirect && { metrics }),
      })
      const listening = await listen(app, { host: '127.0.0.1', port: 0 })
      opened.push(listening)
      return listening
    }
    short = await open(true)
    common = await open(false)
  })
  afterAll(() => Promise.all(opened.map((listening) => listening.stop())))

  const echoType = { 'Content-Type': 'application/x-echo' }
  const post = (to: Listening, body: string, headers: Record<string, string> = echoType, path = '/echo') =>
    fetch(to.url + path, { method: 'POST', headers, body })
  /** What only a page in a browser obeys. */
  const ofPages = [
    ...['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy'],
    ...['permissions-policy', 'referrer-policy'],
  ]
  /** Everything of an answer that is not of this one request. */
  const whole = async (response: Response) => {
    const { date: _, 'x-request-id': __, etag: ___, ...headers } = Object.fromEntries(response.headers)
    const text = (await response.text()).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    return { status: response.status, headers, text }
  }

  it.each([
    ['a GET', (to: Listening) => fetch(`${to.url}/echo/a/b%2Bc+d%20e`)],
    ['a GET with a slash too many', (to: Listening) => fetch(`${to.url}/echo//a`)],
    [
      'a GET from behind a proxy',
      (to: Listening) => fetch(`${to.url}/echo/a`, { headers: { 'X-Forwarded-For': '9.9.9.9, 8.8.8.8' } }),
    ],
    ['a POST', (to: Listening) => post(to, 'hello 证照')],
    [
      'a POST whose media type has parameters and capitals',
      (to: Listening) => post(to, 'x', { 'Content-Type': 'Application/X-Echo; a=b' }),
    ],
    ['a coded refusal with the time to wait', (to: Listening) => post(to, 'coded')],
    ['a defect, without its detail', (to: Listening) => post(to, 'bug')],
    ['a wrong media type', (to: Listening) => post(to, 'x', { 'Content-Type': 'text/plain' })],
    ['a body that is too large', (to: Listening) => post(to, 'x'.repeat(1001))],
    ['an empty body', (to: Listening) => post(to, '')],
    ['a compressed body', (to: Listening) => post(to, 'x', { ...echoType, 'Content-Encoding': 'gzip' })],
    ['a method that the address does not take', (to: Listening) => fetch(`${to.url}/echo`, { method: 'PUT' })],
    ['a path that cannot be decoded', (to: Listening) => fetch(`${to.url}/echo/%ff`)],
    ['a query', (to: Listening) => fetch(`${to.url}/echo/a?b=c`)],
    ['an address next to it', (to: Listening) => fetch(`${to.url}/echoes`)],
  ])('answers %s as Express does, but for what only pages obey', async (_, ask) => {
    const [direct, byExpress] = [await whole(await ask(short)), await whole(await ask(common))]
    for (const name of direct.status === 200 ? ofPages : []) {
      delete direct.headers[name]
      delete byExpress.headers[name]
    }
    expect(direct).toEqual(byExpress)
    expect(direct.headers).toMatchObject({ 'x-content-type-options': 'nosniff' })
  })

  it('takes a chunked body like any other', async () => {
    const body = new Blob(['hello']).stream()
    const response = await fetch(`${short.url}/echo`, {
      method: 'POST',
      headers: echoType,
      body,
      duplex: 'half',
    } as RequestInit)
    expect(await response.text()).toBe('hello false')
  })

  it('counts the rate limit of a route on both ways together', async () => {
    const limited = (headers: Record<string, string> = echoType) => post(short, 'x', headers, '/limited')
    expect((await limited()).status).toBe(200)
    // Its media type sends this one to Express, which takes from the same bucket before it looks at that.
    expect((await limited({ 'Content-Type': 'text/plain' })).status).toBe(415)
    const refused = await limited()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  })

  it('gives each request an id, one log line without its path, and its place in the figures', async () => {
    lines.length = 0
    const response = await fetch(`${short.url}/echo/secret-path`)
    await response.text()
    const id = response.headers.get('x-request-id')!
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    await expect.poll(() => lines.filter((line) => line.includes(id))).toHaveLength(1)
    const line = lines.find((text) => text.includes(id))!
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', route: '/echo/{rest+}', status: 200, requestId: id })
    expect(line).not.toContain('secret-path')
    expect((await metrics.text()).text).toContain('route="/echo/{rest+}",status="200"')
  })

  it('logs a defect with its cause and code, and survives clients that go away in the middle of a body', async () => {
    lines.length = 0
    await (await post(short, 'bug')).text()
    await expect.poll(() => lines.join('')).toContain('"code":"INTERNAL_ERROR"')
    expect(lines.join('')).toContain('secret detail')
    await new Promise<void>((resolve) => {
      const socket = connect(short.port, short.host, () => {
        socket.write(
          'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-echo\r\nContent-Length: 100\r\n\r\nhalf',
        )
        setImmediate(() => socket.destroy())
      })
      socket.once('close', () => resolve())
    })
    expect(await (await post(short, 'still there')).text()).toBe('still there false')
  })

  it('answers one request after the other on a connection, also past one that goes to Express', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const asked = httpRequest({ host: short.host, port: short.port, path, agent }, async (response) => {
          resolve((await response.toArray()).join(''))
        })
        asked.once('error', reject).end()
      })
    expect(await ask('/echo/1')).toMatch(/^1 for /)
    expect(await ask('/nothing')).toContain('NOT_FOUND')
    expect(await ask('/echo/2')).toMatch(/^2 for /)
    agent.destroy()
  })

  it('refuses at once a route that needs somebody known, or more than bytes', () => {
    const common = {
      method: 'post',
      path: '/x',
      summary: 'x',
      answers,
      direct: true,
      handle: () => octets('x'),
    } as const
    const open = (route: Route) => () =>
      createApp({
        routeSets: [{ routes: [route], problems: {} }],
        ids: systemIds,
        log: createLog({ level: 'silent' }),
        baseUrl: 'http://localhost',
        isProduction: false,
      })
    expect(open(routeDefiner()({ ...common, permission: 'authenticated' }))).toThrow(TypeError)
    expect(open(publicRoute({ ...common, permission: 'public', body: z.object({}) }))).toThrow(TypeError)
    expect(open(publicRoute({ ...common, permission: 'public', idempotent: true }))).toThrow(TypeError)
  })
})
