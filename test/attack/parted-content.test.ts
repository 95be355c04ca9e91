// Content that readers undo and split in ways of their own, parts of a field that are no parts of it, and what is signed in two ways.
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { inspectPdf } from '../../pades/write/index.ts'
import { inSequence, isAccepted, makeSealer, read, update } from '../pades/documents.ts'
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
  withField,
} from './signed-form.ts'
import { bytesOf, lastXrefOf, streamOf, textOf, withRevision } from './xref-streams.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})
const certify = (permission: 1 | 2 | 3, objects: readonly string[] = formObjects) =>
  signForm(sealer, pdfOf(objects), docMdp(permission))
const ofSeal = (file: Uint8Array) => read(file).signatures.find(({ field }) => field === 'Seal1')!.laterChanges

/** A time stamp of a stranger's: its field, its picture and parts. */
const stamp =
  (field: string, ...parts: readonly ((free: number) => ReturnType<typeof object>)[]): Attack =>
  (document, free) => [
    object(free, '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>'),
    object(free + 1, `<< /FT /Sig /T (stamp) /V ${free} 0 R ${field.replaceAll('#', String(free + 2))} >>`),
    withField(document, free + 1),
    ...parts.map((part, index) => part(free + 2 + index)),
  ]

describe('a stream that only some readers predict', () => {
  const comment = Buffer.from('\x00% nothing\n', 'latin1')
  const data = deflateSync(comment).toString('latin1')
  const parameters = `<< /Predictor 15 /Columns ${comment.length - 1} >>`
  const forms = [
    ['a name and a list', `/Filter /FlateDecode /DecodeParms [${parameters}]`],
    ['a list and a dictionary', `/Filter [/FlateDecode] /DecodeParms ${parameters}`],
    ['both by themselves', `/Filter /FlateDecode /DecodeParms ${parameters}`],
    ['both in lists', `/Filter [/FlateDecode] /DecodeParms [${parameters}]`],
  ] as const
  const box = '/Type /XObject /Subtype /Form /BBox [0 0 9 9]'
  const drawn = (entries: string) => (free: number) => ({
    ...object(free, `<< ${box} ${entries} /Length ${data.length} >>`),
    stream: new Uint8Array(Buffer.from(data, 'latin1')),
  })

  it.each(forms)('is no empty picture of a stranger’s time stamp: %s', (_what, filters) => {
    const widget = '/Type /Annot /Subtype /Widget /Rect [0 0 300 200] /F 2 /AP << /N # 0 R >>'
    expect(ofSeal(update(certify(1), stamp(widget, drawn(filters))))).not.toBe('permitted')
    const plain = (free: number) => stream(free, '% nothing\n', box)
    expect(ofSeal(update(certify(1), stamp(widget, plain)))).toBe('permitted')
  })

  it('is not plain, whatever it holds, but where filters and parameters have one form', async () => {
    const der = Buffer.from(inSequence('evidence'), 'latin1')
    const rows = deflateSync(Buffer.concat([Buffer.from([0]), der]))
    const evidence =
      (filters: string): Attack =>
      (document, free) => [
        rewritten(document, numbers.catalog, { DSS: `<< /Certs [${free} 0 R] >>` }),
        {
          ...object(free, `<< ${filters.replace(/Columns \d+/, `Columns ${der.length}`)} /Length ${rows.length} >>`),
          stream: new Uint8Array(rows),
        },
      ]
    const results = await Promise.all(forms.map(([, filters]) => isAccepted(update(certify(1), evidence(filters)))))
    expect(results).toEqual([false, false, true, true])
  })
})

describe('content that readers split in ways of their own', () => {
  const note = (text: string) => annotation('/Subtype /Text /Rect [500 700 520 720]', { text, entries: noteForm })
  const noteForm = '/Type /XObject /Subtype /Form /BBox [0 0 20 20]'

  it.each([
    ['two operators that touch', 'QQ 1 0 0 rg 0 0 9 9 re f'],
    ['an operator behind an operator', 'q 1 0 0 qrg 0 0 9 9 re f Q'],
    ['an operator behind a number', 'q 1 0 0 rg 0 0 9 9re f Q'],
    ['an operator that does not exist', 'q 1 0 0 rg 0 0 9 9 re f xx Q'],
    ['one among those that may be unknown', 'BX q 1 0 0 rg 0 0 9 9 re f xx Q EX'],
    ['an octet of no alphabet before an operator', 'q 1 0 0 rg 0 0 9 9 re f \x80Q Q'],
    ['a minus within a number', 'q 1 0 0 rg 0 0 9-9 9 re f Q'],
    ['a number that overflows', 'q 1 0 0 rg 0 0 9 99999999999 re f Q'],
    ['a comment that ends with CR', 'q % a\r1 0 0 rg 0 0 9 9 re f Q'],
    ['a colour of more numbers than its operator takes', 'q 1 0 0 0 rg 0 0 9 9 re f Q'],
    ['a colour of fewer', 'q 1 0 rg 0 0 9 9 re f Q'],
    ['a reference among the numbers', 'q 1 0 R 1 0 0 rg 0 0 9 9 re f Q'],
    ['two widths', 'q 1 800 w 0 0 m 9 9 l S Q'],
    ['two graphics states', 'q /A /B gs 0 0 9 9 re f Q'],
    ['text shown by a number', 'BT 5 Tj ET'],
    ['an inline image', 'q 1 0 0 rg 0 0 9 9 re f BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q'],
  ])('is no icon of a note: %s', async (_what, content) => {
    expect(await isAccepted(update(certify(3), note('% an icon\nq 1 0 0 rg 0 0 9 9 re f Q')))).toBe(true)
    expect(await isAccepted(update(certify(3), note(content)))).toBe(false)
  })

  it('chooses colours in a space of as many: others are taken for paper', async () => {
    const line = (content: string) =>
      annotation('/Subtype /StrikeOut /Rect [60 590 90 620] /C [1 0 0] /QuadPoints [60 612 90 612 60 598 90 598]', {
        text: `q ${content} 2 w 0 10 m 30 10 l S Q`,
        entries: '/Type /XObject /Subtype /Form /BBox [0 0 30 30]',
      })
    for (const fine of ['1 0 0 RG', '/DeviceRGB CS 1 0 0 SC', '/DeviceGray CS 0 SC', '0 G'])
      expect(await isAccepted(update(certify(3), line(fine))), fine).toBe(true)
    const deep = `${'q '.repeat(70)}1 G q 0 G Q${' Q'.repeat(70)} 0 G`
    for (const odd of [
      deep,
      '0 0 0 32768 K',
      '2 0 0 RG',
      '1 0 1 G',
      '/DeviceGray CS 1 0 1 SC',
      '1 0 0 SC',
      '/DeviceRGB CS 0 SC',
      '1 0 0 RG q Q 0 1 1 SC',
    ])
      expect(await isAccepted(update(certify(3), line(odd))), odd).toBe(false)
  })

  it('has names that no reader cuts off', async () => {
    const withState = (name: string) =>
      annotation('/Subtype /Text /Rect [500 700 520 720]', {
        text: `/${name} gs q 1 0 0 rg 0 0 9 9 re f Q`,
        entries: `${noteForm} /Resources << /ExtGState << /${name} << /BM /Multiply >> >> >>`,
      })
    expect(await isAccepted(update(certify(3), withState('S'.repeat(80))))).toBe(true)
    expect(await isAccepted(update(certify(3), withState('S'.repeat(81))))).toBe(false)
    expect(await isAccepted(update(certify(3), withState('S'.repeat(131))))).toBe(false)
  })

  it.each([
    ['letters that are content', '/Subtype /Type3 /CharProcs << >>'],
    ['letters that are content beside what it says it is', '/Subtype /Type1 /CharProcs << >>'],
    ['a kind that is no kind', '/Subtype /Type4'],
    ['a descendant that is one of letters', '/Subtype /Type0 /DescendantFonts [<< /Subtype /Type3 >>]'],
    ['two descendants', '/Subtype /Type0 /DescendantFonts [<< /Subtype /CIDFontType2 >> << /Subtype /CIDFontType2 >>]'],
  ])('is written in outlines, not with a font of %s', async (_what, font) => {
    const filled =
      (kind: string): Attack =>
      (document, free) => [
        rewritten(document, numbers.name, { V: '(new)', AP: `<< /N ${free} 0 R >>` }),
        stream(
          free,
          '/Tx BMC q BT /F1 12 Tf 0 0 Td (new) Tj ET Q EMC',
          `/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 << /Type /Font ${kind} >> >> >>`,
        ),
      ]
    expect(await isAccepted(update(certify(2), filled('/Subtype /Type1 /BaseFont /Helvetica')))).toBe(true)
    expect(
      await isAccepted(update(certify(2), filled('/Subtype /Type0 /DescendantFonts [<< /Subtype /CIDFontType2 >>]'))),
    ).toBe(true)
    expect(await isAccepted(update(certify(2), filled(font)))).toBe(false)
  })

  it('is written in outlines by a font that a graphics state chooses, too', async () => {
    const note = (font: string) =>
      annotation('/Subtype /Text /Rect [500 700 520 720]', {
        text: 'q 1 0 0 rg 0 0 9 9 re f Q',
        entries: `${noteForm} /Resources << /ExtGState << /G << /Font [<< /Type /Font ${font} >> 12] >> >> >>`,
      })
    expect(await isAccepted(update(certify(3), note('/Subtype /Type1 /BaseFont /Helvetica')))).toBe(true)
    expect(await isAccepted(update(certify(3), note('/Subtype /Type3 /CharProcs << >>')))).toBe(false)
  })

  it('draws no line that is wider than it is allowed, below zero either', async () => {
    const line = (width: string) =>
      annotation('/Subtype /StrikeOut /Rect [60 590 90 620] /C [1 0 0] /QuadPoints [60 612 90 612 60 598 90 598]', {
        text: `q 1 0 0 RG ${width} w 0 10 m 30 10 l S Q`,
        entries: '/Type /XObject /Subtype /Form /BBox [0 0 30 30]',
      })
    expect(await isAccepted(update(certify(3), line('2')))).toBe(true)
    expect(await isAccepted(update(certify(3), line('800')))).toBe(false)
    expect(await isAccepted(update(certify(3), line('-800')))).toBe(false)
  })

  it('may say how it is turned, as one reader writes it', async () => {
    const turned = (rotation: string) => annotation(`/Subtype /Text /Rect [500 700 520 720] /Rotate ${rotation}`)
    expect(await isAccepted(update(certify(3), turned('0')))).toBe(true)
    expect(await isAccepted(update(certify(3), turned('45')))).toBe(false)
    expect(await isAccepted(update(certify(3), turned('4 0 R')))).toBe(false)
  })

  it('calls itself what it is: metadata is excepted from encryption for some', async () => {
    const icon = 'q 1 0 0 rg 0 0 9 9 re f Q'
    const as = (type: string) =>
      annotation('/Subtype /Text /Rect [500 700 520 720]', { text: icon, entries: noteForm.replace('/XObject', type) })
    expect(await isAccepted(update(certify(3), as('/XObject')))).toBe(true)
    expect(await isAccepted(update(certify(3), as('/Metadata')))).toBe(false)
  })

  it.each([
    ['a mode by which two colours make white', '/BM /Screen'],
    ['a transfer function, by which any colour does', '/TR << /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [1] /N 1 >>'],
  ])('a note does not erase by %s', async (_what, entries) => {
    const note = (state: string) =>
      annotation('/Subtype /Text /Rect [60 598 80 618]', {
        text: 'q /S gs 1 1 0 rg 0 0 20 20 re f 0 0 1 rg 0 0 20 20 re f Q',
        entries: `/Type /XObject /Subtype /Form /BBox [0 0 20 20] /Resources << /ExtGState << /S << ${state} >> >> >>`,
      })
    expect(await isAccepted(update(certify(3), note('/BM /Normal /ca 0.9 /LW 1')))).toBe(true)
    expect(await isAccepted(update(certify(3), note(entries)))).toBe(false)
  })
})

describe('parts of a stranger’s time stamp', () => {
  const empty = '/Rect [0 0 0 0]'
  const part = (entries: string) => (free: number) => object(free, `<< /Type /Annot ${entries} >>`)

  it.each([
    ['one widget', [`/Subtype /Widget ${empty}`], 'permitted'],
    ['two widgets', [`/Subtype /Widget ${empty}`, `/Subtype /Widget ${empty}`], 'not-permitted'],
    ['a note, to which readers give an icon', [`/Subtype /Text ${empty} /C [1 1 1]`], 'not-permitted'],
    ['a file, with an icon too', [`/Subtype /FileAttachment ${empty}`], 'not-permitted'],
    ['a field of text', [`/Subtype /Widget ${empty} /FT /Tx /V (FORGED)`], 'not-permitted'],
    ['a box of numbers that overflow', ['/Subtype /Widget /Rect [99999999 0 99999999 200]'], 'not-permitted'],
  ])('show nothing: %s', (_what, parts, verdict) => {
    const kids = parts.map((_, index) => `#${index} 0 R`).join(' ')
    const attack: Attack = (document, free) => {
      const list = kids.replace(/#(\d)/g, (_match, index) => String(free + 2 + Number(index)))
      return stamp(`/Rect [0 0 0 0] /Kids [${list}]`, ...parts.map(part))(document, free)
    }
    expect(ofSeal(update(certify(1), attack))).toBe(verdict)
  })

  it('have boxes in numbers that no reader overflows', async () => {
    const boxed = (box: string) =>
      formObjects.map((body, index) => (index === 2 ? body.replace('/Annots', `/CropBox ${box} /Annots`) : body))
    const again = (box: string, other: string) =>
      isAccepted(
        update(certify(1, boxed(box)), (document, free) => [
          rewritten(document, numbers.catalog, { DSS: `<< /Certs [${free} 0 R] >>` }),
          stream(free, inSequence('evidence')),
          rewritten(document, numbers.page, { CropBox: other }),
        ]),
      )
    expect(await again('[0 150 300 800]', '[0 150 300 800.0]')).toBe(true)
    expect(await again('[0 150 300 9999999999]', '[0 150 300 9999999999.0]')).toBe(false)
  })
})

describe('a document that was signed as two', () => {
  const evidenceOf = (free: number): [number, string] => [free, streamOf(inSequence('evidence'))]
  const withEvidence = (signed: Uint8Array, free: number): Uint8Array =>
    update(signed, (document) => [
      rewritten(document, numbers.catalog, { DSS: `<< /Certs [${free} 0 R] >>` }),
      object(free, evidenceOf(free)[1]),
    ])

  it('is not accepted with a number that something hidden waits for', async () => {
    const hidden = Buffer.from(pdfOf(formObjects))
      .toString('latin1')
      .replace('%PDF-1.7\n', '%PDF-1.7\n% 3 0 obj << /Contents [4 0 R 70 0 R] >>\n')
    const shift = hidden.length - Buffer.from(pdfOf(formObjects)).length
    const moved = hidden
      .replace(/^(\d{10}) 00000 n/gm, (_all, offset) => `${String(Number(offset) + shift).padStart(10, '0')} 00000 n`)
      .replace(/startxref\n(\d+)/, (_all, offset) => `startxref\n${Number(offset) + shift}`)
    const signed = signForm(sealer, bytesOf(moved), docMdp(1))
    expect(await isAccepted(withEvidence(signed, 71))).toBe(true)
    expect(await isAccepted(withEvidence(signed, 70))).toBe(false)
  })

  it('is not accepted with a cross-reference of the other kind, whether an object is missing or not', async () => {
    const other = (objects: readonly string[]) => {
      const signed = textOf(certify(1, objects))
      return withRevision(signed, {
        objects: [
          [numbers.catalog, formObjects[0]!.replace('/AcroForm', '/DSS << /Certs [70 0 R] >> /AcroForm')],
          evidenceOf(70),
        ],
        ...{ number: 71, previous: lastXrefOf(signed) },
      })
    }
    const missing = formObjects.map((body) => body.replace('/Contents 4 0 R', '/Contents [4 0 R 60 0 R]'))
    expect(await isAccepted(bytesOf(other(formObjects)))).toBe(false)
    expect(await isAccepted(bytesOf(other(missing)))).toBe(false)
    expect(await isAccepted(withEvidence(certify(1, missing), 70))).toBe(true)
  })

  it.each([
    ['the stream has what the table has', false, true],
    ['the stream has another', true, false],
  ])('is not accepted where a hybrid cross-reference says two things: %s', async (_what, isOther, isFine) => {
    const text = textOf(pdfOf(formObjects))
    const at = text.length
    const entry = (number: number) => text.indexOf(`\n${number} 0 obj\n`) + 1
    const place = Buffer.alloc(4)
    place.writeUInt32BE(isOther ? at : entry(numbers.content))
    const list = Buffer.concat([Buffer.from([1]), place, Buffer.from([0, 0])]).toString('latin1')
    const other = isOther ? `4 0 obj\n${streamOf('BT /F1 12 Tf (To be paid: 999) Tj ET')}\nendobj\n` : ''
    const hybrid = `50 0 obj\n${streamOf(list, `/Type /XRef /Size 60 /W [1 4 2] /Index [4 1] /Root 1 0 R`)}\nendobj\n`
    const stream = at + other.length
    const table = stream + hybrid.length
    const trailer = `trailer\n<< /Size 60 /Root 1 0 R /Prev ${lastXrefOf(text)} /XRefStm ${stream} >>\n`
    const whole = `${text}${other}${hybrid}xref\n0 0\n${trailer}startxref\n${table}\n%%EOF\n`
    expect(await isAccepted(withEvidence(signForm(sealer, bytesOf(whole), docMdp(1)), 70))).toBe(isFine)
    if (isFine) expect(inspectPdf(bytesOf(whole)).pages).toHaveLength(2)
    else throwsWithCode(() => inspectPdf(bytesOf(whole)), 'PADES_XREF_BROKEN')
  })
})
