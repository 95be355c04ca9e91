import { beforeAll, describe, expect, it } from 'vitest'
import {
  bodyMarkArea,
  drawBodyMark,
  type FontSet,
  type LicenceDefinition,
  listTemplates,
  openFonts,
  parseDefinition,
  placeOnBody,
  TemplateError,
} from '../../templates/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const [base] = listTemplates() as [LicenceDefinition]
const a4 = { width: 210, height: 297 }
const definition = (body: LicenceDefinition['body']): LicenceDefinition => ({
  ...base,
  layout: {
    pages: [{ ...a4, elements: [{ kind: 'qr', x: 20, y: 247, size: 30 }] }],
    seal: { page: 0, x: 160, y: 240 },
  },
  ...(body && { body }),
})
const lastPage = { qr: { page: 'last' }, seal: { page: 'last' } } as const

describe('placeOnBody', () => {
  it('keeps the layout’s distances from the nearest edges, whatever the size of the page', () => {
    const at = (...pages: (typeof a4)[]) => placeOnBody(definition(lastPage), pages)
    expect(at(a4)).toEqual({ qr: { page: 0, x: 20, y: 20, size: 30 }, seal: { page: 0, x: 160, y: 57 } })
    expect(at(a4, { width: 420, height: 297 })).toEqual({
      qr: { page: 1, x: 20, y: 20, size: 30 },
      seal: { page: 1, x: 370, y: 57 },
    })
  })

  it('puts them on the pages that the type names, and leaves a text to be found', () => {
    const seal = { text: '（盖章）', up: 5 }
    const placed = placeOnBody(definition({ qr: { page: 'first' }, seal }), [a4, a4])
    expect([placed.qr.page, placed.seal]).toEqual([0, seal])
  })

  it('is not asked of a type whose documents are drawn', () => {
    expect(() => placeOnBody(definition(undefined), [a4])).toThrow(TypeError)
  })
})

describe('drawBodyMark', () => {
  let fonts: FontSet
  beforeAll(async () => {
    fonts = await openFonts()
  })

  it('draws the symbol within its quiet zone, on white, with the number below as outlines', () => {
    const statementText = `HTTPS://EXAMPLE.TEST/Q/${'A'.repeat(300)}`
    const mark = drawBodyMark(fonts, { statementText, number: '云民许2026000001', size: 30 })
    const content = Buffer.from(mark.content).toString()
    expect(content.startsWith('1 g 0 0 ')).toBe(true)
    expect(content).not.toContain('Tj')
    const area = bodyMarkArea({ page: 0, x: 20, y: 20, size: 30 })
    expect(area).toEqual({ page: 0, x: 17, y: 13, width: 36, height: 40 })
    expect(mark.width).toBeCloseTo((area.width * 72) / 25.4, 6)
    expect(drawBodyMark(fonts, { statementText, number: '云民许2026000001', size: 30 })).toEqual(mark)
  })

  it('refuses a number that no face can write', () => {
    const number = '\u{10fffd}'
    throwsWithCode(() => drawBodyMark(fonts, { statementText: 'A', number, size: 30 }), 'GLYPH_MISSING')
  })
})

describe('parseDefinition of a type with uploaded documents', () => {
  const faults = (body: unknown): string[] => {
    try {
      parseDefinition(JSON.parse(JSON.stringify({ ...definition(undefined), body })))
      return []
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      return error.faults!.map(({ pointer, code }) => `${pointer} ${code}`)
    }
  }

  it('takes pages, or a text for the seal, and nothing else', () => {
    expect(faults(lastPage)).toEqual([])
    expect(faults({ qr: { page: 'first' }, seal: { text: '（公章）', right: -3, up: 4.5 } })).toEqual([])
    expect(faults({ qr: { page: 'second' }, seal: { page: 'last' } })).toEqual(['/body/qr/page NOT_ONE_OF'])
    expect(faults({ qr: { page: 'last' }, seal: {} })).toEqual(['/body/seal MEMBER_MISSING'])
    expect(faults({ ...lastPage, seal: { text: 'x'.repeat(65) } })).toHaveLength(1)
    expect(faults({ ...lastPage, keep: true })).toEqual(['/body/keep MEMBER_UNKNOWN'])
  })
})
