import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../../platform/index.ts'
import { baseUrl } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { createLifeWorld, formOf, type LifeWorld, people } from './life-world.ts'

let house: LifeWorld
let server: Listening
let caller: Principal = people.applicant

beforeAll(async () => {
  house = await createLifeWorld(await engines[0]!.open())
  const app = createApp({
    routeSets: [house.service.routes],
    authority: {
      authenticate: async () => caller,
      isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
      requireStepUp: async () => {},
    },
    ids: systemIds,
    log: createLog({ level: 'error' }),
    baseUrl,
    isProduction: false,
  })
  server = await listen(app, { port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await server.stop()
  await house.close()
})

interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the route answers
  readonly json: any
}

async function send(
  who: Principal,
  method: string,
  path: string,
  body?: unknown,
  key: string = randomUUID(),
): Promise<Answered> {
  caller = who
  const response = await fetch(server.url + path, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), 'Idempotency-Key': key },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text }
}
const get = (who: Principal, path: string) => send(who, 'GET', path)
const step = (who: Principal, id: string, body: unknown, key?: string) =>
  send(who, 'POST', `/api/seals/${id}/actions`, body, key)

describe('the routes of a seal’s life', () => {
  it('lead from an application to a seal in use', async () => {
    const pdf = new TextEncoder().encode('%PDF-1.7\n批准文件')
    caller = people.applicant
    const handed = await fetch(`${server.url}/api/seal-application-files?name=${encodeURIComponent('批准文件.pdf')}`, {
      ...{ method: 'POST', headers: { 'Content-Type': 'application/pdf' }, body: pdf },
    })
    expect(handed.status).toBe(201)
    const { digest } = (await handed.json()) as { digest: string }
    expect(digest).toBe(createHash('sha256').update(pdf).digest('hex'))
    const form = { ...formOf(), files: [{ digest, title: '批准文件' }] }
    const applied = await send(people.applicant, 'POST', '/api/seal-applications', form)
    expect(applied).toMatchObject({ status: 201, json: { state: 'applied', version: 1 } })
    const { id, applicationDigest } = applied.json

    const tasks = await get(people.reviewer, '/api/seal-tasks')
    expect(tasks.json.items).toEqual([
      expect.objectContaining({ actions: ['ask-for-more', 'reject', 'approve'], isOverdue: false }),
    ])
    caller = people.reviewer
    const read = await fetch(`${server.url}/api/seals/${id}/application-files/${digest}`)
    expect(read.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(new Uint8Array(await read.arrayBuffer())).toEqual(pdf)
    expect((await get(people.keeper, `/api/seals/${id}/application-files/${digest}`)).json.code).toBe(
      'SEAL_ROLE_MISSING',
    )

    const key = randomUUID()
    const approved = await step(people.reviewer, id, { action: 'approve', applicationDigest }, key)
    expect(approved).toMatchObject({ status: 200, json: { id, state: 'approved' } })
    expect(await step(people.reviewer, id, { action: 'approve', applicationDigest }, key)).toEqual(approved)
    await step(people.maker, id, { action: 'draw' })
    const svg = await get(people.reviewer, `/api/seals/${id}/drawn-picture.svg`)
    expect(svg.json).toMatch(/^<svg/)
    const { drawnPicture } = (await get(people.reviewer, `/api/seals/${id}`)).json
    await step(people.reviewer, id, { action: 'approve-picture', pictureDigest: drawnPicture.digest })
    for (const body of [{ action: 'make' }, { action: 'file' }, { action: 'issue', keeperId: 'keeper' }])
      expect(await step(people.maker, id, body)).toMatchObject({ status: 200 })
    expect(await step(people.keeper, id, { action: 'accept' })).toMatchObject({ json: { state: 'active' } })
    const whole = await get(people.keeper, `/api/seals/${id}`)
    expect(whole.json).toMatchObject({
      ...{ state: 'active', keeperId: 'keeper', mayDo: ['suspend', 'report-lost'], filings: [{ kind: 'release' }] },
      application: { version: 1, digest: applicationDigest },
    })
    expect(whole.json.timeline).toHaveLength(8)
    expect((await get(people.viewer, `/api/seals/${id}`)).json).toMatchObject({ application: null, mayDo: [] })
  })

  it('answer pages of what the caller may see, by state, department and text', async () => {
    for (let i = 0; i < 3; i++) await house.bring('applied')
    const page = await get(people.reviewer, '/api/seals?limit=2')
    expect(page.json.items).toHaveLength(2)
    const next = await get(people.reviewer, `/api/seals?limit=200&after=${page.json.next}`)
    expect(next.json.next).toBeNull()
    expect(next.json.items[0].id > page.json.next).toBe(true)
    const states = await get(people.reviewer, '/api/seals?state=applied,active&limit=200')
    expect(new Set(states.json.items.map(({ state }: { state: string }) => state))).toEqual(
      new Set(['applied', 'active']),
    )
    const found = await get(people.reviewer, `/api/seals?q=${encodeURIComponent('民政')}`)
    expect(found.json.items).toHaveLength(1)
    const own = await get(people.otherKeeper, '/api/seals?limit=200')
    expect(own.json.items).toEqual(found.json.items)
    expect(
      (await get(people.otherKeeper, `/api/seals?departmentCode=${people.keeper.departmentCode}`)).json.items,
    ).toEqual([])
    expect((await get(people.reviewer, '/api/seals?state=nonsense')).status).toBe(422)
  })

  it('refuse what is no step, says too little, or names nothing', async () => {
    const id = await house.bring('applied')
    for (const body of [
      {},
      { action: 'apply' },
      { action: 'expire' },
      { action: 'reject' },
      { action: 'reject', reason: ' ' },
    ])
      expect((await step(people.reviewer, id, body)).status).toBe(422)
    expect((await step(people.reviewer, id, { action: 'approve', applicationDigest: 'x' })).status).toBe(422)
    const gone = await step(people.reviewer, id, { action: 'approve', applicationDigest: 'a'.repeat(64) })
    expect(gone).toMatchObject({ status: 409, json: { code: 'SEAL_APPLICATION_CHANGED' } })
    const bad = await send(people.applicant, 'POST', '/api/seal-applications', {
      ...formOf(),
      picture: { shape: 'hexagon' },
    })
    expect(bad).toMatchObject({ status: 422, json: { code: 'SEAL_APPLICATION_INVALID' } })
    expect(bad.json.errors[0].pointer).toMatch(/^\/picture/)
    expect((await send(people.reviewer, 'POST', '/api/seal-applications', formOf())).status).toBe(403)
  })

  it('refuse papers that are not what they are said to be, empty, too long, or of another kind', async () => {
    const hand = async (type: string, body: Uint8Array<ArrayBuffer>) => {
      caller = people.applicant
      return (
        await fetch(`${server.url}/api/seal-application-files?name=x`, {
          method: 'POST',
          headers: { 'Content-Type': type },
          body,
        })
      ).status
    }
    const text = new TextEncoder().encode('<html>')
    expect(await hand('application/pdf', text)).toBe(422)
    expect(await hand('image/png', text)).toBe(422)
    expect(await hand('text/html', text)).toBe(415)
    expect(await hand('application/pdf', new Uint8Array(10 * 1024 * 1024 + 1))).toBe(413)
  })
})
