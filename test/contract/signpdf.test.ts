// Our CMS inside another hand's container: @signpdf finds the placeholder and asks our signer, our reader and verifier judge the result.
import { createHash } from 'node:crypto'
import { pdflibAddPlaceholder } from '@signpdf/placeholder-pdf-lib'
import { SignPdf } from '@signpdf/signpdf'
import { Signer, SUBFILTER_ETSI_CADES_DETACHED } from '@signpdf/utils'
import { PDFDocument } from 'pdf-lib'
import { describe, expect, it } from 'vitest'
import { cms } from '../../pki/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { createTestPki, type TestEntity, testTimes } from '../fixtures/pki.ts'

/** @signpdf's signer around our compiled CMS. */
class CompiledSigner extends Signer {
  readonly #entity: TestEntity
  constructor(entity: TestEntity) {
    super()
    this.#entity = entity
  }
  override async sign(content: Buffer): Promise<Buffer> {
    const { certificate, chain, key } = this.#entity
    const signer = cms.compileSigner({ certificate, chain, signatureAlgorithm: key.signatureAlgorithm })
    const digest = createHash('sha256').update(content).digest()
    return Buffer.from(signer.assemble(digest, await key.sign(signer.attributesToSign(digest))))
  }
}

async function documentWithPlaceholder(): Promise<Buffer> {
  const document = await PDFDocument.create()
  document.addPage([200, 200])
  pdflibAddPlaceholder({
    pdfDoc: document,
    reason: 'contract',
    contactInfo: '',
    name: 'Zhengyin',
    location: '',
    subFilter: SUBFILTER_ETSI_CADES_DETACHED,
  })
  return Buffer.from(await document.save({ useObjectStreams: false }))
}

describe('@signpdf/signpdf with our compiled CMS', () => {
  const policy = (root: Uint8Array) =>
    ({ trustAnchors: [root], revocation: 'skipped', trustList: 'skipped', status: 'skipped' }) as const

  it('makes a document that our verifier passes, with RSA and with P-256', async () => {
    for (const kind of ['rsa-2048', 'ec-p256'] as const) {
      const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing', key: kind } })
      const signed = await new SignPdf().sign(await documentWithPlaceholder(), new CompiledSigner(pki.get('seal')))
      const report = await verifyDocument(
        { name: 'a.pdf', bytes: new Uint8Array(signed) },
        NO_EVIDENCE,
        policy(pki.get('root').certificate),
        testTimes.now,
      )
      expect(report.signatures).toMatchObject([
        { integrity: 'intact', byteRange: 'ok', coversWholeFile: true, indication: 'TOTAL-PASSED' },
      ])
    }
  })

  it('is not passed when a signed byte differs', async () => {
    const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing' } })
    const signed = await new SignPdf().sign(await documentWithPlaceholder(), new CompiledSigner(pki.get('seal')))
    const bytes = new Uint8Array(signed)
    const at = Buffer.from(bytes).indexOf('/MediaBox [ 0 0 200 200 ]') + '/MediaBox [ 0 0 2'.length
    bytes[at] = 0x31
    const report = await verifyDocument(
      { name: 'a.pdf', bytes },
      NO_EVIDENCE,
      policy(pki.get('root').certificate),
      testTimes.now,
    )
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' })
  })
})
