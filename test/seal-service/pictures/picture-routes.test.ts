import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../../platform/index.ts'
import type { Seal } from '../../../seal-service/index.ts'
import { decodePng } from '../../../templates/pictures/png.ts'
import { baseUrl } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { civil, clerk, createSealWorld, market, type SealWorld } from '../world.ts'

const picture = {
  ...{ shape: 'round', diameterMm: 45, ringText: '云汀市民政局', ringTextEn: null },
  ...{ centre: 'star', lowerText: null, code: null },
}
const artworkSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path fill="#c00" d="M5 0L10 10L0 10Z"/></svg>'

describe.each(engines)('seal pictures over HTTP on $name', ({ open }) => {
  let world: SealWorld
  let server: Listening
  let caller: Principal | undefined = clerk
  let permitted: string

  const authority: Authority = {
    authenticate: async () => caller,
    isPermitted: (_principal, permission) => permission === permitted,
  }
  const order = (departmentCode: string, name: string, ringText: string, lowerText: string | null = null) =>
    world.seals.makeSeal({
      ...{ departmentCode, departmentName: name, name, ringText, lowerText, typeCodes: [], diameterMm: 45 },
      ...{ keyAlgorithm: 'ec-p256', callerId: 'system:test' },
    })

  beforeAll(async () => {
    world = await createSealWorld(await open())
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
  const post = (path: string, body: unknown, contentType = 'application/json') =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': contentType },
      body: contentType === 'application/json' ? JSON.stringify(body) : (body as string),
    })

  it('draws a preview as SVG, PNG or PDF, and keeps nothing', async () => {
    permitted = 'seals:draw'
    const svg = await post('/api/seal-pictures/preview', { picture })
    expect(svg.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
    expect(await svg.text()).toContain('width="45mm"')
    const png = await post('/api/seal-pictures/preview', { picture, format: 'png', dpi: 600 })
    expect(png.headers.get('content-type')).toBe('image/png')
    const { header } = decodePng(new Uint8Array(await png.arrayBuffer()), {
      minSide: 1,
      maxSide: 5000,
      maxBytes: 1 << 24,
    })
    expect(header).toMatchObject({ width: 1063, height: 1063, colourType: 6 })
    const pdf = await post('/api/seal-pictures/preview', { picture, format: 'pdf' })
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect(Buffer.from(await pdf.arrayBuffer()).toString('latin1')).toContain('/MediaBox [0 0 127.559 127.559]')
  })

  it('answers every fault of a spec with its place, and refuses whoever may not draw', async () => {
    permitted = 'seals:draw'
    const refused = await post('/api/seal-pictures/preview', { picture: { ...picture, diameterMm: 44, code: 'x' } })
    expect(refused.status).toBe(422)
    const problem = (await refused.json()) as { code: string; errors: { pointer: string }[] }
    expect(problem.code).toBe('SEAL_PICTURE_REFUSED')
    expect(problem.errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/diameterMm', '/code']))
    const dpi = await post('/api/seal-pictures/preview', { picture, format: 'png', dpi: 72_000 })
    expect(await dpi.json()).toMatchObject({ code: 'REQUEST_INVALID' })
    permitted = 'seals:read'
    expect((await post('/api/seal-pictures/preview', { picture })).status).toBe(403)
  })

  it('reads an artwork that a preview then shows, and refuses one that is more than outlines', async () => {
    permitted = 'seals:draw'
    const read = await post('/api/seal-pictures/artworks', artworkSvg, 'image/svg+xml')
    expect(read.status).toBe(200)
    const artwork = await read.json()
    const shown = await post('/api/seal-pictures/preview', { picture: { ...picture, centre: 'artwork', artwork } })
    expect(await shown.text()).toContain('fill-rule="evenodd"')
    const script = artworkSvg.replace('<path', '<script>1</script><path')
    const refused = await post('/api/seal-pictures/artworks', script, 'image/svg+xml')
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({
      code: 'SEAL_ARTWORK_REFUSED',
      errors: [{ code: 'ARTWORK_NOT_SUPPORTED' }],
    })
    expect((await post('/api/seal-pictures/artworks', 'x', 'text/plain')).status).toBe(415)
  })

  it('hands out the picture a seal has, to its own department alone', async () => {
    permitted = 'seals:read'
    const png = await get(`/api/seals/${world.seal.id}/picture.png?dpi=300`)
    expect(png.status).toBe(200)
    const limits = { minSide: 1, maxSide: 5000, maxBytes: 1 << 24 }
    expect(decodePng(new Uint8Array(await png.arrayBuffer()), limits).header).toMatchObject({ width: 531, height: 531 })
    const pdf = await get(`/api/seals/${world.seal.id}/picture.pdf`)
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 8)
        .toString(),
    ).toBe('%PDF-1.7')
    expect((await get(`/api/seals/${world.seal.id}/picture.png?dpi=5000`)).status).toBe(422)
    caller = { ...clerk, departmentCode: civil.code }
    expect((await get(`/api/seals/${world.seal.id}/picture.png`)).status).toBe(404)
    expect((await get(`/api/seals/${world.seal.id}/picture.pdf`)).status).toBe(404)
    caller = clerk
  })

  it('tells reviewers of seals with the same words or the same looks, and nobody else', async () => {
    permitted = 'seals:review'
    const alike = async (seal: Seal) => {
      caller = { ...clerk, departmentCode: seal.departmentCode }
      const response = await get(`/api/seals/${seal.id}/alike`)
      expect(response.status).toBe(200)
      return ((await response.json()) as { items: { sealId: string; reason: string; distance: number | null }[] }).items
    }
    const own = (await world.seals.seals(market.code))[0]!
    expect(await alike(own)).toEqual([])
    // 巿 is another character than 市.
    const double = await order(civil.code, '云汀巿市场监督管理局', '云汀巿市场监督管理局')
    const special = await order(market.code, '云汀市市场监督管理局业务专用章', '云汀市市场监督管理局', '业务专用章')
    expect(await alike(own)).toEqual([
      { sealId: double.id, reason: 'LOOKS_ALIKE', characters: 1, distance: expect.any(Number) },
    ])
    expect(await alike(special)).toEqual([])
    const same = await order(civil.code, '另一枚', '云汀市市场监督管理局')
    expect((await alike(own)).map(({ sealId, reason }) => [sealId, reason])).toEqual([
      [same.id, 'SAME_WORDS'],
      [double.id, 'LOOKS_ALIKE'],
    ])
    await world.seals.changeSealState({ sealId: same.id, action: 'revoke', reason: 'test', callerId: 'system:test' })
    expect((await alike(own)).map(({ sealId }) => sealId)).toEqual([double.id])
    permitted = 'seals:read'
    expect((await get(`/api/seals/${own.id}/alike`)).status).toBe(403)
    caller = clerk
  })
})
