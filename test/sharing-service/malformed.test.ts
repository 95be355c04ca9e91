// Whatever is sent to whichever address of the sharing service is answered or refused by a code that its description names.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { platformProblems, type Route } from '../../platform/http/index.ts'
import { engines } from '../support/engines.ts'
import { departments, madeUpType, openWorld, type World } from './world.ts'

const [issuer, , consumer] = departments
const roleOf: Readonly<Record<string, string>> = {
  'licences:fetch': 'licence-user',
  'sharing:administer': 'licence-reviewer',
  'subscriptions:administer': 'licence-reviewer',
  'accesses:read': 'auditor',
  public: 'licence-user',
}

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, [], {}, 0, 'x', '\0', '\ud800', '__proto__', '9'.repeat(500)),
  fc.jsonValue({ maxDepth: 4 }),
)
const names = [
  ...['matterCode', 'purpose', 'legalBasis', 'identifier', 'fields', 'typeCode', 'holderCode', 'formCode', 'content'],
  ...['data', 'text', 'expiresAt', 'address', 'topics', 'fromPosition', 'consumerCode', 'validFrom', 'name', 'head'],
]
const type = madeUpType(1, 'unconditional', ['name'], ['name'])
const likely: fc.Arbitrary<unknown> = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(
    {
      arbitrary: fc.constantFrom<unknown>('M1', '办事', type.typeCode, ['name'], '2026-12-01T00:00:00Z', '1'),
      weight: 4,
    },
    junk,
  ),
)
const head = { accessId: `clerk ${consumer}_licence-user`, accessToken: `${consumer}_licence-user` }
const facadeNames = [
  ...[
    'certIdentifier',
    'zzbs',
    'holderCode',
    'holderTypeCode',
    'certTypeCode',
    'useCause',
    'itemCode',
    'meladataRange',
  ],
  ...['expiryTime', 'fileType', 'contentType', 'content', 'certData', 'qrcode'],
]
const envelopes: fc.Arbitrary<unknown> = fc.record({
  head: fc.constant(head),
  data: fc.oneof(
    junk,
    fc.dictionary(
      fc.constantFrom(...facadeNames),
      fc.oneof(fc.constantFrom<unknown>('M1', '办事', type.typeCode, 'base64', '{}'), junk),
    ),
  ),
})

describe.each(engines.slice(0, 1))('whatever is sent, on $name', ({ open }) => {
  let world: World
  let routes: readonly Route[]
  beforeAll(async () => {
    world = await openWorld(await open())
    world.held.types.push(type)
    world.held.issuers = [issuer]
    routes = world.sharing.routes.routes
    const admin = { department: consumer, role: 'licence-reviewer' }
    await world.call('/api/sharing/matters', admin, { body: { matterCode: 'M1', name: '事项' } })
  })
  afterAll(() => world?.close())

  it('to the routes of the house', async () => {
    for (const route of routes.filter(({ path }) => path.startsWith('/api/'))) {
      const known = new Set<string>([...Object.keys(platformProblems), ...(route.problems ?? [])])
      const body = fc.oneof(junk, likely)
      const part = fc.oneof(fc.constantFrom('x', '%00', '..', '0', 'A'.repeat(300)), fc.uuid())
      await fc.assert(
        fc.asyncProperty(body, part, async (said, place) => {
          const path = route.path.replaceAll(/\{\w+\}/g, encodeURIComponent(place))
          const takesBody = route.body !== undefined && route.method !== 'get'
          const { status, json } = await world.call(
            path,
            { department: consumer, role: roleOf[route.permission]! },
            { method: route.method.toUpperCase(), once: crypto.randomUUID(), ...(takesBody && { body: said }) },
          )
          expect([route.path, status < 500]).toEqual([route.path, true])
          if (status >= 400)
            expect([route.path, json.code, known.has(json.code)]).toEqual([route.path, json.code, true])
        }),
        { numRuns: process.env['TEST_LONG'] ? 200 : 12 },
      )
    }
  }, 120_000)

  it('to the interface of GB/T 36906, which says it in its head', async () => {
    const statuses = [0, 10, 11, 99, 100, 103]
    for (const { path } of routes.filter((route) => route.path.startsWith('/zzgxpt/') && route.method === 'post'))
      await fc.assert(
        fc.asyncProperty(envelopes, async (envelope) => {
          world.clock.advance(10_000)
          const { status, json } = await world.call(
            path,
            { department: consumer, role: 'licence-user' },
            { body: envelope },
          )
          expect([path, status]).toEqual([path, 200])
          expect(statuses).toContain(json.head.status)
        }),
        { numRuns: process.env['TEST_LONG'] ? 200 : 12 },
      )
  }, 120_000)

  it('as files to that interface, before anybody is known: a few at once from one address', async () => {
    world.clock.advance(3_600_000)
    const as = { department: consumer, role: 'licence-user' }
    const send = (path: string) => world.call(`/zzgxpt/${path}`, as, { body: { head, data: {} } })
    for (let file = 0; file < 20; file++) expect((await send('verifyFile')).status).toBe(200)
    expect((await send('verifyFile')).json.code).toBe('RATE_LIMITED')
    expect((await send('verifyCertInfo')).status).toBe(200)
    world.clock.advance(500)
    expect((await send('verifyFile')).status).toBe(200)
  })

  it('in a large body to that interface is not parsed before it is known who calls', async () => {
    world.clock.advance(3_600_000)
    const as = { department: consumer, role: 'licence-user' }
    const send = async (bytes: string) =>
      (await world.call('/zzgxpt/verifyFile', as, { bytes })).json.head as { status: number; message: string }
    const no = `{"head":${JSON.stringify({ ...head, accessId: 'somebody else' })}`
    const known = `"head":${JSON.stringify(head)}`
    const filler = 'x'.repeat(100_000)
    const bomb = `{"${filler}":[${Array(19_000).fill('9e999').join(',')}]`
    for (const rest of [`,"data":"${filler}`, `,"data":${bomb}}}`, `,"${filler}":1}`])
      expect((await send(no + rest)).status).toBe(11)
    expect((await send(`{"data":"${filler}"}`)).status).toBe(11)
    const noJson = { status: 99, message: '报文不是 JSON' }
    expect(await send(`{${known},"data":"${filler}`)).toEqual(noJson)
    expect(await send(`{${known},"data":${bomb}}}`)).toEqual(noJson)
    expect(await send(`{${known},"data":"${filler}",${known}}`)).toEqual(noJson)
    expect((await send(`{"data":{"content":"${filler}"},${known}}`)).message).toBe('参数错误：itemCode')
  })

  it('leaves no failure of ours in the log but documents that nobody judges here', () => {
    const errors = world.logLines.filter((line) => /"level":"error"/.test(line))
    expect(errors.filter((line) => !/is judged here/.test(line))).toEqual([])
  })
})
