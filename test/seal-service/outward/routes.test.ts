import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { eseal } from '../../../pki/index.ts'
import { type Authority, createApp, createMetrics, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../../platform/index.ts'
import { createNationalStatusSystem, type SealService } from '../../../seal-service/index.ts'
import { engines } from '../../support/engines.ts'
import { civil, createSealWorld, market, type SealWorld } from '../world.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { startStatusWorld } from './status-world.ts'

const person = (role: string, departmentCode: string = market.code): Principal => ({
  id: `${role}-1`,
  name: role,
  kind: 'person',
  departmentCode,
  roles: [role],
})

describe('the routes of what leaves the house about seals', () => {
  let world: SealWorld
  let status: Awaited<ReturnType<typeof startStatusWorld>>
  let seals: SealService
  let listening: Listening
  let receiver: Receiver
  let who: Principal | undefined
  const metrics = createMetrics()
  const authority: Authority = {
    authenticate: async () => who,
    isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  }

  beforeAll(async () => {
    world = await createSealWorld(await engines[0]!.open())
    status = await startStatusWorld(world.pki.pki, world.pki.clock)
    const below = new Map<string, string[]>([[market.code, [market.code, civil.code]]])
    const codesWithin = async (code: string) => below.get(code) ?? [code]
    seals = world.another({
      statusSystem: createNationalStatusSystem(status.client),
      departments: { codesWithin, isWithin: async (above, code) => (await codesWithin(above)).includes(code) },
      privateAddresses: 'loopback',
      metrics,
    })
    const app = createApp({
      routeSets: [seals.routes],
      authority,
      ids: systemIds,
      log: createLog({ level: 'silent' }),
      baseUrl: 'http://localhost:8080',
      isProduction: false,
      trustedProxies: 0,
    })
    listening = await listen(app, { host: '127.0.0.1', port: 0 })
    receiver = await startReceiver(() => seals.outward.jwks())
  })
  afterAll(async () => {
    await receiver?.close()
    await listening?.stop()
    await status?.system.close()
    status?.keyStore.close()
    await world?.close()
  })

  const call = async (as: Principal | undefined, method: string, path: string, body?: object) => {
    who = as
    const response = await fetch(`${listening.url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text ? JSON.parse(text) : undefined,
    }
  }

  it('are closed to those whose role does not carry them', async () => {
    for (const [role, method, path] of [
      ['issuer', 'GET', '/api/seal-webhooks'],
      ['seal-applicant', 'GET', '/api/seal-warnings'],
      ['seal-keeper', 'PUT', '/api/seal-supervision'],
      ['seal-keeper', 'GET', '/api/audit-events'],
      ['seal-keeper', 'POST', '/api/oes/signatures'],
      ['administrator', 'GET', `/api/seals/${world.seal.id}/filing`],
    ] as const)
      expect(await call(person(role), method, path), path).toMatchObject({ status: 403 })
    expect(await call(undefined, 'GET', '/api/seal-webhooks')).toMatchObject({ status: 401 })
  })

  it('let a keeper subscribe, hear of events with a key anybody can fetch, replay and end it', async () => {
    const keeper = person('seal-keeper')
    const wish = { address: receiver.address, topics: ['seal.suspend', 'seal.restore'] }
    const made = await call(keeper, 'POST', '/api/seal-webhooks', wish)
    expect(made).toMatchObject({ status: 201, json: { covers: 'own', departmentCode: market.code } })
    const change = { sealId: world.seal.id, reason: 'leave of the keeper', callerId: 'reviewer-1' }
    await seals.changeSealState({ ...change, action: 'suspend' })
    await seals.changeSealState({ ...change, action: 'restore' })
    await seals.outward.relay()
    expect(receiver.taken.map(({ topic }) => topic)).toEqual(['seal.suspend', 'seal.restore'])
    expect((await call(undefined, 'GET', '/api/seal-events/jwks.json')).json.keys).toHaveLength(1)
    const path = `/api/seal-webhooks/${made.json.id}`
    const fromPosition = receiver.taken[0]!.position.toString()
    expect(await call(keeper, 'POST', `${path}/replay`, { fromPosition })).toMatchObject({ status: 202 })
    await seals.outward.relay()
    expect(receiver.taken).toHaveLength(4)
    const listed = await call(keeper, 'GET', '/api/seal-webhooks')
    expect(listed.json.items).toMatchObject([{ id: made.json.id, figures: { waiting: 0, dead: 0 } }])
    expect(await call(keeper, 'GET', `${path}/given-up`)).toMatchObject({ status: 200, json: { items: [] } })
    expect(await call(person('seal-keeper', civil.code), 'DELETE', path)).toMatchObject({ status: 404 })
    expect(await call(keeper, 'DELETE', path)).toMatchObject({ status: 204 })
    expect(await call(keeper, 'DELETE', path)).toMatchObject({ status: 204 })
    expect((await call(keeper, 'GET', '/api/seal-webhooks')).json.items).toEqual([])
  })

  it('refuse an address in a private network, kinds that are none and a broken body', async () => {
    const keeper = person('seal-keeper')
    const subscribe = (body: object) => call(keeper, 'POST', '/api/seal-webhooks', body)
    const topics = ['seal.suspend']
    expect(await subscribe({ address: 'ftp://example.test/', topics })).toMatchObject({
      status: 422,
      json: { code: 'WEBHOOK_ADDRESS_REFUSED' },
    })
    expect(await subscribe({ address: 'https://example.test/', topics: ['seal.sing'] })).toMatchObject({ status: 422 })
    expect(await subscribe({ address: 'https://example.test/', topics, covers: 'below' })).toMatchObject({
      status: 403,
    })
    expect(await subscribe({})).toMatchObject({ status: 422 })
  })

  it('hand out the filing record with the SESeal, and ask the publisher', async () => {
    const [seal] = await seals.makeDemoSeals([{ ...market, name: '云汀市市场监督管理局登记专用章' }])
    const path = `/api/seals/${seal!.id}/filing`
    const { json, headers } = await call(person('viewer'), 'GET', `${path}?ask=true`)
    expect(json).toMatchObject({
      sealId: seal!.id,
      published: 'valid',
      filings: [{ task: 'release', state: 'filed', publisher: 'national', sent: { sealCode: seal!.id } }],
    })
    expect(headers.get('content-disposition')).toContain(`${seal!.id}-filing.json`)
    expect(eseal.parseSeal(Buffer.from(json.eseals.V5, 'base64')).info.esId).toBe(seal!.id)
    expect(await call(person('viewer', civil.code), 'GET', path)).toMatchObject({ status: 404 })
    // Below the own department look those alone whose role carries it.
    const [below] = await world.database.query<{ id: string }>('select id from seal.seals where department_code = $1', [
      civil.code,
    ])
    expect(await call(person('viewer'), 'GET', `/api/seals/${below!.id}/filing`)).toMatchObject({ status: 404 })
    expect(await call(person('viewer'), 'GET', '/api/seals/33019999999999/filing')).toMatchObject({ status: 404 })
  })

  it('show warnings to those who handle them, and take what they did about one', async () => {
    await world.database.query(`update seal.seals set valid_until = $2 where id = $1`, [
      world.seal.id,
      new Date(world.pki.clock.now().getTime() + 86_400_000),
    ])
    await seals.outward.supervise()
    const path = '/api/seal-warnings?rule=certificate-ending'
    const { json } = await call(person('auditor'), 'GET', path)
    expect(json.items).toMatchObject([{ name: '证书即将到期', state: 'open', sealId: world.seal.id, acts: [] }])
    const [{ id }] = json.items
    const act = (action: string, body: object) =>
      call(person('auditor'), 'POST', `/api/seal-warnings/${id}/${action}`, body)
    expect(await act('acknowledge', {})).toMatchObject({ status: 422 })
    expect(await act('acknowledge', { reason: '已通知' })).toMatchObject({ status: 204 })
    expect(await act('close', { reason: '已换证' })).toMatchObject({ status: 204 })
    expect(await act('close', { reason: '已换证' })).toMatchObject({ status: 409, json: { code: 'WARNING_CLOSED' } })
    expect((await call(person('auditor'), 'GET', `${path}&state=open`)).json.items).toEqual([])
    const settings = '/api/seal-supervision'
    expect(await call(person('auditor'), 'PUT', settings, { reviewDays: 5 })).toMatchObject({ status: 200 })
    expect((await call(person('seal-reviewer'), 'GET', settings)).json).toMatchObject({ reviewDays: 5, filingHours: 4 })
    expect(await call(person('auditor'), 'PUT', settings, { reviewDays: 99 })).toMatchObject({
      status: 422,
      json: { code: 'SUPERVISION_SETTING_REFUSED' },
    })
    const foreign = `${settings}?departmentCode=${market.code}`
    expect(await call(person('auditor', civil.code), 'PUT', foreign, {})).toMatchObject({ status: 403 })
  })

  it('give the auditor signed pages, one after the other', async () => {
    await seals.ledger.link()
    const first = await call(person('auditor'), 'GET', '/api/audit-events?limit=3')
    expect(first.headers.get('content-type')).toContain('application/jose')
    const next = first.headers.get('audit-next')!
    const second = await call(person('auditor'), 'GET', `/api/audit-events?limit=3&after=${next}`)
    const sequencesOf = ({ text }: typeof first) =>
      JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString('utf8')).ledger.map(
        ({ sequence }: { sequence: string }) => sequence,
      )
    expect([...sequencesOf(first), ...sequencesOf(second)]).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(await call(person('auditor'), 'GET', '/api/audit-events?after=tomorrow')).toMatchObject({ status: 422 })
  })

  it('tell figures of filings, events and warnings', async () => {
    status.system.behave('broken')
    await seals.changeSealState({ sealId: world.seal.id, action: 'revoke', reason: 'merged', callerId: 'reviewer-1' })
    await Promise.all([seals.outward.fileDue(), seals.outward.fileDue()])
    world.pki.clock.advance(7000)
    await seals.outward.fileDue()
    await Promise.all([seals.outward.relay(), seals.outward.supervise(), seals.outward.forget()])
    await seals.outward.settled()
    const { text } = await metrics.text()
    expect(text).toMatch(/^seal_filings_waiting 1$/m)
    expect(text).toMatch(/^seal_filings_oldest_seconds 7$/m)
    expect(text).toMatch(/^seal_filings_total\{outcome="failed"\} 2$/m)
    expect(text).toMatch(/^seal_events_total\{outcome="delivered"\} 4$/m)
    expect(text).toMatch(/^seal_events_given_up 0$/m)
  })
})
