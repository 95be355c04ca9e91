import { beforeAll, describe, expect, it } from 'vitest'
import { isCreditCode } from '../../licence-format/index.ts'
import {
  compileTemplate,
  describeTemplate,
  exampleInput,
  type FieldDefinition,
  type FontSet,
  findTemplate,
  formatLicenceNumber,
  type LicenceDefinition,
  listTemplates,
  openFonts,
  renderLicence,
  validateLicenceData,
} from '../../templates/index.ts'
import type { LayoutElement } from '../../templates/layout.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { madeUpLicence, today } from './made-up-licence.ts'

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

const types = listTemplates().map((definition) => [definition.name.zh, definition] as const)
const place = { areaCode: '330199', issuedOn: '2026-11-21', sequence: 123 }

/** The longest text a field takes, of ordinary words. */
function longest(field: FieldDefinition): unknown {
  const words = '云汀市望江区某某街道办事处与某某有限责任公司'
  if (field.type === 'text' || field.type === 'long-text') return words.repeat(250).slice(0, field.maxLength ?? 200)
  return undefined
}

describe.each(types)('the definition of %s', (_, definition) => {
  it('has a type code whose authority’s code is valid, and fields named once, each in one group', () => {
    expect(definition.typeCode).toHaveLength(21)
    expect(isCreditCode(definition.typeCode.slice(0, 18))).toBe(true)
    const names = definition.fields.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(definition.groups.flatMap(({ fields }) => fields).sort()).toEqual([...names].sort())
  })

  it('has a holder with a name and a code that a public check does not show in full for a person', () => {
    const names = definition.fields.filter(({ role }) => role === 'holder-name')
    const codes = definition.fields.filter(({ role }) => role === 'holder-code')
    expect(names.length).toBeGreaterThan(0)
    expect(names).toHaveLength(codes.length)
    for (const { type, disclosure } of definition.fields) {
      if (type === 'identity-number' || type === 'picture') expect(disclosure).not.toBe('public')
    }
  })

  it('keeps the QR at 25 mm or more with a quiet zone, and seal and text on the page', () => {
    const { pages, seal } = definition.layout
    const symbols = pages.flatMap(({ elements }) => elements.filter((e) => e.kind === 'qr'))
    expect(symbols).toHaveLength(1)
    const { x, y, size } = symbols[0]!
    expect(size).toBeGreaterThanOrEqual(25)
    const page = pages.find(({ elements }) => elements.includes(symbols[0]!))!
    expect(Math.min(x, y, page.width - x - size, page.height - y - size)).toBeGreaterThan(12)
    // the largest seal of a department is 45 mm wide
    const { width, height } = pages[seal.page]!
    const border = pages[seal.page]!.elements.find((e) => e.kind === 'border')!
    const frame = 22.5 + border.x + border.band
    expect(Math.min(seal.x, seal.y, width - seal.x, height - seal.y)).toBeGreaterThanOrEqual(frame)
  })

  it('keeps the seal away from QR and photo', () => {
    const { pages, seal } = definition.layout
    for (const element of pages[seal.page]!.elements) {
      const box = boxOf(element)
      if (box === undefined) continue
      const dx = Math.max(box.x - seal.x, 0, seal.x - box.x - box.width)
      const dy = Math.max(box.y - seal.y, 0, seal.y - box.y - box.height)
      expect(Math.hypot(dx, dy)).toBeGreaterThan(22.5)
    }
  })

  it('holds a name of 24 characters, the shortest one, and the longest text its fields admit', () => {
    const compiled = compileTemplate(definition, fonts)
    const holder = definition.fields.find(({ role }) => role === 'holder-name')!
    for (const name of ['阿卜杜热依木·买买提吐尔逊·艾合麦提江·玉素甫喀', '林']) {
      const input = madeUpLicence(compiled, { [holder.name]: name })
      expect(renderLicence(compiled, input).pageCount).toBe(definition.layout.pages.length)
    }
    for (const field of definition.fields) {
      const value = longest(field)
      if (value === undefined) continue
      const result = validateLicenceData(compiled, { ...exampleInput(definition), [field.name]: value }, { today })
      expect(result.ok ? [] : result.faults).toEqual([])
    }
  })

  it('is described to a form as JSON without its layout', () => {
    const entry = describeTemplate(definition)
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry)
    expect(entry).not.toHaveProperty('layout')
    expect(JSON.stringify(entry).length).toBeLessThan(64_000)
  })

  it('is found by its code', () => {
    expect(findTemplate(definition.typeCode)).toBe(definition)
  })
})

function boxOf(element: LayoutElement): { x: number; y: number; width: number; height: number } | undefined {
  if (element.kind === 'qr') return { ...element, width: element.size, height: element.size }
  return element.kind === 'picture' ? element : undefined
}

describe('formatLicenceNumber', () => {
  const numberOf = (name: string) => formatLicenceNumber(listTemplates().find((d) => d.name.zh === name)!, place)

  it('follows each type’s own rule', () => {
    expect(numberOf('食品经营许可证')).toMatch(/^JY1330199000123\d$/)
    expect(numberOf('建筑工程施工许可证')).toBe('330199202611210123')
    expect(numberOf('结婚证')).toBe('J330199-2026-000123')
    expect(numberOf('道路运输经营许可证')).toBe('交运管许可云汀字330199000123号')
    expect(numberOf('不动产权证书')).toBe('浙（2026）云汀市不动产权第0000123号')
    expect(numberOf('营业执照')).toMatch(/^3301992026000123\d$/)
  })

  it('ends in a check digit by ISO 7064 MOD 11,10 where the rule has one', () => {
    const definition = {
      number: { parts: [{ text: '0794' }, { checkDigit: true }], restarts: 'never' },
    } as unknown as LicenceDefinition
    expect(formatLicenceNumber(definition, place)).toBe('07945')
  })

  it('refuses a count that has outgrown its digits', () => {
    const definition = listTemplates().find((d) => d.name.zh === '建筑工程施工许可证')!
    throwsWithCode(() => formatLicenceNumber(definition, { ...place, sequence: 10_000 }), 'NUMBER_EXHAUSTED')
  })
})

describe('compileTemplate', () => {
  const base = listTemplates()[0]!
  const withElement = (element: LayoutElement): LicenceDefinition => ({
    ...base,
    layout: { pages: [{ width: 100, height: 100, elements: [element] }], seal: { page: 0, x: 50, y: 50 } },
  })
  const style = { face: 'serif-regular', size: 10 } as const

  it.each([
    ['a value that is not there', { kind: 'text', text: '{fields.nobody}', x: 0, y: 0, width: 10, style }],
    ['a value without a width', { kind: 'text', text: '{fields.name}', x: 0, y: 0, style }],
    [
      'rows that may outgrow their place',
      {
        ...{ kind: 'rows', x: 0, y: 0, width: 50, height: 8, labelWidth: 10, gap: 6, labelStyle: style, style },
        rows: [{ label: '一', text: '{fields.name}', fit: { lines: 3, minSize: 5 } }],
      },
    ],
    [
      'a column that is not there',
      {
        ...{
          kind: 'table',
          field: 'name',
          x: 0,
          y: 0,
          height: 50,
          rowHeight: 5,
          headingStyle: style,
          style,
          minSize: 5,
        },
        line: { width: 1, colour: [0, 0, 0] },
        columns: [{ column: 'x', title: 'x', width: 5 }],
      },
    ],
  ] as [string, LayoutElement][])('refuses a definition with %s', (_, element) => {
    throwsWithCode(() => compileTemplate(withElement(element), fonts), 'TEMPLATE_DEFINITION_INVALID')
  })

  it.each(['{constructor}', '{toString}', '{issuedOn|constructor}', '{__proto__}'])(
    'refuses the text %s, which names no value of a licence',
    (text) => {
      const element: LayoutElement = { kind: 'text', text, x: 0, y: 0, style }
      throwsWithCode(() => compileTemplate(withElement(element), fonts), 'TEMPLATE_DEFINITION_INVALID')
    },
  )

  it('refuses a label no face can set', () => {
    throwsWithCode(
      () => compileTemplate(withElement({ kind: 'text', text: '\u{1f600}', x: 0, y: 0, style }), fonts),
      'GLYPH_MISSING',
    )
  })
})
