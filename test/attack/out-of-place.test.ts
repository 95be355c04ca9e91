// Pictures that readers draw out of their place, fonts that a locked field waits for, and files that begin elsewhere once they are long enough.
import { beforeAll, describe, expect, it } from 'vitest'
import { inspectPdf } from '../../pades/write/index.ts'
import { isAccepted, makeSealer, read, update } from '../pades/documents.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { docMdp, formObjects, numbers, object, pdfOf, rewritten, signForm, stream, withField } from './signed-form.ts'
import { bytesOf, withRevision } from './xref-streams.ts'

describe('pictures that later changes bring', () => {
  let sealer: Awaited<ReturnType<typeof makeSealer>>
  beforeAll(async () => {
    sealer = await makeSealer()
  })
  const unbounded = '/Type /XObject /Subtype /Form /Resources << /Font << /Helv 6 0 R >> >>'
  const boxes = [
    ['no box', ''],
    ['an empty box', '/BBox [0 0 0 20]'],
    ['a box of five numbers', '/BBox [0 0 200 20 0]'],
    ['a box elsewhere', '/BBox 6 0 R'],
    ['a matrix that flattens', '/BBox [0 0 200 20] /Matrix [1 0 0 0 0 0]'],
  ] as const

  it.each(boxes)('are not accepted in a filled field with %s', async (_what, box) => {
    const fill = (entries: string) =>
      update(signForm(sealer, pdfOf(formObjects), docMdp(2)), (document, free) => [
        rewritten(document, numbers.name, { V: '(new)', AP: `<< /N ${free} 0 R >>` }),
        stream(free, '/Tx BMC BT /Helv 12 Tf 2 2 Td (new) Tj ET EMC', `${unbounded} ${entries}`),
      ])
    expect(await isAccepted(fill('/BBox [0 0 200 20]'))).toBe(true)
    expect(await isAccepted(fill(box))).toBe(false)
  })

  it('are not accepted with letters that are pictures', async () => {
    const font = '<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /CharProcs << >> >>'
    const drawn = unbounded.replace('6 0 R', '60 0 R')
    const filled = update(signForm(sealer, pdfOf(formObjects), docMdp(2)), (document, free) => [
      rewritten(document, numbers.name, { V: '(a)', AP: `<< /N ${free} 0 R >>` }),
      stream(free, '/Tx BMC BT /Helv 12 Tf (a) Tj ET EMC', `${drawn} /BBox [0 0 200 20]`),
      object(60, font),
    ])
    expect(await isAccepted(filled)).toBe(false)
  })

  it.each([
    ['[0 0 0 0]', 4, '', true],
    ['[0 0 0 0]', 4, '% DSBlank\n', true],
    ['[0 0 0 0]', 4, '0 0 9 9 re f', false],
    ['[0 0 300 0]', 4, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 4294967298, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 2147483650, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 32, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 2, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 34, '0 0 9 9 re f', false],
    ['[0 0 300 200]', 2, '', true],
    ['[0 0 0 0 300]', 4, '', false],
  ] as const)(
    'are not brought by a stranger’s time stamp: in %s with flags %i, "%s"',
    async (box, flags, text, isFine) => {
      const signed = signForm(sealer, pdfOf(formObjects), docMdp(1))
      const widget = (free: number) =>
        `<< /Type /Annot /Subtype /Widget /FT /Sig /T (stamp) /V ${free} 0 R /Rect ${box} /F ${flags} /AP << /N ${free + 2} 0 R >> >>`
      const stamped = update(signed, (document, free) => [
        object(free, '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>'),
        object(free + 1, widget(free)),
        stream(free + 2, text, '/Type /XObject /Subtype /Form'),
        withField(document, free + 1),
      ])
      const seal = read(stamped).signatures.find(({ field }) => field === 'Seal1')!
      expect(seal.laterChanges).toBe(isFine ? 'permitted' : 'not-permitted')
    },
  )

  it.each([
    ['a box of its own', '/Rect [0 0 0 0]', true],
    ['no box at all, and a ground', '/F 4 /MK << /BG [1 1 1] >>', false],
    ['a box that is hidden, and a border', '/Rect [0 0 300 200] /F 2 /BS << /W 300 >>', false],
  ])('are not left to readers to make for a time stamp: %s', async (_what, entries, isFine) => {
    const stamped = update(signForm(sealer, pdfOf(formObjects), docMdp(1)), (document, free) => [
      object(free, '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>'),
      object(free + 1, `<< /Type /Annot /Subtype /Widget /FT /Sig /T (stamp) /V ${free} 0 R ${entries} >>`),
      withField(document, free + 1),
    ])
    const seal = read(stamped).signatures.find(({ field }) => field === 'Seal1')!
    expect(seal.laterChanges).toBe(isFine ? 'permitted' : 'not-permitted')
  })

  it('are not drawn with a font that a locked field was waiting for', async () => {
    const waiting = formObjects.map((body) => body.replace('/T (fixed) /V (x)', '/T (fixed) /V (x) /DA (/Zz 14 Tf)'))
    const withFont = (objects: readonly string[], name: string) =>
      update(signForm(sealer, pdfOf(objects), docMdp(2)), (document, free) => [
        rewritten(document, numbers.form, { DR: `<< /Font << /Helv 6 0 R /${name} ${free} 0 R >> >>` }),
        object(free, '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>'),
        rewritten(document, numbers.catalog, { DSS: '<< /Certs [] >>' }),
      ])
    expect(await isAccepted(withFont(waiting, 'Other'))).toBe(true)
    expect(await isAccepted(withFont(waiting, 'Zz'))).toBe(false)
  })
})

describe('a file that says how long it is when linearized', () => {
  const CLAIMED = 40_000
  const linearized = (length: number) =>
    bytesOf(
      withRevision('%PDF-1.7\n', {
        objects: [
          [50, `<< /Linearized 1 /L ${length} >>`],
          ...formObjects.map((body, index) => [index + 1, body] as const),
        ],
        number: 51,
      }),
    )

  it('is accepted with evidence of any length but that one', async () => {
    const signed = signForm(await makeSealer(), linearized(CLAIMED), docMdp(1))
    const withFill = (fill: number) =>
      update(signed, (document) => [
        rewritten(document, numbers.catalog, { DSS: `<< /VRI << /A << /TU (${'x'.repeat(fill)}) >> >> >>` }),
      ])
    const fill = 10_000 + CLAIMED - withFill(10_000).length
    expect(withFill(fill)).toHaveLength(CLAIMED)
    expect(await isAccepted(withFill(fill))).toBe(false)
    expect(await isAccepted(withFill(fill + 1))).toBe(true)
  })

  it('is not sealed where its length could still come true', () => {
    throwsWithCode(() => inspectPdf(linearized(CLAIMED)), 'PADES_MALFORMED')
    expect(inspectPdf(linearized(1_000)).pages).toHaveLength(2)
  })
})
