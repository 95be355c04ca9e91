import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { x509 } from '../../pki/index.ts'
import { certify } from '../../pki-service/operations/certify.ts'
import { startPki } from '../../pki-service/operations/start-pki.ts'
import { systemIds } from '../../platform/index.ts'
import { breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { certifySeal, department, names, revokeIn, signSet, startImported } from './ceremony-world.ts'
import { baseUrl, createPkiWorld, type PkiWorld } from './world.ts'

const issuerOf = (der: Uint8Array) => x509.findAttribute(x509.parseCertificate(der).issuer, 'CN')

describe.each(engines)('a revoked generation of the seal CA on $name', ({ open }) => {
  let world: PkiWorld
  let started: Awaited<ReturnType<typeof startImported>>
  let early: Awaited<ReturnType<typeof certifySeal>>
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    started = await startImported(world)
    early = await certifySeal(world, started.pki, 'seal-early')
    await breakOffSigning()
    const { files } = await started.intake.makeRequests({ ...names, next: ['seal-ca'] })
    await signSet(started.root, world, files)
    await started.intake.importRoot(started.root.folder)
  })
  afterAll(() => world.close())

  /** A certificate is on record and not signed yet when the process ends. */
  async function breakOffSigning() {
    // The first write puts it on record, the second would be the signed one.
    const database = breakingDatabase(world.database, 2, 'not persisted')
    const certified = certify(
      { ...world, ids: systemIds, baseUrl, database },
      await startPki({ ...world, ids: systemIds, baseUrl }, { production: true }),
      {
        ...{ profile: 'seal', subject: department },
        publicKey: (await world.keyStore.generate('seal-broken-off', 'ec-p256')).publicKey,
      },
    )
    await expect(certified).rejects.toThrow('broken before')
  }
  const certifyAgain = (name: string) =>
    started.pki.certify({ profile: 'seal', subject: department, publicKey: world.keyStore.get(name).publicKey })
  const judge = async ({ certificate, chain }: { certificate: Uint8Array; chain: Uint8Array[] }) => {
    const at = new Date(world.clock.now().getTime() + 1000)
    const crls = await started.pki.crls()
    return x509.validatePath({ leaf: certificate, intermediates: chain, anchors: started.pki.anchors(), crls, at })
  }

  it('issues nothing more, in a service that runs since before: the next generation does, for keys that it had certified too', async () => {
    world.clock.advance(60_000)
    expect(await started.intake.stranded([early.certificate])).toEqual([])
    await revokeIn(started.root, 'seal-ca.cer')
    await started.intake.importRoot(started.root.folder)
    expect(await started.intake.stranded([early.certificate])).toEqual([early.certificate])

    const [again, other] = await Promise.all([certifyAgain('seal-early'), certifyAgain('seal-early')])
    expect(issuerOf(again.certificate)).toBe('Yunting Seal CA 2')
    expect(other).toEqual(again)
    expect((await judge(again)).reason).toBeNull()
    expect(await started.intake.stranded([early.certificate, again.certificate])).toEqual([early.certificate])
    expect(await certifyAgain('seal-early')).toEqual(again)
  })

  it('signs nothing that it had only prepared', async () => {
    const made = await certifyAgain('seal-broken-off')
    expect(issuerOf(made.certificate)).toBe('Yunting Seal CA 2')
    expect((await judge(made)).reason).toBeNull()
  })
})
