// Every route of /openapi.json, asked by everyone: allowed or refused as its x-permission says, and never a failure of ours for
// whatever is sent. TEST_LONG=1 sends more.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles, PERMISSIONS, type Role } from '../../directory/index.ts'
import {
  businessLicence,
  exampleOf,
  type Reply,
  type RunningHouse,
  type Send,
  startHouse,
} from '../support/running-house.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly format?: string
}
interface Operation {
  readonly method: string
  readonly path: string
  readonly permission: string
  readonly isIdempotent: boolean
  readonly query: readonly { name: string; schema: Schema }[]
  readonly body: Schema | undefined
  readonly problems: readonly string[]
}

let running: RunningHouse
let operations: Operation[]
let identifier: string
let sealId: string
let token: string

beforeAll(async () => {
  running = await startHouse()
  operations = operationsOf((await running.call('/openapi.json')).json)
  const issued = await running.call('/api/licences', {
    key: running.issuers.market,
    once: 'routes',
    body: { typeCode: businessLicence, data: exampleOf(businessLicence) },
  })
  identifier = issued.json.identifier
  sealId = (await running.call('/api/seals', { key: running.issuers.market })).json.items[0].id
  const link = { method: 'POST', key: running.issuers.market }
  token = (await running.call(`/api/licences/${identifier}/holder-links`, link)).json.url.split('/').at(-1)
})
afterAll(() => running?.close())

// biome-ignore lint/suspicious/noExplicitAny: a document read as it is served
function operationsOf(document: any): Operation[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const parameters: { in: string; name: string; schema: Schema }[] = operation.parameters ?? []
      return {
        method: method.toUpperCase(),
        path,
        permission: operation['x-permission'] ?? 'public',
        isIdempotent: parameters.some(({ name }) => name.toLowerCase() === 'idempotency-key'),
        query: parameters.filter((parameter) => parameter.in === 'query'),
        body: operation.requestBody?.content['application/json']?.schema,
        problems: operation['x-problems'] ?? [],
      }
    }),
  )
}

const names = ({ method, path }: Operation) => `${method} ${path}`
let keys = 0

/** Asks a route with parameters that lead somewhere and a body that is none, so that an allowed caller changes nothing. */
const ask = (operation: Operation, headers: Record<string, string> = {}, key?: string): Promise<Reply> => {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const known: Record<string, string> = { identifier, sealId, token, typeCode: businessLicence, id: '0' }
    return known[name] ?? 'root.cer'
  })
  const send: Send = { method: operation.method, headers, ...(key && { key }) }
  if (operation.method === 'GET' || !operation.body)
    return running.call(path, { ...send, ...(operation.isIdempotent && { once: `routes-${++keys}` }) })
  return running.call(path, { ...send, once: `routes-${++keys}`, body: [] })
}

describe('every route', () => {
  it('is described, with a permission that the directory knows', () => {
    expect(operations.length).toBeGreaterThan(20)
    const asked = new Set(operations.map(({ permission }) => permission))
    const known: readonly string[] = ['public', 'authenticated', ...PERMISSIONS]
    expect([...asked].filter((permission) => !known.includes(permission))).toEqual([])
  })

  it('that changes something is not public, but for logging in (people and machines), proving oneself a holder, verifying, asking a responder or a stamp, and calls that name their caller in the body', () => {
    const open = operations.filter(({ method, permission }) => method !== 'GET' && permission === 'public')
    expect(open.map(names).sort()).toEqual([
      'DELETE /api/verifications/{id}',
      'POST /api/holder-links/{token}/openings',
      'POST /api/holder-sessions',
      'POST /api/oauth/token',
      'POST /api/sessions',
      'POST /api/verifications',
      'POST /pki/ocsp',
      'POST /pki/tsa',
      // Their callers name themselves in the body (GB/T 36906).
      'POST /zzgxpt/downloadFile',
      'POST /zzgxpt/downloadUrl',
      'POST /zzgxpt/downloadUrlsByHolderCode',
      'POST /zzgxpt/getCertRemarkInfo',
      'POST /zzgxpt/queryCertInfo',
      'POST /zzgxpt/queryCertInfoByHolderCode',
      'POST /zzgxpt/queryCertInfoByQRcode',
      'POST /zzgxpt/token',
      'POST /zzgxpt/verifyCertInfo',
      'POST /zzgxpt/verifyFile',
    ])
  })

  it('asks strangers who they are, unless it is public', async () => {
    for (const operation of operations) {
      const { status, json } = await ask(operation)
      const code = operation.permission === 'public' ? expect.anything() : 'AUTHENTICATION_REQUIRED'
      if (operation.permission !== 'public')
        expect([names(operation), status, json?.code]).toEqual([names(operation), 401, code])
      else expect([names(operation), json?.code]).not.toEqual([names(operation), 'AUTHENTICATION_REQUIRED'])
    }
  })

  it('refuses keys and sessions that are none, in the same words for each', async () => {
    const bad: Record<string, string>[] = [
      { authorization: 'Bearer' },
      { authorization: 'Basic bWFya2V0Om1hcmtldA==' },
      { authorization: `Bearer ${running.issuers.market.slice(0, -1)}` },
      { authorization: `Bearer ${running.issuers.market.toUpperCase()}` },
      { authorization: `Bearer zhengyin_ZZZZZZZZZZ_${'A'.repeat(43)}` },
      { authorization: `Bearer ${"' or 1=1 --"}` },
      { cookie: `zhengyin_session=${'A'.repeat(43)}`, 'sec-fetch-site': 'same-origin' },
    ]
    for (const operation of operations.filter(({ permission }) => permission !== 'public'))
      for (const headers of bad) {
        const { status, json } = await ask(operation, headers)
        expect([names(operation), status]).toEqual([names(operation), 401])
        expect(json.code).toBe(headers['cookie'] ? 'SESSION_ENDED' : 'API_KEY_REFUSED')
      }
  })

  it.each<[string, Role]>([
    ['an issuer', 'issuer'],
    ['a viewer', 'viewer'],
  ])('lets %s in exactly where the permission is granted', async (_who, role) => {
    const key = role === 'issuer' ? running.issuers.market : running.viewers.market
    for (const operation of operations.filter(({ permission }) => permission !== 'public')) {
      if (names(operation) === 'DELETE /api/sessions/current') continue
      const { status, json } = await ask(operation, {}, key)
      const isGranted = operation.permission === 'authenticated' || mayRoles([role], operation.permission)
      expect([names(operation), json?.code === 'PERMISSION_DENIED']).toEqual([names(operation), !isGranted])
      expect(status).toBeLessThan(500)
      if (!isGranted) expect(status).toBe(403)
    }
  })

  it('shows another department nothing of ours', async () => {
    const stranger = running.issuers.housing
    const ours = operations.filter(
      ({ path, permission }) => permission !== 'public' && /\{(identifier|sealId)\}/.test(path),
    )
    expect(ours.length).toBeGreaterThan(6)
    for (const operation of ours) {
      const { status, json, text } = await ask(operation, {}, stranger)
      expect([names(operation), [403, 404, 415, 422].includes(status)]).toEqual([names(operation), true])
      expect(json.code).toMatch(
        /LICENCE_NOT_FOUND|SEAL_NOT_FOUND|SEAL_NOT_YOURS|SEAL_ROLE_MISSING|SEAL_UPLOAD_INVALID|REQUEST_INVALID|PERMISSION_DENIED/,
      )
      expect(text).not.toContain(String(exampleOf(businessLicence)['name']))
    }
    const listed = await running.call('/api/licences', { key: stranger })
    expect(listed.json.items).toEqual([])
    expect((await running.call('/api/seals', { key: stranger })).text).not.toContain(sealId)
  })
})

/** Values that fit a schema, nearly fit it, or do not. */
function valuesOf(schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const wild = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, '', ' ', '\u202e', '\ud800', '\0', '__proto__', [], {}),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'A'.repeat(10_000),
      '9'.repeat(400),
      "'; drop table licence.licences; --",
      '%00',
      '../../etc/passwd',
    ),
    fc.constantFrom('9999-12-31T23:59:59Z', '0000-01-01T00:00:00+23:59', '2026-02-30', identifier, businessLicence),
    ...(depth < 2 ? [fc.jsonValue({ maxDepth: 3 })] : []),
  )
  if (!schema || depth > 4) return wild
  const fitting = ((): fc.Arbitrary<unknown> => {
    if (schema.enum) return fc.constantFrom(...schema.enum)
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valuesOf(one, depth + 1)))
    switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
      case 'object': {
        const members = Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, inner]) => [
            name,
            likelyValues[name]?.() ?? valuesOf(inner, depth + 1),
          ]),
        )
        const whole = fc.record(members, { requiredKeys: [...(schema.required ?? [])] })
        return fc.oneof({ arbitrary: whole, weight: 5 }, fc.record(members, { requiredKeys: [] }))
      }
      case 'array':
        return fc.array(valuesOf(schema.items, depth + 1), { maxLength: 4 })
      case 'integer':
      case 'number':
        return fc.oneof(fc.integer(), fc.double())
      case 'boolean':
        return fc.boolean()
      default:
        return fc.string({ maxLength: 60 })
    }
  })()
  return fc.oneof({ arbitrary: fitting, weight: 4 }, { arbitrary: wild, weight: 1 })
}

/** Members that must be right, mostly, for the rest to be looked at. */
const mostly = (value: unknown) => fc.oneof({ arbitrary: fc.constant(value), weight: 6 }, valuesOf(undefined, 1))
const likelyValues: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  data: () => dataValues(),
  typeCode: () => mostly(businessLicence),
  level: () => mostly('B-B'),
  reason: () => mostly('依法办理'),
  effectiveAt: () => mostly(running.clock.now().toISOString()),
  lastSix: () => mostly('000000'),
}

/** A made-up holder's data with some fields broken. */
const dataValues = (): fc.Arbitrary<unknown> =>
  fc
    .dictionary(
      fc.constantFrom(...Object.keys(exampleOf(businessLicence)), 'termUntil', 'other'),
      valuesOf(undefined, 1),
      {
        minKeys: 0,
        maxKeys: 4,
      },
    )
    .map((broken) => ({ ...exampleOf(businessLicence), ...broken }))

const pathValues = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((text) => text.isWellFormed()),
  fc.constantFrom('%00', '..', '__proto__', '0', '-1', '1e9', '99999999999999999999', 'A'.repeat(43), 'A'.repeat(3000)),
)

describe('whatever is sent', () => {
  const RUNS = process.env['TEST_LONG'] ? 500 : 25

  it('to whichever route is answered, or refused with a code that its description names', async () => {
    // The clock is moved so that no throttle stands between the junk and the route.
    for (const operation of operations) {
      const described = new Set(operation.problems)
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary: pathValues, weight: 1 }),
          fc.dictionary(fc.constantFrom(...operation.query.map(({ name }) => name), 'other', '__proto__'), pathValues, {
            maxKeys: 2,
          }),
          valuesOf(operation.body),
          async (parameter, query, body) => {
            running.clock.advance(2000)
            const known: Record<string, string> = { identifier, sealId, token, typeCode: businessLicence, id: '0' }
            const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
              encodeURIComponent(parameter ?? known[name] ?? 'root.cer'),
            )
            const search = new URLSearchParams(query as Record<string, string>)
            const { status, json, headers } = await running.call(`${path}?${search}`, {
              method: operation.method,
              key: running.issuers.market,
              ...(operation.isIdempotent && { once: `junk-${++keys}` }),
              ...(operation.body && { body: body ?? null }),
            })
            expect(status).toBeLessThan(500)
            if (status < 400) return
            // OAuth clients of others expect its own form of refusals (RFC 6749 §5.2).
            if (operation.path === '/api/oauth/token') {
              expect(json.error).toMatch(/^(invalid|unsupported)_/)
              return
            }
            expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
            const isGeneral = /^(REQUEST_|NOT_FOUND$|METHOD_|IDENTIFIER_|RATE_LIMITED$|PERMISSION_|CROSS_SITE|API_KEY)/
            if (!isGeneral.test(json.code)) expect([names(operation), ...described]).toContain(json.code)
          },
        ),
        { numRuns: RUNS },
      )
    }
  }, 600_000)

  it('leaves no failure in the log, and none of it', () => {
    const failures = running.logLines.filter((line) => /"level":"error"/.test(line))
    expect(failures).toEqual([])
    expect(running.logLines.some((line) => line.includes('drop table'))).toBe(false)
  })
})
