import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Request, Response } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BodyBudget, readWithinBudget } from '../../../platform/http/body-budget.ts'
import {
  type Authority,
  createApp,
  type Listening,
  listen,
  type Route,
  routeDefiner,
} from '../../../platform/http/index.ts'
import { systemIds } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'

const budget: BodyBudget = { limit: 1 << 20, inUse: 0 }
const outcomes: string[] = []
const waiting: (() => void)[] = []
/** Holds each document until it is released. */
const server = createServer(async (incoming, response) => {
  try {
    const bytes = await readWithinBudget(incoming as Request, response as Response, 700_000, budget)
    if (incoming.url === '/hold') await new Promise<void>((resolve) => waiting.push(resolve))
    response.end(String(bytes.length))
  } catch (error) {
    const { code } = error as { code: string }
    outcomes.push(code)
    response.end(code)
  }
})
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const post = (path: string, size: number, headers: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const posting = request({ port, host: '127.0.0.1', path, method: 'POST', agent: false, headers }, (response) => {
      let text = ''
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve(text))
    })
    posting.on('error', reject)
    posting.end(Buffer.alloc(size, 'x'))
  })

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('readWithinBudget', () => {
  it('gives the bytes, and the budget back when the answer is sent', async () => {
    expect(await post('/', 700_000)).toBe('700000')
    await until(() => budget.inUse === 0)
  })

  it('refuses a document over its own limit, announced or not', async () => {
    expect(await post('/', 700_001)).toBe('REQUEST_BODY_TOO_LARGE')
    expect(await post('/', 700_001, { 'transfer-encoding': 'chunked' })).toBe('REQUEST_BODY_TOO_LARGE')
    await until(() => budget.inUse === 0)
  })

  it('refuses what finds no room beside the others, and takes it when they are gone', async () => {
    const first = post('/hold', 600_000)
    await until(() => waiting.length === 1)
    expect(await post('/', 600_000)).toBe('SERVICE_BUSY')
    expect(await post('/', 300_000)).toBe('300000')
    waiting.pop()!()
    expect(await first).toBe('600000')
    await until(() => budget.inUse === 0)
    expect(await post('/', 600_000)).toBe('600000')
  })

  it('says that a body broke off, and counts it no longer', async () => {
    const outcomesBefore = outcomes.length
    const posting = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 600_000 } })
    posting.on('error', () => {})
    posting.write(Buffer.alloc(500_000))
    await until(() => budget.inUse === 500_000)
    posting.destroy()
    await until(() => budget.inUse === 0 && outcomes.length > outcomesBefore)
    expect(outcomes.at(-1)).toBe('REQUEST_MALFORMED')
  })

  it('takes nothing compressed', async () => {
    expect(await post('/', 100, { 'content-encoding': 'gzip' })).toBe('REQUEST_MEDIA_TYPE_UNSUPPORTED')
  })
})

describe('bodies of an app', () => {
  const MIB = 1 << 20
  const held: (() => void)[] = []
  const defineRoute = routeDefiner<'work'>()
  const takes = (path: string, permission: 'public' | 'work'): Route =>
    defineRoute({
      ...{ method: 'post', path, permission, summary: 'Takes a body', maxBodyBytes: 8 * MIB },
      body: z.object({ text: z.string() }),
      rawBody: { mediaTypes: ['application/pdf'], maxBytes: 8 * MIB },
      answers: { 200: { description: 'how long it was' } },
      handle: async ({ body, bytes, headers }) => {
        if ('x-hold' in headers) await new Promise<void>((resolve) => held.push(resolve))
        return { status: 200, json: body?.text.length ?? bytes!.length }
      },
    })
  const authority: Authority = {
    authenticate: async () => ({ id: 'clerk', kind: 'person', departmentCode: 'X', roles: [] }) as never,
    isPermitted: () => true,
  }
  const common = { ids: systemIds, log: testLog().log, baseUrl: 'http://x', isProduction: false }
  const routeSets = [{ routes: [takes('/strangers', 'public'), takes('/clerks', 'work')], problems: {} }]
  let app: Listening
  let withoutLogin: Listening
  beforeAll(async () => {
    const limits = { bodyBytesAtOnce: 6 * MIB }
    app = await listen(createApp({ routeSets, authority, ...common, ...limits }), { host: '127.0.0.1', port: 0 })
    withoutLogin = await listen(createApp({ routeSets, ...common, ...limits }), { host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    for (const release of held) release()
    await Promise.all([app.stop(), withoutLogin.stop()])
  })

  const send = async (path: string, bytes: number, { to = app, headers = {} as Record<string, string> } = {}) => {
    const answer = await fetch(to.url + path, {
      ...{ method: 'POST', headers: { 'content-type': 'application/pdf', ...headers }, body: Buffer.alloc(bytes) },
    })
    const json = (await answer.json()) as { code?: string } | number
    return typeof json === 'number' ? answer.status : [answer.status, json.code]
  }
  const busy = [503, 'SERVICE_BUSY']
  /** Sends a body whose answer waits until it is let go. */
  const hold = async (path: string, bytes: number, to = app) => {
    const before = held.length
    const answer = send(path, bytes, { to, headers: { 'x-hold': '1' } })
    await until(() => held.length > before)
    return async () => {
      held.splice(0).forEach((release) => {
        release()
      })
      await answer
    }
  }

  it('from callers without login have a share, and what they hold leaves the rest to those who work here', async () => {
    const release = await hold('/strangers', 2 * MIB)
    expect(await send('/strangers', 2 * MIB)).toEqual(busy)
    expect(await send('/clerks', 3 * MIB)).toBe(200)
    expect(await send('/clerks', 5 * MIB)).toEqual(busy)
    await release()
    expect(await send('/strangers', 3 * MIB)).toBe(200)
    expect(await send('/strangers', 4 * MIB)).toEqual(busy)
    expect(await send('/clerks', 5 * MIB)).toBe(200)
  })

  it('below 1 MiB find room whatever larger ones hold, of strangers and of clerks, unless their length is not told', async () => {
    const releases = [await hold('/strangers', 3 * MIB), await hold('/clerks', 3 * MIB)]
    for (const path of ['/strangers', '/clerks']) {
      expect(await send(path, MIB - 1)).toBe(200)
      expect(await send(path, MIB)).toEqual(busy)
      const text = JSON.stringify({ text: 'x'.repeat(9000) })
      const json = { 'content-type': 'application/json' }
      const announced = await fetch(app.url + path, { method: 'POST', headers: json, body: text })
      expect([announced.status, await announced.json()]).toEqual([200, 9000])
      const untold = new Blob([text]).stream()
      const chunked = await fetch(app.url + path, {
        method: 'POST',
        headers: json,
        body: untold,
        duplex: 'half',
      } as never)
      expect(chunked.status).toBe(503)
    }
    for (const release of releases) await release()
  })

  it('below 1 MiB have a limit together where strangers send them, which clerks do not feel', async () => {
    const small = Math.floor(0.7 * MIB)
    const releases = [await hold('/strangers', small), await hold('/strangers', small)]
    expect(await send('/strangers', small)).toEqual(busy)
    expect(await send('/strangers', 1000)).toBe(200)
    expect(await send('/clerks', small)).toBe(200)
    for (const release of releases) await release()
    expect(await send('/strangers', small)).toBe(200)
  })

  it('of JSON count like documents from 1 MiB on; compressed ones have the limit of their address alone', async () => {
    const text = JSON.stringify({ text: 'x'.repeat(4 * MIB) })
    const post = (body: string | Uint8Array, headers: Record<string, string>) =>
      fetch(`${app.url}/strangers`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
        body: body as never,
      })
    expect((await post(text, {})).status).toBe(503)
    expect((await post(gzipSync(text), { 'content-encoding': 'gzip' })).status).toBe(200)
  })

  it('have the whole budget where nobody logs in', async () => {
    const release = await hold('/strangers', 3 * MIB, withoutLogin)
    expect(await send('/strangers', 2 * MIB, { to: withoutLogin })).toBe(200)
    expect(await send('/strangers', 4 * MIB, { to: withoutLogin })).toEqual(busy)
    await release()
  })
})
