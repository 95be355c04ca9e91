import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ca, ocsp, x509 } from '../../pki/index.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { createPkiWorld, type PkiWorld } from './world.ts'

const department = {
  organisation: '云汀市民政局',
  organisationCode: '11330199MB0000001X',
  commonName: '云汀市民政局',
}

describe.each(engines)('revocationAnswers on $name', ({ open }) => {
  let world: PkiWorld
  let made = 0
  const certifySeal = async () => {
    const { publicKey } = await world.keyStore.generate(`seal-${++made}`, 'ec-p256')
    return world.pki.certify({ profile: 'seal', subject: department, publicKey })
  }
  const verify = async (answer: Uint8Array, certificate: Uint8Array, issuer: Uint8Array) => {
    const response = ocsp.parseResponse(answer)
    const question = {
      issuer: x509.parseCertificate(issuer),
      certificate: x509.parseCertificate(certificate),
      at: world.clock.now(),
    }
    expect(await ocsp.verifyResponse(response, question)).toBeNull()
    return (await ocsp.findSingle(response, question))!
  }

  beforeAll(async () => {
    world = await createPkiWorld(await open())
    await world.pki.start()
  })
  afterAll(() => world.close())

  it('answers for a seal, its CA, the stamping certificate, its CA and the root, in that order, each by its issuer’s responder', async () => {
    const { certificate, chain } = await certifySeal()
    const [signer, authority, root] = world.pki.timeStampChain()
    const asked = [certificate, chain[0]!, signer!, authority!, root!]
    const issuers = [chain[0]!, chain[1]!, authority!, root!, root!]
    const now = world.clock.now()
    const answers = await world.pki.revocationAnswers(asked, new Date(Math.floor(now.getTime() / 1000) * 1000))
    expect(answers).toHaveLength(5)
    for (const [index, answer] of answers.entries()) {
      const single = await verify(answer, asked[index]!, issuers[index]!)
      expect(single.status).toBe('good')
      expect(single.thisUpdate).toEqual(new Date('2026-11-21T08:00:00Z'))
      expect(single.nextUpdate).toEqual(new Date('2026-11-22T08:00:00Z'))
    }
  })

  it('makes an answer anew when the one it has is older than asked for, and gives it again while it is not', async () => {
    const { certificate, chain } = await certifySeal()
    const first = await world.pki.revocationAnswers([certificate], world.clock.now())
    const since = new Date(Math.floor(world.clock.now().getTime() / 1000) * 1000)
    expect(await world.pki.revocationAnswers([certificate], since)).toEqual(first)
    world.clock.advance(1000)
    const later = new Date(since.getTime() + 1000)
    const [second] = await world.pki.revocationAnswers([certificate], later)
    expect((await verify(second!, certificate, chain[0]!)).thisUpdate).toEqual(later)
  })

  it('tells a revocation from the moment on when revokeCertificate has resolved, with time and reason', async () => {
    const { certificate, chain } = await certifySeal()
    const notBefore = new Date(0)
    expect(
      (await verify((await world.pki.revocationAnswers([certificate], notBefore))[0]!, certificate, chain[0]!)).status,
    ).toBe('good')
    const { serialNumberHex } = x509.parseCertificate(certificate)
    await world.pki.revokeCertificate(serialNumberHex, 'keyCompromise', world.clock.now())
    const single = await verify(
      (await world.pki.revocationAnswers([certificate], notBefore))[0]!,
      certificate,
      chain[0]!,
    )
    expect(single).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
      revocationDate: new Date(Math.floor(world.clock.now().getTime() / 1000) * 1000),
    })
  })

  it('learns at its refresh what another process has revoked', async () => {
    const { certificate, chain } = await certifySeal()
    const other = world.another()
    await other.start()
    const statusBy = async (pki: PkiWorld['pki']) =>
      (await verify((await pki.revocationAnswers([certificate], new Date(0)))[0]!, certificate, chain[0]!)).status
    expect(await statusBy(other)).toBe('good')
    await world.pki.revokeCertificate(
      x509.parseCertificate(certificate).serialNumberHex,
      'superseded',
      world.clock.now(),
    )
    expect(await statusBy(world.pki)).toBe('revoked')
    await other.refreshAnswers()
    expect(await statusBy(other)).toBe('revoked')
    await other.close()
  })

  it('learns at its refresh that another process was told of a compromise since, and from when', async () => {
    const { certificate, chain } = await certifySeal()
    const { serialNumberHex } = x509.parseCertificate(certificate)
    const other = world.another()
    await other.start()
    const answer = async () =>
      verify((await other.revocationAnswers([certificate], new Date(0)))[0]!, certificate, chain[0]!)
    const [at, earlier] = [world.clock.now(), new Date(world.clock.now().getTime() - 30_000)]
    await world.pki.revokeCertificate(serialNumberHex, 'superseded', at)
    await other.refreshAnswers()
    expect(await answer()).toMatchObject({ status: 'revoked', reason: 'superseded' })
    await world.pki.revokeCertificate(serialNumberHex, 'keyCompromise', earlier)
    await other.refreshAnswers()
    const revocationDate = new Date(Math.floor(earlier.getTime() / 1000) * 1000)
    expect(await answer()).toMatchObject({ status: 'revoked', reason: 'keyCompromise', revocationDate })
    await other.close()
  })

  it('refuses a certificate of others, and one that only has a serial number of ours', async () => {
    const { certificate } = await certifySeal()
    const foreign = await createPkiWorld(await open())
    await foreign.pki.start()
    await rejectsWithCode(world.pki.revocationAnswers(foreign.pki.anchors(), new Date(0)), 'PKI_CERTIFICATE_NOT_FOUND')
    const key = await foreign.keyStore.generate('twin', 'ec-p256')
    const twin = await ca.issueCertificate({
      profile: 'root',
      subject: [['CN', 'Twin']],
      subjectPublicKey: key.publicKey,
      serialNumber: x509.parseCertificate(certificate).serialNumber,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2030-01-01T00:00:00Z'),
      key,
    })
    await rejectsWithCode(world.pki.revocationAnswers([twin], new Date(0)), 'PKI_CERTIFICATE_NOT_FOUND')
    await foreign.close()
  })

  it('answers by a new responder once the old one was revoked, also where an answer was held', async () => {
    const { certificate, chain } = await certifySeal()
    const answer = async () => (await world.pki.revocationAnswers([certificate], new Date(0)))[0]!
    const responderOf = (der: Uint8Array) =>
      x509.parseCertificate(ocsp.parseResponse(der).certificates[0]!).serialNumberHex
    const before = responderOf(await answer())
    await world.pki.revokeCertificate(before, 'keyCompromise', world.clock.now())
    const after = await answer()
    expect(responderOf(after)).not.toBe(before)
    expect((await verify(after, certificate, chain[0]!)).status).toBe('good')
    expect(world.keyStore.list()).toContain('seal-ca-ocsp-2')
  })

  it('refuses to start with a key under a responder’s name that is not the one on record', async () => {
    const other = await createPkiWorld(await open())
    await other.pki.start()
    const swapped = {
      ...other.keyStore,
      get: (name: string) => other.keyStore.get(name === 'root-ocsp' ? 'root' : name),
    }
    await rejectsWithCode(other.another({ keyStore: swapped }).start(), 'PKI_KEY_MISMATCH')
    await other.close()
  })

  it('refuses to answer for a time that has not come', async () => {
    const { certificate } = await certifySeal()
    const future = new Date(world.clock.now().getTime() + 2000)
    await rejectsWithCode(world.pki.revocationAnswers([certificate], future), 'PKI_CLOCK_UNRELIABLE')
  })

  it('counts every answer it signed under the responder’s key, by the hour', async () => {
    await world.pki.close()
    const before = { counted: await countOf('seal-ca-ocsp'), signed: await signedBy('seal-ca-ocsp') }
    const seals = await Promise.all(Array.from({ length: 20 }, certifySeal))
    await world.pki.revocationAnswers(
      seals.map(({ certificate }) => certificate),
      new Date(0),
    )
    await world.pki.close()
    // One at least for each: where a responder gave way meanwhile, what was under way is signed again.
    const signed = (await signedBy('seal-ca-ocsp')) - before.signed
    expect(signed).toBeGreaterThanOrEqual(20)
    expect(await countOf('seal-ca-ocsp')).toBe(before.counted + BigInt(signed))
  })
  const countOf = async (keyName: string) => {
    const rows = await world.database.query<{ count: bigint }>(
      `select coalesce(sum(count), 0)::bigint as count from pki.key_use_hours where key_name ~ ('^' || $1)`,
      [keyName],
    )
    return rows[0]!.count
  }
  /** By the key store's own count. */
  const signedBy = async (keyName: string) => {
    const rows = await world.database.query<{ name: string }>(
      `select distinct key_name as name from pki.key_use_hours where key_name ~ ('^' || $1)`,
      [keyName],
    )
    return rows.reduce((sum, { name }) => sum + world.keyStore.usage(name).signatures, 0)
  }

  it('still answers for a certificate that has ended, and says from when on it remembers', async () => {
    const { certificate, chain } = await certifySeal()
    world.clock.advance(6 * 366 * 86_400_000)
    await world.pki.rotateSigners()
    const [answer] = await world.pki.revocationAnswers([certificate], world.clock.now())
    expect(await verify(answer!, certificate, chain[0]!)).toMatchObject({ status: 'good' })
  })
})
