// Certificates from outside as years go by: renewal, and evidence from an authority that is late or away.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyStore } from '../../key-store/index.ts'
import { ca } from '../../pki/index.ts'
import type { Seal } from '../../seal-service/index.ts'
import { engines } from '../support/engines.ts'
import { isSoftHsmMissing, makeSoftHsm } from '../support/soft-hsm.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { by, createOutsideWorld, day, type OutsideWorld } from './outside-world.ts'
import { market } from './world.ts'

describe.each(engines)('certificates from outside, later, on $name', ({ open }) => {
  let house: OutsideWorld
  beforeAll(async () => {
    house = await createOutsideWorld(await open())
  })
  afterAll(() => house.close())

  describe('renewal', () => {
    it('takes a later certificate of the same key without a pause, and keeps the one before in the trust list', async () => {
      const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
      const before = (await house.put(seal, 'B-LT')).pdf
      house.world.pki.clock.advance(300 * day)
      await house.world.pki.pki.refreshCrls()
      const renewed = await house.bring(await house.answer(seal))
      expect(renewed).toMatchObject({
        isNew: true,
        seal: { state: 'active', certificateNumber: 2, keyName: seal.keyName },
      })
      const sealed = await house.put(renewed.seal, 'B-LT', house.restart())
      const both = [...house.world.pki.pki.anchors(), house.authority.root]
      expect(await house.judge(sealed.pdf, both)).toMatchObject({ verdict: 'accepted' })
      expect(await house.judge(before, both)).toMatchObject({ verdict: 'accepted' })
      const inUse = (await house.seals.certificates(market.code)).find(({ sealId }) => sealId === seal.id)!
      expect(inUse).toMatchObject({ number: 2, source: 'outside' })
      const listed = (await house.seals.publicKeys()).find(({ departmentCode }) => departmentCode === market.code)!
      const listedSince = (certificate: Uint8Array) =>
        listed.services.find((one) => Buffer.compare(one.certificate, certificate) === 0)?.states
      expect(listedSince(inUse.certificate)).toEqual([{ state: 'granted', since: inUse.at }])
      const [first] = await house.world.database.query<{ certificate: Uint8Array }>(
        'select certificate from seal.seal_certificates where seal_id = $1 and number = 1',
        [seal.id],
      )
      expect(listedSince(first!.certificate)).toHaveLength(1)
    })

    it('moves to a new key with its certificate; the old key’s cannot come back', async () => {
      const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
      const csr = await house.ask(seal, { newKey: true })
      expect(await house.ask(seal, { newKey: true })).toEqual(csr)
      expect(ca.parseCsr(csr).subjectPublicKeyInfo).not.toEqual(
        (await house.world.keyStore.get(seal.keyName)).publicKey,
      )
      expect(await house.stateOf(seal)).toMatchObject({ keyName: seal.keyName, certificateNumber: 1 })
      const renewed = await house.bring([await house.authority.sign(csr), house.authority.issuing])
      expect(renewed.seal).toMatchObject({ keyName: `${seal.keyName}-2`, certificateNumber: 2 })
      expect(await house.put(renewed.seal, 'B-B')).toMatchObject({ level: 'B-B' })
      await house.refusedFor(await answerOfOldKey(seal), 'KEY_SUPERSEDED')
      const third = await house.seals.requestCertificate({
        sealId: seal.id,
        organisation: market.name,
        newKey: true,
        callerId: by,
      })
      expect(third.keyName).toBe(`${seal.keyName}-3`)
    })
    const answerOfOldKey = async (seal: Seal) => {
      const [row] = await house.world.database.query<{ csr: Uint8Array }>(
        'select csr from seal.certificate_requests where seal_id = $1 and key_name = $2',
        [seal.id, seal.keyName],
      )
      return [await house.authority.sign(row!.csr), house.authority.issuing]
    }

    it('refuses one made before the one in use, and anything for a seal that was revoked', async () => {
      const seal = await house.newSeal()
      const older = await house.answer(seal)
      house.world.pki.clock.advance(60_000)
      await house.bring(await house.answer(seal))
      await house.refusedFor(older, 'OLDER')
      await house.seals.changeSealState({ sealId: seal.id, action: 'suspend', reason: 'test', callerId: by })
      house.world.pki.clock.advance(60_000)
      expect((await house.bring(await house.answer(seal))).seal).toMatchObject({
        state: 'suspended',
        certificateNumber: 2,
      })
      house.world.pki.clock.advance(60_000)
      const next = await house.answer(seal)
      await house.seals.changeSealState({ sealId: seal.id, action: 'revoke', reason: 'test', callerId: by })
      await rejectsWithCode(house.bring(next), 'SEAL_REVOKED')
      await rejectsWithCode(house.ask(seal), 'SEAL_REVOKED')
    })

    it('is needed when the certificate has ended: nothing is sealed until it comes', async () => {
      const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
      const messages: object[] = []
      const warned = house.restart({
        log: { warn: (text: string, facts: object) => messages.push({ text, ...facts }) } as never,
      })
      house.world.pki.clock.advance(320 * day)
      await warned.outside.refresh()
      expect(messages).toContainEqual(
        expect.objectContaining({ sealId: seal.id, text: expect.stringContaining('renewed') }),
      )
      house.world.pki.clock.advance(50 * day)
      await rejectsWithCode(house.put(seal, 'B-B'), 'SEAL_CERTIFICATE_EXPIRED')
      const renewed = (await house.bring(await house.answer(seal))).seal
      expect(await house.put(renewed, 'B-B')).toMatchObject({ level: 'B-B' })
    })

    it('takes a seal of the house’s own authority over to the outside one', async () => {
      await house.world.pki.pki.refreshCrls()
      const seal = await house.stateOf(house.world.seal)
      const taken = await house.bring(await house.answer(seal))
      expect(taken).toMatchObject({ isNew: true, seal: { state: 'active', certificateNumber: 2 } })
    })
  })

  describe('evidence from the authority', () => {
    it('waits for a list made after the time stamp: B-T until then, B-LT later', async () => {
      const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
      house.authority.listsFrom = new Date(house.world.pki.clock.now().getTime() - 3_600_000)
      const sealed = await house.put(seal, 'B-LT', house.restart())
      expect(sealed).toMatchObject({ level: 'B-T', shortfall: { code: 'SEAL_REVOCATION_DATA_MISSING' } })
      house.authority.listsFrom = null
      house.world.pki.clock.advance(120_000)
      const { identifier, pdf, level } = sealed
      const [raised] = await house.restart().augmentDocuments([{ identifier, pdf, level, target: 'B-LT' }])
      expect(raised).toMatchObject({ level: 'B-LT', shortfall: null })
    })

    const faults: readonly (readonly [what: string, handle: (response: ServerResponse) => unknown, code: string])[] = [
      ['does not answer', () => undefined, 'UPSTREAM_UNAVAILABLE'],
      [
        'sends others elsewhere',
        (response) => response.writeHead(302, { Location: `${house.authority.url}/root.crl` }).end(),
        'UPSTREAM_UNAVAILABLE',
      ],
      ['never ends', (response) => response.write(Buffer.alloc(17 << 20, 0x30)), 'UPSTREAM_UNAVAILABLE'],
      ['gives no list', (response) => response.end('no list'), 'CRL_MALFORMED'],
    ]
    it.each(faults)(
      'leaves a document at B-T when its server %s, and asks it once a minute',
      async (_what, handle, code) => {
        const seal = (await house.bring(await house.answer(await house.newSeal()))).seal
        const sound = house.authority.handle
        let asked = 0
        house.authority.handle = (_request, response) => {
          asked++
          handle(response)
        }
        try {
          const service = house.restart()
          const sealed = await house.put(seal, 'B-LT', service)
          expect(sealed).toMatchObject({ level: 'B-T', shortfall: { code } })
          await house.put(seal, 'B-LT', service)
          await expect.poll(() => asked).toBe(2)
          expect(await service.outside.lists()).toEqual([])
          expect(asked).toBe(2)
        } finally {
          house.authority.handle = sound
        }
      },
      30_000,
    )
  })

  it.skipIf(isSoftHsmMissing())(
    'serves a seal whose key never leaves a token',
    async () => {
      const hsm = makeSoftHsm('seals outside')
      const keyStore = await createKeyStore({ folder: temporaryFolder(), passphrase: 'for tests', token: hsm.token })
      try {
        const service = house.restart({ keyStore })
        const seal = await house.newSeal(service)
        const { csr } = await service.requestCertificate({ sealId: seal.id, organisation: market.name, callerId: by })
        expect(await ca.verifyCsr(ca.parseCsr(csr), house.world.pki.clock.now())).toBeNull()
        const certificates = [await house.authority.sign(csr), house.authority.issuing]
        // The key is not in the other store: there the certificate is of no use.
        await rejectsWithCode(house.bring(certificates), 'KEY_NOT_FOUND')
        const taken = await house.bring(certificates, service)
        const sealed = await house.put(taken.seal, 'B-LT', service)
        const anchors = [...house.world.pki.pki.anchors(), house.authority.root]
        expect(await house.judge(sealed.pdf, anchors)).toMatchObject({ indication: 'TOTAL-PASSED' })
      } finally {
        keyStore.close()
        hsm.remove()
      }
    },
    30_000,
  )
})
