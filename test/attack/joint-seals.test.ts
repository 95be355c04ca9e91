// A jointly sealed document between its seals: only a prepared field may be filled, evidence and document time stamps may come.
import { beforeAll, describe, expect, it } from 'vitest'
import type { UpdatedObject } from '../../pades/incremental-update.ts'
import { isDictionary, isReference, type PdfDictionary } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { isAccepted, makePdf, makeSealer, type openPdf, read, sealOptions, update } from '../pades/documents.ts'

type Document = ReturnType<typeof openPdf>

let sealer: Awaited<ReturnType<typeof makeSealer>>
let once: Uint8Array
let twice: Uint8Array
let locked: Uint8Array

const place = (x: number) => ({ page: 0, x, y: 300, width: 100, height: 100 })
beforeAll(async () => {
  sealer = await makeSealer()
  once = sealer.seal(await makePdf({ pages: 2, form: true }), {
    docMdp: 2,
    preparedFields: [
      { field: 'Seal2', place: place(40) },
      { field: 'Seal3', place: place(160), lock: { action: 'All', permission: 1 } },
    ],
  })
  twice = fill(once, 'Seal2')
  locked = fill(twice, 'Seal3')
})

const fill = (pdf: Uint8Array, field: string) => {
  const { docMdp: _, ...options } = sealOptions
  return sealer.sign(pdf, { ...options, field })
}

function fieldNumber(document: Document, name: string): number {
  for (let number = 1; number < 100; number++) {
    const value = document.object(number)?.value
    const title = isDictionary(value) ? document.text(value.entries.get('T')) : null
    if (title === name) return number
  }
  throw new TypeError(`no field ${name}`)
}

const rewritten = (document: Document, number: number, change: Record<string, string | null>): UpdatedObject => {
  const object = document.object(number)!
  return { number, generation: object.generation, body: writeDictionary(object.value as PdfDictionary, change) }
}

const entryOf = (document: Document, field: string, key: string): number => {
  const dictionary = document.object(fieldNumber(document, field))!.value as PdfDictionary
  const value = dictionary.entries.get(key)
  return isReference(value) ? value.number : 0
}

const rootOf = (document: Document): number => {
  const root = document.trailer.entries.get('Root')
  return isReference(root) ? root.number : 0
}

const stream = (number: number, text: string, entries = ''): UpdatedObject => ({
  number,
  generation: 0,
  body: `<< ${entries} /Length ${text.length} >>`,
  stream: new TextEncoder().encode(text),
})

const form = '/Type /XObject /Subtype /Form /BBox [0 0 100 100]'

const attacks: Readonly<Record<string, (document: Document, free: number) => readonly UpdatedObject[]>> = {
  'draws in the prepared field without a signature': (document, free) => [
    stream(free, '1 0 0 rg 0 0 100 100 re f', form),
    rewritten(document, fieldNumber(document, 'Seal3'), { AP: `<< /N ${free} 0 R >>` }),
  ],
  'moves the prepared field': (document) => [
    rewritten(document, fieldNumber(document, 'Seal3'), { Rect: '[0 0 9 9]' }),
  ],
  'renames the prepared field': (document) => [rewritten(document, fieldNumber(document, 'Seal3'), { T: '(Seal9)' })],
  'takes the lock off the prepared field': (document) => [
    rewritten(document, fieldNumber(document, 'Seal3'), { Lock: null }),
  ],
  'loosens the lock': (document) => [rewritten(document, entryOf(document, 'Seal3', 'Lock'), { P: '3' })],
  'makes the field of a seal optional content': (document) => [
    rewritten(document, fieldNumber(document, 'Seal3'), { OC: '<< /Type /OCG /Name (x) >>' }),
  ],
  'lets the prepared field act': (document) => [
    rewritten(document, fieldNumber(document, 'Seal3'), { AA: '<< /E << /S /JavaScript /JS (x) >> >>' }),
  ],
  'fills the field and takes its lock off': (document, free) => [
    { number: free, generation: 0, body: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> >>' },
    rewritten(document, fieldNumber(document, 'Seal3'), { V: `${free} 0 R`, Lock: null }),
  ],
  'fills the field with the signature of another': (document) => [
    rewritten(document, fieldNumber(document, 'Seal3'), { V: `${entryOf(document, 'Seal1', 'V')} 0 R` }),
  ],
  'fills the field with a picture that was signed as something else': (document, free) => {
    const page = readPages(document)[0]!.dictionary.entries.get('Contents')
    const number = isReference(page) ? page.number : 0
    return [
      { number: free, generation: 0, body: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> >>' },
      stream(number, 'BT ET', form),
      rewritten(document, fieldNumber(document, 'Seal3'), { V: `${free} 0 R`, AP: `<< /N ${number} 0 R >>` }),
    ]
  },
  'adds a visible signature field of its own': (document, free) => {
    const fields = document.resolve(
      document.dictionary(document.catalog.entries.get('AcroForm'))!.entries.get('Fields'),
    )
    const items = typeof fields === 'object' && fields?.kind === 'array' ? fields.items : []
    const list = items.map((item) => (isReference(item) ? `${item.number} 0 R` : '')).join(' ')
    const acroForm = document.catalog.entries.get('AcroForm')
    return [
      { number: free, generation: 0, body: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> >>' },
      {
        number: free + 1,
        generation: 0,
        body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal4) /V ${free} 0 R /Rect [0 0 500 500] >>`,
      },
      isReference(acroForm)
        ? rewritten(document, acroForm.number, { Fields: `[${list} ${free + 1} 0 R]` })
        : rewritten(document, rootOf(document), { AcroForm: `<< /Fields [${list} ${free + 1} 0 R] /SigFlags 3 >>` }),
    ]
  },
  'fills in a text field and lets it act': (document) => [
    rewritten(document, fieldNumber(document, 'name'), {
      V: '(someone else)',
      AA: '<< /F << /S /JavaScript /JS (x) >> >>',
    }),
  ],
  'changes the metadata': (document, free) => [
    stream(free, '<x/>', '/Type /Metadata /Subtype /XML'),
    rewritten(document, rootOf(document), { Metadata: `${free} 0 R` }),
  ],
  'takes the certification away': (document) => [rewritten(document, rootOf(document), { Perms: null })],
  'empties a field that was filled': (document) => [rewritten(document, fieldNumber(document, 'Seal1'), { V: null })],
}

describe('a jointly sealed document', () => {
  for (const [name, attack] of Object.entries(attacks)) {
    it(`is not accepted after an update that ${name}`, async () => {
      for (const sealed of [once, twice]) {
        const attacked = update(sealed, attack)
        const result = readSignedPdf(attacked)
        const first = result.ok ? result.signatures.find(({ field }) => field === 'Seal1') : undefined
        expect(await isAccepted(attacked)).toBe(false)
        if (!name.startsWith('fills the field with') && !name.includes('empties'))
          expect([undefined, 'not-permitted']).toContain(first?.laterChanges)
      }
    })
  }

  it('is not accepted when a field is filled after the seal that locks it', async () => {
    const early = fill(once, 'Seal3')
    const attacked = update(early, (document, free) => [
      { number: free, generation: 0, body: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00> >>' },
      rewritten(document, fieldNumber(document, 'Seal2'), { V: `${free} 0 R` }),
    ])
    expect(read(attacked).signatures.find(({ field }) => field === 'Seal3')!.laterChanges).toBe('not-permitted')
    expect(await isAccepted(attacked)).toBe(false)
  })

  it('takes nothing more after the last seal', async () => {
    for (const [name, attack] of Object.entries(attacks)) {
      expect(await isAccepted(update(locked, attack)), name).toBe(false)
    }
  })

  it('tells which of its seals are still to come', () => {
    expect(read(once).emptyFields()).toEqual(['Seal2', 'Seal3'])
    expect(read(twice).emptyFields()).toEqual(['Seal3'])
    expect(read(locked).emptyFields()).toEqual([])
  })

  it('tells that a seal is missing when its update is taken back', () => {
    const undone = update(locked, (document) => [rewritten(document, fieldNumber(document, 'Seal3'), { V: null })])
    expect(read(undone).emptyFields()).toEqual(['Seal3'])
  })
})
