import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseTrustList, trustListPayload, verifyStatusList } from '../../licence-format/index.ts'
import { crl, x509 } from '../../pki/index.ts'
import { breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const departmentKey = {
  organisation: '云汀市民政局',
  organisationCode: '11330199MB0000001X',
  commonName: '云汀市民政局',
}

describe.each(engines)('the PKI service on $name', ({ open }) => {
  let world: PkiWorld
  const certifySeal = async (name: string) => {
    const { publicKey } = await world.keyStore.generate(name, 'ec-p256')
    return world.pki.certify({ profile: 'seal', subject: departmentKey, publicKey })
  }

  beforeAll(async () => {
    world = await createPkiWorld(await open())
    await world.pki.start()
  })
  afterAll(() => world.close())

  describe('start', () => {
    it('makes a root, a CA for each purpose and the list signers, with TEST in every name', () => {
      const certificates = [...world.pki.certificates()].map(
        ([name, der]) => [name, x509.parseCertificate(der)] as const,
      )
      expect(certificates.map(([name]) => name)).toEqual([
        'root',
        'seal-ca',
        'statement-ca',
        'time-stamp-ca',
        'list-ca',
        'status-list-signer',
        'trust-list-signer',
        'time-stamp-signer',
        'root-ocsp',
        'seal-ca-ocsp',
        'statement-ca-ocsp',
        'time-stamp-ca-ocsp',
        'list-ca-ocsp',
        'sm2-root',
        'sm2-seal-ca',
        'sm2-root-ocsp',
        'sm2-seal-ca-ocsp',
      ])
      for (const [, certificate] of certificates) expect(certificate.subject.text).toContain('TEST')
      expect(world.pki.anchors()).toEqual([world.pki.certificates().get('root')])
      expect(world.pki.caCertificates()).toHaveLength(5)
    })

    it('publishes a CRL of every authority at once', async () => {
      const lists = (await world.pki.crls()).map((der) => crl.parseCrl(der))
      expect(lists.map((list) => list.issuer.text)).toEqual(
        world.pki.caCertificates().map((der) => x509.parseCertificate(der).subject.text),
      )
      await expect(world.pki.checkReady()).resolves.toBeUndefined()
    })

    it('changes nothing when it is run again, and again from another instance', async () => {
      const before = await world.dump()
      await world.pki.start()
      await world.another().start()
      expect(await world.dump()).toEqual(before)
    })

    it('leaves a row for every use of a key, with the digest of what was made', async () => {
      const uses = await world.database.query<{ purpose: string; digest: Uint8Array }>(
        'select purpose, digest from pki.key_uses',
      )
      const digests = uses.map(({ digest }) => Buffer.from(digest).toString('hex'))
      for (const der of [...world.pki.certificates().values(), ...(await world.pki.crls())]) {
        expect(digests).toContain(createHash('sha256').update(der).digest('hex'))
      }
    })

    it('lets nobody change or remove a row of key uses or CRLs', async () => {
      for (const table of ['key_uses', 'crls']) {
        await expect(world.database.query(`delete from pki.${table}`)).rejects.toThrow('append-only')
        await expect(world.database.query(`truncate pki.${table}`)).rejects.toThrow('append-only')
      }
      await expect(world.database.query(`update pki.key_uses set subject = ''`)).rejects.toThrow('append-only')
      await expect(world.database.query(`update pki.crls set entry_count = 9`)).rejects.toThrow('append-only')
    })
  })

  describe('certify', () => {
    it('gives a certificate under the CA of its purpose, with its chain and addresses', async () => {
      const { certificate, chain } = await certifySeal('certify-1')
      const parsed = x509.parseCertificate(certificate)
      expect(parsed.subject.text).toContain('云汀市民政局 (TEST)')
      expect(chain).toEqual([world.pki.certificates().get('seal-ca'), world.pki.certificates().get('root')])
      expect(Buffer.from(certificate).toString('latin1')).toContain('http://localhost:8080/pki/crl/seal-ca.crl')
      expect(Buffer.from(certificate).toString('latin1')).toContain('http://localhost:8080/pki/ca/seal-ca.cer')
      const result = await x509.validatePath({
        leaf: certificate,
        intermediates: chain,
        anchors: world.pki.anchors(),
        crls: await world.pki.crls(),
        at: world.clock.now(),
      })
      expect(result.valid).toBe(true)
    })

    it('gives the same certificate for the same key, however many ask at once', async () => {
      const { publicKey } = await world.keyStore.generate('certify-2', 'ec-p256')
      const request = { profile: 'statement' as const, subject: departmentKey, publicKey }
      const all = await Promise.all(Array.from({ length: 12 }, () => world.pki.certify(request)))
      expect(new Set(all.map(({ certificate }) => Buffer.from(certificate).toString('hex'))).size).toBe(1)
      const rows = await world.database.query(`select serial_number from pki.certificates where public_key = $1`, [
        publicKey,
      ])
      expect(rows).toHaveLength(1)
    })

    it('refuses a profile that it does not offer', async () => {
      const { publicKey } = await world.keyStore.generate('certify-3', 'ec-p256')
      const request = { profile: 'issuing-ca' as never, subject: departmentKey, publicKey }
      await expect(world.pki.certify(request)).rejects.toMatchObject({ code: 'PKI_PROFILE_NOT_OFFERED' })
    })

    it('refuses a key that is too weak', async () => {
      const { publicKey } = await world.keyStore.generate('certify-4', 'rsa-2048')
      const request = { profile: 'seal' as const, subject: departmentKey, publicKey }
      await rejectsWithCode(world.pki.certify(request), 'PKI_PUBLIC_KEY_REFUSED')
    })

    it('refuses a public key that is none', async () => {
      const request = { profile: 'seal' as const, subject: departmentKey, publicKey: new Uint8Array([1, 2, 3]) }
      await rejectsWithCode(world.pki.certify(request), 'PKI_PUBLIC_KEY_REFUSED')
      const rows = await world.database.query(`select state from pki.certificates where length(public_key) = 3`)
      expect(rows).toEqual([])
    })
  })

  describe('revokeCertificate', () => {
    it('publishes a list with a higher number that holds this and every earlier revocation', async () => {
      const certificates = [(await certifySeal('revoke-1')).certificate, (await certifySeal('revoke-2')).certificate]
      const serials = certificates.map((der) => x509.parseCertificate(der).serialNumberHex)
      const listOf = async () => (await world.pki.crls()).map((der) => crl.parseCrl(der))[1]!
      const before = await listOf()
      for (const [index, serial] of serials.entries()) {
        world.clock.advance(1000)
        await world.pki.revokeCertificate(serial, 'keyCompromise', world.clock.now())
        const after = await listOf()
        expect(after.cRLNumber).toBe(before.cRLNumber! + BigInt(index + 1))
        for (const expected of serials.slice(0, index + 1)) {
          expect([...after.entries.values()].map(({ serialNumberHex }) => serialNumberHex)).toContain(expected)
        }
      }
      expect(await world.pki.certificateStatus(serials[0]!)).toMatchObject({
        state: 'revoked',
        reason: 'keyCompromise',
      })
      const result = await x509.validatePath({
        leaf: certificates[0]!,
        intermediates: world.pki.caCertificates(),
        anchors: world.pki.anchors(),
        crls: await world.pki.crls(),
        at: world.clock.now(),
      })
      expect(result.valid).toBe(false)
    })

    it('keeps numbers and entries in step when many revoke at once', async () => {
      const serials: string[] = []
      for (let index = 0; index < 8; index++) {
        serials.push(x509.parseCertificate((await certifySeal(`revoke-many-${index}`)).certificate).serialNumberHex)
      }
      await Promise.all(serials.map((serial) => world.pki.revokeCertificate(serial, 'superseded', world.clock.now())))
      const rows = await world.database.query<{ number: bigint; entry_count: number; crl: Uint8Array }>(
        `select number, entry_count, crl from pki.crls where issuer = 'seal-ca' order by number`,
      )
      expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => BigInt(index + 1)))
      const held = rows.map(
        (row) => new Set([...crl.parseCrl(row.crl).entries.values()].map((entry) => entry.serialNumberHex)),
      )
      held.slice(1).forEach((later, index) => {
        expect([...held[index]!].filter((serial) => !later.has(serial))).toEqual([])
      })
      expect(serials.filter((serial) => !held.at(-1)!.has(serial))).toEqual([])
    })

    it('tells a compromise that came to light after another revocation, as of the earlier time, in list and answers', async () => {
      const serial = x509.parseCertificate((await certifySeal('revoke-worse')).certificate).serialNumberHex
      const since = world.clock.now()
      world.clock.advance(3_600_000)
      await world.pki.revokeCertificate(serial, 'cessationOfOperation', world.clock.now())
      const entryOf = async () =>
        [...crl.parseCrl((await world.pki.crls())[1]!).entries.values()].find((one) => one.serialNumberHex === serial)
      expect((await entryOf())?.revocationDate).toEqual(new Date(Math.floor(world.clock.now().getTime() / 1000) * 1000))
      world.clock.advance(1000)
      await world.pki.revokeCertificate(serial, 'keyCompromise', since)
      expect(await world.pki.certificateStatus(serial)).toMatchObject({ reason: 'keyCompromise', revokedAt: since })
      expect((await entryOf())?.revocationDate).toEqual(new Date(Math.floor(since.getTime() / 1000) * 1000))
      const later = world.pki.revokeCertificate(serial, 'keyCompromise', world.clock.now())
      await expect(later).rejects.toMatchObject({ code: 'PKI_TRANSITION_FORBIDDEN' })
    })

    it('publishes a compromise that was put on record and not on the list when it is ordered again', async () => {
      const { certificate } = await certifySeal('seal-told-twice')
      const { serialNumberHex: serial, issuer } = x509.parseCertificate(certificate)
      await world.pki.revokeCertificate(serial, 'superseded', world.clock.now())
      const since = new Date(world.clock.now().getTime() - 3_600_000)
      const dying = world.another({ database: breakingDatabase(world.database, 2, 'not persisted') })
      await dying.start()
      await expect(dying.revokeCertificate(serial, 'keyCompromise', since)).rejects.toThrowError('broken before')
      await world.pki.revokeCertificate(serial, 'keyCompromise', since)
      const lists = (await world.pki.crls()).map((der) => crl.parseCrl(der))
      const entries = lists.find((list) => list.issuer.text === issuer.text)!.entries
      expect([...entries.values()].find(({ serialNumberHex }) => serialNumberHex === serial)).toMatchObject({
        reason: 'keyCompromise',
      })
    })

    it('refuses an unknown serial number, a second time, and the root', async () => {
      const refused = (serial: string) => world.pki.revokeCertificate(serial, 'superseded', world.clock.now())
      await expect(refused('7f00')).rejects.toMatchObject({ code: 'PKI_CERTIFICATE_NOT_FOUND' })
      const serial = x509.parseCertificate((await certifySeal('revoke-3')).certificate).serialNumberHex
      await refused(serial)
      await expect(refused(serial)).rejects.toMatchObject({ code: 'PKI_TRANSITION_FORBIDDEN' })
      const root = x509.parseCertificate(world.pki.anchors()[0]!).serialNumberHex
      await expect(refused(root)).rejects.toMatchObject({ code: 'PKI_TRANSITION_FORBIDDEN' })
    })

    it('publishes at the next refresh what a stop kept it from publishing', async () => {
      const serial = x509.parseCertificate((await certifySeal('revoke-4')).certificate).serialNumberHex
      await world.database.query(
        `update pki.certificates set state = 'revoked', revoked_at = $2, revocation_reason = 'superseded' where serial_number = $1`,
        [serial, world.clock.now()],
      )
      await world.pki.refreshCrls()
      const list = (await world.pki.crls()).map((der) => crl.parseCrl(der))[1]!
      expect([...list.entries.values()].map(({ serialNumberHex }) => serialNumberHex)).toContain(serial)
    })
  })

  describe('refreshCrls', () => {
    it('does nothing within a day, renews after it, and is not ready once a list has ended', async () => {
      const numbersOf = async () => (await world.pki.crls()).map((der) => crl.parseCrl(der).cRLNumber!)
      const before = await numbersOf()
      await world.pki.refreshCrls()
      expect(await numbersOf()).toEqual(before)
      world.clock.advance(25 * 3600 * 1000)
      await Promise.all([world.pki.refreshCrls(), world.another().start()])
      expect(await numbersOf()).toEqual(before.map((number, index) => (index === 0 ? number : number + 1n)))
      world.clock.advance(8 * 24 * 3600 * 1000)
      await expect(world.pki.checkReady()).rejects.toThrow('seal-ca')
      await world.pki.refreshCrls()
      await expect(world.pki.checkReady()).rejects.toThrow('OCSP')
      await world.pki.refreshAnswers()
      await expect(world.pki.checkReady()).resolves.toBeUndefined()
    })
  })

  describe('listSigner', () => {
    it('signs a status list with its own key and a chain below the root', async () => {
      const now = Math.floor(world.clock.now().getTime() / 1000)
      const address = 'http://localhost:8080/status-lists/1'
      const lst = 'eNrbuRgAAhcBXQ'
      const payload = { sub: address, iat: now, exp: now + 300, ttl: 300, status_list: { bits: 1 as const, lst } }
      const text = await world.pki.listSigner.signStatusList(payload)
      const parsed = await verifyStatusList(text, {
        anchors: world.pki.anchors(),
        crls: await world.pki.crls(),
        at: world.clock.now(),
      })
      expect(parsed.jws.chain).toEqual(
        ['status-list-signer', 'list-ca'].map((name) => world.pki.certificates().get(name as 'list-ca')),
      )
      const uses = await world.database.query(`select subject from pki.key_uses where purpose = 'status-list'`)
      expect(uses).toEqual([{ subject: address }])
    })

    it('signs a trust list with another key', async () => {
      const scheme = { zh: '证印', en: 'Zhengyin' }
      const [issuedAt, nextUpdate] = [new Date('2026-11-21T08:00:00Z'), new Date('2026-11-28T08:00:00Z')]
      const list = { sequenceNumber: 1, operator: scheme, scheme, issuedAt, nextUpdate, entities: [] }
      const text = await world.pki.listSigner.signTrustList(trustListPayload(list))
      const header = JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString())
      const signer = Buffer.from(world.pki.certificates().get('trust-list-signer')!).toString('base64')
      expect(header.x5c[0]).toBe(signer)
      expect(parseTrustList(text).list).toEqual(list)
    })

    it('signs no trust list that its readers would refuse, and puts none on record', async () => {
      const uses = () => world.database.query(`select subject from pki.key_uses where purpose = 'trust-list'`)
      const before = await uses()
      const payload = { LoTE: { ListAndSchemeInformation: {}, TrustedEntitiesList: [] } }
      await expect(world.pki.listSigner.signTrustList(payload)).rejects.toMatchObject({ code: 'TRUST_LIST_MALFORMED' })
      expect(await uses()).toEqual(before)
    })
  })

  describe('openssl', () => {
    it.skipIf(isMissing('openssl'))('verifies a chain with its CRLs', async () => {
      const { certificate, chain } = await certifySeal('openssl-1')
      const folder = makeFolder()
      const pem = (label: 'CERTIFICATE' | 'X509 CRL', ders: readonly Uint8Array[], name: string) => {
        const file = join(folder, `${name}.pem`)
        writeFileSync(file, ders.map((der) => x509.encodePem(der, label)).join(''))
        return file
      }
      const leaf = pem('CERTIFICATE', [certificate], 'leaf')
      const at = String(Math.floor(world.clock.now().getTime() / 1000))
      const files = {
        root: pem('CERTIFICATE', world.pki.anchors(), 'root'),
        issuers: pem('CERTIFICATE', chain, 'chain'),
        crls: pem('X509 CRL', await world.pki.crls(), 'crls'),
      }
      const verify = (file: string) =>
        run('openssl', [
          'verify',
          '-x509_strict',
          '-crl_check_all',
          '-attime',
          at,
          '-CAfile',
          files.root,
          '-untrusted',
          files.issuers,
          '-CRLfile',
          files.crls,
          file,
        ])
      expect(verify(leaf).output).toContain('OK')
      await world.pki.revokeCertificate(
        x509.parseCertificate(certificate).serialNumberHex,
        'keyCompromise',
        world.clock.now(),
      )
      files.crls = pem('X509 CRL', await world.pki.crls(), 'crls')
      expect(verify(leaf).output).toContain('certificate revoked')
    })
  })
})
