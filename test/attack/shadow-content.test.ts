import { beforeAll, describe, expect, it } from 'vitest'
import type { UpdatedObject } from '../../pades/incremental-update.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { isAccepted, makePdf, makeSealer, read, update } from '../pades/documents.ts'
import {
  type Document,
  docMdp,
  formObjects,
  numbers,
  object,
  pdfOf,
  rewritten,
  signForm,
  stream,
} from './signed-form.ts'

// Shadow attacks (Mainka and others, 2021): content that lies ready when the document is signed, and is shown, hidden or swapped by a
// small change after it. The change is not permitted; what lies ready is told before there is any.

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})

const withObjects = (more: Readonly<Record<number, string>>, added: readonly string[] = []): Uint8Array =>
  pdfOf([...formObjects.map((body, index) => more[index + 1] ?? body), ...added])

const first = formObjects.length + 1
const layered = () =>
  withObjects(
    {
      [numbers.catalog]: `<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /OCProperties << /OCGs [${first} 0 R ${first + 1} 0 R] /D << /OFF [${first} 0 R] >> >> >>`,
    },
    ['<< /Type /OCG /Name (true) >>', '<< /Type /OCG /Name (shown) >>'],
  )
const secondTree = () =>
  withObjects({}, [
    `<< /Type /Pages /Kids [${first + 1} 0 R] /Count 1 >>`,
    `<< /Type /Page /Parent ${first} 0 R /MediaBox [0 0 595 842] /Contents ${first + 2} 0 R >>`,
    '<< /Length 5 >>\nstream\nBT ET\nendstream',
  ])
const sparePicture = () =>
  withObjects({}, [
    '<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\nx\nendstream',
  ])
const fieldOverText = () =>
  withObjects({
    [numbers.name]: '<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /Rect [50 590 250 610] /F 4 >>',
  })
const unseen = () => {
  const text = 'BT /F1 12 Tf 3 Tr 60 600 Td (not seen at all) Tj ET'
  return withObjects({ [numbers.content]: `<< /Length ${text.length} >>\nstream\n${text}\nendstream` })
}

const codesOf = async (pdf: Uint8Array): Promise<string[]> => {
  const report = await verifyDocument({ name: 'a.pdf', bytes: pdf }, NO_EVIDENCE, { trustAnchors: [] }, new Date(0))
  return report.findings.filter(({ outcome }) => outcome === 'info').map(({ code }) => code)
}

describe('what lies ready in a sealed document', () => {
  it.each([
    ['layers that are hidden at first', layered, 'hidden-layer', 'CONTENT_HIDDEN_LAYERS'],
    ['pages outside the page tree', secondTree, 'unused-page', 'CONTENT_UNUSED'],
    ['a picture that nothing shows', sparePicture, 'unused-content', 'CONTENT_UNUSED'],
    ['a field over text', fieldOverText, 'field-over-text', 'CONTENT_FIELD_OVER_TEXT'],
    ['text that is not painted', unseen, 'invisible-text', 'CONTENT_INVISIBLE_TEXT'],
  ] as const)('is told, and refuses nothing: %s', async (_, make, kind, code) => {
    const sealed = signForm(sealer, make())
    const pdf = read(sealed)
    expect(pdf.contentRisks(pdf.signatures[0]).map((risk) => risk.kind)).toContain(kind)
    expect(await codesOf(sealed)).toContain(code)
    expect(await isAccepted(sealed)).toBe(true)
  })

  it('says where the field lies', () => {
    const pdf = read(signForm(sealer, fieldOverText()))
    expect(pdf.contentRisks(pdf.signatures[0]).filter(({ kind }) => kind === 'field-over-text')).toMatchObject([
      { kind: 'field-over-text', object: numbers.name, page: 0, rect: [50, 590, 250, 610] },
    ])
  })

  it('is nothing in an ordinary document', async () => {
    for (const pdf of [
      pdfOf(formObjects),
      await makePdf({ pages: 2, form: true }),
      await makePdf({ objectStreams: true }),
    ]) {
      expect(await codesOf(sealer.sign(pdf))).not.toContain(expect.stringMatching(/^CONTENT_/))
    }
  })

  it('is looked for in the sealed revision, not in what was added', () => {
    const later = update(signForm(sealer, pdfOf(formObjects)), (_, free) => [
      object(free, '<< /Type /Page /MediaBox [0 0 1 1] >>'),
    ])
    const pdf = read(later)
    expect(pdf.contentRisks(pdf.signatures[0])).toEqual([])
    expect(pdf.contentRisks().map(({ kind }) => kind)).toEqual(['unused-page'])
  })
})

describe('a shadow attack', () => {
  const attacks: Readonly<
    Record<string, readonly [() => Uint8Array, (document: Document, free: number) => readonly UpdatedObject[]]>
  > = {
    'hides: the layer over the content is switched off': [
      layered,
      (document) => [
        rewritten(document, numbers.catalog, {
          OCProperties: `<< /OCGs [${first} 0 R ${first + 1} 0 R] /D << /OFF [${first + 1} 0 R] >> >>`,
        }),
      ],
    ],
    'hides: the picture over the content is taken away': [
      () => pdfOf(formObjects),
      () => [stream(numbers.image, '', '/Type /XObject /Subtype /Form /BBox [0 0 1 1]')],
    ],
    'hides: the picture is freed': [() => pdfOf(formObjects), () => [object(numbers.image, 'null')]],
    'replaces: the font draws other letters': [
      () => pdfOf(formObjects),
      () => [object(numbers.font, '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>')],
    ],
    'replaces: the value of a field is shown instead of its picture': [
      () => pdfOf(formObjects),
      (document) => [rewritten(document, numbers.form, { NeedAppearances: 'true' })],
    ],
    'hides and replaces: another page tree': [
      secondTree,
      (document) => [rewritten(document, numbers.catalog, { Pages: `${first} 0 R` })],
    ],
    'hides and replaces: another content of the page': [
      secondTree,
      (document) => [rewritten(document, numbers.page, { Contents: `${first + 2} 0 R` })],
    ],
    'hides and replaces: another first page in the tree': [
      secondTree,
      () => [object(2, `<< /Type /Pages /Kids [${first + 1} 0 R 15 0 R] /Count 2 >>`)],
    ],
  }
  for (const [name, [make, attack]] of Object.entries(attacks)) {
    it(`is not permitted, certified or not, when it ${name}`, async () => {
      for (const entries of ['', docMdp(1), docMdp(2), docMdp(3)]) {
        const attacked = update(signForm(sealer, make(), entries), attack)
        expect(read(attacked).signatures[0]!.laterChanges).toBe('not-permitted')
        expect(await isAccepted(attacked)).toBe(false)
      }
    })
  }
})
