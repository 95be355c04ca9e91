import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createBlobs, createLog, PlatformError, type Principal, systemIds } from '../../platform/index.ts'
import type { SealService } from '../../seal-service/index.ts'
import { makePdf } from '../pades/documents.ts'
import { baseUrl, makeFolder } from '../pki-service/world.ts'
import { engines } from '../support/engines.ts'
import { civil, createSealWorld, market, type SealWorld } from './world.ts'

let world: SealWorld
let seals: SealService
let server: Listening
let caller: Principal
let permitted: readonly string[] = []
/** Seal of the person `official`. */
let personal: string

const person = (id: string, role: string, departmentCode: string = market.code): Principal => ({
  id,
  name: id,
  kind: 'person',
  departmentCode,
  roles: [role],
})
const user = person('user-1', 'seal-user')
const keeper = person('keeper-1', 'seal-keeper')
const official = person('official-1', 'viewer')

const authority: Authority = {
  authenticate: async () => caller,
  isPermitted: (_principal, permission) => permitted.includes(permission),
  async requireStepUp({ steppedUpAt }) {
    if (!steppedUpAt) throw new PlatformError('STEP_UP_REQUIRED', 'confirm with a security key')
  },
}
const confirmed = (principal: Principal): Principal => ({ ...principal, steppedUpAt: new Date() })

beforeAll(async () => {
  world = await createSealWorld(await engines[0]!.open())
  seals = world.another({ blobs: createBlobs({ folder: makeFolder() }) })
  await seals.start()
  const own = await seals.makeSeal({
    departmentCode: market.code,
    departmentName: market.name,
    name: '王小明印',
    typeCodes: [],
    ringText: '云汀市市场监督管理局',
    lowerText: null,
    diameterMm: 42,
    keyAlgorithm: 'ec-p256',
    callerId: 'test',
  })
  personal = own.id
  await world.database.query(`update seal.seals set kind_code = '05' where id = $1`, [personal])
  for (const id of [world.seal.id, personal]) {
    await world.database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'account', 'user-1', array['documents'], $2, false, $2, 'test')`,
      [id, new Date('2026-01-01T00:00:00Z')],
    )
  }
  const app = createApp({
    routeSets: [seals.routes],
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

const places = [{ at: 'point', page: 1, x: 100, y: 100 }]

interface Sent {
  readonly by?: Principal
  readonly may?: string
  readonly path?: string
  readonly key?: string
  readonly order?: unknown
  readonly body?: Uint8Array | FormData
}

/** Sends a PDF as it is, with its order in the address. */
function post({ by = user, may = 'seals:use', path, key = randomUUID(), order = { places }, body }: Sent) {
  caller = by
  permitted = [may]
  const address = `${server.url}${path ?? `/api/seals/${world.seal.id}/documents`}`
  const isForm = body instanceof FormData
  const query = isForm
    ? ''
    : `?name=${encodeURIComponent('关于开展检查的通知.pdf')}&order=${encodeURIComponent(JSON.stringify(order))}`
  const headers = { 'idempotency-key': key, ...(!isForm && { 'content-type': 'application/pdf' }) }
  return fetch(address + query, { method: 'POST', headers, body: body as BodyInit })
}

async function get(path: string, by: Principal = user, may = 'seals:read') {
  caller = by
  permitted = [may]
  const response = await fetch(server.url + path)
  return { status: response.status, json: await response.json() }
}

const signaturesOf = (pdf: Uint8Array) => {
  const read = readSignedPdf(pdf)
  if (!read.ok) throw new Error(read.detail)
  return read.signatures
}

describe('POST /api/seals/{sealId}/documents', () => {
  it('answers the sealed PDF, with its level and where its record is', async () => {
    const [pdf, key] = [await makePdf({ pages: 2 }), randomUUID()]
    const order = { places: [...places, { at: 'edge' }] }
    const response = await post({ body: pdf, key, order })
    expect(response.status).toBe(201)
    expect(response.headers.get('seal-level')).toBe('B-LT')
    expect(response.headers.get('content-type')).toBe('application/pdf')
    expect(response.headers.get('content-disposition')).toContain(encodeURIComponent('关于开展检查的通知.pdf'))
    const sealed = new Uint8Array(await response.arrayBuffer())
    expect(signaturesOf(sealed)).toHaveLength(1)
    const record = await get(response.headers.get('location')!)
    const { id, identifier } = record.json as { id: string; identifier: string }
    expect(identifier).toBe(`document:${id}`)
    expect(record.json).toMatchObject({ name: '关于开展检查的通知.pdf', state: 'sealed', level: 'B-LT', content: null })
    const again = await post({ body: pdf, key, order })
    expect(again.headers.get('location')).toBe(response.headers.get('location'))
    const conflict = await post({ body: await makePdf(), key, order })
    expect([conflict.status, ((await conflict.json()) as { code: string }).code]).toEqual([
      409,
      'SEAL_REQUEST_CONFLICT',
    ])
  })

  it('takes a form with many documents as a batch that is worked off, and hands out each', async () => {
    const form = new FormData()
    form.append('order', JSON.stringify({ places, level: 'B-T' }))
    for (let i = 1; i <= 3; i++)
      form.append('document', new Blob([(await makePdf({ pages: i })) as BlobPart]), `../${i}.pdf`)
    const response = await post({ body: form })
    expect(response.status).toBe(202)
    const location = response.headers.get('location')!
    expect(await response.json()).toMatchObject({
      state: 'running',
      total: 3,
      sealed: 0,
      documents: [{ name: '1.pdf' }, {}, {}],
    })
    expect(await seals.documents.sealWaiting()).toBe(3)
    const done = await get(location)
    expect(done.json).toMatchObject({ state: 'done', total: 3, sealed: 3, refused: 0 })
    caller = user
    permitted = ['seals:read']
    const { documents } = done.json as { documents: { content: string }[] }
    const content = await fetch(server.url + documents[2]!.content)
    expect(signaturesOf(new Uint8Array(await content.arrayBuffer()))).toHaveLength(1)
    expect((await get(location, person('x', 'viewer', civil.code))).status).toBe(404)
  })

  it.each<[string, Sent, number, string]>([
    ['no document', { body: new Uint8Array() }, 422, 'SEAL_UPLOAD_INVALID'],
    ['something else', { body: new TextEncoder().encode('hello') }, 422, 'SEAL_DOCUMENT_REFUSED'],
    [
      'places that are none',
      { body: new Uint8Array([1]), order: { places: [{ at: 'moon' }] } },
      422,
      'REQUEST_INVALID',
    ],
    ['page 0', { body: new Uint8Array([1]), order: { places: [{ ...places[0], page: 0 }] } }, 422, 'REQUEST_INVALID'],
    [
      'an order with a member twice',
      {
        body: new Uint8Array([1]),
        path: `/api/seals/x/documents?order=${encodeURIComponent('{"keep":true,"keep":false}')}&y=`,
      },
      422,
      'REQUEST_INVALID',
    ],
    ['a form without order', { body: new FormData() }, 422, 'SEAL_UPLOAD_INVALID'],
    [
      'an unknown seal',
      { body: new Uint8Array([1]), path: '/api/seals/33019900000077/documents' },
      404,
      'SEAL_NOT_FOUND',
    ],
    ['no permission', { body: new Uint8Array([1]), may: 'seals:read' }, 403, 'PERMISSION_DENIED'],
  ])('refuses %s', async (_name, sent, status, code) => {
    const response = await post(sent)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code])
  })

  it('names the place that was refused, and why', async () => {
    const order = { places: [...places, { at: 'text', text: '盖章' }] }
    const response = await post({ body: await makePdf(), order })
    expect(await response.json()).toMatchObject({
      code: 'SEAL_PLACE_REFUSED',
      errors: [{ pointer: '/places/1', code: 'PADES_TEXT_NOT_FOUND' }],
    })
  })
})

describe('POST /api/seals/{sealId}/documents/preview', () => {
  it('tells where the seal would stand', async () => {
    const path = `/api/seals/${world.seal.id}/documents/preview`
    const order = { places: [{ at: 'text', text: 'Page 1', up: 50, right: 50 }] }
    const response = await post({ path, body: await makePdf(), order })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      pages: [{ width: 210, height: 297 }],
      places: [{ marks: [{ page: 1, width: 45 }] }],
    })
  })
})

describe("a person's own seal", () => {
  const path = () => `/api/seals/${personal}`
  const put = async (by: Principal, accountId = official.id) => {
    caller = by
    permitted = ['seals:keep']
    const body = JSON.stringify({ accountId, accountName: '王小明' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${server.url}${path()}/person`, { method: 'PUT', headers, body })
    return { status: response.status, json: (await response.json()) as { code?: string } }
  }
  const sign = async (by: Principal, body: Uint8Array, order: unknown = { places }) => {
    const response = await post({ path: `${path()}/signatures`, by, may: 'none', body, order })
    if (response.status === 201) return { status: 201, pdf: new Uint8Array(await response.arrayBuffer()) }
    return { status: response.status, code: ((await response.json()) as { code: string }).code }
  }

  it('is given by a confirmed keeper to somebody else, once', async () => {
    expect(await put(keeper)).toMatchObject({ status: 403, json: { code: 'STEP_UP_REQUIRED' } })
    expect(await put(confirmed(keeper), keeper.id)).toMatchObject({ status: 403, json: { code: 'SEAL_PERSONAL' } })
    expect(await put(confirmed(user))).toMatchObject({ json: { code: 'SEAL_ROLE_MISSING' } })
    expect(await put(confirmed(person('k', 'seal-keeper', civil.code)))).toMatchObject({
      json: { code: 'SEAL_NOT_YOURS' },
    })
    expect(await put(confirmed(keeper))).toMatchObject({ status: 200 })
    expect(await put(confirmed(keeper))).toMatchObject({ status: 200 })
    expect(await put(confirmed(keeper), 'other')).toMatchObject({ json: { code: 'SEAL_PERSONAL' } })
    expect((await get('/api/personal-seals', official)).json).toMatchObject({ items: [{ id: personal }] })
    const whose = { person: { sealId: personal, accountId: official.id, accountName: '王小明' } }
    expect((await get(`${path()}/person`, user)).json).toMatchObject(whose)
    expect((await get(`${path()}/person`, person('k', 'seal-keeper', civil.code))).status).toBe(403)
    expect((await get(`/api/seals/${world.seal.id}/person`, user)).json).toEqual({ person: null })
  })

  it('signs for that confirmed account alone, beside the seal of the department', async () => {
    const pdf = await makePdf()
    expect(await sign(official, pdf)).toMatchObject({ status: 403, code: 'STEP_UP_REQUIRED' })
    expect(await sign(confirmed(user), pdf)).toMatchObject({ status: 403, code: 'SEAL_PERSONAL' })
    const department = await post({ path: `${path()}/documents`, body: pdf })
    expect(((await department.json()) as { code: string }).code).toBe('SEAL_PERSONAL')
    const order = {
      places,
      certification: 'open',
      fields: [{ name: '签发人', page: 1, x: 20, y: 20, width: 40, height: 40 }],
    }
    const sealed = new Uint8Array(await (await post({ body: pdf, order })).arrayBuffer())
    const signed = await sign(confirmed(official), sealed, { field: '签发人' })
    expect(signed.status).toBe(201)
    const signatures = signaturesOf(signed.pdf!)
    expect(signatures.map(({ field, docMdp, laterChanges }) => [field, docMdp, laterChanges])).toEqual([
      [expect.stringMatching(/^Seal-/), 2, 'permitted'],
      ['签发人', null, 'permitted'],
    ])
  })

  it('is kept for the person who signed and the keeper alone, and the record says who was handed it', async () => {
    const order = { places, keep: true }
    const may = { path: `${path()}/signatures`, may: 'none', order }
    const signed = await post({ ...may, by: confirmed(official), body: await makePdf() })
    const location = signed.headers.get('location')!
    const content = async (by: Principal, method = 'GET') => {
      caller = by
      permitted = ['seals:read']
      const response = await fetch(`${server.url}${location}/content`, { method })
      if (!response.ok) return ((await response.json()) as { code: string }).code
      return new Uint8Array(await response.arrayBuffer()).length > 0 ? 'handed out' : 'removed'
    }
    // Leave for documents with this seal, given before it was somebody's, is none for what that person signs.
    for (const method of ['GET', 'DELETE']) expect(await content(user, method)).toBe('SEAL_PERSONAL')
    expect(await content(official)).toBe('handed out')
    expect(await content(keeper, 'DELETE')).toBe('removed')
    expect(await content(official)).toBe('SEAL_DOCUMENT_NOT_KEPT')
    expect((await get(location)).json).toMatchObject({
      content: null,
      accesses: [
        { what: 'removed', by: keeper.id, byName: keeper.name },
        { what: 'read', by: official.id, byName: official.name },
      ],
    })
  })

  it('signs for nobody once it is taken back', async () => {
    caller = confirmed(keeper)
    permitted = ['seals:keep']
    expect((await fetch(`${server.url}${path()}/person`, { method: 'DELETE' })).status).toBe(204)
    expect(await sign(confirmed(official), await makePdf())).toMatchObject({ status: 403, code: 'SEAL_PERSONAL' })
    await expect(world.database.query('update seal.personal_seals set account_id = $1', ['other'])).rejects.toThrow(
      'given once',
    )
  })
})
