import { beforeAll, describe, expect, it } from 'vitest'
import type { UpdatedObject } from '../../pades/incremental-update.ts'
import { isDictionary, isReference, type PdfDictionary } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import {
  concat,
  inSequence,
  isAccepted,
  makePdf,
  makeSealer,
  onlySignature,
  type openPdf,
  patch,
  read,
  update,
} from '../pades/documents.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
let certified: Uint8Array
let approved: Uint8Array
beforeAll(async () => {
  sealer = await makeSealer()
  const pdf = await makePdf({ pages: 2, form: true })
  certified = sealer.seal(pdf)
  approved = sealer.sign(pdf)
})

type Document = ReturnType<typeof openPdf>

const stream = (number: number, text: string, entries = ''): UpdatedObject => ({
  number,
  generation: 0,
  body: `<< ${entries} /Length ${text.length} >>`,
  stream: new TextEncoder().encode(text),
})

function rewritten(document: Document, number: number, change: Record<string, string | null>): UpdatedObject {
  const object = document.object(number)!
  return { number, generation: object.generation, body: writeDictionary(object.value as PdfDictionary, change) }
}

const rootOf = (document: Document): number => {
  const root = document.trailer.entries.get('Root')
  return isReference(root) ? root.number : 0
}
const pageOf = (document: Document, index = 0): number => readPages(document)[index]!.object
const contentsOf = (document: Document): number => {
  const contents = readPages(document)[0]!.dictionary.entries.get('Contents')
  const resolved = document.resolve(contents)
  if (isReference(contents) && !(typeof resolved === 'object' && resolved?.kind === 'array')) return contents.number
  const first = typeof resolved === 'object' && resolved?.kind === 'array' ? resolved.items[0] : undefined
  return isReference(first) ? first.number : 0
}
const fieldNumber = (document: Document, name: string): number => {
  for (let number = 1; number < 100; number++) {
    const value = document.object(number)?.value
    const title = isDictionary(value) ? value.entries.get('T') : undefined
    const text =
      typeof title === 'object' && title?.kind === 'string' ? new TextDecoder('utf-16be').decode(title.bytes) : ''
    if (text.includes(name)) return number
  }
  return 0
}

/** One way to change what is shown, or may be, after the signature. */
const attacks: Readonly<Record<string, (document: Document, free: number) => readonly UpdatedObject[]>> = {
  'overwrites the page content': (document) => [stream(contentsOf(document), 'BT ET')],
  'points the page at new content': (document, free) => [
    stream(free, 'BT ET'),
    rewritten(document, pageOf(document), { Contents: `${free} 0 R` }),
  ],
  'turns the page': (document) => [rewritten(document, pageOf(document), { Rotate: '90' })],
  'adds an annotation over the content': (document, free) => [
    { number: free, generation: 0, body: '<< /Type /Annot /Subtype /FreeText /Rect [0 0 600 800] /Contents (paid) >>' },
    rewritten(document, pageOf(document), { Annots: `[${free} 0 R]` }),
  ],
  'takes the annotations away': (document) => [rewritten(document, pageOf(document), { Annots: null })],
  'swaps the page tree': (document, free) => [
    { number: free, generation: 0, body: `<< /Type /Page /Parent ${free + 1} 0 R /MediaBox [0 0 9 9] >>` },
    { number: free + 1, generation: 0, body: `<< /Type /Pages /Kids [${free} 0 R] /Count 1 >>` },
    rewritten(document, rootOf(document), { Pages: `${free + 1} 0 R` }),
  ],
  'adds script that runs on opening': (document) => [
    rewritten(document, rootOf(document), { OpenAction: '<< /S /JavaScript /JS (app.alert\\(1\\)) >>' }),
  ],
  'hides content by optional content groups': (document) => [
    rewritten(document, rootOf(document), { OCProperties: '<< /OCGs [] /D << >> >>' }),
  ],
  'lets evidence overwrite a page, claimed as a part of DSS': (document) => [
    rewritten(document, pageOf(document), { Rotate: '180' }),
    rewritten(document, rootOf(document), { DSS: `<< /Certs [${pageOf(document)} 0 R] >>` }),
  ],
  'lets evidence overwrite page content, claimed as a certificate': (document) => [
    stream(contentsOf(document), 'BT ET'),
    rewritten(document, rootOf(document), { DSS: `<< /Certs [${contentsOf(document)} 0 R] >>` }),
  ],
  'lets metadata overwrite page content': (document) => [
    stream(contentsOf(document), 'BT ET', '/Type /Metadata /Subtype /XML'),
    rewritten(document, rootOf(document), { Metadata: `${contentsOf(document)} 0 R` }),
  ],
  'fills in a text field': (document) => [rewritten(document, fieldNumber(document, 'name'), { V: '(someone else)' })],
  'takes the field out of the form': (document) => [
    rewritten(document, rootOf(document), { AcroForm: '<< /Fields [] /SigFlags 3 >>' }),
  ],
  'adds a field that is no signature': (document, free) => [
    { number: free, generation: 0, body: '<< /FT /Tx /T (extra) /V (x) >>' },
    ...formWith(document, free),
  ],
  'changes the picture of the seal': (document) => {
    const widget = document.object(fieldNumber(document, 'Seal1'))!.value as PdfDictionary
    const picture = document.dictionary(widget.entries.get('AP'))!.entries.get('N')
    return [stream(isReference(picture) ? picture.number : 0, '0 g', '/Type /XObject /Subtype /Form /BBox [0 0 9 9]')]
  },
  'moves the seal': (document) => [rewritten(document, fieldNumber(document, 'Seal1'), { Rect: '[0 0 9 9]' })],
  'shows the old signature once more, by a widget over the page': (document, free) => {
    const field = document.object(fieldNumber(document, 'Seal1'))!.value as PdfDictionary
    const value = field.entries.get('V')
    const body = `<< /Type /Annot /Subtype /Widget /FT /Sig /T (copy) /V ${isReference(value) ? value.number : 0} 0 R /Rect [0 0 600 800] >>`
    return [
      { number: free, generation: 0, body },
      rewritten(document, pageOf(document), { Annots: annotationsWith(document, free) }),
      ...formWith(document, free),
    ]
  },
  'adds a time stamp whose field is empty but whose widget is not': (document, free) => [
    { number: free, generation: 0, body: '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>' },
    {
      number: free + 1,
      generation: 0,
      body: `<< /FT /Sig /T (s) /V ${free} 0 R /Rect [0 0 0 0] /Kids [${free + 2} 0 R] >>`,
    },
    {
      number: free + 2,
      generation: 0,
      body: `<< /Subtype /Widget /Parent ${free + 1} 0 R /Rect [0 0 600 800] /OC 1 0 R >>`,
    },
    rewritten(document, pageOf(document), { Annots: annotationsWith(document, free + 2) }),
    ...formWith(document, free + 1),
  ],
  'adds a signature field that acts': (document, free) => [
    { number: free, generation: 0, body: '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>' },
    {
      number: free + 1,
      generation: 0,
      body: `<< /Subtype /Widget /FT /Sig /T (s) /V ${free} 0 R /Rect [0 0 0 0] /AA << /PO << /S /JavaScript /JS (x) >> >> >>`,
    },
    rewritten(document, pageOf(document), { Annots: annotationsWith(document, free + 1) }),
    ...formWith(document, free + 1),
  ],
  'gives the permissions another certification': (document, free) => [
    rewritten(document, rootOf(document), { Perms: `<< /DocMDP ${free} 0 R >>` }),
    { number: free, generation: 0, body: '<< /Type /Sig >>' },
  ],
}

function formWith(document: Document, field: number): UpdatedObject[] {
  const form = document.catalog.entries.get('AcroForm')
  const fields = document.resolve(document.dictionary(form)!.entries.get('Fields'))
  const items = typeof fields === 'object' && fields?.kind === 'array' ? fields.items : []
  const list = `[${items.map((item) => (isReference(item) ? `${item.number} 0 R` : '')).join(' ')} ${field} 0 R]`
  if (isReference(form)) return [rewritten(document, form.number, { Fields: list })]
  return [rewritten(document, rootOf(document), { AcroForm: `<< /Fields ${list} /SigFlags 3 >>` })]
}

function annotationsWith(document: Document, widget: number): string {
  const list = document.resolve(readPages(document)[0]!.dictionary.entries.get('Annots'))
  const items = typeof list === 'object' && list?.kind === 'array' ? list.items : []
  return `[${items.map((item) => (isReference(item) ? `${item.number} 0 R` : '')).join(' ')} ${widget} 0 R]`
}

describe('laterChanges', () => {
  for (const [name, attack] of Object.entries(attacks)) {
    it(`is not-permitted after an update that ${name}`, async () => {
      for (const sealed of [certified, approved]) {
        const attacked = update(sealed, attack)
        const result = readSignedPdf(attacked)
        const first = result.ok ? result.signatures.find(({ field }) => field === 'Seal1') : undefined
        expect([undefined, 'not-permitted']).toContain(first?.laterChanges)
        expect(await isAccepted(attacked)).toBe(false)
      }
    })
  }

  it('permits evidence (DSS) and says so', async () => {
    const evidence = (document: Document, free: number) => [
      stream(free, inSequence('a certificate')),
      { number: free + 1, generation: 0, body: `<< /Type /DSS /Certs [${free} 0 R] >>` },
      rewritten(document, rootOf(document), { DSS: `${free + 1} 0 R` }),
    ]
    for (const sealed of [certified, approved]) {
      const signature = onlySignature(update(sealed, evidence))
      expect(signature).toMatchObject({ laterChanges: 'permitted', coversWholeFile: false })
      expect(signature.findings.map(({ kind }) => kind)).toEqual(['evidence-added'])
      expect(await isAccepted(update(sealed, evidence))).toBe(true)
    }
  })

  it('permits a second signature only where nothing is certified', () => {
    const second = (document: Document, free: number) => [
      { number: free, generation: 0, body: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> >>' },
      {
        number: free + 1,
        generation: 0,
        body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (other) /V ${free} 0 R /Rect [0 0 0 0] >>`,
      },
      ...formWith(document, free + 1),
    ]
    const verdict = (bytes: Uint8Array) => read(bytes).signatures.find(({ field }) => field === 'Seal1')!.laterChanges
    expect(verdict(update(certified, second))).toBe('not-permitted')
    expect(verdict(update(approved, second))).toBe('permitted')
  })

  it('permits a document time stamp, certified or not, unless it is visible', () => {
    const both = '/Type /DocTimeStamp /SubFilter /ETSI.RFC3161'
    const stamp =
      (rectangle: string, flags: number, called = both) =>
      (document: Document, free: number) => [
        { number: free, generation: 0, body: `<< ${called} /Contents <00> >>` },
        {
          number: free + 1,
          generation: 0,
          body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (stamp) /V ${free} 0 R /Rect ${rectangle} /F ${flags} >>`,
        },
        ...formWith(document, free + 1),
      ]
    const verdict = (bytes: Uint8Array) => read(bytes).signatures.find(({ field }) => field === 'Seal1')!.laterChanges
    expect(verdict(update(certified, stamp('[0 0 0 0]', 132)))).toBe('permitted')
    expect(verdict(update(certified, stamp('[0 0 500 500]', 132)))).toBe('not-permitted')
    expect(verdict(update(approved, stamp('[0 0 0 0]', 132)))).toBe('permitted')
    for (const called of [both, '/Type /DocTimeStamp /SubFilter /ETSI.CAdES.detached', '/SubFilter /ETSI.RFC3161']) {
      expect(verdict(update(approved, stamp('[0 0 500 500]', 132, called)))).toBe('not-permitted')
    }
    const [hidden, print, noView, toggleNoView] = [2, 4, 32, 256]
    for (const flags of [hidden, noView]) {
      expect(verdict(update(certified, stamp('[0 0 500 500]', flags)))).toBe('permitted')
    }
    for (const flags of [noView + print, noView + toggleNoView]) {
      expect(verdict(update(certified, stamp('[0 0 500 500]', flags)))).toBe('not-permitted')
    }
    for (const rectangle of ['[]', '[null 0 null 500]', '[(a) 0 (b) 500]']) {
      expect(verdict(update(certified, stamp(rectangle, 132)))).toBe('not-permitted')
    }
  })

  it('does not accept the document with any byte appended', async () => {
    for (const tail of [
      '\n',
      ' ',
      '\r\n',
      '%',
      '%%EOF',
      'startxref\n0\n%%EOF\n',
      '\0'.repeat(2000),
      '99 0 obj\nnull\nendobj\n',
    ]) {
      expect(await isAccepted(concat(certified, tail))).toBe(false)
    }
  })

  it('does not accept objects hidden in an update without being listed', async () => {
    const bytes = update(certified, (document, free) => [
      { number: free, generation: 0, body: '<< /Type /DSS >>' },
      rewritten(document, rootOf(document), { DSS: `${free} 0 R` }),
    ])
    expect(await isAccepted(bytes)).toBe(true)
    const text = Buffer.from(bytes).toString('latin1')
    const at = text.lastIndexOf('xref\n', text.lastIndexOf('trailer'))
    const hidden = '1 0 obj\n<< >>\nendobj\n'
    const moved = text
      .slice(at)
      .replace(/startxref\n(\d+)/, (_, offset) => `startxref\n${Number(offset) + hidden.length}`)
    const forged = concat(bytes.subarray(0, at), hidden, moved)
    expect(onlySignature(forged)).toMatchObject({ laterChanges: 'undecided' })
  })

  it('does not accept a last revision that leaves the signed one out', async () => {
    const bytes = update(certified, (document) => [rewritten(document, rootOf(document), {})])
    const text = Buffer.from(bytes).toString('latin1')
    const previous = /\/Prev (\d+)/.exec(text.slice(certified.length))![1]!
    const first = /startxref\n(\d+)/.exec(text)![1]!.padEnd(previous.length, ' ')
    const forged = concat(
      bytes.subarray(0, certified.length),
      text.slice(certified.length).replace(`/Prev ${previous}`, `/Prev ${first}`),
    )
    expect(await isAccepted(forged)).toBe(false)
  })
})

describe('the byte range', () => {
  it('is bad for a signature dictionary written again in an update', async () => {
    const bytes = update(certified, (document) => {
      const field = document.object(fieldNumber(document, 'Seal1'))!.value as PdfDictionary
      const value = field.entries.get('V')
      return [rewritten(document, isReference(value) ? value.number : 0, { Reason: '(forged)' })]
    })
    expect(onlySignature(bytes)).toMatchObject({ byteRange: 'bad', laterChanges: 'undecided' })
    expect(await isAccepted(bytes)).toBe(false)
  })

  it('is bad when the gap is enlarged to hide objects in it', async () => {
    const text = Buffer.from(certified).toString('latin1')
    const range = /\/ByteRange \[0 (\d+) (\d+) (\d+)/.exec(text)!
    const shorter = `/ByteRange [0 ${range[1]} ${Number(range[2]) + 2} ${Number(range[3]) - 2}`
    expect(shorter).toHaveLength(range[0].length)
    expect(onlySignature(patch(certified, range[0], shorter))).toMatchObject({ byteRange: 'bad' })
  })
})

describe('one changed byte', () => {
  it('is never accepted inside the signed ranges (sampled)', async () => {
    const [[, gapStart], [gapEnd]] = onlySignature(certified).signedRanges as [[number, number], [number, number]]
    for (let at = 0; at < certified.length; at += at > gapStart && at < gapEnd ? gapEnd - at : 41) {
      if (at >= gapStart && at < gapEnd) continue
      const changed = certified.slice()
      changed[at]! ^= 1 << (at % 8)
      expect(await isAccepted(changed), `byte ${at}`).toBe(false)
    }
  })

  it('in the gap never makes a verdict better', async () => {
    const [[, gapStart], [gapEnd]] = onlySignature(certified).signedRanges as [[number, number], [number, number]]
    for (let at = gapStart; at < gapEnd; at += 97) {
      const changed = certified.slice()
      changed[at] = 0x67
      expect(await isAccepted(changed), `byte ${at}`).toBe(false)
    }
  })
})
