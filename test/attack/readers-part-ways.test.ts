// Updates that this reader could take for harmless while another reader, or one that rebuilds the file, shows something else.
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { readPages } from '../../pades/pages.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { inSequence, isAccepted, makeSealer, openPdf } from '../pades/documents.ts'
import { docMdp, pdfOf, signForm } from './signed-form.ts'
import { bytesOf, lastXrefOf, objectStreamOf, streamOf, streamPdfOf, textOf, withRevision } from './xref-streams.ts'

type Objects = readonly (readonly [number, string])[]

interface Spelling {
  readonly afterXref?: string
  readonly beforeTrailer?: string
  readonly size?: number
  readonly trailer?: string
  /** What stands between the trailer and the end, from the offset of the cross-reference. */
  readonly tail?: (xref: number) => string
  readonly header?: (number: number) => string
}

const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources 6 0 R >>'
const forgedPage = page.replace('/Contents 4 0 R', '/Contents 20 0 R')
const catalog = (entries: string) => `<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R ${entries} >>`
const bodies = [
  catalog(''),
  '<< /Type /Pages /Kids [3 0 R] /Count 1 /CropBox [0 0 300 100] >>',
  page,
  streamOf('BT /F1 12 Tf 20 60 Td (To be paid: 100) Tj ET'),
  '<< /Fields [] >>',
  '<< /Font << /F1 7 0 R >> >>',
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [57 /one] >> >>',
]
const FREE = 30
const evidence = streamOf(inSequence('evidence'))

let sealed: Uint8Array
let certified: string
/** The same with a cross-reference stream: its kind stays. */
let sealedByStream: Uint8Array
beforeAll(async () => {
  const sealer = await makeSealer()
  sealed = signForm(sealer, pdfOf(bodies), docMdp(1))
  certified = textOf(sealed)
  sealedByStream = signForm(sealer, streamPdfOf(bodies), docMdp(1))
})

/** The catalog as it stands, with entries changed. */
const rewrittenCatalog = (entries: Record<string, string>, of = sealed) => writeDictionary(openPdf(of).catalog, entries)
const rewrittenPage = (entries: Record<string, string>) =>
  writeDictionary(readPages(openPdf(sealed))[0]!.dictionary, entries)
/** Evidence is added, which is permitted. */
const withEvidence = (of = sealed): Objects => [
  [1, rewrittenCatalog({ DSS: `<< /Certs [${FREE} 0 R] >>` }, of)],
  [FREE, evidence],
]

function append(objects: Objects, spelling: Spelling = {}): Uint8Array {
  const {
    afterXref = '',
    beforeTrailer = '',
    size = 100,
    trailer = '',
    header = (number) => `${number} 0 obj`,
  } = spelling
  let text = certified
  const rows = new Map<number, string>()
  for (const [number, body] of objects) {
    rows.set(number, `${number} 1\n${String(text.length).padStart(10, '0')} 00000 n \n`)
    text += `${header(number)}\n${body}\nendobj\n`
  }
  const xref = text.length
  const table = [...rows].sort(([left], [right]) => left - right).map(([, row]) => row)
  text += `xref\n${afterXref}${table.join('')}${beforeTrailer}trailer\n<< /Size ${size} /Root 1 0 R /Prev ${lastXrefOf(certified)}${trailer} >>\n`
  return bytesOf(text + (spelling.tail?.(xref) ?? `startxref\n${xref}\n%%EOF\n`))
}

/** The same with a cross-reference stream and an object stream of these objects. */
function appendPacked(
  packed: string,
  listed: readonly (readonly [number, number])[],
  { number = FREE + 5 }: { readonly number?: number } = {},
): Uint8Array {
  return bytesOf(
    withRevision(textOf(sealedByStream), {
      objects: [...withEvidence(sealedByStream), [FREE + 1, packed]],
      entries: listed.map(([own, index]) => [own, 2, FREE + 1, index] as const),
      ...{ number, previous: lastXrefOf(textOf(sealedByStream)) },
    }),
  )
}

const judged = async (pdf: Uint8Array) => expect(await isAccepted(pdf))
const hidden = (between: string) =>
  ['x', 'endstream', 'endobj', '3 0 obj', forgedPage, 'endobj', '20 0 obj', '<< /Length 1 >>', 'stream', ''].join(
    between,
  )

describe('evidence added to a certified document', () => {
  it('is permitted in a table and in a stream, with the page packed as it was, and not in the other kind', async () => {
    ;(await judged(append(withEvidence()))).toBe(true)
    const tail = (xref: number) => `%iText-Core-8.0.2 (AGPL-version)\nstartxref\n${xref}\n%%EOF\n`
    ;(await judged(append(withEvidence(), { tail }))).toBe(true)
    ;(await judged(append(withEvidence(), { beforeTrailer: '\n' }))).toBe(true)
    const asItWas = rewrittenPage({})
    ;(await judged(appendPacked(objectStreamOf([[3, asItWas]]), [[3, 0]]))).toBe(true)
    const ofOtherKind = { objects: withEvidence(), number: 60, previous: lastXrefOf(certified) }
    ;(await judged(bytesOf(withRevision(certified, ofOtherKind)))).toBe(false)
  })

  it.each<[string, Spelling]>([
    ['blanks behind the end', { tail: (xref) => `startxref\n${xref}\n%%EOF\n${' '.repeat(5_000)}` }],
    ['blank lines behind the end', { tail: (xref) => `startxref\n${xref}\n%%EOF\n\n\n\n` }],
    ['NUL before the offset', { tail: (xref) => `startxref\n\0${xref}\n%%EOF\n` }],
    ['a form feed before the offset', { tail: (xref) => `startxref\n\f${xref}\n%%EOF\n` }],
    ['another startxref in a comment', { tail: (xref) => `% startxref 9 %%EOF\n%Xstartxref ${xref} %%EOF\n` }],
    ['an offset twice', { tail: (xref) => `startxref\n${xref}\n%%EOF\nstartxref\n${xref}\n%%EOF\n` }],
    ['a comment in the cross-reference', { afterXref: '% a comment\n' }],
    ['NUL in the cross-reference', { afterXref: '\0' }],
    ['more than an empty line before the trailer', { beforeTrailer: '\n\n' }],
    ['a /Size too large', { size: 999_999_999 }],
    ['a /Size too small', { size: 3 }],
    ['a comment in the trailer', { trailer: '% /Root 9 0 R\n' }],
    ['a name that escapes letters', { trailer: ' /#52oot 9 0 R' }],
    ['a name with an octet that ends it elsewhere', { trailer: ' /X\x80endobj 1' }],
    ['objects with leading zeros', { header: (number) => `0${number} 0 obj` }],
    ['objects with NUL in their head', { header: (number) => `${number}\0 0 obj` }],
    ['objects that do not begin their line', { header: (number) => (number === 1 ? '1 0 obj' : ` ${number} 0 obj`) }],
  ])('is not accepted with %s', async (_what, spelling) => {
    ;(await judged(append(withEvidence(), spelling))).toBe(false)
  })

  it.each([
    ['in a stream', streamOf(inSequence(hidden('\n')))],
    ['in a stream with other ends of lines', streamOf(inSequence(hidden('\r')))],
    ['in a stream, behind a comment', streamOf(inSequence('3 0 %\nobj << /Type /Page >> endobj'))],
    ['in a stream, behind a wide gap', streamOf(inSequence(`3 0${' '.repeat(40)}obj << /Type /Page >>`))],
    ['in a stream, with a wide gap between', streamOf(inSequence(`3${'\n'.repeat(90)}0 obj << /Type /Page >>`))],
    [
      'in a stream, behind many tabs of old printers',
      streamOf(inSequence(`3 0${'\v'.repeat(20)}obj << /Type /Page >>`)),
    ],
    ['in a stream, behind a long comment', streamOf(inSequence(`3 0 %${'x'.repeat(60)}\n obj << /Type /Page >>`))],
    ['as the end of a file in a stream', streamOf(inSequence('startxref 9 %%EOF'))],
    ['as a trailer in a stream', streamOf(inSequence('\ntrailer << /Root 9 0 R >>'))],
  ])('is not accepted with objects hidden %s', async (_what, body) => {
    ;(await judged(append([withEvidence()[0]!, [FREE, body]]))).toBe(false)
  })

  it.each([
    ['a page', '<< /Type /Page /MediaBox [0 0 9 9] >>'],
    ['an object stream that nothing lists', objectStreamOf([[3, forgedPage]])],
    ['an object stream by another name', objectStreamOf([[3, forgedPage]]).replace('/ObjStm', '/Obj#53tm')],
    ['drawing operators', streamOf('BT /F1 12 Tf 20 60 Td (To be paid: 900) Tj ET')],
    ['more than it says', streamOf(`${inSequence('short')} BT ET`)],
    ['a stream in another file', '<< /F (else) /Length 1 >>\nstream\nx\nendstream'],
    ['a form that is drawn', streamOf('0 0 9 9 re f', '/Type /XObject /Subtype /Form /BBox [0 0 9 9]')],
  ])('is no store of %s', async (_what, body) => {
    ;(await judged(append([withEvidence()[0]!, [FREE, body]]))).toBe(false)
  })

  it('holds no keys of its own', async () => {
    const strange = { DSS: `<< /Certs [${FREE} 0 R] /Strange ${FREE} 0 R >>` }
    ;(
      await judged(
        append([
          [1, rewrittenCatalog(strange)],
          [FREE, evidence],
        ]),
      )
    ).toBe(false)
    const extensions = { Extensions: `<< /ADBE ${FREE} 0 R >>`, DSS: '<< >>' }
    ;(
      await judged(
        append([
          [1, rewrittenCatalog(extensions)],
          [FREE, evidence],
        ]),
      )
    ).toBe(false)
  })
})

describe('a page written again in an object stream, as it was', () => {
  const asItWas = () => rewrittenPage({})
  const packedBy = (data: string, first: number, entries: string) =>
    streamOf(
      deflateSync(Buffer.from(data, 'latin1')).toString('latin1'),
      `/Type /ObjStm /N 1 /First ${first} ${entries}`,
    )

  it.each([
    ['it stands there first', 0],
    ['it stands there last', 1],
  ] as const)('is not accepted where its number has another object there too: %s', async (_what, index) => {
    const both = index === 0 ? [asItWas(), forgedPage] : [forgedPage, asItWas()]
    ;(await judged(appendPacked(objectStreamOf(both.map((body) => [3, body] as const)), [[3, index]]))).toBe(false)
  })

  it('is not accepted beside an object that is listed nowhere', async () => {
    const both = objectStreamOf([
      [3, asItWas()],
      [4, '<< >>'],
    ])
    ;(await judged(appendPacked(both, [[3, 0]]))).toBe(false)
  })

  it.each([
    ['the other name of parameters', '/Filter /FlateDecode /DP << /Predictor 12 /Columns 8 >>'],
    ['parameters in an array of its own', '/Filter /FlateDecode /DecodeParms [<< /Columns 5 >>]'],
    ['a filter in an array of its own', '/Filter [/FlateDecode] /DecodeParms << /Columns 5 >>'],
    ['colours of rows', '/Filter /FlateDecode /DecodeParms << /Colors 33 >>'],
    ['another object stream that it extends', `/Filter /FlateDecode /Extends ${FREE} 0 R`],
  ])('is not accepted with %s', async (_what, entries) => {
    const data = `3 0 ${asItWas()}`
    ;(await judged(appendPacked(packedBy(data, 4, '/Filter /FlateDecode'), [[3, 0]]))).toBe(true)
    ;(await judged(appendPacked(packedBy(data, 4, entries), [[3, 0]]))).toBe(false)
  })

  it('is not accepted with anything before it, in comments or glued to the next', async () => {
    for (const [data, first] of [
      [`3 1 % ${asItWas()}`, 4],
      [`3 0 %${forgedPage}\n${asItWas()}`, 4],
      [`3 0 %\n${asItWas()}`, 6],
    ] as const)
      (await judged(appendPacked(packedBy(data, first, '/Filter /FlateDecode'), [[3, 0]]))).toBe(false)
    const glued = streamOf('50 0 51 2 900', '/Type /ObjStm /N 2 /First 10')
    ;(
      await judged(
        appendPacked(glued, [
          [50, 0],
          [51, 1],
        ]),
      )
    ).toBe(false)
  })

  it('is not accepted where the cross-reference stream has the number of what was signed', async () => {
    ;(await judged(appendPacked(objectStreamOf([[3, asItWas()]]), [[3, 0]], { number: 4 }))).toBe(false)
    ;(await judged(appendPacked(objectStreamOf([[40, '<< >>']]), [[40, 0]], { number: 3 }))).toBe(false)
  })
})

describe('an update that the next one takes back', () => {
  const revision = (text: string, number: number, objects: Objects, packed: Objects = []) =>
    withRevision(text, {
      objects: packed.length > 0 ? [...objects, [number + 1, objectStreamOf(packed)]] : objects,
      entries: packed.map(([own], index) => [own, 2, number + 1, index] as const),
      ...{ number, previous: lastXrefOf(text) },
    })
  const accepts = (first: 'plain' | 'packed', second: 'plain' | 'packed', body: string) => {
    const page = (how: string): [Objects, Objects] => (how === 'plain' ? [[[3, body]], []] : [[], [[3, body]]])
    const [plain, packed] = page(first)
    const one = revision(textOf(sealedByStream), 60, [...withEvidence(sealedByStream), ...plain], packed)
    const [plainAgain, packedAgain] = page(second)
    return isAccepted(bytesOf(revision(one, 70, plainAgain, packedAgain)))
  }

  it('is accepted where both write the object by itself, and never where one packs it', async () => {
    const asItWas = rewrittenPage({})
    expect(await accepts('plain', 'plain', asItWas)).toBe(true)
    for (const [first, second] of [
      ['plain', 'packed'],
      ['packed', 'plain'],
      ['packed', 'packed'],
    ] as const)
      expect(await accepts(first, second, asItWas)).toBe(false)
  })

  it('is not accepted where the trailer of the first names another document', async () => {
    const first = (change: (text: string) => string) => {
      const one = textOf(append(withEvidence(), {}))
      return change(one.slice(certified.length)).replace(/^/, certified)
    }
    const two = (one: string) => {
      const page = `3 0 obj\n${rewrittenPage({})}\nendobj\n`
      const xref = one.length + page.length
      const row = `3 1\n${String(one.length).padStart(10, '0')} 00000 n \n`
      const trailer = `trailer\n<< /Size 100 /Root 1 0 R /Prev ${lastXrefOf(one)} >>\n`
      return bytesOf(`${one}${page}xref\n${row}${trailer}startxref\n${xref}\n%%EOF\n`)
    }
    expect(await isAccepted(two(first((text) => text)))).toBe(true)
    for (const [known, other] of [
      ['/Root 1 0 R', '/Root 30 0 R'],
      ['/Root 1 0 R', '/Root 1 0 R /Encrypt true'],
      ['/Root 1 0 R', '/Root 1 0 R /Private 30 0 R'],
      ['/Root 1 0 R', '/Root 1 0 R /ID 30 5 R'],
      ['/Root 1 0 R', '/Root 1 0 R /Info (text)'],
    ] as const)
      expect(await isAccepted(two(first((text) => text.replace(known, other)))), other).toBe(false)
    expect(await isAccepted(two(first((text) => text.replace('/Root 1 0 R', '/Root 1 0 R /ID [<01> <02>]'))))).toBe(
      true,
    )
  })

  it('is not accepted where the second lists the older of two versions', async () => {
    const asItWas = rewrittenPage({})
    const signed = textOf(sealedByStream)
    const at = signed.length
    const older = `${signed}3 0 obj\n${asItWas}\nendobj\n`
    const previous = lastXrefOf(signed)
    const one = withRevision(older, {
      objects: [...withEvidence(sealedByStream), [3, forgedPage]],
      number: 60,
      previous,
    })
    const two = withRevision(one, { objects: [], entries: [[3, 1, at, 0]], number: 70, previous: lastXrefOf(one) })
    expect(await isAccepted(bytesOf(two))).toBe(false)
  })

  it.each(['/N 1.0 /First 4', '/N 1 /First 4.0', '/N 1'])(
    'is not accepted with %s in an object stream',
    async (head) => {
      const packed = streamOf(`3 0 ${forgedPage}`, `/Type /ObjStm ${head}`)
      expect(
        await isAccepted(
          bytesOf(revision(textOf(sealedByStream), 60, [...withEvidence(sealedByStream), [FREE + 1, packed]])),
        ),
      ).toBe(false)
    },
  )

  it.each([
    '4\v0\vobj',
    '4. 0. obj',
    '4\x800\x80obj',
    '4 0 %) comment\nobj',
    `4 0 %${'x'.repeat(600)}\nobj`,
    '4 0)obj',
  ])('is not accepted with a word of structure in evidence, however it is spelled: %j', async (spelled) => {
    const body = streamOf(inSequence(`x\n${spelled} << /Type /Page >>`))
    ;(await judged(append([withEvidence()[0]!, [FREE, body]]))).toBe(false)
  })

  it.each([
    ['an empty part far beyond', '9999999 0\n'],
    ['a part that begins with 1 and a free entry', '1 1\n0000000000 65535 f \n'],
    ['a part whose head has blanks of its own', '50  1\n0000000000 00001 f \n'],
  ])('is not accepted in a table with %s', async (_what, afterXref) => {
    ;(
      await judged(
        append(
          [
            [FREE, evidence],
            [31, catalog('')],
          ],
          { afterXref },
        ),
      )
    ).toBe(false)
    const objects = withEvidence().map(([number, body]) => [number === 1 ? 1 : number, body] as const)
    ;(await judged(append(objects, { afterXref }))).toBe(false)
  })
})

describe('a signed object written again', () => {
  it.each<[string, Objects]>([
    ['with a reference of another generation', [[3, page.replace('>>', `/Annots ${FREE} 1 R >>`)]]],
    [
      'with a reference to null',
      [
        [3, page.replace('>>', '/CropBox 40 0 R >>')],
        [40, 'null'],
      ],
    ],
    ['with an entry that is null', [[3, page.replace('>>', '/CropBox null >>')]]],
    [
      'with its resources over two references',
      [
        [3, page.replace('6 0 R', '40 0 R')],
        [40, '41 0 R'],
        [41, '<< /Font << /F1 7 0 R >> >>'],
      ],
    ],
    ['with a reference to nothing', [[3, page.replace('>>', '/PieceInfo 55 0 R >>')]]],
    [
      'with reals for integers',
      [
        [
          7,
          '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [57.0 /one] >> >>',
        ],
      ],
    ],
  ])('is not accepted %s', async (_what, objects) => {
    ;(await judged(append([...withEvidence(), ...objects]))).toBe(false)
  })

  it('is accepted as it was, boundaries as reals too', async () => {
    const whole = rewrittenPage({})
    for (const body of [whole, whole.replace('[0 0 300 200]', '[0.0 0 300.00 200]')])
      (await judged(append([...withEvidence(), [3, body]]))).toBe(true)
  })
})
