import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revocationOf, timestamperOf } from '../../bin/pki-ports.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { cms, primitives } from '../../pki/index.ts'
import type { SealService } from '../../seal-service/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { engines } from '../support/engines.ts'
import { clerk, createSealWorld, market, type SealWorld, sealRequest } from './world.ts'

describe('SM2 signatures beside the seals, where they are switched on', () => {
  let world: SealWorld
  let seals: SealService
  beforeAll(async () => {
    world = await createSealWorld(await engines[0]!.open())
    const pki = world.pki.another({ sm2InDocuments: true })
    await pki.start()
    seals = world.another({
      sm2Beside: true,
      timestamper: timestamperOf(pki, world.pki.clock),
      revocation: revocationOf(pki),
    })
  })
  afterAll(() => world.close())

  const evidence = async () => {
    const pki = world.pki.another({ sm2InDocuments: true })
    await pki.start()
    const policy = { trustAnchors: pki.anchors(), trustList: 'skipped', status: 'skipped' } as const
    return { policy, crls: await pki.crls() }
  }

  it('are off unless said', async () => {
    const [sealed] = await world.seals.sealDocuments(clerk, [sealRequest(world, 1)])
    const document = readSignedPdf(sealed!.pdf)
    expect(document.ok && document.signatures.map(({ subFilter }) => subFilter)).toEqual(['ETSI.CAdES.detached'])
  })

  it.each([
    ['B-B', 11],
    ['B-T', 12],
    ['B-LT', 13],
  ] as const)('fill a prepared field, hold, and are no PAdES: %s', async (level, number) => {
    const request = sealRequest(world, number, { level })
    const [sealed] = await seals.sealDocuments(clerk, [request])
    expect(sealed!.level).toBe(level)
    const document = readSignedPdf(sealed!.pdf)
    if (!document.ok) throw new Error('unreadable')
    expect(document.signatures.map(({ subFilter }) => subFilter)).toEqual(['ETSI.CAdES.detached', cms.GM_SUB_FILTER])
    const [, sm2] = document.signatures
    const [signer] = await cms.verifyGmSignedData(cms.parseGmSignedData(sm2!.contents!), {
      contentDigest: (algorithm) => primitives.digest(algorithm, sm2!.signedBytes()),
    })
    expect(signer).toMatchObject({ valid: true, digestAlgorithm: 'SM3' })
    expect(signer!.certificate!.subject.text).toContain(market.name)
    const { policy, crls } = await evidence()
    const input = { name: 'licence.pdf', bytes: sealed!.pdf }
    const report = await verifyDocument(input, { ...NO_EVIDENCE, crls }, policy, world.pki.clock.now())
    expect(report.signatures.map((one) => [one.integrity, one.indication, one.level])).toEqual([
      ['intact', 'TOTAL-PASSED', level],
      ['intact', 'TOTAL-PASSED', 'not-pades'],
    ])
  })

  it('repeat byte for byte, and are counted as uses of the seal', async () => {
    const request = sealRequest(world, 30)
    const [first] = await seals.sealDocuments(clerk, [request])
    const [again] = await seals.sealDocuments(clerk, [request])
    expect(again!.pdf).toEqual(first!.pdf)
    const uses = await world.database.query('select phase from seal.seal_uses where identifier = $1 order by phase', [
      request.identifier,
    ])
    expect(uses.map((row) => (row as { phase: string }).phase)).toEqual(['intended', 'intended', 'sealed', 'sealed'])
  })

  it('are of certificates that the trust list then names', async () => {
    const certificatesOf = async (service: SealService) =>
      (await service.publicKeys()).flatMap(({ services }) => services.filter(({ kind }) => kind === 'seal')).length
    expect(await certificatesOf(seals)).toBe(2 * (await certificatesOf(world.seals)))
  })
})
