import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { isDictionary, isReference } from '../../pades/objects.ts'
import { hexText } from '../../pades/text.ts'
import type { PreparedField } from '../../pades/write/index.ts'
import { appendValidationData, embedCms, prepareDocumentTimeStamp, prepareSeal } from '../../pades/write/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { isMissing } from '../support/tools.ts'
import { pagesAsGrey } from '../templates/rasterise.ts'
import { isAccepted, makePdf, makeSealer, openPdf, read, sealOptions, shapes, signedAt } from './documents.ts'

let first: Awaited<ReturnType<typeof makeSealer>>
let second: Awaited<ReturnType<typeof makeSealer>>
let pdf: Uint8Array
let certified: Uint8Array
beforeAll(async () => {
  first = await makeSealer()
  second = await makeSealer('rsa-2048')
  pdf = await makePdf({ pages: 2 })
  certified = first.seal(pdf, { docMdp: 2, preparedFields: prepared })
})

const at = (page: number, x: number) => ({ page, x, y: 300, width: 100, height: 100 })
const prepared: readonly PreparedField[] = [
  { field: 'Seal2', place: at(0, 40) },
  { field: 'Seal3', place: at(1, 80), lock: { action: 'All', permission: 1 } },
]

/** A later seal: where it stands is the prepared field's own affair. */
function fill(document: Uint8Array, field: string, sealer = second): Uint8Array {
  const { place: _, docMdp: __, ...options } = sealOptions
  return sealer.sign(document, { ...options, field, name: `TEST ${field}` })
}

const verdicts = (document: Uint8Array) =>
  read(document).signatures.map(({ field, laterChanges, docMdp }) => [field, laterChanges, docMdp])

const startsWith = (whole: Uint8Array, prefix: Uint8Array): boolean =>
  Buffer.compare(whole.subarray(0, prefix.length), prefix) === 0

const stamp = (document: Uint8Array) =>
  embedCms(prepareDocumentTimeStamp(document, { contentsLength: 32, at: signedAt }), Uint8Array.of(4, 1, 7))

describe('prepareSeal with prepared fields', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(`seals ${name} three times, each seal in its own place`, async () => {
      const once = first.seal(await makePdf({ pages: 2, ...shape, ...((shape.pages ?? 2) < 2 && { pages: 2 }) }), {
        docMdp: 2,
        preparedFields: prepared,
      })
      const twice = fill(once, 'Seal2')
      const thrice = fill(twice, 'Seal3', first)
      expect(startsWith(twice, once) && startsWith(thrice, twice)).toBe(true)
      expect(verdicts(thrice)).toEqual([
        ['Seal1', 'permitted', 2],
        ['Seal2', 'permitted', null],
        ['Seal3', 'none', null],
      ])
      expect(read(thrice).signatures.map(({ page }) => page)).toEqual([0, 0, 1])
      expect(await isAccepted(thrice)).toBe(true)
    })
  }

  it('is one sealed document before the other seals come', async () => {
    expect(verdicts(certified)).toEqual([['Seal1', 'none', 2]])
    expect(await isAccepted(certified)).toBe(true)
  })

  it('touches nothing but the field when it is filled', () => {
    const [, update] = read(fill(certified, 'Seal2')).revisions.slice(-2)
    expect(update!.replaced).toHaveLength(1)
    expect(update!.added).toHaveLength(3)
    expect(update!.freed).toEqual([])
  })

  it('writes the lock as certification asks: FieldMDP over the catalog, P 1 in the field', () => {
    const document = openPdf(fill(fill(certified, 'Seal2'), 'Seal3'))
    const texts = [
      ...Buffer.from(document.shared.bytes)
        .toString('latin1')
        .matchAll(/\/TransformMethod \/(\w+)/g),
    ]
    expect(texts.map(([, method]) => method)).toEqual(['DocMDP', 'FieldMDP'])
    const root = document.trailer.entries.get('Root')
    const text = Buffer.from(document.shared.bytes).toString('latin1')
    const fields = ['Seal1', 'Seal2', 'Seal3'].map(hexText).join(' ')
    expect(text).toContain(
      `/TransformMethod /FieldMDP /Data ${isReference(root) ? root.number : 0} 0 R /TransformParams`,
    )
    expect(text).toContain(`<< /Action /Include /Fields [${fields}] /Type /TransformParams /V /1.2 >>`)
    expect(text).toContain(`<< /Type /SigFieldLock /Action /Include /Fields [${fields}] /P 1 >>`)
    const permissions = document.dictionary(document.catalog.entries.get('Perms'))!
    expect(isDictionary(document.resolve(permissions.entries.get('DocMDP')))).toBe(true)
  })

  it('gives every prepared field a picture, for PDF/A', () => {
    const widgets = Buffer.from(certified)
      .toString('latin1')
      .match(/\/Subtype \/Widget[^\n]*/g)
    expect(widgets).toHaveLength(3)
    for (const widget of widgets!) expect(widget).toMatch(/\/F 132 \/AP << \/N \d+ 0 R >> >>$/)
  })

  it('takes evidence and a document time stamp after all seals, and between them', async () => {
    const evidence = { certificates: [Uint8Array.of(0x30, 0)], crls: [], ocsps: [Uint8Array.of(0x30, 1, 5)] }
    const between = appendValidationData(fill(certified, 'Seal2'), evidence)
    const complete = stamp(appendValidationData(fill(between, 'Seal3'), evidence))
    expect(verdicts(complete).map(([field, changes]) => [field, changes])).toEqual([
      ['Seal1', 'permitted'],
      ['Seal2', 'permitted'],
      ['Seal3', 'permitted'],
      ['DocTimeStamp1', 'none'],
    ])
    expect([...read(complete).validationData()!.vri.values()]).toHaveLength(3)
  })

  it('refuses a field that was filled before', () => {
    const twice = fill(certified, 'Seal2')
    throwsWithCode(() => fill(twice, 'Seal2'), 'PADES_FIELD_ALREADY_SIGNED')
    throwsWithCode(() => fill(certified, 'Seal1'), 'PADES_FIELD_ALREADY_SIGNED')
  })

  it('refuses a field that was not prepared', () => {
    throwsWithCode(() => fill(certified, 'Seal4'), 'PADES_FIELD_NOT_FOUND')
    throwsWithCode(() => first.sign(certified, { field: 'Seal4' }), 'PADES_FIELD_NOT_FOUND')
  })

  it('refuses every field after the seal that locks the document', () => {
    const locked = fill(certified, 'Seal3')
    throwsWithCode(() => fill(locked, 'Seal2'), 'PADES_FIELD_LOCKED')
    throwsWithCode(() => fill(locked, 'Seal4'), 'PADES_CHANGES_NOT_PERMITTED')
  })

  it('refuses to certify in a prepared field of what is certified', () => {
    const options = { ...sealOptions, contentsLength: 100 }
    throwsWithCode(() => prepareSeal(certified, { ...options, field: 'Seal2', docMdp: 1 }), 'PADES_ALREADY_SIGNED')
  })

  it('refuses prepared fields that could not be filled', async () => {
    const form = await makePdf({ form: true })
    const prepare = (...preparedFields: PreparedField[]) => {
      return () => prepareSeal(form, { ...sealOptions, contentsLength: 100, docMdp: 2, preparedFields })
    }
    throwsWithCode(prepare({ field: 'Seal1', place: at(0, 0) }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(prepare({ field: 'a', place: at(0, 0) }, { field: 'a', place: at(0, 9) }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(prepare({ field: 'applicant.name', place: at(0, 0) }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(prepare({ field: '', place: at(0, 0) }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(prepare({ field: 'a', place: at(1, 0) }), 'PADES_PAGE_NOT_FOUND')
    throwsWithCode(prepare({ field: 'a', place: at(0, Number.NaN) }), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(prepare({ field: 'a', place: { ...at(0, 0), width: 0 } }), 'PADES_PLACEMENT_INVALID')
    const wrong = { ...sealOptions, contentsLength: 100, preparedFields: prepared }
    expect(() => prepareSeal(pdf, { ...wrong, docMdp: 1 })).toThrow(TypeError)
  })

  it('refuses a field of text, and a new field without a place', async () => {
    const form = await makePdf({ form: true })
    const { place: _, ...placeless } = sealOptions
    const options = { ...placeless, contentsLength: 100 }
    throwsWithCode(() => prepareSeal(form, { ...options, field: 'applicant.name' }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(() => prepareSeal(form, options), 'PADES_PLACEMENT_INVALID')
  })

  it('digests with SM3 for seals of the other scheme', () => {
    const prepared = prepareSeal(pdf, { ...sealOptions, contentsLength: 64 })
    const [, end, start] = prepared.byteRange
    const sm3 = createHash('sm3')
      .update(prepared.bytes.subarray(0, end))
      .update(prepared.bytes.subarray(start))
      .digest()
    expect(Buffer.compare(prepared.digest('SM3'), sm3)).toBe(0)
    expect(Buffer.compare(prepared.digest('SM3'), prepared.digest())).not.toBe(0)
  })

  it.each([
    ['without a last line end', ''],
    ['that ends with a line', '\n'],
  ])('digests on from the document as it was, one %s', (_which, end) => {
    const original = new Uint8Array(Buffer.concat([pdf, Buffer.from(end)]))
    const prepared = prepareSeal(original, { ...sealOptions, contentsLength: 64 })
    const onwards = createHash('sha256').update(original).update(prepared.signedAddition()).digest()
    expect(Buffer.compare(prepared.digest(), onwards)).toBe(0)
  })

  it.skipIf(isMissing('pdftoppm'))(
    'shows a seal in a prepared field as it would in a new one, whatever its own box',
    () => {
      const picture = {
        content: new TextEncoder().encode('1 0 0 rg 60 40 30 50 re f'),
        bbox: [50, 30, 100, 110] as const,
      }
      const field = { field: 'Seal2', place: { page: 0, x: 40, y: 300, width: 130, height: 90 } }
      const prepared = first.seal(pdf, { docMdp: 2, preparedFields: [field] })
      const { docMdp: _, ...options } = sealOptions
      const filled = second.sign(prepared, { ...options, field: 'Seal2', appearance: picture })
      const beside = second.sign(first.sign(pdf), { ...options, ...field, appearance: picture })
      const pages = (document: Uint8Array) => pagesAsGrey(document, 72).map(({ pixels }) => Buffer.from(pixels))
      expect(pages(filled).map((page, index) => page.equals(pages(beside)[index]!))).toEqual([true, true])
      expect(pages(prepared)[0]!.equals(pages(filled)[0]!)).toBe(false)
    },
  )

  it('writes a SubFilter of another scheme, and no other syntax with it', () => {
    const options = { ...sealOptions, contentsLength: 100 }
    const { bytes } = prepareSeal(pdf, { ...options, subFilter: 'Zhengyin.GBT35275' })
    expect(Buffer.from(bytes).toString('latin1')).toContain('/SubFilter /Zhengyin.GBT35275 /M')
    for (const subFilter of ['', 'a b', 'a/b', 'a>>', 'ü']) {
      expect(() => prepareSeal(pdf, { ...options, subFilter })).toThrow(TypeError)
    }
  })
})
