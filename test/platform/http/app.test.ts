import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Authority,
  createApp,
  createMetrics,
  createRateLimit,
  type Listening,
  listen,
  publicRoute,
  type Route,
  routeDefiner,
} from '../../../platform/http/index.ts'
import { PlatformError, type Principal, systemIds, TrustServiceError } from '../../../platform/index.ts'
import { testClock } from '../../support/clock.ts'
import { testLog } from '../../support/log.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const route = routeDefiner<'things:make'>()
const thing = z.strictObject({ name: z.string().min(1), size: z.object({ width: z.int(), 'a/b': z.int().optional() }) })
const answers = { 200: { description: 'fine' } }

const routes: Route[] = [
  route({
    method: 'post',
    path: '/api/things/{id}',
    permission: 'things:make',
    summary: 'Makes a thing',
    idempotent: true,
    params: z.object({ id: z.string().regex(/^\d+$/) }),
    query: z.strictObject({ dry: z.stringbool().default(false) }),
    body: thing,
    maxBodyBytes: 1000,
    answers: { 201: { description: 'made', schema: z.object({ id: z.string() }) } },
    handle: ({ params, query, body, principal, idempotency }) => ({
      status: 201,
      json: {
        id: params.id,
        dry: query.dry,
        width: body.size.width,
        by: principal.id,
        key: idempotency!.key,
        digest: Buffer.from(idempotency!.requestDigest).toString('hex'),
      },
    }),
  }),
  publicRoute({
    method: 'post',
    path: '/api/checks',
    permission: 'public',
    summary: 'Checks a file or a text',
    body: z.strictObject({ text: z.string() }),
    rawBody: { mediaTypes: ['application/pdf'], maxBytes: 2000 },
    answers,
    handle: ({ body, bytes, principal }) => ({
      status: 200,
      json: { text: body?.text, length: bytes?.length, principal: principal ?? null },
    }),
  }),
  publicRoute({
    method: 'get',
    path: '/q/{rest+}',
    permission: 'public',
    summary: 'Reads',
    params: z.object({ rest: z.string() }),
    answers,
    handle: ({ params }) => ({ status: 200, json: params }),
  }),
  publicRoute({
    method: 'get',
    path: '/api/fails/{how}',
    permission: 'public',
    summary: 'Fails',
    params: z.object({ how: z.string() }),
    answers,
    handle: ({ params }) => {
      if (params.how === 'coded')
        throw new TrustServiceError('THING_TAKEN', 'thing 7 is taken', {
          faults: [{ pointer: '/name', code: 'TAKEN', detail: 'taken' }],
        })
      if (params.how === 'node') throw Object.assign(new Error('open /etc/geheim'), { code: 'ENOENT' })
      if (params.how === 'outage')
        throw new PlatformError('DATABASE_UNAVAILABLE', 'geheim host', { retryAfterSeconds: 5 })
      throw new RangeError('geheim')
    },
  }),
  publicRoute({
    method: 'get',
    path: '/api/limited',
    permission: 'public',
    summary: 'Twice at once',
    rateLimit: createRateLimit({ capacity: 2, refillPerSecond: 0.1, clock: testClock() }),
    answers,
    handle: () => ({
      status: 200,
      bytes: 'text',
      contentType: 'text/plain',
      headers: { 'Cache-Control': 'max-age=60' },
    }),
  }),
]

const people: Record<string, Principal> = {
  maker: { id: 'm', name: 'Maker', kind: 'person', departmentCode: 'd', roles: ['maker'] },
  guest: { id: 'g', name: 'Guest', kind: 'person', departmentCode: 'd', roles: [] },
}
const authority: Authority = {
  authenticate: async ({ headers }) => people[String(headers['authorization'])],
  isPermitted: ({ roles }, permission) => permission === 'things:make' && roles.includes('maker'),
}

describe('an app', () => {
  const folder = temporaryFolder()
  const { log, text, lines } = testLog()
  const metrics = createMetrics()
  let server: Listening
  let isDatabaseThere = true

  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Home</title>')
    writeFileSync(join(folder, 'assets', 'app-1a2b3c.js'), 'export {}')
    writeFileSync(join(folder, 'assets', 'scan-1a.wasm'), '')
    const app = createApp({
      routeSets: [{ routes, problems: { THING_TAKEN: { status: 409, title: 'Thing taken' } } }],
      authority,
      ids: systemIds,
      log,
      metrics,
      baseUrl: 'https://things.example',
      isProduction: true,
      readiness: {
        database: async () => {
          if (!isDatabaseThere) throw new Error('geheim')
        },
      },
      pages: {
        folder,
        entries: [
          { path: '/', file: 'index.html' },
          { path: '/page/{rest+}', file: 'index.html' },
          { path: '/missing', file: 'missing.html' },
        ],
      },
      api: { title: 'Things', version: '1', sessionCookie: 'session' },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => server.stop())

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'maker', 'idempotency-key': 'k1', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    })
  const good = { name: 'x', size: { width: 3 } }
  const problemOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    return (await response.json()) as {
      code: string
      status: number
      errors?: { pointer: string; code: string }[]
    } & Record<string, unknown>
  }

  it('hands a checked call to the route and writes its answer', async () => {
    const response = await post('/api/things/7?dry=true', good)
    expect(response.status).toBe(201)
    expect(await response.json()).toMatchObject({ id: '7', dry: true, width: 3, by: 'm', key: 'k1' })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['nobody', 401, 'AUTHENTICATION_REQUIRED'],
    ['guest', 403, 'PERMISSION_DENIED'],
  ])('lets %s not pass, before it reads the body', async (authorization, status, code) => {
    const response = await post('/api/things/7', 'not json', { authorization })
    expect(response.status).toBe(status)
    expect((await problemOf(response)).code).toBe(code)
    expect(response.headers.has('www-authenticate')).toBe(status === 401)
  })

  it('reports every fault at once with its JSON Pointer, and repeats no value', async () => {
    const response = await post('/api/things/7', { size: { width: 'geheim', 'a/b': 'geheim' }, geheim: 1 })
    const problem = await problemOf(response)
    expect(problem).toMatchObject({
      status: 422,
      code: 'REQUEST_INVALID',
      type: 'https://things.example/problems/request-invalid',
    })
    expect(problem.errors!.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/name', 'MISSING'],
      ['/size/width', 'INVALID_TYPE'],
      ['/size/a~1b', 'INVALID_TYPE'],
      ['/geheim', 'UNKNOWN_MEMBER'],
    ])
    expect(problem.instance).toBe(`urn:uuid:${response.headers.get('x-request-id')}`)
  })

  it('checks path and query too', async () => {
    expect((await problemOf(await post('/api/things/x', good))).errors).toMatchObject([{ pointer: '/path/id' }])
    expect((await problemOf(await post('/api/things/1?wet=1', good))).errors).toMatchObject([{ pointer: '/query/wet' }])
    expect((await problemOf(await fetch(`${server.url}/q/a%00b`))).errors).toMatchObject([
      { pointer: '/path/rest', code: 'TEXT_NOT_UNICODE' },
    ])
    expect((await problemOf(await fetch(`${server.url}/q/%ff`))).code).toBe('REQUEST_MALFORMED')
  })

  it.each([
    ['no JSON', '{"name": geheim', {}, 400, 'REQUEST_BODY_NOT_JSON'],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), {}, 400, 'REQUEST_BODY_NOT_JSON'],
    [
      'another media type',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'REQUEST_MEDIA_TYPE_UNSUPPORTED',
    ],
    ['more than the limit', JSON.stringify({ ...good, name: 'x'.repeat(2000) }), {}, 413, 'REQUEST_BODY_TOO_LARGE'],
    [
      'more than the limit once inflated',
      gzipSync(JSON.stringify({ ...good, name: 'x'.repeat(100_000) })),
      { 'content-encoding': 'gzip' },
      413,
      'REQUEST_BODY_TOO_LARGE',
    ],
    ['an encoding nobody knows', 'x', { 'content-encoding': 'zebra' }, 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED'],
    ['nesting without end', `${'['.repeat(400)}${']'.repeat(400)}`, {}, 422, 'REQUEST_INVALID'],
    ['half a surrogate pair', '{"name":"\\ud800","size":{"width":1}}', {}, 422, 'REQUEST_INVALID'],
    ['NUL', '{"name":"a\\u0000","size":{"width":1}}', {}, 422, 'REQUEST_INVALID'],
    ['no body', '', {}, 422, 'REQUEST_INVALID'],
  ] as const)('refuses a body with %s', async (_name, body, headers, status, code) => {
    const response = await post('/api/things/7', body, headers)
    const problem = await problemOf(response)
    expect([response.status, problem.code]).toEqual([status, code])
    expect(JSON.stringify(problem)).not.toContain('geheim')
  })

  it('asks for an Idempotency-Key and digests method, address and body', async () => {
    const digest = async (path: string, body: unknown, key = '"quoted key"') =>
      ((await (await post(path, body, { 'idempotency-key': key })).json()) as { digest: string }).digest
    const first = await digest('/api/things/7', good)
    expect(await digest('/api/things/7', good, 'other')).toBe(first)
    expect(await digest('/api/things/8', good)).not.toBe(first)
    expect(await digest('/api/things/7', { ...good, name: 'y' })).not.toBe(first)
    expect((await problemOf(await post('/api/things/7', good, { 'idempotency-key': 'two words' }))).code).toBe(
      'IDEMPOTENCY_KEY_INVALID',
    )
    const without = await fetch(`${server.url}/api/things/7`, {
      method: 'POST',
      headers: { authorization: 'maker', 'content-type': 'application/json' },
      body: JSON.stringify(good),
    })
    expect((await problemOf(without)).code).toBe('IDEMPOTENCY_KEY_MISSING')
  })

  it('takes bytes of a named media type beside JSON, each with its own limit', async () => {
    const pdf = { 'content-type': 'application/pdf' }
    expect(await (await post('/api/checks', new Uint8Array(1500), pdf)).json()).toEqual({
      length: 1500,
      principal: null,
    })
    expect(await (await post('/api/checks', { text: 'q' })).json()).toEqual({ text: 'q', principal: null })
    expect((await post('/api/checks', new Uint8Array(2500), pdf)).status).toBe(413)
    expect((await post('/api/checks', 'x', { 'content-type': 'image/png' })).status).toBe(415)
  })

  it('shows the detail of a refusal, and nothing of a defect or an outage but the request id', async () => {
    expect(await problemOf(await fetch(`${server.url}/api/fails/coded`))).toMatchObject({
      status: 409,
      title: 'Thing taken',
      detail: 'thing 7 is taken',
      errors: [{ pointer: '/name', code: 'TAKEN', detail: 'taken' }],
    })
    for (const how of ['node', 'bug']) {
      const problem = await problemOf(await fetch(`${server.url}/api/fails/${how}`))
      expect(problem).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' })
      expect(JSON.stringify(problem)).not.toContain('geheim')
      const id = String(problem['instance']).replace('urn:uuid:', '')
      expect(lines.some((line) => line['requestId'] === id && line['level'] === 'error')).toBe(true)
    }
    const outage = await fetch(`${server.url}/api/fails/outage`)
    expect(outage.headers.get('retry-after')).toBe('5')
    expect(await problemOf(outage)).not.toHaveProperty('detail')
  })

  it('answers 404, 405 and a problem type as problems should', async () => {
    expect((await problemOf(await fetch(`${server.url}/nothing`))).code).toBe('NOT_FOUND')
    const wrongMethod = await fetch(`${server.url}/api/limited`, { method: 'DELETE' })
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET'])
    expect(await (await fetch(`${server.url}/problems/thing-taken`)).json()).toEqual({
      code: 'THING_TAKEN',
      status: 409,
      title: 'Thing taken',
    })
  })

  it('throttles with a time to wait', async () => {
    const [first, second, third] = [
      await fetch(`${server.url}/api/limited`),
      await fetch(`${server.url}/api/limited`),
      await fetch(`${server.url}/api/limited`),
    ]
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429])
    expect(first.headers.get('cache-control')).toBe('max-age=60')
    expect(third.headers.get('retry-after')).toBe('10')
    expect(await problemOf(third)).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 10 })
  })

  it('sends strict security headers with every answer', async () => {
    for (const path of ['/', '/nothing', '/api/limited', '/docs']) {
      const { headers } = await fetch(server.url + path)
      const policy = headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-inline')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
      expect(headers.has('x-powered-by')).toBe(false)
    }
  })

  it('serves pages: hashed assets for ever, HTML asked for again each time, without leaving the folder', async () => {
    const page = await fetch(`${server.url}/Page/AbC/def`)
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    const asset = await fetch(`${server.url}/assets/app-1a2b3c.js`)
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-type')).toContain('text/javascript')
    expect((await fetch(`${server.url}/assets/scan-1a.wasm`)).headers.get('content-type')).toContain('application/wasm')
    expect((await fetch(`${server.url}/missing`)).status).toBe(404)
    expect((await fetch(`${server.url}/assets/..%2f..%2fetc%2fpasswd`)).status).toBeGreaterThanOrEqual(400)
  })

  it('describes its routes in OpenAPI 3.1 from the schemas that check them, and shows them at /docs', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      openapi: string
      paths: Record<
        string,
        Record<
          string,
          {
            security: unknown
            parameters: { name: string; in: string; required?: boolean }[]
            requestBody: { content: Record<string, unknown> }
          }
        >
      >
    }
    expect(document.openapi).toBe('3.1.0')
    const make = document.paths['/api/things/{id}']!['post']!
    expect(make.security).toEqual([{ apiKey: [] }, { session: [] }])
    expect(make.parameters.map(({ name, in: place }) => `${place} ${name}`).sort()).toEqual([
      'header Idempotency-Key',
      'path id',
      'query dry',
    ])
    expect(make.requestBody.content['application/json']).toMatchObject({
      schema: { required: ['name', 'size'], additionalProperties: false },
    })
    expect(Object.keys(document.paths['/api/checks']!['post']!.requestBody.content)).toEqual([
      'application/json',
      'application/pdf',
    ])
    expect(document.paths['/q/{rest}']!['get']).toMatchObject({ security: [] })
    for (const path of ['/docs', '/docs/open.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])
      expect((await fetch(server.url + path)).status).toBe(200)
  })

  it('is alive, is ready only with all it needs, and says which check failed but not why', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: 'ready', checks: { database: 'ok' } })
    isDatabaseThere = false
    const response = await fetch(`${server.url}/readyz`)
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not ready', checks: { database: 'failed' } },
    ])
    isDatabaseThere = true
  })

  it('keeps figures and log lines by route template, never by path', async () => {
    await fetch(`${server.url}/q/geheimes-token`)
    await fetch(`${server.url}/geheim`)
    const { text: figures } = await metrics.text()
    expect(figures).toContain('http_request_duration_seconds_count{method="GET",route="/q/{rest+}",status="200"}')
    await expect.poll(text).toContain('"route":"/q/{rest+}"')
    expect(figures + text().replaceAll(/"(message|stack)":"(\\.|[^"])*"/g, '')).not.toContain('geheim')
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('# HELP http_request_duration_seconds')
  })
})
