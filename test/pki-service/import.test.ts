import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ocsp, x509 } from '../../pki/index.ts'
import { checkProfile, importRoot } from '../../pki-service/operations/import-root.ts'
import { systemIds } from '../../platform/index.ts'
import { breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode, throwsWithCode } from '../support/throws-with-code.ts'
import {
  certifySeal,
  department,
  type Folder,
  intakeOf,
  makeOfflineRoot,
  names,
  revokeIn,
  signSet,
  startImported,
  subject,
} from './ceremony-world.ts'
import { baseUrl, createPkiWorld, type PkiWorld } from './world.ts'

const year = 365 * 86_400_000
const issuerOf = (der: Uint8Array) => x509.findAttribute(x509.parseCertificate(der).issuer, 'CN')
const commonNameOf = (der: Uint8Array) => x509.findAttribute(x509.parseCertificate(der).subject, 'CN')

describe.each(engines)('an imported PKI on $name', ({ open }) => {
  let world: PkiWorld
  beforeAll(async () => {
    world = await createPkiWorld(await open())
  })
  afterAll(() => world.close())

  it('hands out the same requests again, of keys that it holds, with an audit row for each', async () => {
    const intake = await intakeOf(world)
    const first = await intake.makeRequests(names)
    expect(await intake.makeRequests(names)).toEqual(first)
    expect(first.keys.map(({ name }) => name)).toEqual([
      'seal-ca',
      'statement-ca',
      'time-stamp-ca',
      'list-ca',
      'root-ocsp',
    ])
    expect(world.keyStore.list()).toEqual(first.keys.map(({ name }) => name).sort())
    const uses = await world.database.query(
      `select key_name from pki.key_uses where purpose = 'certificate-request' order by key_name`,
    )
    expect(uses.map((row) => row['key_name'])).toEqual(first.keys.map(({ name }) => name).sort())
  })

  it('starts in production once it is imported, without TEST in any name and without the root key', async () => {
    await rejectsWithCode(world.another({ production: true }).start(), 'PKI_ROOT_MISSING')
    const { pki, root, intake } = await startImported(world)
    const certificates = pki.certificates()
    for (const [, certificate] of certificates)
      expect(x509.parseCertificate(certificate).subject.text).not.toMatch(/test/i)
    expect(commonNameOf(certificates.get('status-list-signer')!)).toBe('Yunting Status List Signer')
    expect(commonNameOf(certificates.get('seal-ca-ocsp')!)).toBe('Yunting Seal OCSP Responder')
    expect(pki.anchors()).toEqual([root.folder.get('root.cer')])
    expect(world.keyStore.list()).not.toContain('root')
    expect(await pki.crls()).toContainEqual(root.folder.get('crl-001.crl'))
    await pki.checkReady()
    expect(await intake.importRoot(root.folder)).toMatchObject({ added: [], revoked: [], listNumber: 1n })
    expect(await world.database.query('select source from pki.imports')).toEqual([{ source: 'ceremony' }])
  })

  it('certifies seals with a path to the root of the ceremony, and answers for its CAs by OCSP', async () => {
    const pki = world.another({ production: true })
    await pki.start()
    const { certificate, chain } = await certifySeal(world, pki, 'seal-a')
    expect(commonNameOf(certificate)).toBe(department.commonName)
    const at = world.clock.now()
    const judged = await x509.validatePath({
      ...{ leaf: certificate, intermediates: chain, anchors: pki.anchors(), crls: await pki.crls(), at },
    })
    expect(judged.reason).toBeNull()
    const [answer] = await pki.revocationAnswers([chain[0]!], at)
    const [single] = ocsp.parseResponse(answer!).single
    expect(single!.status).toBe('good')
  })

  it('keeps its root from being revoked, and what the root signed from being revoked without it', async () => {
    const pki = world.another({ production: true })
    await pki.start()
    const serialOf = (name: 'root' | 'seal-ca') => x509.parseCertificate(pki.certificates().get(name)!).serialNumberHex
    for (const name of ['root', 'seal-ca'] as const) {
      const attempt = pki.revokeCertificate(serialOf(name), 'keyCompromise', world.clock.now())
      await rejectsWithCode(attempt, 'PKI_TRANSITION_FORBIDDEN')
    }
  })

  it('takes a folder once that is brought several times at once', async () => {
    const own = await createPkiWorld(await open())
    try {
      const intake = await intakeOf(own)
      const root = await makeOfflineRoot(own, (await intake.makeRequests(names)).files)
      const reports = await Promise.all(Array.from({ length: 4 }, () => intake.importRoot(root.folder)))
      expect(reports.map(({ added }) => added.length).sort()).toEqual([0, 0, 0, 6])
    } finally {
      await own.close()
    }
  })

  it('asks for a ceremony two months before a list or a responder of the root ends, and for none that has a successor', async () => {
    const own = await createPkiWorld(await open())
    const { intake, root } = await startImported(own)
    const told: unknown[] = []
    const quiet = () => {}
    const log = {
      debug: quiet,
      info: quiet,
      error: quiet,
      warn: (_text: string, details?: object) => told.push(details),
    }
    const pki = own.another({ production: true, log })
    await pki.start()
    await pki.rotateSigners()
    expect(told).toEqual([])
    own.clock.advance(year - 35 * 86_400_000)
    await pki.rotateSigners()
    expect(told).toEqual([])
    own.clock.advance(10 * 86_400_000)
    await pki.rotateSigners()
    const ends = expect.stringMatching(/^2027-12-/)
    expect(told.splice(0)).toEqual([
      { what: 'revocation list of root', ends },
      { what: 'root-ocsp', ends },
    ])
    await revokeIn(root)
    await intake.importRoot(root.folder)
    await pki.rotateSigners()
    expect(told.splice(0)).toEqual([{ what: 'root-ocsp', ends }])
    await signSet(root, own, (await intake.makeRequests({ ...names, next: ['root-ocsp'] })).files)
    await intake.importRoot(root.folder)
    await pki.rotateSigners()
    expect(told).toEqual([])
    await own.close()
  })

  it('is not ready once the list of the root is past its end, and is again after a ceremony', async () => {
    const own = await createPkiWorld(await open())
    const { pki, root, intake } = await startImported(own)
    own.clock.advance(1.2 * year)
    await pki.rotateSigners()
    await pki.refreshCrls()
    await pki.refreshAnswers()
    await expect(pki.checkReady()).rejects.toThrow('CRL of root is stale')
    await rejectsWithCode(intake.importRoot(root.folder), 'PKI_IMPORT_REFUSED')
    await revokeIn(root)
    await intake.importRoot(root.folder)
    await pki.checkReady()
    await own.close()
  })
})

describe.each(engines)('a next generation of the seal CA on $name', ({ open }) => {
  let world: PkiWorld
  let started: Awaited<ReturnType<typeof startImported>>
  let early: Awaited<ReturnType<typeof certifySeal>>
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    started = await startImported(world)
    early = await certifySeal(world, started.pki, 'seal-early')
    const { files } = await started.intake.makeRequests({ ...names, next: ['seal-ca', 'root-ocsp'] })
    await signSet(started.root, world, files)
    expect(await started.intake.importRoot(started.root.folder)).toMatchObject({
      added: expect.arrayContaining(['seal-ca-2', 'root-ocsp-2']),
      listNumber: 2n,
    })
    await started.pki.rotateSigners()
    await started.pki.refreshCrls()
  })
  afterAll(() => world.close())

  it('issues from its import on, while a repeat gives what the earlier one made', async () => {
    const late = await certifySeal(world, started.pki, 'seal-late')
    expect(issuerOf(late.certificate)).toBe('Yunting Seal CA 2')
    expect(x509.parseCertificate(late.certificate).cRLDistributionPoints?.[0]?.names?.[0]).toContain(
      '/pki/crl/seal-ca-2.crl',
    )
    const { publicKey } = world.keyStore.get('seal-early')
    const again = await started.pki.certify({ profile: 'seal', subject: department, publicKey })
    expect(again.certificate).toEqual(early.certificate)
    expect(again.chain).toEqual(early.chain)
  })

  it('lets the earlier one publish its list and answer for what it issued, a revocation included', async () => {
    const { pki } = started
    const lists = await pki.crls()
    expect(lists).toHaveLength(6)
    const { serialNumberHex } = x509.parseCertificate(early.certificate)
    await pki.revokeCertificate(serialNumberHex, 'superseded', world.clock.now())
    const [answer] = await pki.revocationAnswers([early.certificate], world.clock.now())
    expect(ocsp.parseResponse(answer!).single[0]!.status).toBe('revoked')
    const judged = await x509.validatePath({
      leaf: early.certificate,
      intermediates: early.chain,
      anchors: pki.anchors(),
      crls: await pki.crls(),
      at: new Date(world.clock.now().getTime() + 1000),
    })
    expect(judged.reason).toBe('REVOKED')
  })

  it('gives each generation a responder and addresses of its own', async () => {
    const certificates = started.pki.certificates()
    expect(commonNameOf(certificates.get('seal-ca-2-ocsp')!)).toBe('Yunting Seal OCSP Responder 2')
    expect(commonNameOf(certificates.get('seal-ca-ocsp')!)).toBe('Yunting Seal OCSP Responder')
    expect(commonNameOf(certificates.get('root-ocsp')!)).toBe('Yunting Root OCSP Responder 2')
  })

  it('stays alone when a ceremony revokes the earlier one: list and answers say so, and nothing new stands under it', async () => {
    await revokeIn(started.root, 'seal-ca.cer')
    expect(await started.intake.importRoot(started.root.folder)).toMatchObject({ revoked: ['seal-ca'], listNumber: 3n })
    await started.pki.rotateSigners()
    await started.pki.refreshAnswers()
    await started.pki.checkReady()
    const [answer] = await started.pki.revocationAnswers([early.chain[0]!], world.clock.now())
    expect(ocsp.parseResponse(answer!).single[0]!.status).toBe('revoked')
    const { chain } = await certifySeal(world, started.pki, 'seal-after')
    expect(commonNameOf(chain[0]!)).toBe('Yunting Seal CA 2')
  })

  it('refuses to start when no generation of a purpose is left', async () => {
    await revokeIn(started.root, 'seal-ca-2.cer')
    await started.intake.importRoot(started.root.folder)
    await rejectsWithCode(world.another({ production: true }).start(), 'PKI_CERTIFICATE_NOT_FOUND')
  })
})

describe.each(engines)('a change of roots on $name', ({ open }) => {
  it('trusts both, and issues under the new one', async () => {
    const world = await createPkiWorld(await open())
    const { intake, pki, root } = await startImported(world)
    const early = await certifySeal(world, pki, 'seal-early')
    world.clock.advance(60_000)
    const { files, keys } = await intake.makeRequests({ ...names, next: ['root'] })
    expect(keys.map(({ name }) => name)).toContain('root-2-ocsp')
    const next = await makeOfflineRoot(world, files, { subject: { ...subject, commonName: 'Yunting Root CA 2' } })
    await intake.importRoot(next.folder)
    await pki.rotateSigners()
    await pki.refreshCrls()
    expect(pki.anchors()).toEqual([root.folder.get('root.cer'), next.folder.get('root.cer')])
    const late = await certifySeal(world, pki, 'seal-late')
    expect(late.chain.at(-1)).toEqual(next.folder.get('root.cer'))
    for (const { certificate, chain } of [early, late]) {
      const at = new Date(world.clock.now().getTime() + 1000)
      const request = { leaf: certificate, intermediates: chain, anchors: pki.anchors(), crls: await pki.crls(), at }
      expect((await x509.validatePath(request)).reason).toBeNull()
    }
    await pki.checkReady()
    await world.close()
  })
})

describe.each(engines)('importRoot on $name', ({ open }) => {
  let world: PkiWorld
  let requests: ReadonlyMap<string, Uint8Array>
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    requests = (await (await intakeOf(world)).makeRequests(names)).files
  })
  afterAll(() => world.close())

  /** Nothing of a refused import is on record. */
  async function refuses(folder: Folder, code: string): Promise<void> {
    const before = await world.dump()
    await rejectsWithCode((await intakeOf(world)).importRoot(folder), code)
    expect(await world.dump()).toEqual(before)
  }

  it('refuses a rehearsal, a folder for the keys of another installation, and a certificate from elsewhere', async () => {
    await refuses((await makeOfflineRoot(world, requests, { rehearsal: true })).folder, 'PKI_IMPORT_REFUSED')

    const stranger = await createPkiWorld(await open())
    const foreign = (await (await intakeOf(stranger)).makeRequests(names)).files
    await refuses((await makeOfflineRoot(world, foreign)).folder, 'PKI_IMPORT_REFUSED')
    await stranger.close()

    const [one, other] = [await makeOfflineRoot(world, requests), await makeOfflineRoot(world, requests)]
    await refuses(
      new Map([...one.folder, ['seal-ca.cer', other.folder.get('seal-ca.cer')!]]),
      'CEREMONY_FOLDER_DAMAGED',
    )
    await refuses(new Map([...one.folder, ['root.cer', other.folder.get('root.cer')!]]), 'CEREMONY_FOLDER_DAMAGED')
  })

  it('refuses what is not valid by the clock of this machine', async () => {
    const { folder } = await makeOfflineRoot(world, requests)
    world.clock.advance(-86_400_000)
    await refuses(folder, 'PKI_IMPORT_REFUSED')
    world.clock.advance(86_400_000 + 31 * year)
    await refuses(folder, 'PKI_IMPORT_REFUSED')
    world.clock.advance(-31 * year)
  })

  it('refuses rights that the profile does not give, more as well as fewer', async () => {
    const { folder } = await makeOfflineRoot(world, requests)
    const of = (file: string) => x509.parseCertificate(folder.get(file)!)
    expect(() => checkProfile('issuing-ca', 'a', of('seal-ca.cer'))).not.toThrow()
    expect(() => checkProfile('ocsp-responder', 'a', of('root-ocsp.cer'))).not.toThrow()
    throwsWithCode(() => checkProfile('issuing-ca', 'a', of('root-ocsp.cer')), 'PKI_IMPORT_REFUSED')
    throwsWithCode(() => checkProfile('ocsp-responder', 'a', of('seal-ca.cer')), 'PKI_IMPORT_REFUSED')
    throwsWithCode(
      () => checkProfile('issuing-ca', 'a', { ...of('seal-ca.cer'), keyUsage: new Set(['keyCertSign']) }),
      'PKI_IMPORT_REFUSED',
    )
  })

  it('refuses another root under a name that is taken, and an older list than the one on record', async () => {
    const intake = await intakeOf(world)
    const root = await makeOfflineRoot(world, requests)
    const first = new Map(root.folder)
    await intake.importRoot(first)
    await refuses((await makeOfflineRoot(world, requests)).folder, 'PKI_IMPORT_REFUSED')
    await revokeIn(root)
    await intake.importRoot(root.folder)
    await refuses(first, 'PKI_IMPORT_REFUSED')
  })
})

describe.each(engines)('makeRequests and importRoot beside a demonstration PKI on $name', ({ open }) => {
  it('refuse: a database that saw TEST certificates does not become one of production', async () => {
    const world = await createPkiWorld(await open())
    const elsewhere = await createPkiWorld(await open())
    await world.pki.start()
    const intake = await intakeOf(world)
    await rejectsWithCode(intake.makeRequests(names), 'PKI_REQUEST_REFUSED')
    const { folder } = await makeOfflineRoot(elsewhere, (await (await intakeOf(elsewhere)).makeRequests(names)).files)
    await rejectsWithCode(intake.importRoot(folder), 'PKI_IMPORT_REFUSED')
    await world.close()
    await elsewhere.close()
  })

  it('refuse TEST in the names of requests, and names that no certificate can carry', async () => {
    const world = await createPkiWorld(await open())
    const intake = await intakeOf(world)
    for (const wrong of [
      { organisation: 'Test City' },
      { prefix: 'TEST' },
      { prefix: '' },
      { prefix: 'x'.repeat(33) },
      { organisation: 'x'.repeat(65) },
    ]) {
      await rejectsWithCode(intake.makeRequests({ ...names, ...wrong }), 'PKI_REQUEST_REFUSED')
    }
    await world.close()
  })
})

describe.each(engines)('an import that is broken off on $name', ({ open }) => {
  it.each(['not persisted', 'persisted'] as const)(
    'is there whole or not at all (%s), and completes when repeated',
    async (when) => {
      const world = await createPkiWorld(await open())
      const intake = await intakeOf(world)
      const { folder } = await makeOfflineRoot(world, (await intake.makeRequests(names)).files)
      await expect(
        importRoot({ ...world, ids: systemIds, baseUrl, database: breakingDatabase(world.database, 1, when) }, folder),
      ).rejects.toThrow(/broken/)
      const rows = await world.database.query('select own_name from pki.certificates')
      expect(rows).toHaveLength(when === 'persisted' ? 6 : 0)
      await intake.importRoot(folder)
      expect(await world.database.query('select id from pki.imports')).toHaveLength(1)
      await world.another({ production: true }).start()
      await world.close()
    },
  )

  it('is done once by two that try at the same time', async () => {
    const world = await createPkiWorld(await open())
    const intake = await intakeOf(world)
    const { folder } = await makeOfflineRoot(world, (await intake.makeRequests(names)).files)
    const both = await Promise.allSettled([intake.importRoot(folder), (await intakeOf(world)).importRoot(folder)])
    expect(both.some(({ status }) => status === 'fulfilled')).toBe(true)
    await intake.importRoot(folder)
    expect(await world.database.query('select id from pki.imports')).toHaveLength(1)
    await world.another({ production: true }).start()
    await world.close()
  })
})
