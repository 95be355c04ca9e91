import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { baseUrl, createPkiWorld, type PkiWorld } from './world.ts'

let world: PkiWorld
let server: Listening
let url: string

beforeAll(async () => {
  world = await createPkiWorld(await engines[0]!.open())
  await world.pki.start()
  const log = createLog({ level: 'error' })
  const app = createApp({ routeSets: [world.pki.routes], ids: systemIds, log, baseUrl, isProduction: false })
  server = await listen(app, { port: 0, host: '127.0.0.1' })
  url = server.url
})
afterAll(async () => {
  await server.stop()
  await world.close()
})

const get = (path: string, headers: Record<string, string> = {}) =>
  // Other modes make fetch itself say no-cache beside a condition.
  fetch(url + path, { headers, cache: 'force-cache' })
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())

describe('GET /pki/ca/{file}', () => {
  it.each(['root', 'seal-ca', 'statement-ca', 'list-ca'] as const)('answers the certificate of %s', async (name) => {
    const response = await get(`/pki/ca/${name}.cer`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/pkix-cert')
    expect(await bytesOf(response)).toEqual(new Uint8Array(world.pki.certificates().get(name)!))
  })

  it.each([
    '/pki/ca/status-list-signer.cer',
    '/pki/ca/other.cer',
    '/pki/ca/root.crl',
    '/pki/ca/..%2froot.cer',
    '/pki/ca/root',
  ])('finds nothing at %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('GET /pki/crl/{file}', () => {
  it('answers the latest list, and 304 to whoever has it', async () => {
    const first = await get('/pki/crl/root.crl')
    expect(first.status).toBe(200)
    expect(first.headers.get('content-type')).toBe('application/pkix-crl')
    expect(first.headers.get('cache-control')).toBe('public, max-age=300')
    expect(first.headers.get('last-modified')).toBe('Sat, 21 Nov 2026 08:00:00 GMT')
    expect(await bytesOf(first)).toEqual(new Uint8Array((await world.pki.crls())[0]!))
    const again = await get('/pki/crl/root.crl', { 'If-None-Match': first.headers.get('etag')! })
    expect(again.status).toBe(304)
  })

  it('lets nobody keep a list beyond its nextUpdate', async () => {
    world.clock.advance(90 * 24 * 3600 * 1000 - 1500)
    expect((await get('/pki/crl/root.crl')).headers.get('cache-control')).toBe('public, max-age=1')
    world.clock.advance(2000)
    expect((await get('/pki/crl/root.crl')).headers.get('cache-control')).toBe('public, max-age=0')
  })
})
