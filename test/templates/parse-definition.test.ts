import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  compileTemplate,
  type FontSet,
  type LicenceDefinition,
  listTemplates,
  openFonts,
  parseDefinition,
  renderLicence,
  TemplateError,
  validateLicenceData,
} from '../../templates/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { madeUpLicence, today } from './made-up-licence.ts'

// biome-ignore lint/suspicious/noExplicitAny: broken on purpose, member by member
type Loose = any

const copyOf = (definition: LicenceDefinition): Loose => JSON.parse(JSON.stringify(definition))
const [base] = listTemplates() as [LicenceDefinition]

function faultsOf(json: unknown): string[] {
  try {
    parseDefinition(json)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    expect(error.code).toBe('TEMPLATE_DEFINITION_INVALID')
    return error.faults!.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  return []
}
const broken = (change: (definition: Loose) => void): string[] => {
  const definition = copyOf(base)
  change(definition)
  return faultsOf(definition)
}

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

describe('a definition as JSON', () => {
  it.each(listTemplates().map((definition) => [definition.name.zh, definition] as const))(
    'of %s comes back as it went out, and draws the same bytes',
    (_, definition) => {
      const parsed = parseDefinition(copyOf(definition))
      expect(parsed).toEqual(copyOf(definition))
      const compiled = compileTemplate(definition, fonts)
      const input = madeUpLicence(compiled)
      const before = Buffer.from(renderLicence(compiled, input).pdf)
      expect(Buffer.from(renderLicence(compileTemplate(parsed, fonts), input).pdf).equals(before)).toBe(true)
    },
  )
})

describe('parseDefinition', () => {
  it('names every fault by its pointer', () => {
    expect(
      broken((d) => {
        d.fields[0].surprise = true
        delete d.fields[1].label
        d.name.zh = 7
        d.layout.pages[0].elements[0].kind = 'hologram'
        d.layout.pages[0].width = -3
      }).sort(),
    ).toEqual([
      '/fields/0/surprise MEMBER_UNKNOWN',
      '/fields/1/label MEMBER_MISSING',
      '/layout/pages/0/elements/0/kind NOT_ONE_OF',
      '/layout/pages/0/width OUT_OF_RANGE',
      '/name/zh OF_WRONG_KIND',
    ])
  })

  it('holds names against what they name: fields, columns, groups, pages, values in texts', () => {
    const faults = broken((d) => {
      d.fields.push({ ...d.fields[0] })
      d.groups[0].fields.push('nowhere')
      d.layout.seal.page = 30
      const place = { kind: 'text', x: 10, y: 10, width: 20, style: { face: 'sans-regular', size: 8 } }
      d.layout.pages[0].elements.unshift({
        ...place,
        text: '{fields.nowhere}',
        when: { field: 'nobody', filled: true },
      })
      d.layout.pages[0].elements.push({
        kind: 'picture',
        field: 'nowhere',
        x: 1,
        y: 1,
        width: 5,
        height: 5,
        fit: 'cover',
      })
      d.example.nowhere = 'x'
    })
    const last = copyOf(base).layout.pages[0].elements.length + 1
    for (const fault of [
      `/fields/${base.fields.length}/name NAMED_TWICE`,
      `/groups/0/fields/${base.groups[0]!.fields.length} NOT_THERE`,
      '/layout/seal/page OUT_OF_RANGE',
      '/layout/pages/0/elements/0/text NOT_THERE',
      '/layout/pages/0/elements/0/when/field NOT_THERE',
      `/layout/pages/0/elements/${last}/field NOT_THERE`,
      '/example/nowhere NOT_THERE',
    ])
      expect(faults).toContain(fault)
  })

  it('keeps the rules of a licence: holders, one QR of 25 mm, numbers that do not repeat, nothing off the page', () => {
    expect(
      broken((d) => void (d.fields = d.fields.map((f: Loose) => ({ ...f, role: undefined })))).length,
    ).toBeGreaterThan(0)
    const qrs = (d: Loose) => d.layout.pages[0].elements.filter((e: Loose) => e.kind === 'qr')
    expect(broken((d) => void (qrs(d)[0].size = 20)).join()).toContain('/size OUT_OF_RANGE')
    expect(broken((d) => void d.layout.pages[0].elements.push({ ...qrs(d)[0] }))).toContain('/layout/pages RULE_BROKEN')
    expect(broken((d) => void (qrs(d)[0].x = 1100)).join()).toContain('OFF_THE_PAGE')
    expect(broken((d) => void (d.number = { parts: [{ area: true }], restarts: 'never' }))).toContain(
      '/number/parts RULE_BROKEN',
    )
    expect(broken((d) => void (d.number = { parts: [{ sequence: 6 }], restarts: 'yearly' }))).toContain(
      '/number/restarts RULE_BROKEN',
    )
    const person = listTemplates().find(({ fields }) => fields.some(({ type }) => type === 'identity-number'))!
    const shown = copyOf(person)
    const at = person.fields.findIndex(({ type }) => type === 'identity-number')
    shown.fields[at].disclosure = 'public'
    expect(faultsOf(shown)).toEqual([`/fields/${at}/disclosure RULE_BROKEN`])
  })

  it('refuses what is huge, deep, endless or crooked, in little time', () => {
    const element = { kind: 'box', x: 1, y: 1, width: 1, height: 1 }
    const deep: Loose = {}
    let at = deep
    for (let i = 0; i < 5000; i++) at = at.example = {}
    const hostile: Loose[] = [
      null,
      [],
      'x',
      7,
      {},
      deep,
      { ...copyOf(base), example: deep },
      { ...copyOf(base), example: JSON.parse('{"__proto__": "x"}') },
      { ...copyOf(base), name: { zh: 'a\u0000b', en: 'x' } },
      { ...copyOf(base), name: { zh: '\ud800', en: 'x' } },
      { ...copyOf(base), name: { zh: '\u202etxt', en: 'x' } },
      { ...copyOf(base), typeCode: '../../etc/passwd' },
    ]
    const many = copyOf(base)
    many.layout.pages[0].elements = Array(100_000).fill(element)
    const spread = copyOf(base)
    spread.layout.pages = Array.from({ length: 40 }, () => ({
      width: 210,
      height: 297,
      elements: Array(1999).fill(element),
    }))
    const ornate = copyOf(base)
    const rosette = {
      kind: 'rosette',
      x: 50,
      y: 50,
      radius: 40,
      petals: 200,
      turns: 60,
      strands: 12,
      hollow: 0,
      width: 1,
      colour: [0, 0, 0],
    }
    ornate.layout.pages[0].elements.push(...Array(500).fill(rosette))
    const faulty = copyOf(base)
    faulty.fields = Array(200).fill({ wrong: 1 })
    const began = performance.now()
    for (const json of [...hostile, many, spread, ornate, faulty]) {
      const faults = faultsOf(json)
      expect(faults.length).toBeGreaterThan(0)
      expect(faults.length).toBeLessThanOrEqual(100)
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e300, '12', null])
      expect(broken((d) => void (d.layout.pages[0].width = value))).toEqual([
        expect.stringMatching('^/layout/pages/0/width '),
      ])
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('never throws anything but its refusal, whatever is put in the place of any value', () => {
    const paths: (string | number)[][] = []
    const walk = (value: unknown, path: (string | number)[]) => {
      paths.push(path)
      if (typeof value === 'object' && value !== null)
        for (const key of Object.keys(value))
          walk((value as Loose)[key], [...path, Array.isArray(value) ? Number(key) : key])
    }
    walk(copyOf(base), [])
    fc.assert(
      fc.property(fc.constantFrom(...paths.slice(1)), fc.jsonValue(), (path, value) => {
        const definition = copyOf(base)
        const parent = path.slice(0, -1).reduce((at: Loose, key) => at[key], definition)
        parent[path.at(-1)!] = value
        const faults = faultsOf(definition)
        if (faults.length > 0) return
        try {
          compileTemplate(parseDefinition(definition), fonts)
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('an element under a condition', () => {
  const style = { face: 'sans-regular', size: 8 } as const
  const holder = base.fields.find(({ role }) => role === 'holder-name')!
  const withElements = (...elements: Loose[]): LicenceDefinition => {
    const definition = copyOf(base)
    definition.layout.pages[0].elements.push(...elements)
    return parseDefinition(definition)
  }
  const sizeOf = (definition: LicenceDefinition, fields: Record<string, unknown> = {}) => {
    const compiled = compileTemplate(definition, fonts)
    const drawn = renderLicence(compiled, madeUpLicence(compiled, fields)).pdf
    return Buffer.from(drawn)
  }

  it('is drawn where the condition holds and leaves the rest of the page byte for byte where it does not', () => {
    const text = { kind: 'text', text: '附条件文字', x: 30, y: 30, style }
    const line = { kind: 'line', from: [30, 31], to: [60, 31], width: 0.3, colour: [1, 0, 0] }
    const hidden = { field: holder.name, filled: false }
    const shown = { field: holder.name, filled: true }
    const never = sizeOf(withElements({ ...text, when: hidden }, { ...line, when: hidden }))
    const always = sizeOf(withElements({ ...text, when: shown }, { ...line, when: shown }))
    expect(always.length).toBeGreaterThan(never.length)
    const other = { ...line, from: [10, 10], when: hidden }
    expect(sizeOf(withElements({ ...text, when: hidden }, other)).equals(never)).toBe(true)
  })

  it('follows the value of a field', () => {
    const text = { kind: 'text', text: '仅此名称', x: 30, y: 30, style }
    const name = String(base.example[holder.name])
    const definition = withElements({ ...text, when: { field: holder.name, oneOf: [name] } })
    const own = sizeOf(definition)
    const other = sizeOf(withElements({ ...text, when: { field: holder.name, oneOf: ['别的名称'] } }))
    expect(own.length).toBeGreaterThan(other.length)
  })

  it('is not measured where it is not drawn', () => {
    const tight = {
      kind: 'text',
      text: `{fields.${holder.name}}`,
      x: 30,
      y: 30,
      width: 3,
      style,
      fit: { lines: 1, minSize: 8 },
    }
    const fits = (when: unknown) =>
      validateLicenceData(compileTemplate(withElements({ ...tight, when }), fonts), base.example, { today }).ok
    expect(fits({ field: holder.name, filled: true })).toBe(false)
    expect(fits({ field: holder.name, filled: false })).toBe(true)
  })

  it('may not name what is no value', () => {
    throwsWithCode(
      () => withElements({ kind: 'text', text: 'x', x: 1, y: 1, style, when: { field: holder.name } }),
      'TEMPLATE_DEFINITION_INVALID',
    )
  })
})

describe('the texts of a layout', () => {
  const place = { kind: 'text', x: 10, y: 10, width: 20, style: { face: 'sans-regular', size: 8 } }
  const withTexts = (text: string, count: number) =>
    broken((d) => {
      d.fields.push({
        ...d.fields.find(({ type }: { type: string }) => type === 'long-text'),
        name: 'story',
        maxLength: 20_000,
      })
      d.groups[0].fields.push('story')
      for (let i = 0; i < count; i++) d.layout.pages[0].elements.push({ ...place, text })
    })

  it.each(['constructor', 'valueOf', '__proto__', 'hasOwnProperty', 'issuedOn|toString', 'fields.constructor'])(
    'name no value by what every object has: {%s}',
    (name) => {
      expect(withTexts(`{${name}}`, 1)).toEqual([
        `/layout/pages/0/elements/${base.layout.pages[0]!.elements.length}/text NOT_THERE`,
      ])
    },
  )

  it('may not become longer, with the longest values of their fields, than can be measured in a moment', () => {
    expect(withTexts('{fields.story}', 20)).toEqual([])
    expect(withTexts('{fields.story}', 26)).toEqual(['/layout/pages RULE_BROKEN'])
    expect(withTexts('{fields.story}'.repeat(26), 1)).toEqual(['/layout/pages RULE_BROKEN'])
    expect(withTexts('云'.repeat(2_000), 250)).toEqual(['/layout/pages RULE_BROKEN'])
  })

  it('stand beside a few tables, since each is drawn by itself', () => {
    const table = listTemplates().flatMap(({ layout, fields }) =>
      layout.pages.flatMap(({ elements }) =>
        elements.flatMap((element) =>
          element.kind === 'table' ? [{ element, field: fields.find(({ name }) => name === element.field)! }] : [],
        ),
      ),
    )[0]!
    const withTables = (count: number) =>
      broken((d) => {
        d.fields.push(table.field)
        d.groups[0].fields.push(table.field.name)
        const { continues: _, ...element } = table.element
        for (let i = 0; i < count; i++) d.layout.pages[0].elements.push({ ...element, x: 10, y: 10 })
      })
    expect(withTables(20).filter((fault) => fault.endsWith('TOO_MANY'))).toEqual([])
    expect(withTables(21)).toContain('/layout/pages TOO_MANY')
  })
})
