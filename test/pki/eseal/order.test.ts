// What lies inside a signature is no younger than it.
import { describe, expect, it } from 'vitest'
import { eseal, primitives, tsp } from '../../../pki/index.ts'
import { makeSeal, makeSignature, protectedData } from '../../fixtures/eseals.ts'
import { createTestPki, testTimes } from '../../fixtures/pki.ts'

const early = new Date('2026-03-01T00:00:00Z')
const pki = await createTestPki({
  root: { key: 'sm2' },
  issuing: { under: 'root', key: 'sm2' },
  maker: { under: 'issuing', key: 'sm2', profile: 'seal-maker' },
  seal: { under: 'issuing', key: 'sm2' },
  tsa: { under: 'issuing', key: 'ec-p256', profile: 'time-stamp' },
})

const judge = async (bytes: Uint8Array) =>
  eseal.verifySignature(eseal.parseSignature(bytes), protectedData, {
    anchors: [pki.get('root').certificate],
    intermediates: [pki.get('issuing').certificate],
    crls: await pki.crls(),
    at: testTimes.now,
  })

const stampAt =
  (genTime: Date) =>
  async (signature: Uint8Array): Promise<Uint8Array> => {
    const { certificate, chain, key } = pki.get('tsa')
    const signatureAlgorithm = 'ecdsa-with-SHA256'
    const policy = '1.3.6.1.4.1.99999.1'
    const signer = tsp.compileTokenSigner({ certificate, chain, signatureAlgorithm, policy, accuracySeconds: 1 })
    const messageImprint = { algorithm: 'SHA-256', digest: primitives.digestSync('SHA-256', signature) } as const
    const prepared = signer.prepare({ messageImprint, serialNumber: Uint8Array.of(7), genTime })
    return prepared.assemble(await key.sign(prepared.toSign))
  }

describe('verifySignature', () => {
  it('cannot decide on a signature that is older than the seal in it, by what either claims or stamps prove', async () => {
    const by = pki.get('seal')
    const [before, minutesBefore, april] = [
      new Date('2026-01-20T00:00:00Z'),
      new Date('2026-01-31T23:57:00Z'),
      new Date('2026-04-01T00:00:00Z'),
    ]
    const seal = await makeSeal(pki.get('maker'), by)
    const older = { verdict: 'undecided', reason: 'SIGNED_BEFORE_SEAL' }
    expect(await judge(await makeSignature(seal, by, { time: before }))).toMatchObject(older)
    const stamped = await makeSignature(seal, by, { time: before }, stampAt(before))
    expect(await judge(stamped)).toMatchObject(older)
    const stampedSeal = await makeSeal(pki.get('maker'), by, {}, stampAt(april))
    const signedBefore = await makeSignature(stampedSeal, by, { time: early }, stampAt(early))
    expect(await judge(signedBefore)).toMatchObject(older)
    const signedAfter = await makeSignature(stampedSeal, by, { time: april }, stampAt(april))
    expect(await judge(signedAfter)).toMatchObject({ verdict: 'valid' })
    // Clocks differ.
    expect(await judge(await makeSignature(seal, by, { time: minutesBefore }))).toMatchObject({
      verdict: 'valid',
    })
  })
})
