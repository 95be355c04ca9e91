import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ocsp, parsePublicKey, type SigningKey, x509 } from '../../pki/index.ts'
import { makeTestKey } from '../fixtures/pki.ts'
import { newSm2Key } from '../fixtures/sm2.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { createPkiWorld, type PkiWorld } from './world.ts'

const subject = {
  organisation: '测试市市场监督管理局',
  organisationCode: '11330199MB0000001X',
  commonName: '测试市市场监督管理局',
}

describe('the SM2 chain of the demonstration PKI', () => {
  let world: PkiWorld
  beforeAll(async () => {
    world = await createPkiWorld(await engines[0]!.open())
    await world.pki.start()
  })
  afterAll(() => world.close())

  const validate = async (leaf: Uint8Array) => {
    const { anchors, intermediates, crls } = await world.pki.sm2Trust()
    return x509.validatePath({ leaf, anchors, intermediates, crls, at: world.clock.now() })
  }

  it('is of SM2 keys from the root down, and no anchor of anything else', async () => {
    const { anchors, intermediates, crls } = await world.pki.sm2Trust()
    expect([anchors.length, intermediates.length, crls.length]).toEqual([1, 1, 2])
    for (const der of [...anchors, ...intermediates]) {
      const certificate = x509.parseCertificate(der)
      expect(parsePublicKey(certificate.subjectPublicKeyInfo).kind).toBe('sm2')
      expect(certificate.subject.text).toContain('Zhengyin TEST SM2')
      expect(world.pki.anchors()).not.toContainEqual(der)
      expect(world.pki.caCertificates()).not.toContainEqual(der)
    }
    for (const list of crls) expect(await world.pki.crls()).not.toContainEqual(list)
  })

  it('certifies keys for seals and for makers, each found good by the lists', async () => {
    for (const profile of ['sm2-seal', 'seal-maker'] as const) {
      expect(world.pki.offers(profile)).toBe(true)
      const key = newSm2Key()
      const { certificate, chain } = await world.pki.certify({ profile, subject, publicKey: key.publicKey })
      expect(chain).toHaveLength(2)
      const result = await validate(certificate)
      expect(result.valid, result.detail).toBe(true)
      const again = await world.pki.certify({ profile, subject, publicKey: key.publicKey })
      expect(again.certificate).toEqual(certificate)
      const parsed = x509.parseCertificate(certificate)
      expect(parsed.extKeyUsage ?? []).toHaveLength(profile === 'seal-maker' ? 1 : 0)
    }
  })

  it('refuses keys of another kind there, and SM2 keys elsewhere', async () => {
    const p256 = makeTestKey('ec-p256').publicKey
    const sm2 = newSm2Key().publicKey
    for (const [profile, publicKey] of [
      ['sm2-seal', p256],
      ['seal-maker', p256],
      ['seal', sm2],
      ['statement', sm2],
    ] as const)
      await rejectsWithCode(world.pki.certify({ profile, subject, publicKey }), 'PKI_PUBLIC_KEY_REFUSED')
  })

  it('answers for its certificates by a responder of its own, and names the revoked one', async () => {
    const key = newSm2Key()
    const { certificate, chain } = await world.pki.certify({ profile: 'sm2-seal', subject, publicKey: key.publicKey })
    const ask = async () => {
      const [answer] = await world.pki.revocationAnswers([certificate], new Date(0))
      const parsed = ocsp.parseResponse(answer!)
      const [issuer, leaf] = [x509.parseCertificate(chain[0]!), x509.parseCertificate(certificate)]
      const at = world.clock.now()
      expect(await ocsp.verifyResponse(parsed, { issuer, certificate: leaf, at, candidates: [] })).toBe(null)
      return (await ocsp.findSingle(parsed, { issuer, certificate: leaf }))!.status
    }
    expect(await ask()).toBe('good')
    const { serialNumberHex } = x509.parseCertificate(certificate)
    await world.pki.revokeCertificate(serialNumberHex, 'keyCompromise', world.clock.now())
    expect(await ask()).toBe('revoked')
    expect((await validate(certificate)).reason).toBe('REVOKED')
  })

  it('is not made with keys that sign something else', async () => {
    const other = await createPkiWorld(await engines[0]!.open())
    const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const wrong = (key: SigningKey): SigningKey =>
      key.signatureAlgorithm === 'SM2-with-SM3'
        ? { ...key, sign: async (data) => new Uint8Array(sign('sha256', data, ecdsa)), signSync: undefined as never }
        : key
    const keyStore: typeof other.keyStore = {
      ...other.keyStore,
      get: (name) => wrong(other.keyStore.get(name)),
      generate: async (name, kind) => wrong(await other.keyStore.generate(name, kind)),
    }
    await expect(other.another({ keyStore }).start()).rejects.toThrow('its public key does not verify')
    await other.close()
  })
})
