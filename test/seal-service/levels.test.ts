import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revocationOf, timestamperOf } from '../../bin/pki-ports.ts'
import { type PdfSignature, readSignedPdf, type SignedPdf } from '../../pades/read/index.ts'
import { cms, ocsp, tsp, x509 } from '../../pki/index.ts'
import type { RevocationSource, SealedDocument, Timestamper } from '../../seal-service/index.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, identifierOf, market, type SealWorld, sealRequest } from './world.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

function open(pdf: Uint8Array): SignedPdf {
  const read = readSignedPdf(pdf)
  if (!read.ok) throw new Error(read.detail)
  return read
}

const tokenOf = ({ contents }: PdfSignature) => {
  const [signer] = cms.parseSignedData(contents!).signerInfos
  const [token] = cms.findSignatureTimeStamps(signer!)
  return token && { token: tsp.parseToken(token), signature: signer!.signature }
}

describe.each(engines)('levels of seals on $name', ({ open: openDatabase }) => {
  let world: SealWorld
  let number = 1000
  beforeAll(async () => {
    world = await createSealWorld(await openDatabase())
  })
  afterAll(() => world.close())

  const next = (changed = {}) => sealRequest(world, ++number, changed)
  const seal = async (changed: object, service = world.seals): Promise<SealedDocument> =>
    (await service.sealDocuments(clerk, [next(changed)]))[0]!

  it('stamps the signature value at B-T, and answers a repeat byte for byte', async () => {
    const request = next({ level: 'B-T' })
    const [sealed] = await world.seals.sealDocuments(clerk, [request])
    expect(sealed).toMatchObject({ level: 'B-T', shortfall: null, archive: null })
    const [signature] = open(sealed!.pdf).signatures
    const stamped = tokenOf(signature!)!
    expect(await tsp.verifyToken(stamped.token, { data: stamped.signature })).toMatchObject({ valid: true })
    expect(stamped.token.genTime).toEqual(new Date('2026-11-21T08:00:00Z'))
    world.pki.clock.advance(5000)
    const [again] = await world.another().sealDocuments(clerk, [request])
    expect(hex(again!.pdf)).toBe(hex(sealed!.pdf))
    expect(again!.level).toBe('B-T')
  })

  it('appends chains and answers no older than the stamp at B-LT, for seal, time stamp and their CAs', async () => {
    const sealed = await seal({ level: 'B-LT' })
    expect(sealed.level).toBe('B-LT')
    const document = open(sealed.pdf)
    const data = document.validationData()!
    const { token } = tokenOf(document.signatures[0]!)!
    const asked = data.ocsps.flatMap((der) => ocsp.parseResponse(der).single)
    expect(asked).toHaveLength(4)
    for (const { thisUpdate } of asked) expect(thisUpdate.getTime()).toBeGreaterThanOrEqual(token.genTime.getTime())
    const names = data.certificates.map((der) => x509.findAttribute(x509.parseCertificate(der).subject, 'CN'))
    for (const name of ['Seal CA', 'Time Stamp', 'Root']) expect(names.join('\n')).toContain(name)
    expect(document.signatures[0]!.laterChanges).toBe('permitted')
  })

  it('puts a document time stamp over it all at B-LTA, and says until when it lasts', async () => {
    const sealed = await seal({ level: 'B-LTA' })
    expect(sealed.level).toBe('B-LTA')
    const { signatures } = open(sealed.pdf)
    expect(signatures.map(({ type }) => type)).toEqual(['signature', 'document-time-stamp'])
    const stamp = signatures[1]!
    expect(stamp).toMatchObject({ coversWholeFile: true, subFilter: 'ETSI.RFC3161' })
    const verified = await tsp.verifyToken(tsp.parseToken(stamp.contents!), { data: stamp.signedBytes() })
    expect(verified.valid).toBe(true)
    expect(sealed.archive).toEqual({ until: verified.certificate!.notAfter, scheme: 'ec-256' })
    expect(world.seals.endOfScheme('ec-256').getUTCFullYear()).toBe(9999)
    expect(world.seals.endOfScheme('rsa-2048').getUTCFullYear()).toBe(2031)
    expect(world.seals.endOfScheme('md5').getTime()).toBe(0)
  })

  describe('while an authority is away', () => {
    const down = () => Promise.reject(new Error('nobody answers'))
    const noStamps = (): Timestamper => ({
      ...timestamperOf(world.pki.pki, world.pki.clock),
      stamp: down,
    })
    const noAnswers: RevocationSource = { answers: down }

    it('seals at B-B without time stamps, tells why, and is raised later without touching a byte', async () => {
      const sealed = await seal({ level: 'B-LT' }, world.another({ timestamper: noStamps() }))
      expect(sealed.level).toBe('B-B')
      expect(sealed.shortfall?.message).toContain('nobody answers')
      const { identifier, pdf, level } = sealed
      const [raised] = await world.seals.augmentDocuments([{ identifier, pdf, level, target: 'B-LT' }])
      expect(raised).toMatchObject({ level: 'B-LT', shortfall: null })
      expect(hex(raised!.pdf.subarray(0, pdf.length))).toBe(hex(pdf))
      const document = open(raised!.pdf)
      expect(document.signatures.map(({ type }) => type)).toEqual(['signature', 'document-time-stamp'])
      expect(document.validationData()!.ocsps).toHaveLength(4)
    })

    it('stays at B-T without answers, and reaches B-LTA when they come', async () => {
      const sealed = await seal({ level: 'B-LTA' }, world.another({ revocation: noAnswers }))
      expect(sealed.level).toBe('B-T')
      expect(sealed.shortfall).not.toBeNull()
      const { identifier, pdf, level } = sealed
      const [raised] = await world.seals.augmentDocuments([{ identifier, pdf, level, target: 'B-LTA' }])
      expect(raised!.level).toBe('B-LTA')
      expect(open(raised!.pdf).signatures.at(-1)!.type).toBe('document-time-stamp')
    })

    it('leaves a document as it is when nothing can be had', async () => {
      const sealed = await seal({})
      const { identifier, pdf } = sealed
      const service = world.another({ timestamper: noStamps(), revocation: noAnswers })
      const [left] = await service.augmentDocuments([{ identifier, pdf, level: 'B-B', target: 'B-LTA' }])
      expect(left).toMatchObject({ level: 'B-B', archive: null })
      expect(left!.shortfall).not.toBeNull()
      expect(hex(left!.pdf)).toBe(hex(pdf))
    })

    it('seals at B-B where the authority does not even tell how long its stamps are', async () => {
      const sealed = await seal(
        { level: 'B-LT' },
        world.another({ timestamper: { stamp: down, maxTokenLength: down } }),
      )
      expect(sealed.level).toBe('B-B')
    })
  })

  it('renews an archive time stamp over the one before and its own validation data', async () => {
    const { identifier, pdf } = await seal({ level: 'B-LTA' })
    world.pki.clock.advance(30 * 24 * 3_600_000)
    const [renewed] = await world.seals.augmentDocuments([{ identifier, pdf, level: 'B-LTA', target: 'B-LTA' }])
    expect(hex(renewed!.pdf.subarray(0, pdf.length))).toBe(hex(pdf))
    const document = open(renewed!.pdf)
    expect(document.signatures.map(({ type }) => type)).toEqual([
      'signature',
      'document-time-stamp',
      'document-time-stamp',
    ])
    const fresh = document
      .validationData()!
      .ocsps.flatMap((der) => ocsp.parseResponse(der).single)
      .filter(({ thisUpdate }) => thisUpdate >= new Date('2026-12-01T00:00:00Z'))
    expect(fresh.length).toBeGreaterThanOrEqual(2)
  })

  it('refuses to raise what is no sealed PDF', async () => {
    const request = { identifier: identifierOf(1), pdf: new TextEncoder().encode('none'), level: 'B-T', target: 'B-LT' }
    const [left] = await world.seals.augmentDocuments([request as never])
    expect(left).toMatchObject({ level: 'B-T', shortfall: { code: 'SEAL_DOCUMENT_UNREADABLE' } })
  })

  describe('a joint issue', () => {
    const typeCode = market.typeCodes[0]
    const places = [250, 100].map((x) => ({ page: 0, x, y: 200 }))
    let civilSeal: string
    beforeAll(async () => {
      const [, second] = await world.seals.makeDemoSeals([market, { ...civil, typeCodes: [typeCode] }])
      civilSeal = second!.id
    })
    const joint = (level = 'B-B') => ({ level, coSeals: [{ sealId: civilSeal, place: places[0] }] })

    it('needs the other department’s leave, and stops when that ends', async () => {
      await rejectsWithCode(seal(joint()), 'SEAL_NOT_YOURS')
      const grant = { sealId: civilSeal, departmentCode: market.code, typeCode }
      await world.seals.grantSeal(grant, 'keeper')
      await world.seals.grantSeal(grant, 'keeper')
      expect((await seal(joint())).level).toBe('B-B')
      await world.seals.endGrant(grant, 'keeper')
      await rejectsWithCode(seal(joint()), 'SEAL_NOT_YOURS')
      await world.seals.grantSeal(grant, 'keeper')
      const wrong = { ...grant, typeCode: 'unknown' }
      await rejectsWithCode(world.seals.grantSeal(wrong, 'keeper'), 'SEAL_NOT_ALLOWED_ON_TYPE')
    })

    it('certifies with prepared fields, fills them, and permits nothing else', async () => {
      const request = next(joint('B-LT'))
      const [sealed] = await world.seals.sealDocuments(clerk, [request])
      const document = open(sealed!.pdf)
      expect(document.signatures.map(({ field, laterChanges }) => [field, laterChanges])).toEqual([
        ['Seal1', 'permitted'],
        ['Seal2', 'permitted'],
      ])
      expect(sealed!.level).toBe('B-LT')
      expect(document.validationData()!.vri.size).toBe(2)
      const uses = await world.database.query<{ seal_id: string; unsigned_digest: Uint8Array }>(
        `select seal_id, unsigned_digest from seal.seal_uses where identifier = $1 and phase = 'sealed' order by at`,
        [request.identifier],
      )
      expect(new Set(uses.map((use) => use.seal_id))).toEqual(new Set([world.seal.id, civilSeal]))
      expect(uses.some((use) => hex(use.unsigned_digest) === hex(sha256(request.pdf)))).toBe(true)
    })

    it('is repeated byte for byte, by another process too', async () => {
      const request = next(joint('B-T'))
      const [first] = await world.seals.sealDocuments(clerk, [request])
      world.pki.clock.advance(60_000)
      const [again] = await world.another().sealDocuments(clerk, [request])
      expect(hex(again!.pdf)).toBe(hex(first!.pdf))
    })

    it('refuses the same seal twice', async () => {
      const twice = { coSeals: [{ sealId: world.seal.id, place: places[0] }] }
      await rejectsWithCode(seal(twice), 'SEAL_REQUEST_CONFLICT')
    })
  })

  it('serves a group of mixed levels and joint seals with one round of answers', async () => {
    let rounds = 0
    const source = revocationOf(world.pki.pki)
    const counting: RevocationSource = {
      answers: (...question) => {
        rounds++
        return source.answers(...question)
      },
    }
    const group = (['B-B', 'B-T', 'B-LT', 'B-LTA', 'B-LT'] as const).map((level) => next({ level }))
    const sealed = await world.another({ revocation: counting }).sealDocuments(clerk, group)
    expect(sealed.map(({ level }) => level)).toEqual(['B-B', 'B-T', 'B-LT', 'B-LTA', 'B-LT'])
    expect(rounds).toBe(1)
  })
})
