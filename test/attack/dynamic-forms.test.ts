import { beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { makeSealer, read, update } from '../pades/documents.ts'
import {
  type Attack,
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

// XFA (ISO 32000-1, 12.7.8): a form that a program lays out. Where a reader runs it, what it shows is not what the pages hold. Attacks that
// bring one in after the signature, or exchange the one that was there.

const SCRIPT = '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>'
const XFA = 100
const catalog = (more: string) => `<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R ${more} >>`
const changed = (changes: Readonly<Record<number, (body: string) => string>>): string[] =>
  formObjects.map((body, index) => changes[index + 1]?.(body) ?? body)
const withForm = (more: string) => changed({ [numbers.form]: (body) => body.replace(/>>$/, `${more} >>`) })

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})

const verdictOf = (bytes: Uint8Array) => {
  const pdf = readSignedPdf(bytes)
  return pdf.ok ? pdf.signatures.find(({ field }) => field === 'Seal1')?.laterChanges : pdf.code
}

/** Certified in each way that leaves something open, and not at all. */
const entries = [docMdp(1), docMdp(2), docMdp(3), '']

const attackAll = (objects: readonly string[], attack: Attack) =>
  entries.map((entry) => verdictOf(update(signForm(sealer, pdfOf(objects), entry), attack)))

const refused = ['not-permitted', 'not-permitted', 'not-permitted', 'not-permitted']

describe('a dynamic form after the signature', () => {
  it('may not come in beside the fields, as a stream, a list or a string', () => {
    for (const value of [`${XFA} 0 R`, `[(template) ${XFA} 0 R]`, '(<xdp/>)'])
      expect(
        attackAll(formObjects, (document) => [stream(XFA, SCRIPT), rewritten(document, numbers.form, { XFA: value })]),
      ).toEqual(refused)
  })

  it('may not come in with a new field, nor by a catalog that wants it rendered', () => {
    expect(
      attackAll(formObjects, (document, free) => [
        stream(XFA, SCRIPT),
        object(free, '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal9) /Rect [0 0 0 0] >>'),
        { ...withField(document, free), body: withField(document, free).body.replace(/>>$/, `/XFA ${XFA} 0 R >>`) },
      ]),
    ).toEqual(refused)
    expect(
      attackAll(formObjects, (document) => [rewritten(document, numbers.catalog, { NeedsRendering: 'true' })]),
    ).toEqual(refused)
  })

  it('that was named without being there may not be filled in', () => {
    const dangling = withForm(`/XFA ${XFA} 0 R`)
    expect(attackAll(dangling, () => [stream(XFA, SCRIPT)])).toEqual(refused)
    // Evidence may be added, and what it leads to: not by what the form leads to as well.
    expect(
      attackAll(dangling, (document, free) => [
        stream(XFA, SCRIPT),
        object(free, `<< /Type /DSS /Certs [${XFA} 0 R] >>`),
        rewritten(document, numbers.catalog, { DSS: `${free} 0 R` }),
      ]),
    ).toEqual(refused)
  })

  it('that was there may not be exchanged, nor one of its packets', () => {
    const there = [
      ...withForm('/XFA [(template) 16 0 R (datasets) 17 0 R]'),
      '<< /Length 0 >>\nstream\n\nendstream',
      '<< /Length 0 >>\nstream\n\nendstream',
    ]
    for (const number of [16, 17]) expect(attackAll(there, () => [stream(number, SCRIPT)])).toEqual(refused)
    expect(attackAll(there, (document) => [rewritten(document, numbers.form, { XFA: null })])).toEqual(refused)
  })
})

describe('a dynamic form under the signature', () => {
  const risks = (objects: readonly string[]) => {
    const pdf = read(signForm(sealer, pdfOf(objects)))
    return pdf.contentRisks(pdf.signatures[0]).map(({ kind }) => kind)
  }

  it('is told: what it shows a program makes', () => {
    const there = [...withForm('/XFA 16 0 R'), '<< /Length 0 >>\nstream\n\nendstream']
    expect(risks(there)).toContain('dynamic-form')
    expect(risks(changed({ [numbers.catalog]: () => catalog('/NeedsRendering true') }))).toContain('dynamic-form')
    expect(risks(formObjects)).not.toContain('dynamic-form')
  })
})
