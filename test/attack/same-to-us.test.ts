// Updates that write again what was signed, in words that mean the same to this reader and another thing to others.
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { formerTrailerFault } from '../../pades/plain-before.ts'
import { inspectPdf } from '../../pades/write/index.ts'
import { inSequence, isAccepted, makeSealer, openPdf, update } from '../pades/documents.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import {
  type Attack,
  annotation,
  docMdp,
  formObjects,
  numbers,
  object,
  pdfOf,
  rewritten,
  signForm,
  stream,
} from './signed-form.ts'
import { bytesOf, lastXrefOf, streamOf, streamPdfOf, textOf, withRevision } from './xref-streams.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})

/** The form with one of its objects written otherwise. */
const formWith = (number: number, body: string) =>
  formObjects.map((other, index) => (index === number - 1 ? body : other))
const certify = (objects: readonly string[], permission: 1 | 2 | 3) =>
  signForm(sealer, pdfOf(objects), docMdp(permission))
const withEvidence: Attack = (document, free) => [
  rewritten(document, numbers.catalog, { DSS: `<< /Certs [${free} 0 R] >>` }),
  stream(free, inSequence('evidence')),
]
/** Adds evidence, which is permitted, and more. */
const beside =
  (attack: Attack): Attack =>
  (document, free) => [...withEvidence(document, free), ...attack(document, free + 1)]

describe('a text written again', () => {
  const palette = formObjects.length + 1
  const page = formObjects[2]!.replace('/XObject', `/ColorSpace << /CS ${palette} 0 R >> /XObject`)
  const signed = (text: string) => certify([...formWith(3, page), `[/Indexed /DeviceGray 2 ${text}]`], 1)
  const again = (signedText: string, text: string) =>
    isAccepted(
      update(
        signed(signedText),
        beside(() => [object(palette, `[/Indexed /DeviceGray 2 ${text}]`)]),
      ),
    )

  it('is accepted where every reader reads the same', async () => {
    expect(await again('<0AFF00>', '<0AFF00>')).toBe(true)
    expect(await again('<0AFF00>', String.raw`(\n\377\000)`)).toBe(true)
    expect(await again('<0AFF00>', '(\n\\377\\\n\\0)')).toBe(true)
  })

  it.each([
    ['a line end that the standard makes another', '<0AFF00>', '(\r\n\\377\\0)'],
    ['a single carriage return', '<0AFF00>', '(\r\\377\\0)'],
    ['an escape that is none', '<6AFF00>', String.raw`(\j\377\0)`],
    ['an escape beyond an octet', '<0AFF00>', String.raw`(\n\777\0)`],
    ['what was such a line end when it was signed', '(\r\n\\377\\0)', '<0AFF00>'],
  ])('is not accepted with %s', async (_what, before, after) => {
    expect(await again(before, before.startsWith('<') ? before : '<0AFF00>')).toBe(before.startsWith('<'))
    expect(await again(before, after)).toBe(false)
  })
})

describe('an object written again that was signed in odd words', () => {
  const page = (entries: string) => formObjects[2]!.replace('/Parent 2 0 R', `/Parent 2 0 R ${entries}`)
  const plainly: Attack = (document) => [rewritten(document, numbers.page, {})]

  it.each([
    ['an entry that is null', '/CropBox null'],
    ['a name that some readers end earlier', '/Contents\x80[14 0 R]'],
    ['a name that escapes letters', '/#43ropBox [0 0 9 9]'],
    ['a comment', '% /CropBox [0 0 9 9]\n'],
  ])('is not accepted: %s', async (_what, entries) => {
    expect(await isAccepted(update(certify(formWith(3, page('')), 1), beside(plainly)))).toBe(true)
    const odd = certify(formWith(3, page(entries)), 1)
    expect(await isAccepted(update(odd, withEvidence))).toBe(true)
    expect(await isAccepted(update(odd, beside(plainly)))).toBe(false)
  })

  it('is seen in the trailer, of a table and of a stream', () => {
    const inTable = Buffer.from(pdfOf(formObjects)).toString('latin1')
    const objects = formObjects.map((body, index) => [index + 1, body] as const)
    const inStream = withRevision('%PDF-1.7\n', { objects, number: 51 })
    for (const text of [inTable, inStream]) {
      expect(formerTrailerFault(openPdf(bytesOf(text)))).toBeNull()
      const odd = text.replace(/\/Root 1 0 R(?=[^/]*)/, '/Root 1 0 R /Root\x80 3 0 R')
      expect(formerTrailerFault(openPdf(bytesOf(odd)))).toContain('trailer')
    }
  })
})

describe('a value moved into an object of its own', () => {
  const group = formObjects.length + 1
  const hidden = formObjects[6]!.replace('/F 4', `/F 4 /OC ${group} 0 R`)
  const layered = [...formWith(7, hidden), '<< /Type /OCG /Name (x) >>']

  it('is accepted for a list', async () => {
    const moved: Attack = (document, free) => [
      rewritten(document, numbers.page, { MediaBox: `${free} 0 R` }),
      object(free, '[0 0 595 842]'),
    ]
    expect(await isAccepted(update(certify(formObjects, 1), beside(moved)))).toBe(true)
  })

  it('is not accepted for a truth value, which some readers look for where it stood', async () => {
    const form = formObjects[4]!.replace('/DA', '/NeedAppearances true /DA')
    const moved: Attack = (document, free) => [
      rewritten(document, numbers.form, { NeedAppearances: `${free} 0 R` }),
      object(free, 'true'),
    ]
    expect(await isAccepted(update(certify(formWith(5, form), 1), beside(moved)))).toBe(false)
  })

  it.each<[string, Attack]>([
    [
      'written out',
      (document) => [rewritten(document, numbers.name, { V: '(new)', OC: '<< /Type /OCG /Name (x) >>' })],
    ],
    [
      'by another number',
      (document, free) => [
        rewritten(document, numbers.name, { V: '(new)', OC: `${free} 0 R` }),
        object(free, '<< /Type /OCG /Name (x) >>'),
      ],
    ],
  ])('is not accepted for a layer, which is known by its object: %s', async (_what, fill) => {
    const signed = certify(layered, 2)
    const asItWas: Attack = (document) => [rewritten(document, numbers.name, { V: '(new)' })]
    expect(await isAccepted(update(signed, asItWas))).toBe(true)
    expect(await isAccepted(update(signed, fill))).toBe(false)
  })
})

describe('defaults of a form in which all fields are seals', () => {
  const widget = '<< /Type /Annot /Subtype /Widget /FT /Tx /V (100) /DA (/Zz 14 Tf) /Rect [50 700 250 720] /F 4 >>'
  const empty = (annotations: string, form: string) =>
    formWith(3, formObjects[2]!.replace(/\/Annots \[[^\]]*\]/, `/Annots [${annotations}]`)).map((body, index) =>
      index === 4 ? form : index === 6 ? widget : body,
    )
  const font: Attack = (_document, free) => [object(free, '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>')]
  const defaults =
    (entries: (free: number) => Record<string, string>): Attack =>
    (document, free) => [rewritten(document, numbers.form, entries(free)), ...font(document, free)]
  const isPermitted = (objects: readonly string[], attack: Attack) =>
    isAccepted(update(certify(objects, 1), beside(attack)))
  const named = defaults((free) => ({ DR: `<< /Font << /Zz ${free} 0 R >> >>`, DA: '(/Zz 0 Tf)' }))

  it('may be added with a first visible seal', async () => {
    expect(await isPermitted(empty('', '<< /Fields [] >>'), named)).toBe(true)
  })

  it('may not be added where a page has a widget that no list of fields names', async () => {
    expect(await isPermitted(empty('7 0 R', '<< /Fields [] >>'), named)).toBe(false)
    expect(await isPermitted(empty(widget, '<< /Fields [] >>'), named)).toBe(false)
  })

  it('may not be replaced', async () => {
    const form = '<< /Fields [] /DR << /Font << /Helv 6 0 R >> >> /DA (/Helv 0 Tf) >>'
    expect(
      await isPermitted(
        empty('', form),
        defaults(() => ({ DA: '(/Helv 9 Tf)' })),
      ),
    ).toBe(false)
    expect(
      await isPermitted(
        empty('', form),
        defaults((free) => ({ DR: `<< /Font << /Helv ${free} 0 R >> >>` })),
      ),
    ).toBe(false)
  })
})

describe('a page packed again with rows', () => {
  const packed = (signed: Uint8Array, predictor: string) => {
    const body = `3 0 ${textOf(signed).match(/3 0 obj\n(<<.*>>)\nendobj/)![1]}`
    const rows = Buffer.from(`\0${body}`, 'latin1')
    const data = deflateSync(rows).toString('latin1')
    const entries = `/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << ${predictor} /Columns ${body.length} >>`
    const document = openPdf(signed)
    const catalog = rewritten(document, numbers.catalog, { DSS: '<< /Certs [41 0 R] >>' })
    return bytesOf(
      withRevision(textOf(signed), {
        objects: [
          [numbers.catalog, catalog.body],
          [41, streamOf(inSequence('evidence'))],
          [42, streamOf(data, entries)],
        ],
        entries: [[numbers.page, 2, 42, 0]],
        ...{ number: 43, previous: lastXrefOf(textOf(signed)) },
      }),
    )
  }

  it('is accepted with the predictors that the standard names, and no others', async () => {
    const signed = signForm(sealer, streamPdfOf(formObjects), docMdp(1))
    for (const known of [10, 12, 15])
      expect(await isAccepted(packed(signed, `/Predictor ${known}`)), `${known}`).toBe(true)
    for (const strange of [2, 3, 9, 16, 17, 255, 65_535])
      expect(await isAccepted(packed(signed, `/Predictor ${strange}`)), `${strange}`).toBe(false)
  })
})

describe('comments and marks over what was certified', () => {
  it.each([
    ['StrikeOut', 80],
    ['Underline', 80],
    ['Squiggly', 40],
  ])('lines of %s are as high as text and no higher', async (kind, highest) => {
    const signed = certify(formObjects, 3)
    const quads = (height: number) => `[55 ${600 + height} 200 ${600 + height} 55 600 200 600]`
    const comment = (height: number) =>
      annotation(`/Subtype /${kind} /Rect [55 600 200 ${600 + height}] /C [1 0 0] /QuadPoints ${quads(height)}`)
    expect(await isAccepted(update(signed, comment(highest - 1)))).toBe(true)
    expect(await isAccepted(update(signed, comment(highest + 1)))).toBe(false)
    const odd = annotation(`/Subtype /${kind} /Rect [55 600 200 620] /C [1 0 0] /QuadPoints [55 620 200 620 55]`)
    expect(await isAccepted(update(signed, odd))).toBe(false)
  })

  it.each([
    ['takes back more than it saved', 'Q 1 0 0 rg 0 0 9 9 re f q'],
    ['leaves something open', 'q 0 0 9 9 re f'],
    ['ends a text that it never began', 'ET 0 0 9 9 re f BT'],
    ['ends what it never marked', 'EMC 0 0 9 9 re f'],
    ['cannot be read', '0 0 9 9 re f (('],
    ['draws by a form that does', '/F Do'],
    ['paints with a pattern that does', '/Pattern cs /P scn 0 0 9 9 re f'],
  ])('a note’s icon stays within: not one that %s', async (_what, content) => {
    const signed = certify(formObjects, 3)
    const drawn = '<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 1 >>\nstream\nQ\nendstream'
    const note =
      (text: string): Attack =>
      (document, free) => [
        ...annotation('/Subtype /Text /Rect [500 700 520 720]', {
          text,
          entries: `/Type /XObject /Subtype /Form /BBox [0 0 20 20] /Resources << /XObject << /F ${free + 2} 0 R >> /Pattern << /P ${free + 2} 0 R >> >>`,
        })(document, free),
        object(free + 2, drawn.replace('\nQ\n', text === content ? '\nQ\n' : '\nn\n')),
      ]
    expect(await isAccepted(update(signed, note('q 1 0 0 rg 0 0 9 9 re f Q')))).toBe(true)
    expect(await isAccepted(update(signed, note(content)))).toBe(false)
  })

  it('a box to tick is as small as a mark and stays within', async () => {
    const tick: Attack = (document) => [rewritten(document, numbers.agree, { V: '/Yes', AS: '/Yes' })]
    const box = (rectangle: string) => formWith(8, formObjects[7]!.replace('[50 650 60 660]', rectangle))
    expect(await isAccepted(update(certify(box('[50 650 60 660]'), 2), tick))).toBe(true)
    expect(await isAccepted(update(certify(box('[0 0 595 842]'), 2), tick))).toBe(false)
    const unbounded = formObjects.map((body, index) => (index === 11 ? body.replace(/\/BBox \[[^\]]*\]/, '') : body))
    expect(await isAccepted(update(certify(unbounded, 2), tick))).toBe(false)
  })
})

describe('a file that is linearized in words of which readers make different things', () => {
  const CLAIMED = 40_000
  const beginning = (head: string) =>
    bytesOf(withRevision(head, { objects: formObjects.map((body, index) => [index + 1, body] as const), number: 51 }))

  it.each([
    ['a key that stands there twice', `50 0 obj\n<< /Linearized 1 /O 1 /O 2 /L ${CLAIMED} >>\nendobj\n`],
    ['a number with a sign', `+50 0 obj\n<< /Linearized 1 /L ${CLAIMED} >>\nendobj\n`],
    ['an escaped name', `50 0 obj\n<< /L#69nearized 1 /O 1 /O 2 /L ${CLAIMED} >>\nendobj\n`],
    ['a second dictionary', `50 0 obj\n<< /Linearized 1 /L 9 >>\nendobj\n% /Linearized 1 /L ${CLAIMED}\n`],
    ['the line of the header', `50 0 obj << /Linearized 1 /L ${CLAIMED} >> endobj\n`],
  ])('is not sealed, and not accepted with anything appended: %s', async (what, first) => {
    const header = what === 'the line of the header' ? `%PDF-1.7 ${first}` : `%PDF-1.7\n${first}`
    const file = beginning(header)
    throwsWithCode(() => inspectPdf(file), 'PADES_MALFORMED')
    expect(await isAccepted(update(signForm(sealer, file, docMdp(1)), withEvidence))).toBe(false)
    expect(inspectPdf(beginning('%PDF-1.7\n')).pages).toHaveLength(2)
  })
})
