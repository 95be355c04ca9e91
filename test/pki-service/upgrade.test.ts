import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ca, crl, ocsp, tsp, x509 } from '../../pki/index.ts'
import { serialNumberFrom } from '../../pki-service/domain/certificate.ts'
import { migrate, packagePath, systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const dayMs = 86_400_000
const madeAt = new Date('2026-10-01T00:00:00Z')
const firstMilestone = [
  { name: 'root', profile: 'root', issuer: 'root', days: 7300 },
  { name: 'seal-ca', profile: 'issuing-ca', issuer: 'root', days: 5475 },
  { name: 'statement-ca', profile: 'issuing-ca', issuer: 'root', days: 5475 },
  { name: 'list-ca', profile: 'issuing-ca', issuer: 'root', days: 5475 },
  { name: 'status-list-signer', profile: 'status-list-signer', issuer: 'list-ca', days: 1825 },
  { name: 'trust-list-signer', profile: 'trust-list-signer', issuer: 'list-ca', days: 1825 },
  { name: null, profile: 'seal', issuer: 'seal-ca', days: 1826 },
] as const

describe.each(engines)('a PKI that the first milestone made, on $name', ({ open }) => {
  let world: PkiWorld
  const old = new Map<string, Uint8Array>()

  beforeAll(async () => {
    world = await createPkiWorld(await open())
    const folder = makeFolder()
    const first = '0001_pki.sql'
    copyFileSync(packagePath('pki-service', 'store', 'migrations', first), join(folder, first))
    await migrate(world.database, { schema: 'pki', folder })
    for (const { name, profile, issuer, days } of firstMilestone) {
      const key = await world.keyStore.generate(name ?? 'a-seal', 'ec-p256')
      const isRoot = name === 'root'
      const serialNumber = serialNumberFrom(systemIds.bytes(16))
      const subject = x509.encodeName([
        ['C', 'CN'],
        ['O', '云汀市民政局'],
        ['organizationIdentifier', 'NTRCN-11330199MB0000001X'],
        ['CN', `Zhengyin TEST ${name ?? 'department'}`],
      ])
      const notAfter = new Date(madeAt.getTime() + days * dayMs)
      const certificate = await ca.issueCertificate({
        profile,
        subject,
        subjectPublicKey: key.publicKey,
        serialNumber: Buffer.from(serialNumber, 'hex'),
        notBefore: madeAt,
        notAfter,
        key: isRoot ? key : world.keyStore.get(issuer),
        ...(!isRoot && {
          issuer: { certificate: old.get(issuer)! },
          crlUrl: `http://localhost:8080/pki/crl/${issuer}.crl`,
          caIssuersUrl: `http://localhost:8080/pki/ca/${issuer}.cer`,
        }),
      })
      old.set(name ?? 'a-seal', certificate)
      await world.database.query(
        `insert into pki.certificates (serial_number, own_name, profile, issuer, subject, public_key, not_before, not_after, state, certificate, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $7)`,
        [serialNumber, name, profile, issuer, subject, key.publicKey, madeAt, notAfter, certificate],
      )
    }
    const list = await ca.issueCrl({
      issuer: { certificate: old.get('seal-ca')! },
      key: world.keyStore.get('seal-ca'),
      thisUpdate: madeAt,
      nextUpdate: new Date(madeAt.getTime() + 7 * dayMs),
      crlNumber: 41,
      entries: [],
    })
    await world.database.query(
      `insert into pki.crls (issuer, number, crl, this_update, next_update, entry_count) values ('seal-ca', 41, $1, $2, $3, 0)`,
      [list, madeAt, new Date(madeAt.getTime() + 7 * dayMs)],
    )
    await world.pki.start()
  })
  afterAll(() => world.close())

  it('keeps every certificate it has', () => {
    const now = world.pki.certificates()
    for (const [name, der] of old) {
      if (name !== 'a-seal') expect(Buffer.from(now.get(name as 'root')!)).toEqual(Buffer.from(der))
    }
  })

  it('gets a time-stamp CA, a signer and responders under it, none of which outlives the old root', async () => {
    const root = x509.parseCertificate(old.get('root')!)
    const chain = world.pki.timeStampChain().map(x509.parseCertificate)
    expect(chain.map(({ notAfter }) => notAfter <= root.notAfter)).toEqual([true, true, true])
    // Twenty years of root leave a time-stamp signer its fifteen.
    expect(chain[0]!.notAfter.getTime() - chain[0]!.notBefore.getTime()).toBeGreaterThan(15 * 365 * dayMs)
    const names = [...world.pki.certificates().keys()]
    expect(names).toEqual(expect.arrayContaining(['time-stamp-ca', 'root-ocsp', 'seal-ca-ocsp', 'list-ca-ocsp']))
    const [token] = await world.pki.timeStamp([Buffer.alloc(32, 1)])
    expect(await tsp.verifyToken(tsp.parseToken(token!), { digest: Buffer.alloc(32, 1) })).toMatchObject({
      valid: true,
    })
  })

  it('answers by OCSP for a seal whose certificate names no responder', async () => {
    const seal = x509.parseCertificate(old.get('a-seal')!)
    const issuer = x509.parseCertificate(old.get('seal-ca')!)
    const [answer] = await world.pki.revocationAnswers([old.get('a-seal')!], new Date(0))
    const response = ocsp.parseResponse(answer!)
    expect(await ocsp.verifyResponse(response, { issuer, certificate: seal, at: world.clock.now() })).toBeNull()
    expect(response.single[0]!.status).toBe('good')
  })

  it('goes on with the numbers of its lists, and with its revocations on the list that old certificates name', async () => {
    const { serialNumberHex } = x509.parseCertificate(old.get('a-seal')!)
    await world.pki.revokeCertificate(serialNumberHex, 'superseded', world.clock.now())
    const lists = (await world.pki.crls()).map((der) => crl.parseCrl(der))
    const list = lists.find(({ issuer }) => issuer.text.includes('seal-ca'))!
    expect(list.cRLNumber).toBeGreaterThan(41n)
    expect([...list.entries.values()].map((entry) => entry.serialNumberHex)).toEqual([serialNumberHex])
  })

  it('changes nothing at the next start', async () => {
    await world.pki.close()
    const before = await world.dump()
    await world.another().start()
    expect(await world.dump()).toEqual(before)
  })
})
