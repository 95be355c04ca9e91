// What the real HTTP door does with bad keys, addresses and documents to verify.
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingRecorded,
  expectProblem,
  expectQuietLog,
  holderData,
  mint,
  newKey,
} from '../support/desk-checks.ts'
import {
  businessLicence,
  exampleOf,
  type Reply,
  type RunningHouse,
  type Send,
  startHouse,
} from '../support/running-house.ts'

let running: RunningHouse
beforeAll(async () => {
  running = await startHouse()
})
afterAll(() => running?.close())

const call = (path: string, options?: Send) => running.call(path, options)
const withWrongCheck = (text: string) => text.slice(0, -1) + (text.endsWith('1') ? '2' : '1')

describe('Idempotency-Key', () => {
  const body = () => ({ typeCode: businessLicence, data: exampleOf(businessLicence) })
  const post = (once: string | undefined, changes: Send = {}) =>
    call('/api/licences', {
      key: running.issuers.market,
      body: body(),
      ...(once !== undefined && { once }),
      ...changes,
    })

  it('is required and of one form', async () => {
    await expectNothingRecorded(running, async () => {
      expectProblem(await post(undefined), 400, 'IDEMPOTENCY_KEY_MISSING')
      for (const once of ['a b', 'x'.repeat(129), '"unclosed', 'k\u00e9y', 'a"b'])
        expectProblem(await post(once), 400, 'IDEMPOTENCY_KEY_INVALID')
    })
  })

  it('used again with the same body gives the same answer, with another one none', async () => {
    const once = newKey()
    const first = await post(once)
    expect(first.status).toBe(201)
    await expectNothingRecorded(running, async () => {
      const again = await post(once)
      expect({ status: again.status, json: again.json }).toEqual({ status: 201, json: first.json })
      expect((await post(`"${once}"`)).json).toEqual(first.json)
      const other = { ...body(), data: { ...body().data, name: '云汀市另一家有限公司' } }
      expectProblem(await post(once, { body: other }), 422, 'IDEMPOTENCY_KEY_REUSED')
    })
  })

  it('is free again after a refusal, so that a clerk may mend the form', async () => {
    const once = newKey()
    const bad = { ...body(), data: { ...body().data, name: '' } }
    expectProblem(await post(once, { body: bad }), 422, 'LICENCE_DATA_INVALID')
    expect((await post(once)).status).toBe(201)
  })

  it('of one department is not that of another', async () => {
    const once = newKey()
    const ours = await post(once)
    const theirs = await mint(running, holderData(), { once })
    expect([ours.status, theirs.status]).toEqual([201, 201])
    expect(theirs.json.identifier).not.toBe(ours.json.identifier)
  })
})

describe('an address', () => {
  it.each([
    ['/api/licences/%00', 422],
    ['/api/licences/%00/status', 422],
    ['/api/licences/..%2f..%2fetc%2fpasswd', 422],
    ['/api/licences/..%2f..%2fetc%2fpasswd/status', 422],
    [`/api/licences/${'A'.repeat(5000)}/status`, 422],
    ['/api/licences/%E0%A4%A/status', 400],
    ['/api/licences/%ud800/status', 400],
    ["/api/licences/1'%20or%20'1'='1/status", 422],
    ['/api/licences/__proto__/document', 422],
    ['/status-lists/..%2f0', 422],
    ['/status-lists/0%00', 422],
    ['/status-lists/-1', 422],
    ['/status-lists/1e3', 422],
    ['/status-lists/999999999', 404],
    ['/status-lists/9999999999999999999', 422],
    ['/api/catalogue/constructor', 422],
    [`/api/holder-links/${'A'.repeat(43)}`, 404],
    [`/api/holder-links/${'A'.repeat(65)}`, 422],
    ['/api/holder-links/%00', 422],
    ['/pki/ca/..%2f..%2fkeys%2fpki', 404],
    ['/pki/crl/__proto__.crl', 404],
    ['/pki/crl/constructor.crl', 404],
    ['/assets/..%2f..%2f..%2fpackage.json', 404],
    ['/assets/%2e%2e/%2e%2e/package.json', 404],
    ['/assets/%00', 404],
    ['/..%2f..%2fpackage.json', 404],
    ['/problems/__proto__', 404],
    ['/api/licences?limit=0', 422],
    ['/api/licences?limit=201', 422],
    ['/api/licences?limit=1&limit=2', 422],
    ['/api/licences?cursor=AAAA', 422],
    [`/api/licences?cursor=${Buffer.from('99999999999999999999').toString('base64url')}`, 422],
    ['/api/licences?status=gone', 422],
    ['/api/licences?unknown=1', 422],
    ['/api/licences?__proto__=1', 422],
    ['/api/licences?number=%00', 422],
    ['/api/seals/%00/picture.svg', 422],
    ['/api/seals/1/picture.svg', 404],
    ['/api/nothing', 404],
  ] as [string, number][])('%.60s is answered with a problem, %i', async (path, status) => {
    const reply = await rawGet(path)
    expect({ status: reply.status, type: reply.type }).toEqual({
      status,
      type: 'application/problem+json; charset=utf-8',
    })
    expect(JSON.parse(reply.text).code).toMatch(/^[A-Z_]+$/)
    expect(reply.text).not.toMatch(/\n\s+at |node_modules|\.ts:\d/)
  })

  it('of an instant that does not exist or is to come is refused', async () => {
    const issued = await mint(running, holderData())
    const path = `/api/licences/${issued.json.identifier}/status`
    for (const asOf of ['yesterday', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01', ''])
      expectProblem(await call(`${path}?asOf=${asOf}`), 422, 'REQUEST_INVALID')
    expectProblem(await call(`${path}?asOf=2999-01-01T00:00:00Z`), 422, 'LICENCE_AS_OF_IN_FUTURE')
    expect((await call(`${path}?asOf=0000-01-01T00:00:00Z`)).json.status).toBe('unknown')
    const wrong = withWrongCheck(issued.json.identifier)
    expectProblem(await call(`/api/licences/${wrong}/status`), 422, 'IDENTIFIER_CHECK_CHARACTER_WRONG')
  })

  it('of a known thing with another method says which it takes', async () => {
    const reply = await call('/api/licences', { method: 'DELETE', key: running.issuers.civil })
    expectProblem(reply, 405, 'METHOD_NOT_ALLOWED')
    expect(reply.headers.get('allow')).toContain('POST')
  })
})

/** Without the tidying of addresses that fetch does. */
function rawGet(path: string): Promise<{ status: number | undefined; type: string | undefined; text: string }> {
  const { hostname, port } = new URL(running.url)
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${running.issuers.civil}` }
    request({ hostname, port, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }))
    })
      .on('error', reject)
      .end()
  })
}

describe('a verification', () => {
  const verify = (bytes: Uint8Array | string, type = 'application/pdf') =>
    call('/api/verifications', { bytes, headers: { 'content-type': type } })

  it.each<[string, Uint8Array | string]>([
    ['of text', 'hello'],
    ['of a PDF that is a head only', '%PDF-1.7\n'],
    ['of a megabyte of noise', Buffer.alloc(1 << 20, 0xa5)],
    ['of opening brackets', `%PDF-1.7\n1 0 obj\n${'['.repeat(200_000)}`],
    ['of a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])],
  ])('%s is a verdict, never accepted', async (_what, bytes) => {
    const reply = await verify(bytes)
    expect(reply.status).toBe(200)
    expect(reply.json.verdict).toBe('refused')
    expect(reply.json.indication).not.toBe('TOTAL-PASSED')
  })

  it('of nothing, of another media type, of 70 MB, of JSON rubbish is a problem', async () => {
    expectProblem(await verify(''), 422, 'REQUEST_INVALID')
    expectProblem(await verify('<pdf/>', 'text/html'), 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED')
    expectProblem(await verify('{', 'application/json'), 400, 'REQUEST_BODY_NOT_JSON')
    expectProblem(await verify('{}', 'application/json'), 422, 'REQUEST_INVALID')
    expectProblem(await verify('{"statement":"x","more":1}', 'application/json'), 422, 'REQUEST_INVALID')
    expectProblem(
      await verify(JSON.stringify({ statement: 'x'.repeat(4097) }), 'application/json'),
      422,
      'REQUEST_INVALID',
    )
    const bomb = { 'content-type': 'application/pdf', 'content-encoding': 'gzip' }
    const compressed = await call('/api/verifications', { bytes: '%PDF', headers: bomb })
    expectProblem(compressed, 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED')
    const reply = await verify(Buffer.alloc(70 << 20, 'x')).catch((error: unknown) => error)
    if (!(reply instanceof Error)) expectProblem(reply as Reply, 413, 'REQUEST_BODY_TOO_LARGE')
  })

  it('of a text that is no statement is a verdict', async () => {
    for (const statement of ['x', 'HTTPS://EXAMPLE.TEST/Q/', `HTTPS://EXAMPLE.TEST/Q/${'A'.repeat(4000)}`, '\u202e']) {
      const reply = await verify(JSON.stringify({ statement }), 'application/json')
      expect({ status: reply.status, verdict: reply.json.verdict }).toEqual({ status: 200, verdict: 'refused' })
    }
  })
})

it('leaves no personal data, no key and no failure of ours in the log', () => expectQuietLog(running))
