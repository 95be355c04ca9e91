import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, PlatformError, type Principal, systemIds } from '../../../platform/index.ts'
import { baseUrl } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, type SealWorld, sealRequest } from '../world.ts'
import { approver, keeper } from './use-world.ts'

let world: SealWorld
let server: Listening
let caller: Principal

const authority: Authority = {
  authenticate: async () => caller,
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  async requireStepUp({ steppedUpAt }) {
    if (!steppedUpAt) throw new PlatformError('STEP_UP_REQUIRED', 'confirm with a security key')
  },
}

beforeAll(async () => {
  world = await createSealWorld(await engines[0]!.open())
  const app = createApp({
    routeSets: [world.seals.routes],
    authority,
    ids: systemIds,
    log: createLog({ level: 'error' }),
    baseUrl,
    isProduction: false,
  })
  server = await listen(app, { port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await server.stop()
  await world.close()
})

let keys = 0

async function call(who: Principal, method: string, path: string, body?: unknown, key = `use-${++keys}`) {
  caller = who
  const response = await fetch(server.url + path, {
    method,
    headers: { 'Idempotency-Key': key, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  // biome-ignore lint/suspicious/noExplicitAny: an answer as it is served
  const json: any = isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined
  return { status: response.status, json, bytes }
}

const path = () => `/api/seals/${world.seal.id}/authorisations`
const terms = { grantee: { kind: 'account', id: clerk.id }, purposes: ['licences'] }

describe('authorisations over HTTP', () => {
  it('are given by the keeper of the owner, once for a key, shown, and ended', async () => {
    const given = await call(keeper, 'POST', path(), { ...terms, perDay: 5 }, 'same')
    expect([given.status, given.json]).toMatchObject([201, { ...terms, perDay: 5, perMinute: null, isRunning: true }])
    const again = await call(keeper, 'POST', path(), { ...terms, perDay: 5 }, 'same')
    expect(again.json).toEqual(given.json)
    expect((await call(keeper, 'POST', path(), { ...terms, perDay: 6 }, 'same')).json.code).toBe(
      'SEAL_REQUEST_CONFLICT',
    )
    const shown = await call(clerk, 'GET', path())
    expect(shown.json.items.map(({ id }: { id: string }) => id)).toContain(given.json.id)
    const one = `${path()}/${given.json.id}`
    expect((await call(keeper, 'DELETE', `${one}?reason=moved`)).status).toBe(204)
    expect((await call(keeper, 'DELETE', `${one}?reason=moved`)).status).toBe(204)
    expect((await call(clerk, 'GET', path())).json.items[0]).toMatchObject({
      isRunning: false,
      ended: { cause: 'moved' },
    })
  })

  it.each<[string, Principal, number, string]>([
    ['an issuer', clerk, 403, 'PERMISSION_DENIED'],
    ['an approver', approver, 403, 'PERMISSION_DENIED'],
    ['an auditor', { ...keeper, roles: ['auditor'] }, 403, 'PERMISSION_DENIED'],
    ['an administrator', { ...keeper, roles: ['administrator'] }, 403, 'PERMISSION_DENIED'],
    ['a keeper of another department', { ...keeper, departmentCode: civil.code }, 403, 'SEAL_NOT_YOURS'],
    ['the grantee himself as keeper', { ...keeper, id: clerk.id }, 403, 'SEAL_AUTHORISATION_TO_ONESELF'],
  ])('are not given by %s', async (_who, who, status, code) => {
    const { status: answered, json } = await call(who, 'POST', path(), terms)
    expect([answered, json.code]).toEqual([status, code])
  })

  it.each<[string, object]>([
    ['no purpose', { ...terms, purposes: [] }],
    ['a purpose that is none', { ...terms, purposes: ['../../etc'] }],
    ['an unknown kind of grantee', { ...terms, grantee: { kind: 'everyone', id: 'x' } }],
    ['a role that uses no seals', { ...terms, grantee: { kind: 'role', id: 'seal-keeper' } }],
    ['no uses a day', { ...terms, perDay: 0 }],
    ['half a use a day', { ...terms, perDay: 0.5 }],
    ['a time that is none', { ...terms, until: 'tomorrow' }],
    ['an end that is past', { ...terms, until: '2020-01-01T00:00:00Z' }],
  ])('are refused for %s, with nothing on record', async (_what, body) => {
    const before = (await call(keeper, 'GET', path())).json.items.length
    const { status, json } = await call(keeper, 'POST', path(), body)
    expect([status, json.code]).toEqual([422, expect.stringMatching(/^(REQUEST|SEAL_AUTHORISATION)_INVALID$/)])
    expect((await call(keeper, 'GET', path())).json.items).toHaveLength(before)
  })

  it('are shown to nobody of another department', async () => {
    const stranger = { ...clerk, departmentCode: civil.code }
    expect((await call(stranger, 'GET', path())).json.code).toBe('SEAL_NOT_YOURS')
    expect((await call(clerk, 'GET', '/api/seals/33019900000099/authorisations')).status).toBe(404)
  })
})

describe('a second person over HTTP', () => {
  it('reads, confirms with a key, decides by digest; a repeat answers alike', async () => {
    const all = (await call(keeper, 'GET', path())).json.items as { id: string; ended: unknown }[]
    for (const { id, ended } of all) if (ended === null) await call(keeper, 'DELETE', `${path()}/${id}?reason=test`)
    await call(keeper, 'POST', path(), { ...terms, needsSecondPerson: true })
    const request = sealRequest(world, 5000)
    await rejectsWithCode(world.seals.sealDocuments(clerk, [request]), 'SEAL_SECOND_PERSON_AWAITED')
    const [waiting] = (await call(approver, 'GET', '/api/seal-use-requests')).json.items
    expect(waiting).toMatchObject({ identifier: request.identifier, digest: request.unsignedDigest, decision: null })
    const one = `/api/seal-use-requests/${waiting.id}`
    expect((await call(clerk, 'GET', `${one}/document`)).status).toBe(403)
    const { bytes } = await call(approver, 'GET', `${one}/document`)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const decision = { decision: 'approved', digest }
    expect((await call(approver, 'POST', `${one}/decision`, decision)).json.code).toBe('STEP_UP_REQUIRED')
    const confirmed = { ...approver, steppedUpAt: new Date() }
    const stranger = { ...confirmed, departmentCode: civil.code }
    expect((await call(stranger, 'POST', `${one}/decision`, decision)).status).toBe(404)
    const own = { ...confirmed, id: clerk.id }
    expect((await call(own, 'POST', `${one}/decision`, decision)).json.code).toBe('SEAL_USE_REQUEST_OWN')
    const decided = await call(confirmed, 'POST', `${one}/decision`, decision)
    expect([decided.status, decided.json]).toMatchObject([200, { decision: 'approved', decidedBy: approver.id }])
    expect((await call(confirmed, 'POST', `${one}/decision`, decision)).json).toEqual(decided.json)
    expect((await call(confirmed, 'POST', `${one}/decision`, { ...decision, decision: 'refused' })).status).toBe(409)
    expect((await call(approver, 'GET', `${one}/document`)).json.code).toBe('SEAL_USE_REQUEST_CLOSED')
    expect((await call(approver, 'GET', '/api/seal-use-requests')).json.items).toEqual([])
    await world.seals.sealDocuments(clerk, [request])
    const [used] = (await call(clerk, 'GET', '/api/seal-use-requests?state=all')).json.items
    expect(used.useId).toMatch(/^[0-9a-f-]{36}$/)
    expect((await call(clerk, 'GET', `/api/seal-uses/${used.useId}/receipt`)).json.code).toBe(
      'SEAL_RECEIPTS_UNAVAILABLE',
    )
    expect((await call(clerk, 'GET', '/api/seal-uses/none/receipt')).status).toBe(422)
  })
})
