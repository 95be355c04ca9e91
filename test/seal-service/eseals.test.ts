import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KeyStoreError } from '../../key-store/index.ts'
import { eseal, OID, parsePublicKey, x509 } from '../../pki/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../platform/index.ts'
import type { SealOrder } from '../../seal-service/index.ts'
import { baseUrl } from '../pki-service/world.ts'
import { breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld } from './world.ts'

describe.each(engines)('the SESeals of a seal service on $name', ({ open }) => {
  let world: SealWorld
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())

  const usesOf = async (sealId: string) => {
    const rows = await world.database.query<{ layout: string; phase: string; eseal_digest: Uint8Array | null }>(
      'select layout, phase, eseal_digest from seal.maker_uses where seal_id = $1 order by layout, phase, at',
      [sealId],
    )
    return rows.map(({ layout, phase }) => `${layout} ${phase}`)
  }
  const trust = async () => {
    const { anchors, intermediates, crls } = await world.pki.pki.sm2Trust()
    const isMaker = (certificate: x509.Certificate) => certificate.extKeyUsage?.includes(OID.sealMaking) === true
    return { anchors, intermediates, crls, isMaker, at: world.pki.clock.now() }
  }

  it.each(['V5', 'V4'] as const)('are made with each seal and found valid under the SM2 root: %s', async (layout) => {
    const seal = eseal.parseSeal(await world.seals.eseal(world.seal.id, layout))
    const verified = await eseal.verifySeal(seal, await trust())
    expect(verified.steps.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect(verified).toMatchObject({ verdict: 'valid', signatureValid: true })
    expect(seal.layout).toBe(layout)
    expect(seal.info).toMatchObject({ esId: world.seal.id, headerId: 'ES', property: { type: 1, name: market.name } })
    expect(seal.info.picture).toMatchObject({ type: 'SVG', widthMm: 45, heightMm: 45 })
    expect(new TextDecoder().decode(seal.info.picture.data)).toBe(await world.seals.sealPictureSvg(world.seal.id))
    const { certList } = seal.info.property
    const [signer] = certList.kind === 'certificates' ? certList.certificates : []
    const parsed = x509.parseCertificate(signer!)
    expect(parsePublicKey(parsed.subjectPublicKeyInfo).kind).toBe('sm2')
    expect(parsed.subject.text).toContain(market.name)
  })

  it('are signed by one maker whose every use is on record before and after', async () => {
    expect(await usesOf(world.seal.id)).toEqual(['V4 intended', 'V4 made', 'V5 intended', 'V5 made'])
    const [row] = await world.database.query<{ eseal_digest: Uint8Array }>(
      `select eseal_digest from seal.maker_uses where seal_id = $1 and layout = 'V5' and phase = 'made'`,
      [world.seal.id],
    )
    const bytes = await world.seals.eseal(world.seal.id, 'V5')
    expect(Buffer.from(row!.eseal_digest)).toEqual(createHash('sha256').update(bytes).digest())
  })

  it('stay as they are when they are made again, also by another process', async () => {
    const before = await world.seals.eseal(world.seal.id, 'V5')
    await world.another().makeDemoSeals([market, civil])
    expect(await world.seals.eseal(world.seal.id, 'V5')).toEqual(before)
    expect(await usesOf(world.seal.id)).toHaveLength(4)
  })

  it('cannot be changed or taken away on record', async () => {
    for (const table of ['eseals', 'maker_uses']) {
      await expect(world.database.query(`update seal.${table} set seal_id = seal_id`, [])).rejects.toThrow()
      await expect(world.database.query(`delete from seal.${table}`, [])).rejects.toThrow()
    }
  })

  it.each(['not persisted', 'persisted'] as const)('are completed after a break at any write, %s', async (when) => {
    const department = { ...market, name: `云汀市测试局${when.length}` }
    const order = { departmentCode: market.code, departmentName: department.name, name: department.name, typeCodes: [] }
    const whole = { ...order, ringText: department.name, lowerText: null, diameterMm: 42, callerId: 'test' }
    for (let write = 1; write < 30; write++) {
      const broken = world.another({ database: breakingDatabase(world.database, write, when) })
      const done = await broken.makeSeal({ ...whole, keyAlgorithm: 'ec-p256' }).then(
        () => true,
        (error: Error) => {
          expect(error.message).toContain('broken')
          return false
        },
      )
      if (done) break
    }
    const seal = await world.seals.makeSeal({ ...whole, keyAlgorithm: 'ec-p256' })
    const uses = await usesOf(seal.id)
    expect(uses.filter((use) => use.endsWith('made'))).toEqual(['V4 made', 'V5 made'])
    const verified = await eseal.verifySeal(eseal.parseSeal(await world.seals.eseal(seal.id, 'V5')), await trust())
    expect(verified.verdict).toBe('valid')
  })

  it('are made once when two processes make them at once', async () => {
    const order = {
      ...{ departmentCode: civil.code, departmentName: civil.name, name: '云汀市民政局婚姻登记专用章', typeCodes: [] },
      ...{
        ringText: civil.name,
        lowerText: '婚姻登记',
        diameterMm: 42,
        callerId: 'test',
        keyAlgorithm: 'ec-p256' as const,
      },
    } satisfies SealOrder
    const [a, b] = await Promise.all([world.seals.makeSeal(order), world.another().makeSeal(order)])
    expect(a.id).toBe(b.id)
    expect((await usesOf(a.id)).filter((use) => use.endsWith('made'))).toEqual(['V4 made', 'V5 made'])
  })

  it('are left out without a maker, and where a key store knows no SM2', async () => {
    const knowsNoSm2: typeof world.keyStore = {
      ...world.keyStore,
      get: (name) => {
        if (name.includes('sm2') || name === 'seal-maker') throw new KeyStoreError('KEY_NOT_FOUND', name)
        return world.keyStore.get(name)
      },
      generate: (name, kind) => {
        if (kind === 'sm2') throw new KeyStoreError('KEY_KIND_UNSUPPORTED', name)
        return world.keyStore.generate(name, kind)
      },
    }
    for (const [index, changed] of [{ keyStore: knowsNoSm2 }, { without: true }].entries()) {
      const service = 'without' in changed ? world.another({ sealMaker: undefined as never }) : world.another(changed)
      const seal = await service.makeSeal({
        ...{ departmentCode: civil.code, departmentName: civil.name, name: `云汀市民政局${index}`, typeCodes: [] },
        ...{ ringText: civil.name, lowerText: null, diameterMm: 42, callerId: 'test', keyAlgorithm: 'ec-p256' },
      })
      expect(seal.state).toBe('active')
      await rejectsWithCode(service.eseal(seal.id, 'V5'), 'SEAL_ESEAL_ABSENT')
    }
    await rejectsWithCode(world.seals.eseal('33019999999999', 'V5'), 'SEAL_NOT_FOUND')
  })

  it('are refused when the key did not sign by SM2', async () => {
    const keyStore: typeof world.keyStore = {
      ...world.keyStore,
      get: (name) => {
        const key = world.keyStore.get(name)
        return name === 'seal-maker'
          ? { ...key, sign: async () => (key as { signSync(d: Uint8Array): Uint8Array }).signSync(new Uint8Array(1)) }
          : key
      },
    }
    const order = {
      ...{ departmentCode: civil.code, departmentName: civil.name, name: '云汀市民政局错签', typeCodes: [] },
      ...{ ringText: civil.name, lowerText: null, diameterMm: 42, callerId: 'test', keyAlgorithm: 'ec-p256' as const },
    } satisfies SealOrder
    await expect(world.another({ keyStore }).makeSeal(order)).rejects.toThrow('did not sign')
    const [seal] = (await world.seals.seals(civil.code)).filter(({ name }) => name === order.name)
    expect(await usesOf(seal!.id)).toEqual(['V5 intended'])
    await world.seals.makeSeal(order)
    expect((await usesOf(seal!.id)).filter((use) => use.endsWith('made'))).toHaveLength(2)
  })
})

describe('GET /api/seals/{sealId}/seal.esl', () => {
  let world: SealWorld
  let server: Listening
  let caller: Principal | undefined = clerk
  let permitted: string | undefined = 'seals:read'
  const authority: Authority = {
    authenticate: async () => caller,
    isPermitted: (_principal, permission) => permission === permitted,
  }
  beforeAll(async () => {
    world = await createSealWorld(await engines[0]!.open())
    const app = createApp({
      ...{ routeSets: [world.seals.routes], authority, ids: systemIds, baseUrl, isProduction: false },
      log: createLog({ level: 'error' }),
    })
    server = await listen(app, { port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await server.stop()
    await world.close()
  })
  const get = (path: string) => fetch(`${server.url}/api/seals/${path}`)

  it('answers version 5, and 4 where it is asked for, as a file named by the seal', async () => {
    for (const [query, layout] of [
      ['', 'V5'],
      ['?version=5', 'V5'],
      ['?version=4', 'V4'],
    ] as const) {
      const response = await get(`${world.seal.id}/seal.esl${query}`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${world.seal.id}.esl"`)
      expect(eseal.parseSeal(new Uint8Array(await response.arrayBuffer())).layout).toBe(layout)
    }
  })

  it('refuses other versions, other departments, and whoever lacks the permission', async () => {
    expect((await get(`${world.seal.id}/seal.esl?version=1`)).status).toBe(422)
    expect((await get('33019900000099/seal.esl')).status).toBe(404)
    caller = { ...clerk, departmentCode: civil.code }
    expect((await get(`${world.seal.id}/seal.esl`)).status).toBe(404)
    caller = undefined
    expect((await get(`${world.seal.id}/seal.esl`)).status).toBe(401)
    caller = clerk
    permitted = undefined
    expect((await get(`${world.seal.id}/seal.esl`)).status).toBe(403)
    permitted = 'seals:read'
  })
})
