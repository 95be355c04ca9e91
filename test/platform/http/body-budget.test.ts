import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Request, Response } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BodyBudget, readWithinBudget } from '../../../platform/http/body-budget.ts'
import { createApp, type Listening, listen, publicRoute } from '../../../platform/http/index.ts'
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

describe('JSON that may hold documents', () => {
  const jsonOf = (path: string, maxBodyBytes: number) =>
    publicRoute({
      ...{ method: 'post', path, permission: 'public', summary: 'Takes a text', maxBodyBytes },
      body: z.object({ text: z.string() }),
      answers: { 200: { description: 'how long it was' } },
      handle: ({ body }) => ({ status: 200, json: body.text.length }),
    })
  let app: Listening
  beforeAll(async () => {
    const handler = createApp({
      routeSets: [{ routes: [jsonOf('/large', 2 << 20), jsonOf('/small', 1 << 20)], problems: {} }],
      ...{ ids: systemIds, log: testLog().log, baseUrl: 'http://x', isProduction: false, bodyBytesAtOnce: 300_000 },
    })
    app = await listen(handler, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => app.stop())

  it.each([
    ['/large', 200_000, {}, 200],
    ['/large', 400_000, {}, 503],
    ['/large', 400_000, { 'content-encoding': 'gzip' }, 200],
    ['/small', 400_000, {}, 200],
  ])('counts like them: %s with %i octets, %j', async (path, length, headers, status) => {
    const text = JSON.stringify({ text: 'x'.repeat(length) })
    const body = 'content-encoding' in headers ? gzipSync(text) : text
    const all = { 'content-type': 'application/json', ...headers }
    const answer = await fetch(app.url + path, { method: 'POST', headers: all, body })
    expect(answer.status).toBe(status)
    if (status === 503) expect(await answer.json()).toMatchObject({ code: 'SERVICE_BUSY' })
  })
})
