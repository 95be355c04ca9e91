// Shadow attacks by what is two things at once: entries of catalog, form and page may change, and as a dictionary of resources they are drawn.
import { beforeAll, describe, expect, it } from 'vitest'
import { writeDictionary } from '../../pades/write-value.ts'
import { isAccepted, makeSealer, openPdf, update } from '../pades/documents.ts'
import { docMdp, pdfOf, rewritten, signForm } from './signed-form.ts'
import { bytesOf, streamOf, textOf } from './xref-streams.ts'

const form = (text: string) =>
  streamOf(
    text && `BT /F1 12 Tf 20 130 Td (${text}) Tj ET`,
    '/Type /XObject /Subtype /Form /BBox [0 0 300 200] /Resources << /Font << /F1 6 0 R >> >>',
  )
const holders = { catalog: 1, page: 3, form: 5 } as const

/** A page that draws by a name what stands under that key in catalog, form or page. */
function twice(holder: keyof typeof holders, key: string, detour: boolean): Uint8Array {
  const at = (one: keyof typeof holders) => (holder === one ? `/${key} 7 0 R` : '')
  const objects = detour ? '8 0 R' : `${holders[holder]} 0 R`
  return pdfOf([
    `<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R ${at('catalog')} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R ${at('page')} /Resources << /Font << /F1 6 0 R >> /XObject ${objects} >> >>`,
    streamOf(`BT /F1 12 Tf 20 180 Td (To be paid: 100) Tj ET /${key} Do`),
    `<< /Fields [] ${at('form')} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    form(''),
    `${holders[holder]} 0 R`,
  ])
}

describe('what may change in one place and is drawn in another', () => {
  let sealer: Awaited<ReturnType<typeof makeSealer>>
  beforeAll(async () => {
    sealer = await makeSealer()
  })

  it.each(
    (
      [
        ['catalog', 'DSS'],
        ['catalog', 'Extensions'],
        ['catalog', 'Metadata'],
        ['form', 'DR'],
        ['page', 'Annots'],
      ] as const
    ).flatMap(([holder, key]) => [[holder, key, false] as const, [holder, key, true] as const]),
  )('is not permitted to change: the %s, drawn by /%s (over another reference: %s)', async (holder, key, detour) => {
    for (const certification of ['', docMdp(1), docMdp(2), docMdp(3)]) {
      const signed = signForm(sealer, twice(holder, key, detour), certification)
      expect(await isAccepted(signed)).toBe(true)
      const later = update(signed, (document) => [
        { number: 7, generation: 0, body: form('and 999999 more') },
        ...(key === 'DSS' ? [] : [rewritten(document, 1, { DSS: '<< /Certs [] >>' })]),
      ])
      expect(await isAccepted(later)).toBe(false)
    }
  })

  it('may change where it is used once: evidence is added to the same document without the second use', async () => {
    const text = textOf(twice('catalog', 'PieceInfo', false)).replace('/XObject 1 0 R', '/XObject 9 0 R')
    const signed = signForm(sealer, bytesOf(text), docMdp(1))
    const catalog = writeDictionary(openPdf(signed).catalog, { DSS: '<< /Certs [] >>' })
    expect(await isAccepted(update(signed, () => [{ number: 1, generation: 0, body: catalog }]))).toBe(true)
  })
})
