import { describe, expect, it } from 'vitest'
import { type CopyFacts, canonicalJson, dataDigest } from '../../licence-format/index.ts'
import {
  compileTemplate,
  exampleInput,
  findTemplate,
  listTemplates,
  openFonts,
  type RenderInput,
  renderLicence,
} from '../../templates/index.ts'
import { madeUpLicence } from './made-up-licence.ts'
import { pagesAsGrey, textOf } from './rasterise.ts'

const fonts = await openFonts()
const businessLicence = '11100000MB0143028R001'
const facts: CopyFacts = {
  copyId: 'AAECAwQFBgcICQoLDA0ODw',
  cause: '办理食品经营许可',
  recipient: '云汀市民政局',
  creator: '云汀市市场监督管理局',
  createdAt: '2026-11-21T10:00:00+08:00',
  expiresAt: '2026-12-21T10:00:00+08:00',
}

/** The licence as a copy that carries some of its fields. */
function copyOf(input: RenderInput, fields: readonly string[], copy: CopyFacts = facts): RenderInput {
  const chosen = Object.fromEntries(fields.map((name) => [name, input.data.fields[name] ?? null]))
  const data = { ...input.data, schema: 'zhengyin-copy-1' as const, fields: chosen, copy }
  const licenceJson = canonicalJson(data)
  return { ...input, data, licenceJson, dataDigest: dataDigest(licenceJson) }
}

describe('renderLicence of a copy', () => {
  const compiled = compileTemplate(findTemplate(businessLicence)!, fonts)
  const original = madeUpLicence(compiled)
  const all = compiled.definition.fields.map(({ name }) => name)

  it('gives the same bytes again, and leaves the words of the page as they are to whoever searches or copies them', () => {
    const copy = copyOf(original, all)
    const { pdf } = renderLicence(compiled, copy)
    expect(textOf(pdf)).toBe(textOf(renderLicence(compiled, original).pdf))
    renderLicence(compiled, original)
    expect(Buffer.compare(renderLicence(compiled, copy).pdf, pdf)).toBe(0)
  })

  it('prints *** for what it does not carry, and nothing of it anywhere in the file', () => {
    const whole = textOf(renderLicence(compiled, copyOf(original, all)).pdf)
    expect(whole).not.toContain('***')
    const part = textOf(renderLicence(compiled, copyOf(original, ['name'])).pdf)
    expect(part).toContain('***')
    const { address } = exampleInput(compiled.definition) as { address: string }
    expect(whole.replaceAll(/\s/g, '')).toContain(address.slice(0, 8))
    expect(part.replaceAll(/\s/g, '')).not.toContain(address.slice(0, 8))
  })

  it('refuses a purpose with a character that no face has', () => {
    const copy = copyOf(original, [], { ...facts, cause: '办理\u{1F980}' })
    expect(() => renderLicence(compiled, copy)).toThrow(expect.objectContaining({ code: 'GLYPH_MISSING' }))
    expect(renderLicence(compiled, original).pdf.length).toBeGreaterThan(1000)
  })

  it.each(listTemplates().map((definition) => [definition.name.zh, definition] as const))(
    'draws marks on every page of a copy of %s, with nothing and with everything in it',
    (_name, definition) => {
      const template = compileTemplate(definition, fonts)
      const licence = madeUpLicence(template)
      for (const fields of [[], definition.fields.map(({ name }) => name)]) {
        const long = { ...facts, cause: '用'.repeat(100) }
        const { pdf, pageCount } = renderLicence(template, copyOf(licence, fields, long))
        const marked = Buffer.from(pdf).toString('latin1').split('/CM gs').slice(1)
        expect(marked).toHaveLength(pageCount)
        expect(marked.every((page) => page.split('EMC')[0]!.split('/CM Do').length > 3)).toBe(true)
      }
    },
  )

  it('is seen all over the page, and darkens none of it so far that it could not be read', () => {
    const [page] = pagesAsGrey(renderLicence(compiled, original).pdf, 40)
    const [marked] = pagesAsGrey(renderLicence(compiled, copyOf(original, all)).pdf, 40)
    const quarters = new Set<string>()
    for (const [at, before] of page!.pixels.entries()) {
      const after = marked!.pixels[at]!
      if (before > 200) expect(after).toBeGreaterThan(120)
      const [x, y] = [at % page!.width, Math.floor(at / page!.width)]
      if (before - after > 15)
        quarters.add(`${Math.floor((4 * x) / page!.width)} ${Math.floor((4 * y) / page!.height)}`)
    }
    expect(quarters.size).toBe(16)
  })
})
