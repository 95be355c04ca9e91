import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UpdatedObject } from '../../pades/incremental-update.ts'
import { isArray, isReference, type PdfDictionary, type PdfValue } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { writeDictionary, writeValue } from '../../pades/write-value.ts'
import type { VerificationReport } from '../../verifier/index.ts'
import { concat, inSequence, makeSealer, type openPdf, update } from '../pades/documents.ts'
import { type Minted, type MintedHouse, mintEveryTemplate } from '../property/minted.ts'

// Whole updates appended to minted licences of every template, and what the verdict says of them.

type Document = ReturnType<typeof openPdf>
type Attack = (document: Document, free: number, other: Minted) => readonly UpdatedObject[]

const ascii = (text: string) => new TextEncoder().encode(text)
const dictionaryOf = (document: Document, number: number) => document.object(number)!.value as PdfDictionary
const numberOf = (value: PdfValue | undefined) => (isReference(value) ? value.number : 0)

const object = (number: number, body: string): UpdatedObject => ({ number, generation: 0, body })
const stream = (number: number, text: string, entries = ''): UpdatedObject => ({
  ...object(number, `<< ${entries} /Length ${ascii(text).length} >>`),
  stream: ascii(text),
})
const rewritten = (document: Document, number: number, change: Record<string, string | null>): UpdatedObject =>
  object(number, writeDictionary(dictionaryOf(document, number), change))

const rootOf = (document: Document) => numberOf(document.trailer.entries.get('Root'))
const pageOf = (document: Document) => readPages(document)[0]!.object

/** Number of the stream with the first page's content, or of its first part. */
function contentOf(document: Document): number {
  const contents = readPages(document)[0]!.dictionary.entries.get('Contents')
  const parts = document.resolve(contents)
  return numberOf(isArray(parts) ? parts.items[0] : contents)
}

/** Numbers of the embedded files' streams, in the order of the catalog's /AF: licence.json, statement.txt. */
function embeddedFiles(document: Document): number[] {
  const associated = document.resolve(document.catalog.entries.get('AF'))
  const items = isArray(associated) ? associated.items : []
  return items.map((item) =>
    numberOf(document.dictionary(dictionaryOf(document, numberOf(item)).entries.get('EF'))!.entries.get('F')),
  )
}

function listWith(document: Document, list: PdfValue | undefined, added: number): string {
  const resolved = document.resolve(list)
  const items = isArray(resolved) ? resolved.items.map(writeValue) : []
  return `[${[...items, `${added} 0 R`].join(' ')}]`
}

const withAnnotation = (document: Document, number: number): UpdatedObject =>
  rewritten(document, pageOf(document), {
    Annots: listWith(document, readPages(document)[0]!.dictionary.entries.get('Annots'), number),
  })

function withField(document: Document, number: number): UpdatedObject {
  const form = document.catalog.entries.get('AcroForm')
  const fields = listWith(document, document.dictionary(form)!.entries.get('Fields'), number)
  return isReference(form)
    ? rewritten(document, form.number, { Fields: fields })
    : rewritten(document, rootOf(document), { AcroForm: `<< /Fields ${fields} /SigFlags 3 >>` })
}

const attacks: Readonly<Record<string, Attack>> = {
  'puts an annotation over the page': (document, free) => [
    object(free, '<< /Type /Annot /Subtype /FreeText /Rect [0 0 600 800] /Contents (paid) /DA (/F 12 Tf) >>'),
    withAnnotation(document, free),
  ],
  'replaces the content of the page': (document) => [stream(contentOf(document), 'BT ET')],
  'points the page at new content': (document, free) => [
    stream(free, 'BT ET'),
    rewritten(document, pageOf(document), { Contents: `${free} 0 R` }),
  ],
  'replaces licence.json by that of another licence': (document, _, other) => [
    stream(embeddedFiles(document)[0]!, dataOf(other), '/Type /EmbeddedFile /Subtype /application#2Fjson'),
  ],
  'replaces the statement by that of another licence': (document, _, other) => [
    stream(embeddedFiles(document)[1]!, other.statement, '/Type /EmbeddedFile /Subtype /text#2Fplain'),
  ],
  'adds a second licence.json': (document, free, other) => [
    stream(free, dataOf(other), '/Type /EmbeddedFile'),
    object(
      free + 1,
      `<< /Type /Filespec /F (licence.json) /UF (licence.json) /EF << /F ${free} 0 R >> /AFRelationship /Data >>`,
    ),
    rewritten(document, rootOf(document), { AF: listWith(document, document.catalog.entries.get('AF'), free + 1) }),
  ],
  'takes the embedded files out of the catalog': (document) => [
    rewritten(document, rootOf(document), { AF: null, Names: null }),
  ],
  'adds a page': (document, free) => {
    const pages = numberOf(document.catalog.entries.get('Pages'))
    const kids = dictionaryOf(document, pages).entries.get('Kids')
    const count = readPages(document).length + 1
    return [
      object(free, `<< /Type /Page /Parent ${pages} 0 R /MediaBox [0 0 9 9] >>`),
      rewritten(document, pages, { Kids: listWith(document, kids, free), Count: `${count}` }),
    ]
  },
  'takes the certification away': (document) => [rewritten(document, rootOf(document), { Perms: null })],
  'takes the seal out of the form': (document) => [
    rewritten(document, rootOf(document), { AcroForm: '<< /Fields [] >>' }),
  ],
  'runs a script on opening': (document) => [
    rewritten(document, rootOf(document), { OpenAction: '<< /S /JavaScript /JS (1) >>' }),
  ],
  'adds an object to which nothing refers': (_, free) => [stream(free, 'BT (for later) Tj ET')],
  'adds an object with the number zero, which is never in use': () => [stream(0, 'BT ET')],
  'adds nothing at all': () => [],
  'changes nothing but the catalog’s language': (document) => [rewritten(document, rootOf(document), { Lang: '(en)' })],
}

/** Canonical JSON is ASCII apart from Chinese, which the bytes of the file hold as UTF-8. */
const dataOf = ({ pdf }: Minted): string => {
  const file = Buffer.from(pdf)
  const from = file.indexOf('{"fields"')
  return file.toString('utf8', from, file.indexOf('\nendstream', from))
}

/** A second signature as a signer would append it, valid in itself. */
async function addSignature(pdf: Uint8Array, visible: boolean): Promise<Uint8Array> {
  const { signer, key } = await makeSealer()
  const digits = signer.maxLength * 2
  const range = '[0 0000000000 0000000000 0000000000]'
  const appended = update(pdf, (document, free) => [
    object(
      free,
      `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange ${range} /Contents <${'0'.repeat(digits)}> >>`,
    ),
    object(
      free + 1,
      `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Second) /V ${free} 0 R /F 132 /Rect ${visible ? '[9 9 99 99]' : '[0 0 0 0]'} >>`,
    ),
    withAnnotation(document, free + 1),
    withField(document, free + 1),
  ])
  const file = Buffer.from(appended.buffer)
  const gap = file.indexOf(`<${'0'.repeat(digits)}>`, pdf.length)
  const end = gap + digits + 2
  const numbers = [gap, end, file.length - end].map((number) => String(number).padStart(10, '0'))
  file.write(`[0 ${numbers.join(' ')}]`, file.indexOf(range, pdf.length), 'latin1')
  const digest = createHash('sha256').update(file.subarray(0, gap)).update(file.subarray(end)).digest()
  const signature = await key.sign(signer.attributesToSign(digest))
  file.write(Buffer.from(signer.assemble(digest, signature)).toString('hex'), gap + 1, 'latin1')
  return appended
}

const codes = ({ findings }: VerificationReport) =>
  findings.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided').map(({ code }) => code)

describe('the verdict on a minted licence after an update that', () => {
  let minted: MintedHouse
  const genuine = new Map<string, VerificationReport>()
  beforeAll(async () => {
    minted = await mintEveryTemplate()
    for (const { pdf, typeCode } of minted.licences) genuine.set(typeCode, await minted.verify(pdf))
  })
  afterAll(() => minted?.house.close())

  const eachLicence = async (check: (licence: Minted, other: Minted) => Promise<void>) => {
    for (const [n, licence] of minted.licences.entries())
      await check(licence, minted.licences[(n + 1) % minted.licences.length]!)
  }
  const expectChanged = (report: VerificationReport, what: string) => {
    expect(report.verdict, what).toBe('refused')
    expect(report.documentChangedAfterSeal || report.signatures.length === 0, what).toBe(true)
    expect(
      report.signatures.every(({ coversWholeFile }) => !coversWholeFile),
      what,
    ).toBe(true)
    expect(report.explanation.answers[0], what).toMatchObject({ question: 'seal', outcome: 'no' })
  }

  for (const [name, attack] of Object.entries(attacks)) {
    it(`${name} is refused, and the report says that the document was changed`, async () => {
      await eachLicence(async ({ typeCode, pdf }, other) => {
        const report = await minted.verify(update(pdf, (document, free) => attack(document, free, other)))
        expectChanged(report, `${typeCode} ${name}`)
        // What the report still says of the licence comes from the sealed revision.
        if (report.licence) expect(report.licence.identifier).toBe(genuine.get(typeCode)!.licence!.identifier)
      })
    })
  }

  it('adds a second signature, shown or not, is refused', async () => {
    for (const visible of [true, false]) {
      const report = await minted.verify(await addSignature(minted.licences[0]!.pdf, visible))
      expect(report.signatures).toHaveLength(2)
      expect(report.signatures[1]).toMatchObject({ integrity: 'intact', coversWholeFile: true })
      expect(report).toMatchObject({ verdict: 'refused', documentChangedAfterSeal: true })
      expect(codes(report)).toContain('LATER_CHANGES_FORBIDDEN')
    }
  })

  it('adds evidence (DSS) is permitted and told, and the verdict stays', async () => {
    await eachLicence(async ({ typeCode, pdf }) => {
      const report = await minted.verify(
        update(pdf, (document, free) => [
          stream(free, inSequence('a certificate')),
          object(free + 1, `<< /Type /DSS /Certs [${free} 0 R] >>`),
          rewritten(document, rootOf(document), { DSS: `${free + 1} 0 R` }),
        ]),
      )
      expect(report.verdict, typeCode).toBe('accepted')
      expect(report.signatures[0]).toMatchObject({ coversWholeFile: false, laterChanges: 'permitted' })
      expect(report.findings.map(({ code }) => code)).toContain('LATER_CHANGES_PERMITTED')
      expect(report.signatures[0]!.signedDigest).toBe(genuine.get(typeCode)!.signatures[0]!.signedDigest)
    })
  })

  it('claims as evidence what the page shows is refused', async () => {
    await eachLicence(async ({ typeCode, pdf }) => {
      const report = await minted.verify(
        update(pdf, (document) => {
          const content = contentOf(document)
          return [
            stream(content, 'BT ET'),
            rewritten(document, rootOf(document), { DSS: `<< /Certs [${content} 0 R] >>` }),
          ]
        }),
      )
      expectChanged(report, typeCode)
    })
  })

  it('is no update: junk, a comment, a start of a cross-reference elsewhere, a second file', async () => {
    const [first, second] = minted.licences as [Minted, Minted]
    const earlier = /startxref\n(\d+)/.exec(Buffer.from(first.pdf).toString('latin1'))![1]
    for (const tail of [
      '\n',
      '\0',
      '% a comment\n',
      '%%EOF\n',
      'startxref\n0\n%%EOF\n',
      `startxref\n${earlier}\n%%EOF\n`,
      `startxref\n${first.pdf.length - 300}\n%%EOF\n`,
      'xref\n0 0\ntrailer\n<< /Size 1 >>\nstartxref\n0\n%%EOF\n',
      '99 0 obj\n<< >>\nendobj\n',
      'x'.repeat(5_000),
      first.pdf,
      second.pdf,
    ]) {
      const report = await minted.verify(concat(first.pdf, tail))
      const what = JSON.stringify(String(tail).slice(0, 40))
      expect(report.verdict, what).not.toBe('accepted')
      expect(
        report.signatures.every((signature) => !signature.coversWholeFile),
        what,
      ).toBe(true)
      expect(codes(report).length, what).toBeGreaterThan(0)
    }
  })

  it('comes before the file, or cuts it short, is refused', async () => {
    const { pdf } = minted.licences[0]!
    for (const bytes of [
      concat('\n', pdf),
      concat('%PDF-1.7\n', pdf),
      pdf.subarray(0, -1),
      pdf.subarray(0, -7),
      pdf.subarray(1),
    ])
      expect((await minted.verify(bytes)).verdict).toBe('refused')
  })

  it('takes only the unsealed revision is refused as unsealed licence data', async () => {
    await eachLicence(async ({ typeCode, pdf }) => {
      const bytes = pdf.subarray(0, Buffer.from(pdf).indexOf('%%EOF') + 6)
      const report = await minted.verify(bytes)
      expect(report, typeCode).toMatchObject({ verdict: 'refused', reason: 'UNSIGNED', signatures: [] })
    })
  })

  it('puts the signature value of one licence into another is refused', async () => {
    await eachLicence(async ({ typeCode, pdf, gap }, other) => {
      const forged = new Uint8Array(pdf)
      const value = other.pdf.subarray(...other.gap)
      expect(value.length).toBe(gap[1] - gap[0])
      forged.set(value, gap[0])
      const report = await minted.verify(forged)
      expect(report.verdict, typeCode).toBe('refused')
      expect(report.signatures[0]).toMatchObject({ integrity: 'broken', subIndication: 'HASH_FAILURE' })
    })
  })

  it('puts the seal’s whole update of one licence behind the page of another is refused', async () => {
    await eachLicence(async ({ typeCode, pdf }, other) => {
      const unsealed = (bytes: Uint8Array) => Buffer.from(bytes).indexOf('%%EOF') + 6
      const report = await minted.verify(
        concat(pdf.subarray(0, unsealed(pdf)), other.pdf.subarray(unsealed(other.pdf))),
      )
      expect(report.verdict, typeCode).toBe('refused')
    })
  })
})
