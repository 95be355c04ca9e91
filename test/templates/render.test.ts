import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { QrEncoder } from '../../templates/draw/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  exampleInput,
  type FontSet,
  findTemplate,
  listTemplates,
  openFonts,
  renderLicence,
  renderPreview,
} from '../../templates/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { isMissing, readQrCodes, run } from '../support/tools.ts'
import { issuer, madeUpLicence, statementText } from './made-up-licence.ts'
import { type GreyPage, pagesAsGrey, textOf } from './rasterise.ts'

const business = '11100000MB0143028R001'
let fonts: FontSet
let compiled: CompiledTemplate
beforeAll(async () => {
  fonts = await openFonts()
  compiled = compileTemplate(findTemplate(business)!, fonts)
})

const ascii = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
function checkWithQpdf(pdf: Uint8Array): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-qpdf-'))
  try {
    writeFileSync(join(folder, 'in.pdf'), pdf)
    return run('qpdf', ['--check', join(folder, 'in.pdf')])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const squeeze = (text: string) => text.replace(/\s/g, '')
/** Cuts the symbol out with its quiet zone and lets zbar read it. */
function readQr(page: GreyPage, place: { x: number; y: number; size: number }, dpi: number): string {
  const pixel = (mm: number) => Math.round((mm * dpi) / 25.4)
  const quiet = pixel(4)
  const [left, top, side] = [pixel(place.x) - quiet, pixel(place.y) - quiet, pixel(place.size) + 2 * quiet]
  const rows = Array.from({ length: side }, (_, i) => {
    const from = (top + i) * page.width + left
    return page.pixels.subarray(from, from + side)
  })
  return readQrCodes('pgm:-', Buffer.concat([Buffer.from(`P5\n${side} ${side}\n255\n`), ...rows])).join('\n')
}

const longScope = (length: number) => '软件开发与信息系统集成服务；数据处理；'.repeat(300).slice(0, length)

describe('renderLicence', () => {
  it('gives the same bytes for the same input, also after another licence and in a template compiled anew', () => {
    const input = madeUpLicence(compiled)
    const first = renderLicence(compiled, input).pdf
    renderLicence(compiled, madeUpLicence(compiled, { name: '澜沧江畔翡翠轩𠮷庆号', scope: longScope(2500) }))
    renderPreview(compiled, { data: input.data, pictures: input.pictures, createdAt: input.createdAt })
    expect(renderLicence(compiled, input).pdf).toEqual(first)
    const anew = compileTemplate(findTemplate(business)!, fonts)
    expect(Buffer.compare(renderLicence(anew, input).pdf, first)).toBe(0)
  })

  it('gives bytes that later licences do not change', () => {
    const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
    const digest = createHash('sha256').update(pdf).digest('hex')
    renderLicence(compiled, madeUpLicence(compiled, { name: '另一家公司' }))
    expect(createHash('sha256').update(pdf).digest('hex')).toBe(digest)
  })

  it('embeds the licence data and the statement as associated files with their parameters', () => {
    const input = madeUpLicence(compiled)
    const pdf = ascii(renderLicence(compiled, input).pdf)
    expect(pdf).toContain(ascii(input.licenceJson))
    expect(pdf).toContain(`stream\n${statementText}\nendstream`)
    expect(pdf).toMatch(/\/AF\[\d+ 0 R \d+ 0 R\]/)
    expect(pdf).toMatch(/\/F\(licence\.json\)\/UF\(licence\.json\).*\/AFRelationship\/Data/)
    expect(pdf).toMatch(/\/F\(statement\.txt\)\/UF\(statement\.txt\).*\/AFRelationship\/Supplement/)
    const md5 = createHash('md5').update(input.licenceJson).digest('hex').toUpperCase()
    expect(pdf).toContain(
      `/Subtype/application#2Fjson/Params<</Size ${input.licenceJson.length}/CreationDate(D:20261121100000+08'00')` +
        `/ModDate(D:20261121100000+08'00')/CheckSum<${md5}>>>`,
    )
  })

  it('derives both file identifiers from the data digest', () => {
    const input = madeUpLicence(compiled)
    const id = Buffer.from(input.dataDigest.subarray(0, 16)).toString('hex').toUpperCase()
    expect(ascii(renderLicence(compiled, input).pdf)).toContain(`/ID[<${id}><${id}>]`)
  })

  it('ends in a classic cross-reference table whose every entry leads to its object', () => {
    const pdf = ascii(renderLicence(compiled, madeUpLicence(compiled, { scope: longScope(3900) })).pdf)
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)![1])
    const table = pdf.slice(start)
    const size = Number(/^xref\n0 (\d+)\n/.exec(table)![1])
    const entries = [...table.matchAll(/(\d{10}) (\d{5}) ([nf]) \n/g)]
    expect(entries).toHaveLength(size)
    for (const [number, [, offset, , kind]] of entries.entries()) {
      if (kind === 'n') expect(pdf.slice(Number(offset))).toMatch(new RegExp(`^${number} 0 obj\n`))
    }
  })

  it('says where the seal belongs', () => {
    const { seal } = compiled.definition.layout
    const { sealCentre } = renderLicence(compiled, madeUpLicence(compiled))
    expect(sealCentre.page).toBe(0)
    expect(sealCentre.x).toBeCloseTo((seal.x * 72) / 25.4, 3)
    expect(sealCentre.y).toBeCloseTo(((210 - seal.y) * 72) / 25.4, 3)
  })

  it('refuses a character without a glyph by name instead of drawing an empty box', () => {
    const input = madeUpLicence(compiled)
    const data = { ...input.data, issuer: { ...issuer, name: '云汀\u{30000}市' } }
    expect(() => renderLicence(compiled, { ...input, data })).toThrow(/\u{30000} \(U\+30000\)/u)
    throwsWithCode(() => renderLicence(compiled, { ...input, data }), 'GLYPH_MISSING')
  })

  it('refuses an issuer’s name that cannot be made to fit', () => {
    const input = madeUpLicence(compiled)
    const data = { ...input.data, issuer: { ...issuer, name: '云汀市'.repeat(60) } }
    throwsWithCode(() => renderLicence(compiled, { ...input, data }), 'TEXT_DOES_NOT_FIT')
    expect(renderLicence(compiled, input).pageCount).toBe(1)
  })

  it('refuses a statement longer than its QR may be, and a picture that was not given', () => {
    throwsWithCode(
      () => renderLicence(compiled, { ...madeUpLicence(compiled), statementText: 'A'.repeat(529) }),
      'QR_TEXT_TOO_LONG',
    )
    const marriage = compileTemplate(listTemplates().find((d) => d.examplePictures?.['photo'] !== undefined)!, fonts)
    const input = madeUpLicence(marriage)
    throwsWithCode(() => renderLicence(marriage, { ...input, pictures: new Map() }), 'PICTURE_MISSING')
    const spoiled = new Map([...input.pictures].map(([digest, bytes]) => [digest, bytes.slice(0, 40)]))
    throwsWithCode(() => renderLicence(marriage, { ...input, pictures: spoiled }), 'PICTURE_INVALID')
  })

  it('shrinks a long scope of business, then continues it on further pages without losing a character', () => {
    expect(renderLicence(compiled, madeUpLicence(compiled, { scope: longScope(500) })).pageCount).toBe(1)
    const scope = Array.from({ length: 3990 }, (_, i) => String.fromCodePoint(0x4e00 + (i % 1500))).join('')
    const { pdf, pageCount } = renderLicence(compiled, madeUpLicence(compiled, { scope }))
    expect(pageCount).toBe(5)
    if (isMissing('pdftotext')) return
    const drawn = new Map<string, number>()
    for (const character of squeeze(textOf(pdf))) drawn.set(character, (drawn.get(character) ?? 0) + 1)
    for (const character of new Set(scope)) expect(drawn.get(character) ?? 0).toBeGreaterThanOrEqual(2)
  })
})

describe.skipIf(isMissing('pdftotext', 'qpdf'))('pages under other people’s tools', () => {
  it.each(listTemplates().map((d) => [d.name.zh, d] as const))(
    'keep %s’s text and structure whole',
    (_, definition) => {
      const template = compileTemplate(definition, fonts)
      const input = madeUpLicence(template)
      const { pdf } = renderLicence(template, input)
      const { status, output } = checkWithQpdf(pdf)
      expect(output).toContain('No syntax or stream encoding errors found')
      expect(status).toBe(0)
      const text = squeeze(textOf(pdf))
      expect(text).toContain(squeeze(input.data.number))
      expect(text).toContain(issuer.name)
      for (const field of definition.fields) {
        const value = input.data.fields[field.name]
        const isPrinted = JSON.stringify(definition.layout).includes(`{fields.${field.name}}`)
        if (typeof value === 'string' && isPrinted && field.type === 'text' && value.length < 14)
          expect(text).toContain(squeeze(value))
      }
    },
  )

  it('set plane-2 characters in the fallback face and keep them as text', () => {
    const input = madeUpLicence(compiled, { legalRepresentative: '𠮷田𪚥' })
    const { pdf } = renderLicence(compiled, input)
    expect(squeeze(textOf(pdf))).toContain('𠮷田𪚥')
    expect(checkWithQpdf(pdf).status).toBe(0)
    expect(ascii(renderLicence(compiled, madeUpLicence(compiled)).pdf)).not.toContain('ZhengyinPlane2')
  })
})

describe.skipIf(isMissing('zbarimg', 'pdftoppm'))('the QR on the page', () => {
  it.each(listTemplates().map((d) => [d.name.zh, d] as const))('of %s is read at 150 dpi', (_, definition) => {
    const template = compileTemplate(definition, fonts)
    const pages = pagesAsGrey(renderLicence(template, madeUpLicence(template)).pdf, 150)
    const read = definition.layout.pages.flatMap(({ elements }, page) =>
      elements.flatMap((element) => (element.kind === 'qr' ? [readQr(pages[page]!, element, 150)] : [])),
    )
    expect(read).toEqual([statementText])
  })

  it('is drawn module for module', () => {
    const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
    const { size, modules } = new QrEncoder().encode(statementText)
    const drawn = new Uint8Array(size * size)
    for (const [, x, y, length] of ascii(pdf).matchAll(/(\d+) (\d+) (\d+) 1 re\n/g)) {
      for (let i = 0; i < Number(length); i++) drawn[(size - 1 - Number(y)) * size + Number(x) + i] = 1
    }
    expect(drawn).toEqual(modules)
  })
})

describe('renderPreview', () => {
  it('shows the same page as a specimen, without QR, statement or embedded data', () => {
    const input = madeUpLicence(compiled)
    const { pdf, pageCount } = renderPreview(compiled, {
      data: input.data,
      pictures: input.pictures,
      createdAt: input.createdAt,
    })
    const text = ascii(pdf)
    expect(pageCount).toBe(1)
    expect(text).not.toContain('EmbeddedFile')
    expect(text).not.toContain('HTTPS://')
    expect(text).not.toMatch(/ 1 re\n/)
    const streams = [...text.matchAll(/\/FlateDecode\/Length (\d+) *>>stream\n/g)].map((match) => {
      const from = match.index + match[0].length
      return inflateSync(pdf.subarray(from, from + Number(match[1]))).toString('latin1')
    })
    expect(streams.some((stream) => stream.includes('/GM gs'))).toBe(true)
  })

  it('shows a number of the right form when there is none yet', () => {
    if (isMissing('pdftotext')) return
    const { data, pictures, createdAt } = madeUpLicence(compiled)
    const { pdf } = renderPreview(compiled, { data: { ...data, number: '' }, pictures, createdAt })
    expect(textOf(pdf)).toMatch(/3301992026000000\d/)
  })
})

describe('exampleInput', () => {
  it.each(listTemplates().map((d) => [d.name.zh, d] as const))(
    'of %s is a licence that can be drawn',
    (_, definition) => {
      const template = compileTemplate(definition, fonts)
      const input = madeUpLicence(template)
      expect(input.data.holders.length).toBeGreaterThan(0)
      for (const { name, code } of input.data.holders) expect([name, code]).not.toContain('')
      expect(renderLicence(template, input).pageCount).toBe(definition.layout.pages.length)
      expect(JSON.parse(JSON.stringify(exampleInput(definition)))).toEqual(exampleInput(definition))
    },
  )
})
