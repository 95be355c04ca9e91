// A cross certificate that another city gave our root: checked, kept, published.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { x509 } from '../../pki/index.ts'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { makeOtherCity, type OtherCity } from '../support/other-city.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { intakeOf } from './ceremony-world.ts'
import { baseUrl, createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const day = 86_400_000

describe.each(engines)('importCross on $name', ({ open }) => {
  let world: PkiWorld
  let city: OtherCity
  let ours: Uint8Array
  let listening: Listening
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    await world.pki.start()
    city = await makeOtherCity(world.clock.now())
    ours = world.pki.anchors()[0]!
    const log = createLog({ level: 'silent' })
    const app = createApp({ routeSets: [world.pki.routes], ids: systemIds, log, baseUrl, isProduction: false })
    listening = await listen(app, { port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await listening.stop()
    await world.close()
  })

  const bring = async (certificate: Uint8Array, more: { name?: string; anchor?: Uint8Array } = {}) =>
    (await intakeOf(world)).importCross({ name: 'shenyang', certificate, ...more })
  const imports = () =>
    world.database.query<{ detail: string }>(`select detail from pki.imports where source = 'cross'`)

  it('refuses another key, another name, rights that are too small, and what the root signed itself', async () => {
    const { subjectPublicKeyInfo } = x509.parseCertificate(ours)
    const refused: Promise<Uint8Array>[] = [
      city.cross(city.root, { subjectPublicKey: makeSharedKey().key.publicKey }),
      city.cross(ours, { subjectPublicKey: makeSharedKey().key.publicKey }),
      city.cross(ours, { subject: [['CN', 'Somebody else']], subjectPublicKey: subjectPublicKeyInfo }),
      city.cross(ours, { constraints: { pathLenConstraint: 0 } }),
      city.cross(ours, { profile: 'statement', policies: [], constraints: undefined as never }),
      Promise.resolve(ours),
      Promise.resolve(city.root),
      city.cross(ours).then((der) => der.subarray(0, der.length - 3)),
    ]
    for (const certificate of refused) await rejectsWithCode(bring(await certificate), 'PKI_IMPORT_REFUSED')
    expect(await imports()).toEqual([])
  })

  it('refuses one that is not valid yet or any more', async () => {
    const now = world.clock.now().getTime()
    const from = new Date(Math.ceil((now + day) / 1000) * 1000)
    await rejectsWithCode(bring(await city.cross(ours, { notBefore: from })), 'PKI_IMPORT_REFUSED')
    const ended = { notBefore: new Date(from.getTime() - 9 * day), notAfter: new Date(from.getTime() - 2 * day) }
    const old = await makeOtherCity(new Date(now - 30 * day))
    await rejectsWithCode(bring(await old.cross(ours, ended)), 'PKI_IMPORT_REFUSED')
  })

  it('refuses one whose issuer is not the anchor given, and one that does not permit our names', async () => {
    const stranger = await makeOtherCity(world.clock.now(), 'Stranger Root CA')
    const forged = await makeOtherCity(world.clock.now())
    const cross = await city.cross(ours)
    await rejectsWithCode(bring(cross, { anchor: stranger.root }), 'PKI_IMPORT_REFUSED')
    await rejectsWithCode(bring(cross, { anchor: forged.root }), 'PKI_IMPORT_REFUSED')
    const value = x509.encodeName([
      ['C', 'CN'],
      ['O', 'Another'],
    ])
    const permitted = [{ kind: 'directory' as const, value }]
    const narrow = await city.cross(ours, { constraints: { pathLenConstraint: 1, nameConstraints: { permitted } } })
    await rejectsWithCode(bring(narrow, { anchor: city.root }), 'PKI_IMPORT_REFUSED')
  })

  it('refuses one that is longer than documents and lists should carry', async () => {
    const long = await city.cross(ours, { crlUrl: `http://pki.shenyang.example/${'x'.repeat(17_000)}` })
    await rejectsWithCode(bring(long), 'PKI_IMPORT_REFUSED')
  })

  it('refuses names that are no file names', async () => {
    const cross = await city.cross(ours)
    for (const name of ['', '../x', 'Shenyang', 'a--b', 'x'.repeat(33)])
      await rejectsWithCode(bring(cross, { name }), 'PKI_IMPORT_REFUSED')
  })

  it('keeps it once with its record however often and at once it is brought, and publishes it', async () => {
    const cross = await city.cross(ours)
    const reports = await Promise.all(Array.from({ length: 5 }, () => bring(cross, { anchor: city.root })))
    expect(reports.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(reports[0]).toMatchObject({ name: 'root-by-shenyang', issuer: 'C=CN, O=沈阳市数据局, CN=Shenyang Root CA' })
    const rows = await imports()
    expect(rows).toHaveLength(1)
    expect(JSON.parse(rows[0]!.detail)).toMatchObject({ root: 'root', added: ['root-by-shenyang'] })
    const file = `${listening.url}/pki/ca/root-by-shenyang.cer`
    expect((await fetch(file)).status).toBe(404)
    await world.pki.rotateSigners()
    expect(world.pki.crossCertificates()).toEqual([cross])
    const answer = await fetch(file)
    expect(answer.headers.get('content-type')).toBe('application/pkix-cert')
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(cross)
    expect(world.pki.caCertificates()).not.toContainEqual(cross)
    expect((await fetch(`${listening.url}/pki/ca/root-by-nobody.cer`)).status).toBe(404)
    const again = world.another()
    await again.start()
    expect(again.crossCertificates()).toEqual([cross])
  })

  it('lets a path from our signers lead to the other city', async () => {
    const { certificate, chain } = await world.pki.certify({
      profile: 'seal',
      subject: { organisation: '云汀市民政局', organisationCode: '11330199MB00000025', commonName: '云汀市民政局' },
      publicKey: (await world.keyStore.generate('seal-x', 'ec-p256')).publicKey,
    })
    const leaf = chain[0]!
    const judged = await x509.validatePath({
      leaf,
      intermediates: world.pki.crossCertificates(),
      anchors: [city.root],
      crls: [...(await world.pki.crls()), await city.list(world.clock.now())],
      at: new Date(world.clock.now().getTime() + 1000),
    })
    expect(judged).toMatchObject({ valid: true, reason: null })
    if (isMissing('openssl')) return
    const folder = makeFolder()
    const write = (name: string, ...ders: Uint8Array[]) => {
      writeFileSync(join(folder, name), ders.map((der) => x509.encodePem(der)).join(''))
      return join(folder, name)
    }
    const between = write('between.pem', chain[0]!, ...world.pki.crossCertificates())
    const trusted = ['-CAfile', write('city.pem', city.root), '-untrusted', between]
    const at = ['-attime', String(Math.floor(world.clock.now().getTime() / 1000) + 1)]
    const verified = run('openssl', ['verify', '-x509_strict', ...trusted, ...at, write('seal.pem', certificate)])
    expect(verified.output).toContain('seal.pem: OK')
  })

  it('publishes the newer one of a name, refuses that of somebody else, and gives none that has ended', async () => {
    const before = world.pki.crossCertificates()
    world.clock.advance(day)
    const notBefore = new Date(Math.floor(world.clock.now().getTime() / 1000) * 1000)
    const newer = await city.cross(ours, { notBefore, notAfter: new Date(notBefore.getTime() + 10 * day) })
    expect(await bring(newer, { anchor: city.root })).toMatchObject({ isNew: true })
    expect(await bring(before[0]!)).toMatchObject({ isNew: false })
    const other = await makeOtherCity(world.clock.now(), 'Bozhou Root CA')
    await rejectsWithCode(bring(await other.cross(ours)), 'PKI_IMPORT_REFUSED')
    expect(await bring(await other.cross(ours), { name: 'bozhou' })).toMatchObject({ isNew: true })
    await world.pki.rotateSigners()
    expect(world.pki.crossCertificates()).toHaveLength(2)
    world.clock.advance(11 * day)
    expect(world.pki.crossCertificates()).toHaveLength(1)
    await rejectsWithCode(bring(newer), 'PKI_IMPORT_REFUSED')
  })

  it('gives a name to one of two cities that want it at once', async () => {
    const cities = await Promise.all(
      ['East', 'West'].map((name) => makeOtherCity(world.clock.now(), `${name} Root CA`)),
    )
    const two = await Promise.all(cities.map((one) => one.cross(ours)))
    const outcomes = await Promise.allSettled(two.map((certificate) => bring(certificate, { name: 'contested' })))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const rows = await world.database.query(`select name from pki.cross_certificates where name = 'root-by-contested'`)
    expect(rows).toHaveLength(1)
  })
})
