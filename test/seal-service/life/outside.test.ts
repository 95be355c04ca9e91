import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revocationOf } from '../../../bin/pki-ports.ts'
import { createHttpRevocationSource, type SealService } from '../../../seal-service/index.ts'
import { engines } from '../../support/engines.ts'
import { type OutsideAuthority, openOutsideAuthority } from '../../support/outside-authority.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { createLifeWorld, type LifeWorld, people } from './life-world.ts'

describe.each(engines)('a seal that an authority outside certifies, on $name', ({ open }) => {
  let house: LifeWorld
  let authority: OutsideAuthority
  let service: SealService
  beforeAll(async () => {
    house = await createLifeWorld(await open())
    const { clock, pki } = house.world.pki
    authority = await openOutsideAuthority(clock)
    const source = createHttpRevocationSource({ clock, privateAddresses: 'loopback', timeoutMs: 500 })
    service = house.another({ revocation: revocationOf(pki, source), outsideLists: source })
    await service.start()
    await service.trustAuthority(authority.root, 'operator')
  })
  afterAll(async () => {
    await authority.close()
    await house.close()
  })

  const waiting = async () => {
    const id = await house.bring('approved', { certificate: 'outside' })
    await house.drawAndApprove(id)
    await rejectsWithCode(house.act(people.maker, id, { action: 'make' }), 'SEAL_TRANSITION_FORBIDDEN')
    await house.act(people.maker, id, { action: 'wait' })
    return id
  }
  const make = (id: string, certificates: readonly Uint8Array[], who = people.maker) =>
    service.life.act(who, id, { action: 'make', certificates })

  it('waits for its certificate and is made with it by its maker, then filed and handed over as every other', async () => {
    const id = await waiting()
    const csr = (await service.life.certificateRequest(people.maker, id))!
    const certificates = [await authority.sign(csr), authority.issuing]
    await rejectsWithCode(make(id, certificates, people.reviewer), 'SEAL_ROLE_MISSING')
    expect(await make(id, certificates)).toMatchObject({ state: 'made' })
    await service.life.act(people.maker, id, { action: 'file' })
    await service.life.act(people.maker, id, { action: 'issue', keeperId: people.keeper.id })
    await service.life.act(people.keeper, id, { action: 'accept' })
    const { timeline, seal } = await service.life.read(people.keeper, id)
    expect(timeline.map(({ action }) => action)).toEqual([
      ...['apply', 'approve', 'draw', 'approve-picture', 'wait', 'request', 'make', 'file', 'issue', 'accept'],
    ])
    expect(seal).toMatchObject({ state: 'active', certificateNumber: 1 })
  })

  it('takes no certificate of another seal, and no other person’s', async () => {
    const [one, other] = [await waiting(), await waiting()]
    const certificate = await authority.sign((await service.life.certificateRequest(people.maker, other))!)
    await rejectsWithCode(make(one, [certificate, authority.issuing]), 'SEAL_CERTIFICATE_REFUSED')
    expect([await house.stateOf(one), await house.stateOf(other)]).toEqual(['waiting', 'waiting'])
    await rejectsWithCode(make(one, []), 'SEAL_CERTIFICATE_UNREADABLE')
    await rejectsWithCode(service.life.certificateRequest(people.otherMaker, one), 'SEAL_NOT_FOUND')
  })

  it('is renewed with what the authority answers to the next request', async () => {
    const id = await waiting()
    const sign = async () => authority.sign((await service.life.certificateRequest(people.maker, id))!)
    await make(id, [await sign(), authority.issuing])
    await service.life.act(people.maker, id, { action: 'file' })
    await service.life.act(people.maker, id, { action: 'issue', keeperId: people.keeper.id })
    await service.life.act(people.keeper, id, { action: 'accept' })
    house.world.pki.clock.advance(86_400_000)
    const certificates = [await sign(), authority.issuing]
    expect(await service.life.act(people.maker, id, { action: 'renew', certificates })).toMatchObject({
      state: 'active',
    })
    expect((await service.life.read(people.keeper, id)).seal.certificateNumber).toBe(2)
    await house.act(people.keeper, id, { action: 'suspend', reason: 'x' })
  })
})
