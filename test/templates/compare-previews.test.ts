import { beforeAll, describe, expect, it } from 'vitest'
import {
  comparePreviews,
  compileTemplate,
  exampleInput,
  type FontSet,
  type LayoutElement,
  type LicenceDefinition,
  listTemplates,
  openFonts,
  renderPreview,
  validateLicenceData,
} from '../../templates/index.ts'
import { issuer, today } from './made-up-licence.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

const base = listTemplates().find(({ name }) => name.zh === '食品经营许可证')!
const draw = (
  definition: LicenceDefinition,
  { by = fonts, at = '2026-11-21T02:00:00Z', changes = {} }: { by?: FontSet; at?: string; changes?: object } = {},
): Uint8Array => {
  const compiled = compileTemplate(definition, by)
  const result = validateLicenceData(compiled, { ...exampleInput(definition), ...changes }, { today })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  const { holders: _, pictures, ...values } = result.value
  const data = { ...values, number: '', identifier: '', issuer }
  return renderPreview(compiled, { data, pictures, createdAt: new Date(at) }).pdf
}
/** The definition with one element of a kind changed. */
const changed = (kind: LayoutElement['kind'], change: (element: LayoutElement) => object): LicenceDefinition => {
  const [page, ...rest] = base.layout.pages
  const at = page!.elements.findIndex((element) => element.kind === kind)
  const elements = page!.elements.map((element, index) =>
    index === at ? ({ ...element, ...change(element) } as LayoutElement) : element,
  )
  return { ...base, layout: { ...base.layout, pages: [{ ...page!, elements }, ...rest] } }
}
const movedBy = (mm: number) => changed('table', (element) => ('x' in element ? { x: element.x + mm } : {}))

describe('comparePreviews', () => {
  it('finds nothing between two drawings of the same, on whatever day they were made', () => {
    for (const definition of listTemplates()) {
      const example = draw(definition)
      expect(comparePreviews(example, draw(definition, { at: '2027-01-01T02:00:00Z' })), definition.name.zh).toEqual([])
    }
  })

  it('lets pass what no printer shows, and no more', () => {
    expect(comparePreviews(draw(base), draw(movedBy(0.01)))).toEqual([])
    expect(comparePreviews(draw(base), draw(movedBy(0.5)))).toEqual([{ page: 0, what: 'drawing' }])
  })

  it('names other characters, other letters and another size of the page', () => {
    const renamed = draw(base, { changes: { operator: '云汀市望江区有味小馆餐饮店' } })
    expect(comparePreviews(draw(base), renamed)).toContainEqual({ page: 0, what: 'text' })
    const swapped = { ...fonts, faces: { ...fonts.faces, 'serif-regular': fonts.faces['sans-regular'] } }
    expect(comparePreviews(draw(base), draw(base, { by: swapped }))).toContainEqual({ page: 0, what: 'letters' })
    const [page, ...rest] = base.layout.pages
    const wide = { ...base, layout: { ...base.layout, pages: [{ ...page!, width: page!.width + 2 }, ...rest] } }
    expect(comparePreviews(draw(base), draw(wide))).toContainEqual({ page: 0, what: 'page-size' })
  })

  it('names an ornament that is drawn otherwise', () => {
    const woven = changed('border', () => ({ pattern: 'wave' }))
    expect(comparePreviews(draw(base), draw(woven))).toContainEqual({ page: 0, what: 'drawing' })
  })

  it('says of another number of pages nothing more', () => {
    const twice = {
      ...base,
      layout: { ...base.layout, pages: [...base.layout.pages, { width: 100, height: 100, elements: [] }] },
    }
    expect(comparePreviews(draw(base), draw(twice))).toEqual([{ page: null, what: 'page-count' }])
  })

  it('sees the second heading of a column', () => {
    const named = changed('table', (element) =>
      element.kind === 'table' ? { columns: element.columns.map((one) => ({ ...one, titleEn: 'Item' })) } : {},
    )
    expect(comparePreviews(draw(base), draw(named)).map(({ what }) => what)).toContain('drawing')
    expect(comparePreviews(draw(named), draw(named))).toEqual([])
  })

  it('refuses what was not made here', () => {
    const [whole] = [draw(base)]
    for (const bytes of [Buffer.from('%PDF-1.7\n'), whole.subarray(0, whole.length - 40), new Uint8Array(0)])
      expect(() => comparePreviews(whole, bytes)).toThrow('not made here')
  })
})
