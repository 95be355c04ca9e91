import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createApp, type Listening, listen, publicRoute } from '../../../platform/http/index.ts'
import { systemIds } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'

const answers = { 200: { description: 'how long it was' } }
const route = publicRoute({
  method: 'post',
  path: '/bytes',
  permission: 'public',
  summary: 'Takes bytes',
  body: z.object({ text: z.string() }),
  rawBody: { mediaTypes: ['application/pdf', 'text/csv'], maxBytes: 1_000_000, maxBytesOf: { 'text/csv': 10 } },
  admit: ({ tell, headers }) => {
    tell({ 'X-Admitted': 'yes' })
    return headers['x-name'] ?? 'nobody'
  },
  answers,
  handle: ({ bytes, admitted }) => ({ status: 200, json: `${bytes?.length} of ${admitted}` }),
})

let server: Listening
beforeAll(async () => {
  const { log } = testLog()
  const app = createApp({
    routeSets: [{ routes: [route], problems: {} }],
    ids: systemIds,
    log,
    baseUrl: 'http://x',
    isProduction: false,
    bodyPace: { windowMs: 500, bytesPerSecond: 2000 },
  })
  server = await listen(app, { host: '127.0.0.1', port: 0 })
})
afterAll(() => server.stop())

/** A connection on which one writes what one likes; `text` is what came back, `closed` when the server hung up. */
function open(head: readonly string[]) {
  const socket = connect(server.port, '127.0.0.1')
  const seen = { text: '' }
  socket.on('data', (piece) => {
    seen.text += piece
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(`${['POST /bytes HTTP/1.1', 'Host: x', ...head].join('\r\n')}\r\n\r\n`)
  return { socket, seen, closed }
}

describe('a body', () => {
  it('that comes byte by byte is refused with a problem, and its connection closed', async () => {
    const { socket, seen, closed } = open(['Content-Type: application/pdf', 'Content-Length: 100000'])
    const drip = setInterval(() => socket.write('x'), 20)
    await closed
    clearInterval(drip)
    expect(seen.text).toMatch(/^HTTP\/1\.1 408 /)
    expect(seen.text).toContain('"code":"REQUEST_TOO_SLOW"')
  })

  it('of JSON keeps the same pace', async () => {
    const { socket, seen, closed } = open(['Content-Type: application/json', 'Content-Length: 1000'])
    socket.write('{')
    await closed
    expect(seen.text).toContain('"code":"REQUEST_TOO_SLOW"')
  })

  it('that came fast and then no more is refused soon, however much of it there is', async () => {
    const { socket, seen, closed } = open(['Content-Type: application/pdf', 'Content-Length: 1000000'])
    const startedAt = Date.now()
    socket.write(Buffer.alloc(900_000))
    await closed
    expect(seen.text).toContain('"code":"REQUEST_TOO_SLOW"')
    // On average since the beginning it would have been fast enough for 450 seconds.
    expect(Date.now() - startedAt).toBeLessThan(10_000)
  })

  it('that comes in pieces, but fast enough, is read', async () => {
    const { socket, seen } = open(['Content-Type: application/pdf', 'Content-Length: 10000', 'Connection: close'])
    for (let i = 0; i < 25; i++) {
      socket.write('x'.repeat(400))
      await delay(40)
    }
    await expect.poll(() => seen.text).toContain('10000 of nobody')
  })

  it('announced as too large is refused before it is sent, and the connection closed on who sends all the same', async () => {
    const { socket, seen, closed } = open(['Content-Type: application/pdf', `Content-Length: ${2 ** 31}`])
    await expect.poll(() => seen.text).toContain('"code":"REQUEST_BODY_TOO_LARGE"')
    const flood = setInterval(() => socket.write(Buffer.alloc(100_000)), 5)
    await closed
    clearInterval(flood)
    expect(seen.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('has the limit of its media type', async () => {
    const post = (type: string) =>
      fetch(`${server.url}/bytes`, { method: 'POST', headers: { 'content-type': type }, body: 'x'.repeat(11) })
    expect([(await post('text/csv')).status, (await post('application/pdf')).status]).toEqual([413, 200])
  })

  it('is asked for only where it will be read (Expect: 100-continue)', async () => {
    const expecting = ['Content-Type: application/pdf', 'Expect: 100-continue']
    const large = open([...expecting, 'Content-Length: 2000000'])
    await expect.poll(() => large.seen.text).toContain('REQUEST_BODY_TOO_LARGE')
    expect(large.seen.text).not.toContain('100 Continue')
    large.socket.destroy()
    const small = open([...expecting, 'Content-Length: 3'])
    await expect.poll(() => small.seen.text).toContain('100 Continue')
    small.socket.write('abc')
    await expect.poll(() => small.seen.text).toContain('3 of nobody')
    small.socket.destroy()
  })
})

describe('a route that admits its callers', () => {
  it('hands on what it found out, and its headers go with every answer', async () => {
    const headers = { 'x-name': 'somebody', 'content-type': 'application/pdf' }
    const good = await fetch(`${server.url}/bytes`, { method: 'POST', headers, body: 'x' })
    expect([await good.json(), good.headers.get('x-admitted')]).toEqual(['1 of somebody', 'yes'])
    const bad = await fetch(`${server.url}/bytes`, {
      method: 'POST',
      headers: { 'content-type': 'text/html' },
      body: 'x',
    })
    expect([bad.status, bad.headers.get('x-admitted')]).toEqual([415, 'yes'])
  })
})
