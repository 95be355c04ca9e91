import { beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { isAccepted, makeSealer, read, update } from '../pades/documents.ts'
import {
  type Attack,
  annotation,
  docMdp,
  fieldMdp,
  formObjects,
  numbers,
  object,
  pdfOf,
  rewritten,
  signForm,
  stream,
  withAnnotations,
  withField,
} from './signed-form.ts'

// Certified documents leave something open: forms to fill (P 2), comments besides (P 3). Attacks that pass for it: evil annotations
// and sneaky signatures (EAA, SSA: Mladenov and others, 2021), and form filling that is more than that.

let sealer: Awaited<ReturnType<typeof makeSealer>>
let form: Uint8Array
let certified: Readonly<Record<1 | 2 | 3, Uint8Array>>
let approved: Uint8Array
beforeAll(async () => {
  sealer = await makeSealer()
  form = pdfOf(formObjects)
  const certify = (permission: 1 | 2 | 3) => signForm(sealer, form, docMdp(permission))
  certified = { 1: certify(1), 2: certify(2), 3: certify(3) }
  approved = signForm(sealer, form)
})

const formXObject = '/Type /XObject /Subtype /Form /BBox [0 0 200 20]'
const fonts = '/Resources << /Font << /Helv 6 0 R >> >>'
const written = '/Tx BMC BT /Helv 12 Tf 2 2 Td (new) Tj ET EMC'

/** Fills the text field as a reader does, with what the attack adds. */
const fill =
  (entries: Record<string, string | null> = {}, text = written, picture = `${formXObject} ${fonts}`): Attack =>
  (document, free) => [
    stream(free, text, picture),
    rewritten(document, numbers.name, { V: '(new)', AP: `<< /N ${free} 0 R >>`, ...entries }),
  ]

const verdictOf = (bytes: Uint8Array) => {
  const pdf = readSignedPdf(bytes)
  return pdf.ok ? pdf.signatures.find(({ field }) => field === 'Seal1')?.laterChanges : pdf.code
}
const findingsOf = (bytes: Uint8Array) => read(bytes).signatures.find(({ field }) => field === 'Seal1')!.findings

describe('filling in a form', () => {
  it.each(['constructor', 'toString', '__proto__', 'Nonsense'])(
    'of a type /%s is not permitted, and judged like any other',
    (type) => {
      const strange = pdfOf(formObjects.map((one) => one.replace('/FT /Tx /T (name)', `/FT /${type} /T (name)`)))
      expect(verdictOf(update(signForm(sealer, strange, docMdp(2)), fill()))).toBe('not-permitted')
    },
  )

  const fillings: Readonly<Record<string, Attack>> = {
    'a text with its picture': fill(),
    'a text alone': (document) => [rewritten(document, numbers.name, { V: '(new)' })],
    'a text with a font of its own': (document, free) => [
      stream(
        free,
        '/Tx BMC BT /Own 9 Tf (new) Tj ET EMC',
        `${formXObject} /Resources << /Font << /Own ${free + 1} 0 R >> >>`,
      ),
      object(free + 1, '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>'),
      rewritten(document, numbers.name, { V: '(new)', AP: `<< /N ${free} 0 R >>` }),
      rewritten(document, numbers.form, { DR: `<< /Font << /Helv 6 0 R /Own ${free + 1} 0 R >> >>` }),
    ],
    'the picture itself overwritten': (document) => [
      stream(numbers.picture, written, `${formXObject} ${fonts}`),
      rewritten(document, numbers.name, { V: '(new)' }),
    ],
    'a check box': (document) => [rewritten(document, numbers.agree, { V: '/Yes', AS: '/Yes' })],
  }
  for (const [name, filling] of Object.entries(fillings)) {
    it(`is permitted where P is 2 or 3: ${name}`, async () => {
      for (const permission of [2, 3] as const) {
        const filled = update(certified[permission], filling)
        expect(findingsOf(filled).map(({ kind, verdict }) => `${verdict} ${kind}`)).toEqual(['permitted field-filled'])
        expect(await isAccepted(filled)).toBe(true)
      }
      for (const sealed of [certified[1], approved]) expect(verdictOf(update(sealed, filling))).toBe('not-permitted')
    })
  }

  it('says where: page and rectangle of the field', () => {
    expect(findingsOf(update(certified[2], fill()))).toMatchObject([
      { kind: 'field-filled', object: numbers.name, page: 0, rect: [50, 700, 250, 720] },
    ])
    const turned = update(certified[2], (document) => [rewritten(document, numbers.otherPage, { Rotate: '90' })])
    expect(findingsOf(turned)).toMatchObject([{ verdict: 'not-permitted', page: 1, rect: null }])
    const drawn = update(certified[2], () => [stream(numbers.content, 'BT ET')])
    expect(findingsOf(drawn)).toMatchObject([{ object: numbers.content, page: 0, rect: null }])
  })

  it('is permitted by signatures that say which fields they lock, for the others', async () => {
    const others = signForm(sealer, form, fieldMdp('Include', ['agree']))
    expect(verdictOf(update(others, fill()))).toBe('permitted')
    for (const entries of [fieldMdp('Include', ['name']), fieldMdp('Exclude', ['agree']), fieldMdp('All', [])]) {
      expect(verdictOf(update(signForm(sealer, form, entries), fill()))).toBe('not-permitted')
    }
    const lock = '/Lock << /Type /SigFieldLock /Action /Include /Fields [(name)] >>'
    expect(verdictOf(update(signForm(sealer, form, docMdp(2), lock), fill()))).toBe('not-permitted')
    expect(verdictOf(update(signForm(sealer, form, docMdp(2), lock), fillings['a check box']!))).toBe('permitted')
  })

  it('is not permitted in a field that the page uses for something else as well', async () => {
    // The field's own dictionary names what the page draws: /V Do.
    const page = formObjects[numbers.page - 1]!.replace(/\/XObject <<.*?>>/, `/XObject ${numbers.name} 0 R`)
    const text = 'q 50 0 0 50 400 400 cm /V Do Q'
    const content = `<< /Length ${text.length} >>\nstream\n${text}\nendstream`
    const field = formObjects[numbers.name - 1]!.replace('/V (old)', `/V ${numbers.image} 0 R`)
    const shared = formObjects.map((body, index) =>
      index + 1 === numbers.page
        ? page
        : index + 1 === numbers.content
          ? content
          : index + 1 === numbers.name
            ? field
            : body,
    )
    for (const permission of [2, 3] as const) {
      const attacked = update(signForm(sealer, pdfOf(shared), docMdp(permission)), (document, free) => [
        stream(free, '0 g 0 0 200 20 re f', formXObject),
        rewritten(document, numbers.name, { V: `${free} 0 R` }),
      ])
      expect(verdictOf(attacked)).toBe('not-permitted')
    }
  })

  it('is a verdict in a field of a kind that nobody knows, whatever it is called', async () => {
    for (const type of ['Zz', 'constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const objects = formObjects.map((body, index) =>
        index + 1 === numbers.name ? body.replace('/FT /Tx', `/FT /${type}`) : body,
      )
      const attacked = update(signForm(sealer, pdfOf(objects), docMdp(2)), fillings['a text alone']!)
      expect(verdictOf(attacked)).toBe('not-permitted')
      expect(await isAccepted(attacked)).toBe(false)
    }
  })

  it('is not undone by a later signature that permits more', () => {
    const twice = signForm(sealer, certified[1], docMdp(3), '', 'Seal2')
    expect(verdictOf(update(twice, fill()))).toBe('not-permitted')
  })

  const { name, picture } = numbers
  const attacks: Readonly<Record<string, Attack>> = {
    'moves the field': fill({ Rect: '[50 590 250 610]' }),
    'makes the field larger': fill({ Rect: '[0 0 595 842]' }),
    'shows a hidden field': fill({ F: '0' }),
    'changes the flags of the field': fill({ Ff: '4096' }),
    'lets the field act': fill({ AA: '<< /F << /S /JavaScript /JS (x) >> >>' }),
    'gives the field an action': fill({ A: '<< /S /URI /URI (http://x) >>' }),
    'changes its style': fill({ DA: '(/Helv 99 Tf)' }),
    'puts it on a layer': fill({ OC: '<< /Type /OCG /Name (x) >>' }),
    'gives it a border': fill({ MK: '<< /BG [1 1 1] >>' }),
    'renames it': fill({ T: '(other)' }),
    'makes it a signature': fill({ FT: '/Sig' }),
    'gives it a dictionary for a value': fill({ V: '<< /X 1 >>' }),
    'gives it a widget more': (document, free) => [
      ...fill()(document, free),
      object(
        free + 1,
        `<< /Type /Annot /Subtype /Widget /Parent ${name} 0 R /Rect [0 0 595 842] /AP << /N ${free} 0 R >> >>`,
      ),
      withAnnotations(document, [free + 1]),
    ],
    'draws an image in it': (document, free) => [
      stream(
        free,
        'q 595 0 0 842 0 0 cm /Im Do Q',
        `${formXObject} /Resources << /XObject << /Im ${numbers.image} 0 R >> >>`,
      ),
      rewritten(document, name, { AP: `<< /N ${free} 0 R >>` }),
    ],
    'draws an inline image in it': fill({}, 'BI /W 1 /H 1 /BPC 8 /CS /G ID x EI'),
    'shades it': fill({}, '/Sh sh', `${formXObject} /Resources << /Shading << /Sh << >> >> >>`),
    'makes its picture depend on a layer': fill({}, written, `${formXObject} /OC << /Type /OCG >> ${fonts}`),
    'gives it a picture for the mouse': (document, free) =>
      [...fill()(document, free), rewritten(document, name, { AP: `<< /N ${free} 0 R /R ${free} 0 R >>` })]
        .slice(0, 1)
        .concat([rewritten(document, name, { AP: `<< /N ${free} 0 R /R ${free} 0 R >>` })]),
    'claims the page as its picture': (document) => [
      stream(numbers.content, 'BT ET', formXObject),
      rewritten(document, name, { AP: `<< /N ${numbers.content} 0 R >>` }),
    ],
    'changes the font of the form': (document, free) => [
      ...fill()(document, free),
      object(numbers.font, '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>'),
    ],
    'puts another font under the name of one': (document, free) => [
      ...fill()(document, free),
      object(free + 1, '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>'),
      rewritten(document, numbers.form, { DR: `<< /Font << /Helv ${free + 1} 0 R >> >>` }),
    ],
    'adds other resources to the form': (document, free) => [
      ...fill()(document, free),
      rewritten(document, numbers.form, {
        DR: `<< /Font << /Helv 6 0 R >> /XObject << /X ${picture} 0 R >> >>`,
      }),
    ],
    'has readers draw every field anew': (document, free) => [
      ...fill()(document, free),
      rewritten(document, numbers.form, { NeedAppearances: 'true' }),
    ],
    'adds a form of another kind (XFA)': (document, free) => [
      ...fill()(document, free),
      rewritten(document, numbers.form, { XFA: '(<x/>)' }),
    ],
    'fills a field that is read-only': (document) => [rewritten(document, numbers.fixed, { V: '(y)' })],
    'sets a state that was not signed': (document) => [rewritten(document, numbers.agree, { V: '/No', AS: '/No' })],
    'draws a state anew': (document, free) => [
      stream(free, '0 0 10 10 re f', formXObject),
      rewritten(document, numbers.agree, { V: '/Yes', AS: '/Yes', AP: `<< /N << /Yes ${free} 0 R /Off 13 0 R >> >>` }),
    ],
    'takes the field from its page': (document) => [withAnnotations(document, [], [name])],
    'adds a script to the document': (document, free) => [
      ...fill()(document, free),
      rewritten(document, numbers.catalog, { OpenAction: '<< /S /JavaScript /JS (x) >>' }),
    ],
  }
  for (const [what, attack] of Object.entries(attacks)) {
    it(`is not permitted when it ${what}`, async () => {
      for (const permission of [1, 2, 3] as const) {
        const attacked = update(certified[permission], attack)
        expect(verdictOf(attacked)).toBe('not-permitted')
        expect(await isAccepted(attacked)).toBe(false)
      }
    })
  }
})

describe('annotations (EAA)', () => {
  const overText = '/Rect [55 595 200 615]'
  const multiply = `${formXObject} /Resources << /ExtGState << /M << /BM /Multiply >> >> >>`
  const comments: Readonly<Record<string, readonly [Attack, string]>> = {
    'a note': [annotation('/Subtype /Text /Rect [400 700 420 720] /Contents (why?)'), 'annotation-added'],
    'a note with its icon': [
      annotation('/Subtype /Text /Rect [400 700 420 720] /Contents (why?)', { text: '1 1 0 rg 0 0 20 20 re f' }),
      'annotation-added',
    ],
    'a highlight that darkens': [
      annotation(`/Subtype /Highlight ${overText} /QuadPoints [55 615 200 615 55 595 200 595]`, {
        text: '/M gs 1 1 0 rg 0 0 200 20 re f',
        entries: multiply,
      }),
      'annotation-added',
    ],
    'a line under the text': [
      annotation(`/Subtype /Underline ${overText}`, { text: '1 0 0 RG 0 0 m 200 0 l S' }),
      'annotation-added',
    ],
    'a change of a note': [
      (document) => [rewritten(document, numbers.comment, { Contents: '(another)' })],
      'annotation-changed',
    ],
    'a note taken away': [(document) => [withAnnotations(document, [], [numbers.comment])], 'annotation-removed'],
  }
  for (const [name, [comment, kind]] of Object.entries(comments)) {
    it(`are permitted where P is 3 and nowhere else: ${name}`, async () => {
      const commented = update(certified[3], comment)
      expect(findingsOf(commented)).toMatchObject([{ verdict: 'permitted', kind, page: 0 }])
      expect(findingsOf(commented)[0]!.rect).not.toBeNull()
      expect(await isAccepted(commented)).toBe(true)
      for (const sealed of [certified[1], certified[2], approved])
        expect(verdictOf(update(sealed, comment))).toBe('not-permitted')
    })
  }

  const evil: Readonly<Record<string, Attack>> = {
    ...Object.fromEntries(
      'FreeText Stamp Redact Square Circle Line Polygon PolyLine Ink Caret FileAttachment Watermark Screen Movie 3D Link Widget Projection Made#20Up'
        .split(' ')
        .map((kind) => [
          `of the kind ${kind}`,
          annotation(`/Subtype /${kind} ${overText} /Contents (900)`, { text: written }),
        ]),
    ),
    'without a kind': annotation(`${overText} /Contents (900)`, { text: written }),
    'that act': annotation('/Subtype /Text /Rect [0 0 9 9] /A << /S /JavaScript /JS (x) >>'),
    'that act on sight': annotation('/Subtype /Text /Rect [0 0 9 9] /AA << /PV << /S /JavaScript /JS (x) >> >>'),
    'on a layer': annotation('/Subtype /Text /Rect [0 0 9 9] /OC << /Type /OCG /Name (x) >>'),
    'that highlight with text': annotation(`/Subtype /Highlight ${overText}`, {
      text: 'BT /Helv 12 Tf (900) Tj ET',
      entries: `${formXObject} ${fonts}`,
    }),
    'that highlight by covering': annotation(`/Subtype /Highlight ${overText}`, { text: '1 g 0 0 200 20 re f' }),
    'that highlight by covering after mixing': annotation(`/Subtype /Highlight ${overText}`, {
      text: 'q /M gs Q 1 g 0 0 200 20 re f',
      entries: multiply,
    }),
    'that highlight in black': annotation(`/Subtype /Highlight ${overText}`, {
      text: '/M gs 0 0 0 rg 0 0 200 20 re f',
      entries: multiply,
    }),
    'that highlight in no colour, which is black': annotation(`/Subtype /Highlight ${overText}`, {
      text: '1 1 0 rg q Q /M gs 0 0 200 20 re f',
      entries: multiply,
    }),
    'that have the reader highlight in black': annotation(`/Subtype /Highlight ${overText} /C [0 0 0]`),
    'that strike out by a bar': annotation(`/Subtype /StrikeOut ${overText}`, { text: '1 G 90 w 0 0 m 200 0 l S' }),
    'that show a form of the document': annotation(`/Subtype /Highlight ${overText}`, {
      text: '/X Do',
      entries: `${formXObject} /Resources << /XObject << /X 11 0 R >> >>`,
    }),
    'as large as the page': annotation('/Subtype /Text /Rect [0 0 595 842]', { text: '1 g 0 0 200 20 re f' }),
    'that were a note and are a stamp now': (document) => [
      rewritten(document, numbers.comment, { Subtype: '/Stamp', Rect: '[0 0 595 842]' }),
    ],
    'that replace the page content as their picture': (document, free) => [
      object(free, `<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /AP << /N ${numbers.content} 0 R >> >>`),
      stream(numbers.content, '0 0 9 9 re S', formXObject),
      withAnnotations(document, [free]),
    ],
    'on a page that is replaced with them': (document, free) => [
      object(free, '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] >>'),
      rewritten(document, numbers.page, { Annots: `[7 0 R 8 0 R 9 0 R 10 0 R ${free} 0 R]`, Rotate: '180' }),
    ],
    'that take a widget away': (document) => [withAnnotations(document, [], [numbers.name])],
  }
  for (const [name, attack] of Object.entries(evil)) {
    it(`are not permitted whatever P is: ${name}`, async () => {
      for (const permission of [1, 2, 3] as const) {
        const attacked = update(certified[permission], attack)
        expect(verdictOf(attacked)).toBe('not-permitted')
        expect(await isAccepted(attacked)).toBe(false)
      }
    })
  }
})

describe('signatures added to a certified document (SSA)', () => {
  const sneaky =
    (signature: string, widget: string): Attack =>
    (document, free) => [
      object(free, `<< ${signature} >>`),
      object(
        free + 1,
        `<< /Type /Annot /Subtype /Widget /FT /Sig /T (sneaky) /V ${free} 0 R ${widget} /AP << /N ${free + 2} 0 R >> >>`,
      ),
      stream(free + 2, '1 g 0 0 200 20 re f 0 g BT /Helv 12 Tf (To be paid: 900) Tj ET', `${formXObject} ${fonts}`),
      withField(document, free + 1),
      withAnnotations(document, [free + 1]),
    ]
  const shown = '/Rect [55 595 200 615] /F 4'
  const attacks: Readonly<Record<string, Attack>> = {
    'a visible one': sneaky('/Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <00>', shown),
    'a visible one without value': sneaky('/Type /Sig', shown),
    'a visible one that is called a time stamp': sneaky(
      '/Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00>',
      shown,
    ),
    'a field without signature': (document, free) => [
      object(
        free,
        `<< /Type /Annot /Subtype /Widget /FT /Sig /T (empty) ${shown} /AP << /N ${numbers.picture} 0 R >> >>`,
      ),
      withField(document, free),
      withAnnotations(document, [free]),
    ],
    'the widget of the seal once more': (document) => [
      rewritten(document, 17, { Rect: '[55 595 200 615]', AP: `<< /N ${numbers.picture} 0 R >>` }),
    ],
  }
  for (const [name, attack] of Object.entries(attacks)) {
    it(`are not permitted whatever P is: ${name}`, async () => {
      for (const permission of [1, 2, 3] as const) {
        const attacked = update(certified[permission], attack)
        expect(verdictOf(attacked)).toBe('not-permitted')
        expect(await isAccepted(attacked)).toBe(false)
      }
    })
  }

  it('are permitted where they show nothing and P is 2 or 3, unless their field is locked', async () => {
    const second = (pdf: Uint8Array) => signForm(sealer, pdf, '', '', 'Seal2')
    for (const permission of [2, 3] as const) {
      const twice = second(certified[permission])
      expect(verdictOf(twice)).toBe('permitted')
      expect(await isAccepted(twice)).toBe(true)
    }
    expect(verdictOf(second(certified[1]))).toBe('not-permitted')
    const lock = '/Lock << /Type /SigFieldLock /Action /All >>'
    expect(verdictOf(second(signForm(sealer, form, docMdp(2), lock)))).toBe('not-permitted')
  })
})
