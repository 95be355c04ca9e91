import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, type SigningKey, x509 } from '../../pki/index.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { createPkiWorld, type PkiWorld } from './world.ts'

const subject = { organisation: '云汀市民政局', organisationCode: '11330199MB0000001X', commonName: '云汀市民政局' }
const csrOf = (key: SigningKey, commonName = 'whatever it says') => ca.encodeCsr({ subject: [['CN', commonName]], key })

function rsaKey(bits: number): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return {
    signatureAlgorithm: 'sha256WithRSAEncryption',
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    sign: async (data) => new Uint8Array(sign('sha256', data, privateKey)),
  }
}

describe.each(engines)('certifyRequest on $name', ({ open }) => {
  let world: PkiWorld
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    await world.pki.start()
  })
  afterAll(() => world.close())
  const certify = (csr: Uint8Array) => world.pki.certifyRequest({ profile: 'seal', subject, csr })

  it('certifies the key of a request for whom the caller names, and gives a repeat the same certificate', async () => {
    const { key } = makeSharedKey()
    const { certificate } = await certify(await csrOf(key, 'Somebody else'))
    const parsed = x509.parseCertificate(certificate)
    expect(parsed.subjectPublicKeyInfo).toEqual(key.publicKey)
    expect(parsed.subject.text).toContain('云汀市民政局')
    expect(parsed.subject.text).not.toContain('Somebody else')
    expect((await certify(await csrOf(key))).certificate).toEqual(certificate)
    const uses = await world.database.query(
      `select key_name from pki.key_uses where purpose = 'certificate' and subject = $1`,
      [parsed.serialNumberHex],
    )
    expect(uses).toEqual([{ key_name: 'seal-ca' }])
  })

  it('refuses the key of somebody who is certified already under another name', async () => {
    const csr = await csrOf(makeSharedKey().key)
    await certify(csr)
    for (const change of [
      { organisation: '云汀市教育局' },
      { organisationCode: '11330199MB0000002X' },
      { commonName: '云汀市教育局' },
    ]) {
      const asked = world.pki.certifyRequest({ profile: 'seal', subject: { ...subject, ...change }, csr })
      await rejectsWithCode(asked, 'PKI_REQUEST_REFUSED')
    }
  })

  it('refuses what does not prove its key, is too weak, or is no request', async () => {
    const { key } = makeSharedKey()
    const thief: SigningKey = { ...makeSharedKey().key, publicKey: key.publicKey }
    await expect(csrOf(thief)).rejects.toThrow()
    const forged = Uint8Array.from(await csrOf(key))
    forged[forged.length - 5]! ^= 1
    for (const csr of [
      forged,
      (await csrOf(key)).subarray(1),
      new Uint8Array(),
      new Uint8Array(100_000).fill(0x30),
      await csrOf(rsaKey(1024)).catch(() => new Uint8Array(1)),
    ]) {
      await rejectsWithCode(certify(csr), 'PKI_REQUEST_REFUSED')
    }
    await rejectsWithCode(certify(await csrOf(rsaKey(2048))), 'PKI_PUBLIC_KEY_REFUSED')
  })
})
