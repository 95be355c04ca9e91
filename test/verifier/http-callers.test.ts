import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeInThisThread } from '../../verifier/http/index.ts'
import type { LiveStatus } from '../../verifier/index.ts'
import { keyHolders, serveVerifier, type VerifierServer, worldSource } from './http-server.ts'
import { IDENTIFIER, licence, sealedLicence, statementText } from './world.ts'

const bytes = await sealedLicence()
const statement = statementText()
const sealedDigest = 'ab'.repeat(32)
const live: LiveStatus = { identifier: IDENTIFIER, status: 'in force', asOf: '2026-11-21T08:00:00.000Z', sealedDigest }
const unknown = (identifier: string): LiveStatus => ({ identifier, status: 'unknown', asOf: live.asOf })
const other = IDENTIFIER.replace('0123456789ABCDEFGHIJ', '0123456789ABCDEFGHIK')

describe('a digest', () => {
  let answer: LiveStatus | null | Error
  let server: VerifierServer
  const lookUp = async () => {
    if (answer instanceof Error) throw answer
    return answer
  }
  beforeAll(async () => {
    const source = { ...worldSource, licenceStatus: lookUp }
    server = await serveVerifier({ source, byDigest: lookUp, limits: { gatherTimeoutMs: 200 } })
  })
  afterAll(() => server.stop())
  const ask = async (question: object) => {
    const response = await server.post(question)
    return [response.status, await response.json()]
  }

  it('of a document in force is known, with or without its identifier', async () => {
    answer = live
    const known = { sealedDigest, identifier: IDENTIFIER, verdict: 'accepted', status: 'in force', asOf: live.asOf }
    expect(await ask({ sealedDigest })).toMatchObject([200, known])
    expect(await ask({ sealedDigest: sealedDigest.toUpperCase(), identifier: IDENTIFIER })).toMatchObject([200, known])
  })

  it('of a licence that has ended says how, and what took its place', async () => {
    answer = { ...live, status: 'superseded', replacedBy: other }
    const [, told] = await ask({ sealedDigest })
    expect(told).toMatchObject({ verdict: 'refused', status: 'superseded', replacedBy: other })
    expect(told.sentence.zh).toContain('已换发新证')
  })

  it('that nobody knows, and one that belongs to another licence, get one answer', async () => {
    answer = unknown(IDENTIFIER)
    const nowhere = await ask({ sealedDigest: 'cd'.repeat(32), identifier: IDENTIFIER })
    answer = { ...live, sealedDigest: 'ef'.repeat(32), replacedBy: other }
    expect(await ask({ sealedDigest: 'cd'.repeat(32), identifier: IDENTIFIER })).toEqual(nowhere)
    expect(nowhere).toMatchObject([
      200,
      { identifier: null, verdict: 'undecided', status: 'unknown', replacedBy: null },
    ])
  })

  it('is no verdict while the register does not answer', async () => {
    for (const outage of [null, new Error('down'), { ...live, status: 'fine' as never }]) {
      answer = outage
      const response = await server.post({ sealedDigest })
      expect([response.status, (await response.json()).code]).toEqual([503, 'VERIFICATION_REGISTER_UNAVAILABLE'])
      expect(response.headers.get('retry-after')).toBe('5')
    }
  })

  it('cannot be had as a report of another format', async () => {
    const refused = await server.post({ sealedDigest }, {}, '?format=html')
    expect([refused.status, (await refused.json()).code]).toEqual([406, 'VERIFICATION_FORMAT_UNAVAILABLE'])
  })

  it.each([
    ['of another length', { sealedDigest: 'ab' }, '/sealedDigest'],
    ['beside a statement', { sealedDigest, statement: 'x' }, ''],
    ['with something that is no identifier', { sealedDigest, identifier: 'MA2A' }, '/identifier'],
    ['left out', { identifier: IDENTIFIER }, '/identifier'],
  ])('%s is refused, and where is told', async (_, question, pointer) => {
    const [status, problem] = await ask(question)
    expect([status, problem.code]).toEqual([422, 'REQUEST_INVALID'])
    expect(problem.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer)
  })
})

describe('whoever guesses', () => {
  it('may be wrong a few times, then has to wait, and documents are judged without the word of the register', async () => {
    let asked = 0
    const source = {
      ...worldSource,
      licenceStatus: async (identifier: string) => {
        asked++
        return unknown(identifier)
      },
    }
    const server = await serveVerifier({ source, limits: { burst: 1000 } })
    const guess = () => server.post({ sealedDigest, identifier: IDENTIFIER })
    const statuses = []
    for (let i = 0; i < 33; i++) statuses.push((await guess()).status)
    expect(statuses).toEqual([...Array(31).fill(200), 429, 429])
    asked = 0
    const report = await (await server.post(bytes)).json()
    expect([asked, report.findings.some(({ code }: { code: string }) => code === 'REGISTER_UNKNOWN')]).toEqual([
      0,
      false,
    ])
    server.clock.advance(120_000)
    expect((await guess()).status).toBe(200)
    await server.stop()
  })

  it('with made-up statements and documents is counted alike', async () => {
    const source = { ...worldSource, licenceStatus: async (identifier: string) => unknown(identifier) }
    const server = await serveVerifier({ source, limits: { burst: 1000 } })
    const forged = await sealedLicence({ data: licence(), sealedBy: 'stranger' })
    for (let i = 0; i < 31; i++) await server.post(i % 2 ? forged : { statement })
    expect((await server.post({ sealedDigest, identifier: IDENTIFIER })).status).toBe(429)
    await server.stop()
  })
})

describe('callers', () => {
  it('are told their limits in every answer, refusals too', async () => {
    const server = await serveVerifier({ limits: { burst: 2, perSecond: 0.5, perDay: 100 } })
    const first = await server.post({ statement: 'x' })
    expect(first.headers.get('ratelimit-policy')).toBe('"burst";q=2;w=4, "day";q=100;w=86400')
    expect(first.headers.get('ratelimit')).toMatch(/^"burst";r=1;t=2, "day";r=99;t=\d+$/)
    await server.post({ nothing: 'x' })
    const refused = await server.post({ statement: 'x' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2'])
    expect(refused.headers.get('ratelimit')).toMatch(/^"burst";r=0;t=4, "day";r=99;/)
    await server.stop()
  })

  it('have a quota of the day, which a batch takes whole or not at all, and which midnight in Shanghai renews', async () => {
    const server = await serveVerifier({ limits: { perDay: 10 } })
    server.clock.set('2026-11-21T15:00:00Z')
    const items = Array.from({ length: 8 }, () => ({ statement: 'x' }))
    expect((await server.post({ items })).status).toBe(202)
    const tooMany = await server.post({ items })
    expect([tooMany.status, tooMany.headers.get('retry-after')]).toEqual([429, '3600'])
    expect(await tooMany.json()).toMatchObject({ code: 'VERIFICATION_QUOTA_SPENT', retryAfter: 3600 })
    expect([(await server.post({ statement: 'x' })).status, (await server.post({ statement: 'x' })).status]).toEqual([
      200, 200,
    ])
    expect((await server.post({ statement: 'x' })).status).toBe(429)
    server.clock.advance(3_600_000)
    expect((await server.post({ statement: 'x' })).status).toBe(200)
    await server.stop()
  })

  it('with an API key have the limits of their department, apart from those of their address', async () => {
    const limits = { burst: 1, perSecond: 0.001, department: { burst: 3, perSecond: 0.001 } }
    const server = await serveVerifier({ authority: keyHolders, limits })
    const as = async (key?: string) =>
      (await server.post({ statement: 'x' }, key ? { authorization: `Bearer ${key}` } : {})).status
    expect([await as(), await as()]).toEqual([200, 429])
    expect([await as('department-a'), await as('department-a'), await as('department-a')]).toEqual([200, 200, 200])
    expect([await as('department-a'), await as('department-b'), await as('nonsense')]).toEqual([429, 200, 401])
    await server.stop()
  })
})

describe('keys that are none', () => {
  it('count against the address, which is then refused before a key is looked up', async () => {
    let lookedUp = 0
    const authority = {
      ...keyHolders,
      authenticate: (request: Parameters<typeof keyHolders.authenticate>[0]) => {
        lookedUp++
        return keyHolders.authenticate(request)
      },
    }
    const server = await serveVerifier({ authority, limits: { burst: 5, perSecond: 0.001 } })
    const statuses = []
    for (let i = 0; i < 10; i++)
      statuses.push((await server.post({ statement: 'x' }, { authorization: `Bearer guess-${i}` })).status)
    expect(statuses).toEqual([...Array(6).fill(401), ...Array(4).fill(429)])
    expect(lookedUp).toBe(6)
    await server.stop()
  })
})

describe('uploads', () => {
  it('of hundreds at once are all answered, or told to come back', async () => {
    const judge = {
      ...judgeInThisThread,
      findSubject: (document: Uint8Array) => delay(50).then(() => judgeInThisThread.findSubject(document)),
    }
    const server = await serveVerifier({ judge, limits: { burst: 1000, concurrent: 4, waiting: 20 } })
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await server.post(bytes)).status))
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(24)
    await server.stop()
  })

  it('of two gibibytes are refused by their announcement, and endless ones when they are too long', async () => {
    const server = await serveVerifier()
    const socket = connect(server.port, '127.0.0.1')
    let text = ''
    socket.on('data', (piece) => {
      text += piece
    })
    socket.on('error', () => {})
    const head = [
      'POST /api/verifications HTTP/1.1',
      'Host: x',
      'Content-Type: application/pdf',
      `Content-Length: ${2 ** 31}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n%PDF-1.7`)
    await expect.poll(() => text).toContain('REQUEST_BODY_TOO_LARGE')
    socket.destroy()
    const piece = new Uint8Array(1 << 20)
    let pieces = 0
    const endless = new ReadableStream({
      pull(controller) {
        pieces++
        controller.enqueue(piece)
      },
    })
    const answer = await server.post(endless, { 'content-type': 'application/pdf' }).catch(() => undefined)
    if (answer) expect(answer.status).toBe(413)
    expect(pieces).toBeLessThan(200)
    await server.stop()
  })

  it('whose sender goes away harm nobody', async () => {
    const server = await serveVerifier({ limits: { burst: 1000, concurrent: 1 } })
    const leaving = Array.from({ length: 20 }, () => {
      const gone = new AbortController()
      const sent = fetch(`${server.url}/api/verifications`, {
        method: 'POST',
        headers: { 'content-type': 'application/pdf' },
        body: bytes as BodyInit,
        signal: gone.signal,
      }).catch(() => undefined)
      setTimeout(() => gone.abort(), 5)
      return sent
    })
    await Promise.all(leaving)
    expect((await (await server.post(bytes)).json()).verdict).toBe('accepted')
    expect(server.logText()).not.toContain('request failed')
    await server.stop()
  })
})
