import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformError } from '../../../platform/index.ts'
import type { Filing } from '../../../seal-service/domain/filing.ts'
import { createNationalStatusSystem } from '../../../seal-service/ports/national-status-system.ts'
import { createPkiWorld, type PkiWorld } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { startStatusWorld } from './status-world.ts'

let pki: PkiWorld
let world: Awaited<ReturnType<typeof startStatusWorld>>

beforeAll(async () => {
  pki = await createPkiWorld(await engines[0]!.open())
  await pki.pki.start()
  world = await startStatusWorld(pki.pki, pki.clock)
})
afterAll(async () => {
  await world?.system.close()
  world?.keyStore.close()
  await pki?.close()
})

const day = 86_400_000
const factsOf = (sealId: string, name = `印章${sealId}`): Filing['facts'] => ({
  sealId,
  name,
  departmentCode: '11330199MB0000001X',
  kindCode: '01',
  replaces: null,
  createdAt: pki.clock.now(),
  makerName: '云汀市印章制作中心',
  certificate: Uint8Array.of(1, 2, 3),
  certStart: new Date(pki.clock.now().getTime() - day),
  certEnd: new Date(pki.clock.now().getTime() + 365 * day),
  validEnd: new Date(pki.clock.now().getTime() + 300 * day),
  makerSignature: Uint8Array.of(4, 5, 6),
})
const ended = (kind: 'revoked' | 'withdrawn' | 'lost') => ({
  kind,
  reason: '机构 | 撤并',
  appliedAt: pki.clock.now(),
  effectiveAt: pki.clock.now(),
})
const open = (changed: object = {}) => createNationalStatusSystem({ ...world.client, ...changed })

describe('the client of the national status system', () => {
  it('releases a seal with every field of task 207, signed by SM2 as another implementation checks it', async () => {
    const sent = await open().send({ task: 'release', facts: factsOf('33019900000001') })
    expect(world.system.refusals).toEqual([])
    expect(world.system.seals.get('33019900000001')?.fields).toEqual(sent)
    expect(sent).toMatchObject({
      sealZone: '330199',
      useUnitCode: '11330199MB0000001X',
      legalType: '01',
      signCert: 'AQID',
      signature: 'BAUG',
      createTime: '2026-11-21 16:00:00',
      parentSealCode: '',
    })
  })

  it('gives the same record when it is told twice', async () => {
    const filing: Filing = { task: 'release', facts: factsOf('33019900000002') }
    await open().send(filing)
    const before = world.system.seals.size
    await open().send(filing)
    expect(world.system.seals.size).toBe(before)
  })

  it.each([
    ['revoked', '0'],
    ['withdrawn', '1'],
    ['lost', '2'],
  ] as const)('tells that a seal is %s, and both queries say invalid from then on', async (kind, invalidType) => {
    const id = `3301990000001${invalidType}`
    const seal = { id, name: `印章${id}` }
    const client = open()
    await client.send({ task: 'release', facts: factsOf(id) })
    expect(await client.status(seal)).toBe('valid')
    expect(await client.publicStatus(seal)).toBe('valid')
    await client.send({ task: 'deactivate', facts: factsOf(id), end: ended(kind) })
    expect(world.system.seals.get(id)).toMatchObject({ invalidType })
    expect(await client.status(seal)).toBe('invalid')
    expect(await client.publicStatus(seal)).toBe('invalid')
    expect(world.system.refusals).toEqual([])
  })

  it('renews a seal: its end is the new one', async () => {
    const facts = factsOf('33019900000020')
    await open().send({ task: 'release', facts })
    await open().send({ task: 'renew', facts: { ...facts, validEnd: new Date('2030-01-01T00:00:00Z') } })
    expect(world.system.seals.get('33019900000020')!.validEndTime).toBe('2030-01-01 08:00:00')
  })

  it('says unknown of a seal that nobody filed, and lists those that ended', async () => {
    expect(await open().publicStatus({ id: '33019999999999', name: 'none' })).toBe('unknown')
    const span = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z'), page: 1 }
    const codes = (await open().deactivated(span)).map(({ sealCode }) => sealCode)
    expect(codes).toEqual(['33019900000010', '33019900000011'])
  })

  it('asks for one token as long as it lasts', async () => {
    const client = open()
    const seal = { id: '33019900000001', name: '印章33019900000001' }
    await client.status(seal)
    await client.status(seal)
    expect(world.system.refusals).toEqual([])
    pki.clock.advance(3_600_000)
    expect(await client.status(seal)).toBe('valid')
  })

  it.each([
    ['another secret', { secret: 'wrong' }],
    ['another account', { appKey: 'app-2' }],
    ['a peer that is not the one it knows', { peer: Uint8Array.of(1) }],
  ])('is refused, or refuses, with %s', async (_, changed) => {
    await rejectsWithCode(
      open(changed).send({ task: 'release', facts: factsOf('33019900000030') }),
      'SEAL_FILING_REFUSED',
    )
    expect(world.system.seals.has('33019900000030')).toBe(false)
  })

  it('is refused with a wrong password, and its error holds no secret', async () => {
    const refusal = open({ password: 'wrong' }).status({ id: '1', name: 'x' })
    const error = await refusal.catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'SEAL_FILING_REFUSED' })
    expect(JSON.stringify(error) + (error as Error).message).not.toMatch(/wrong|secret|salt/)
  })

  it.each(['silent', 'broken', 'losing'] as const)('tells an outage from a refusal: %s', async (how) => {
    world.system.behave(how)
    const sending = open({ timeoutMs: 300 }).send({ task: 'release', facts: factsOf('33019900000031') })
    await expect(sending).rejects.toSatisfy(
      (error) => error instanceof PlatformError && error.code === 'UPSTREAM_UNAVAILABLE',
    )
    world.system.behave('well')
    await open().send({ task: 'release', facts: factsOf('33019900000031') })
  })

  it('gives the code of a refused task', async () => {
    world.system.behave('refusing')
    await rejectsWithCode(open().send({ task: 'release', facts: factsOf('33019900000032') }), 'SEAL_FILING_REFUSED')
    world.system.behave('well')
  })
})
