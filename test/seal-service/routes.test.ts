import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../platform/index.ts'
import { baseUrl } from '../pki-service/world.ts'
import { engines } from '../support/engines.ts'
import { civil, clerk, createSealWorld, type SealWorld } from './world.ts'

let world: SealWorld
let server: Listening
let caller: Principal | undefined
let permitted: string | undefined

const authority: Authority = {
  authenticate: async () => caller,
  isPermitted: (_principal, permission) => permission === permitted,
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

const get = (path: string) => fetch(server.url + path)

describe('GET /api/seals', () => {
  it('answers the seals of the own department alone', async () => {
    caller = clerk
    permitted = 'seals:read'
    const response = await get('/api/seals')
    expect(response.status).toBe(200)
    const { items } = (await response.json()) as { items: { id: string }[] }
    expect(items).toEqual([expect.objectContaining({ id: world.seal.id, state: 'active', diameterMm: 45 })])
    expect(JSON.stringify(items)).not.toMatch(/key/i)
  })

  it('refuses whoever is unknown or lacks the permission', async () => {
    caller = undefined
    expect((await get('/api/seals')).status).toBe(401)
    caller = clerk
    permitted = undefined
    expect((await get('/api/seals')).status).toBe(403)
  })
})

describe('GET /api/seals/{sealId}/picture.svg', () => {
  it('answers the picture to its department and to no other', async () => {
    caller = clerk
    permitted = 'seals:read'
    const path = `/api/seals/${world.seal.id}/picture.svg`
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
    expect(await response.text()).toBe(await world.seals.sealPictureSvg(world.seal.id))
    caller = { ...clerk, departmentCode: civil.code }
    const refused = await get(path)
    expect(refused.status).toBe(404)
    expect(await refused.json()).toMatchObject({ code: 'SEAL_NOT_FOUND' })
  })

  it('finds no unknown seal', async () => {
    caller = clerk
    const response = await get('/api/seals/33019900000077/picture.svg')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'SEAL_NOT_FOUND' })
  })
})
