import { beforeAll, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { isAccepted, makeSealer, update } from '../pades/documents.ts'
import { type Attack, annotation, docMdp, formObjects, pdfOf, signForm } from './signed-form.ts'

// Comments that a certification leaves open (P 3) and that hide what lies below, though they look like a highlight, a line or a note.

let certified: Uint8Array
beforeAll(async () => {
  certified = signForm(await makeSealer(), pdfOf(formObjects), docMdp(3))
})

const formXObject = '/Type /XObject /Subtype /Form /BBox [0 0 200 20]'
const overText = '/Rect [55 595 200 615]'
const multiply = `${formXObject} /Resources << /ExtGState << /M << /BM /Multiply >> >> >>`

const covering: Readonly<Record<string, Attack>> = {
  'that leave the colour of a highlight to the reader, who may take black': annotation(
    `/Subtype /Highlight ${overText} /QuadPoints [55 615 200 615 55 595 200 595]`,
  ),
  'that highlight by a state that is not there': annotation(`/Subtype /Highlight ${overText}`, {
    text: '/Other gs 1 g 0 0 200 20 re f',
    entries: multiply,
  }),
  'that highlight apart from what lies below': annotation(`/Subtype /Highlight ${overText}`, {
    text: '/M gs 1 g 0 0 200 20 re f',
    entries: `${multiply} /Group << /S /Transparency /I true >>`,
  }),
  'that highlight in a colour of their own': annotation(`/Subtype /Highlight ${overText}`, {
    text: '/M gs /Ink cs 1 scn 0 0 200 20 re f',
    entries:
      `${formXObject} /Resources << /ExtGState << /M << /BM /Multiply >> >> /ColorSpace << /Ink ` +
      '[/Separation /Black /DeviceGray << /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1 >>] >> >>',
  }),
  'that mix by a state that does more': annotation(`/Subtype /Highlight ${overText}`, {
    text: '/M gs 1 g 0 0 200 20 re f',
    entries: `${formXObject} /Resources << /ExtGState << /M << /BM /Multiply /TR /Default /SMask << /S /Alpha >> >> >> >>`,
  }),
  'that cover with lines in the colour of paper': annotation(`/Subtype /Underline ${overText}`, {
    text: '1 G 3 w 0 1 m 200 1 l 0 4 m 200 4 l 0 7 m 200 7 l 0 10 m 200 10 l S',
  }),
  'that strike out in more than white': annotation(`/Subtype /StrikeOut ${overText} /C [1 1 9]`),
  'that highlight in more than blue': annotation(`/Subtype /Highlight ${overText} /C [0 0 9]`),
  'that strike out in the colour of paper': annotation(
    `/Subtype /StrikeOut ${overText} /C [1 1 1] /QuadPoints [55 615 200 615 55 595 200 595]`,
  ),
  'that strike out by a bar that was a line': annotation(`/Subtype /StrikeOut ${overText}`, {
    text: '1 0 0 RG 90 0 0 90 0 0 cm 1 w 0 0 m 2 0 l S',
  }),
  'that strike out by a line that their rectangle makes a bar': annotation(`/Subtype /StrikeOut ${overText}`, {
    text: '1 0 0 RG 1 w 0 0 m 2 0 l S',
    entries: '/Type /XObject /Subtype /Form /BBox [0 0 2 1]',
  }),
  'that strike out by a bar of their state': annotation(`/Subtype /StrikeOut ${overText}`, {
    text: '1 0 0 RG /W gs 0 0 m 200 0 l S',
    entries: `${formXObject} /Resources << /ExtGState << /W << /LW 90 >> >> >>`,
  }),
  'that cover a word with a white note': annotation('/Subtype /Text /Rect [60 598 85 612]', {
    text: '1 g 0 0 200 20 re f',
  }),
}
for (const [name, attack] of Object.entries(covering)) {
  it(`comments are not permitted ${name}`, async () => {
    const attacked = update(certified, attack)
    const pdf = readSignedPdf(attacked)
    expect(pdf.ok && pdf.signatures.find(({ field }) => field === 'Seal1')?.laterChanges).toBe('not-permitted')
    expect(await isAccepted(attacked)).toBe(false)
  })
}
