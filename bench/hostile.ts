// Documents that ask much of a verifier: many signatures in many revisions, and files made to cost or deceive.
import { deflateSync } from 'node:zlib'
import { addData, makeOcsp, sealAt } from '../test/fixtures/levels.ts'
import { createTestPki, testTimes } from '../test/fixtures/pki.ts'

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** Objects as a plain PDF with a table, and `extra` at the end of its trailer. */
function pdfOf(bodies: readonly string[], extra = ''): string {
  let text = '%PDF-1.7\n'
  let table = `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n`
  for (const [index, body] of bodies.entries()) {
    table += `${String(text.length).padStart(10, '0')} 00000 n \n`
    text += `${index + 1} 0 obj\n${body}\nendobj\n`
  }
  return `${text}${table}trailer\n<</Size ${bodies.length + 1}/Root 1 0 R${extra}>>\nstartxref\n${text.length}\n%%EOF\n`
}

const stream = (entries: string, data: string) => `<<${entries}/Length ${data.length}>>\nstream\n${data}\nendstream`
const deflated = (data: string) => deflateSync(Buffer.from(data, 'latin1')).toString('latin1')
const CATALOG = '<</Type/Catalog/Pages 2 0 R>>'
const PAGES = '<</Type/Pages/Kids[3 0 R]/Count 1>>'

/** A page with a hundred kilobytes of content, to be signed. */
const plainPage = (): Uint8Array =>
  latin1(
    pdfOf([
      CATALOG,
      PAGES,
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>',
      stream('', `${'q 1 0 0 1 0 0 cm Q\n'.repeat(5_400)}`),
    ]),
  )

export interface ManySignatures {
  readonly pdf: Uint8Array
  readonly root: Uint8Array
  readonly crls: readonly Uint8Array[]
  readonly at: Date
}

/** A document with so many signatures (B-LT: time stamp, chain and answers of its own after each), two revisions each beside the first. */
export async function makeManySignatures(count: number): Promise<ManySignatures> {
  const pki = await createTestPki({
    root: {},
    ca: { under: 'root' },
    tsa: { under: 'ca', profile: 'time-stamp' },
    signer: { under: 'ca' },
  })
  const [ca, tsa, signer] = [pki.get('ca'), pki.get('tsa'), pki.get('signer')]
  const start = testTimes.now.getTime()
  let pdf: Uint8Array = plainPage()
  for (let i = 0; i < count; i++) {
    const at = new Date(start + i * 60_000)
    const place = { page: 0, x: 20 + 90 * (i % 6), y: 20 + 90 * Math.floor(i / 6), width: 80, height: 80 }
    pdf = sealAt(pdf, signer, { field: `Signature${i + 1}`, signedAt: at, place }, [{ by: tsa, at }])
    const thisUpdate = new Date(at.getTime() + 10_000)
    const ocsps = [
      await makeOcsp({ about: signer, by: ca, thisUpdate }),
      await makeOcsp({ about: tsa, by: ca, thisUpdate }),
      await makeOcsp({ about: ca, by: pki.get('root'), thisUpdate }),
    ]
    pdf = addData(pdf, { entities: [signer, tsa], ocsps })
  }
  // The page and its first save count as two revisions.
  const at = new Date(start + count * 60_000 + 60_000)
  const crls = await pki.crls({ thisUpdate: at, nextUpdate: new Date(at.getTime() + 86_400_000) })
  return { pdf: addData(pdf, { crls }), root: pki.get('root').certificate, crls, at }
}

/** Two megabytes of one value each, as small as it is written. */
const floods: ReadonlyMap<string, string> = new Map([
  ['a million values', '1 '],
  ['a million names', '/a'],
  ['a million strings', '()'],
  ['a million arrays', '[]'],
  ['half a million dictionaries', '<<>>'],
  ['half a million numbers with a point', '1.5 '],
  ['a third of a million references', '1 0 R '],
])

/** Files that nobody may take for good, by what they try. `licence` is one of ours, for what is done to it. */
export function hostileFiles(licence: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const text = Buffer.from(licence).toString('latin1')
  const startxref = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1] ?? '0'
  const flipped = licence.slice()
  flipped[Math.floor(licence.length / 3)]! ^= 1
  const update = (object: string) => {
    const at = text.length
    return latin1(
      `${text}${object}xref\n${Number.parseInt(object, 10)} 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer\n<</Size 9999/Root ${/\/Root (\d+ 0 R)/.exec(text)?.[1]}/Prev ${startxref}>>\nstartxref\n${at + object.length}\n%%EOF\n`,
    )
  }
  const bomb = deflated(deflated('0 '.repeat(16 << 20)))
  return new Map([
    ['a byte changed under the seal', flipped],
    ['the page replaced after the seal', update('3 0 obj\n<</Type/Page/Parent 2 0 R>>\nendobj\n')],
    [
      'an object stream that inflates without end',
      update(
        `9000 0 obj\n${stream('/Type/ObjStm/N 9000000/First 10/Filter[/FlateDecode/FlateDecode]', bomb)}\nendobj\n`,
      ),
    ],
    [
      'a cross-reference stream of zeros',
      latin1(
        `%PDF-1.7\n1 0 obj\n${stream('/Type/XRef/Root 1 0 R/W[1 4 2]/Size 9999999/Filter/FlateDecode', deflated('\0'.repeat(30 << 20)))}\nendobj\nstartxref\n9\n%%EOF\n`,
      ),
    ],
    [
      'arrays a hundred thousand deep',
      latin1(pdfOf([`<</Type/Catalog/Pages 2 0 R/X ${'['.repeat(100_000)}>>`, PAGES, 'null'])),
    ],
    ...[...floods].map(([what, value]): [string, Uint8Array] => [
      what,
      latin1(pdfOf([`<</Type/Catalog/Pages 2 0 R/X[${value.repeat(2_000_000 / value.length)}]>>`, PAGES, 'null'])),
    ]),
    ['a chain of revisions that leads back', latin1(pdfOf([CATALOG, PAGES, 'null'], '/Prev 9'))],
    [
      'ten thousand signature fields',
      latin1(
        pdfOf([
          `<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[${'4 0 R '.repeat(10_000)}]>>>>`,
          PAGES,
          '<</Type/Page/Parent 2 0 R>>',
          '<</FT/Sig/T(x)/V 5 0 R>>',
          `<</Type/Sig/ByteRange[0 9 99 9]/Contents<${'30'.repeat(40)}>>>`,
        ]),
      ),
    ],
  ])
}
