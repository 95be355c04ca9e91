// A printed sheet that is no licence: headings, rows of label and value, notes, over as many A4 pages as it takes.
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import type { FontSet } from '../fonts/index.ts'
import { ByteWriter } from '../pdf/byte-writer.ts'
import { allotFont, fixedFontParts, writeFontDictionaries, writeFontOfLicence } from '../pdf/font-objects.ts'
import { hexString, ObjectWriter } from '../pdf/object-writer.ts'
import { srgbProfile } from '../pdf/srgb-profile.ts'
import { type CompiledStyle, Press } from './press.ts'
import { TypeCase } from './type-case.ts'
import { fillColour, numeral } from './units.ts'

/** Red, green, blue from 0 to 1. */
export type SheetColour = readonly [number, number, number]

export type SheetBlock =
  /** A bar in a colour with a large word and sentences in it. */
  | { readonly kind: 'banner'; readonly colour: SheetColour; readonly word: string; readonly lines: readonly string[] }
  | { readonly kind: 'title' | 'heading' | 'text' | 'note'; readonly text: string }
  /** Label on the left, values below each other on the right, with a short mark before them. */
  | {
      readonly kind: 'row'
      readonly label: readonly string[]
      readonly values: readonly string[]
      readonly mark: string
      readonly colour: SheetColour
    }

export interface Sheet {
  /** Shown by readers as the window's title; plain words. */
  readonly title: string
  /** At the foot of every page, before its number. */
  readonly footer: string
  readonly blocks: readonly SheetBlock[]
}

const [pageWidth, pageHeight] = [595.28, 841.89]
const margin = 51
const width = pageWidth - 2 * margin
const labelWidth = 0.34 * width
const markWidth = 14
const gap = 8
const [top, bottom] = [pageHeight - margin, margin + 18]
const black: SheetColour = [0.09, 0.1, 0.11]
const grey: SheetColour = [0.35, 0.39, 0.45]
const white: SheetColour = [1, 1, 1]
const leadingOf = (size: number) => 1.45 * size

/**
 * Draws a sheet as PDF/A-2b (ISO 19005-2) with its fonts embedded, in black and the colours given. Characters that no face has are written
 * as their code point, `[U+1F600]`; a text too long for its page goes on on the next. Same input, same bytes.
 *
 * @throws TemplateError DOCUMENT_TOO_LARGE
 */
export function drawSheet(sheet: Sheet, fonts: FontSet): Uint8Array {
  return new SheetSetter(fonts, sheet.footer).set(sheet)
}

/** Sets one sheet, from the top of the first page on. */
class SheetSetter {
  readonly #fonts: FontSet
  readonly #footer: string
  readonly #objects = new ObjectWriter(new ByteWriter(64 * 1024))
  readonly #press = new Press(this.#objects.writer)
  readonly #fallback: () => TypeCase
  readonly #regular: TypeCase
  readonly #bold: TypeCase
  #fallbackCase: TypeCase | undefined
  readonly #pages: number[] = []
  readonly #numbers: { readonly catalog: number; readonly pages: number; readonly resources: number }
  #endPage: (() => void) | undefined
  #y = 0

  constructor(fonts: FontSet, footer: string) {
    this.#fonts = fonts
    this.#footer = footer
    this.#fallback = () => (this.#fallbackCase ??= new TypeCase(fonts.fallback(), 'FB', []))
    this.#regular = new TypeCase(fonts.faces['sans-regular'], 'F1', [], this.#fallback)
    this.#bold = new TypeCase(fonts.faces['sans-bold'], 'F2', [], this.#fallback)
    const objects = this.#objects
    // Four bytes above 127 tell transports that the file is binary (ISO 19005-2 §6.1.2).
    objects.writer.text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')
    this.#numbers = { catalog: objects.allot(), pages: objects.allot(), resources: objects.allot() }
  }

  set({ title, blocks }: Sheet): Uint8Array {
    this.#openPage()
    for (const block of blocks) this.#block(block)
    this.#closePage()
    return this.#finish(title)
  }

  #block(block: SheetBlock): void {
    switch (block.kind) {
      case 'banner':
        this.#banner(block)
        break
      case 'row':
        this.#row(block)
        break
      case 'heading':
        this.#heading(block.text)
        break
      case 'title':
        this.#text(block.text, this.#style(this.#bold, 16, black), 6)
        break
      case 'text':
        this.#text(block.text, this.#style(this.#regular, 10, black), 5)
        break
      case 'note':
        this.#text(block.text, this.#style(this.#regular, 8, grey), 3)
    }
  }

  #style(typeCase: TypeCase, size: number, colour: SheetColour): CompiledStyle {
    return { typeCase, size, spacing: 0, colour: fillColour(colour) }
  }

  #heading(text: string): void {
    // A heading is not left alone at the foot of a page.
    this.#need(64)
    this.#y -= 10
    this.#text(text, this.#style(this.#bold, 11.5, black), 3)
  }

  #text(text: string, style: CompiledStyle, after: number): void {
    const count = this.#load(text, style, width)
    for (let i = 0; i < count; i++) {
      this.#need(leadingOf(style.size))
      this.#y -= leadingOf(style.size)
      this.#line(style, margin, this.#y + 0.3 * style.size, i)
    }
    this.#y -= after
  }

  #banner({ colour, word, lines }: Extract<SheetBlock, { kind: 'banner' }>): void {
    const wordStyle = this.#style(this.#bold, 18, white)
    const style = this.#style(this.#regular, 10, white)
    const inner = width - 24
    const counts = lines.map((line) => this.#load(line, style, inner))
    const wordCount = this.#load(word, wordStyle, inner)
    const height = 20 + wordCount * leadingOf(18) + counts.reduce((sum, count) => sum + count, 0) * leadingOf(10)
    this.#need(Math.min(height, top - bottom))
    this.#rectangle(colour, margin, this.#y - height, width, height)
    this.#y -= 10
    for (const [text, chosen] of [[word, wordStyle], ...lines.map((line) => [line, style] as const)] as const) {
      const count = this.#load(text, chosen, inner)
      for (let i = 0; i < count; i++) {
        this.#y -= leadingOf(chosen.size)
        this.#line(chosen, margin + 12, this.#y + 0.3 * chosen.size, i)
      }
    }
    this.#y -= 16
  }

  /** Label and values side by side; each line of either may fall onto the next page, both together. */
  #row({ label, values, mark, colour }: Extract<SheetBlock, { kind: 'row' }>): void {
    const labelStyles = [this.#style(this.#bold, 9, black), this.#style(this.#regular, 8, grey)]
    const valueStyles = [this.#style(this.#regular, 9, black), this.#style(this.#regular, 8.5, grey)]
    const valueX = margin + labelWidth + gap
    const left = label.flatMap((text, i) => this.#lines(text, labelStyles[Math.min(i, 1)]!, margin, labelWidth))
    const right = values.flatMap((text, i) =>
      this.#lines(text, valueStyles[Math.min(i, 1)]!, valueX + markWidth, width - labelWidth - gap - markWidth),
    )
    const leading = leadingOf(9)
    this.#need(leading * Math.min(3, Math.max(left.length, right.length)) + 4)
    this.#rectangle([0.8, 0.82, 0.85], margin, this.#y - 1.5, width, 0.5)
    this.#y -= 2
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      this.#need(leading)
      this.#y -= leading
      if (i === 0 && mark !== '') this.#single(mark, this.#style(this.#bold, 9, colour), valueX, this.#y + 2.7)
      for (const one of [left[i], right[i]]) if (one) this.#single(one.text, one.style, one.x, this.#y + 2.7)
    }
    this.#y -= 3
  }

  /** A text as the lines it takes in a width. */
  #lines(text: string, style: CompiledStyle, x: number, room: number) {
    const count = this.#load(text, style, room)
    const { breaker } = this.#press
    return Array.from({ length: count }, (_, i) => {
      const points = breaker.points.subarray(breaker.lineStarts[i]!, breaker.lineEnds[i]!)
      let line = ''
      for (const point of points) line += String.fromCodePoint(point)
      return { text: line, style, x }
    })
  }

  #single(text: string, style: CompiledStyle, x: number, y: number): void {
    if (this.#load(text, style, Number.MAX_SAFE_INTEGER) > 0) this.#line(style, x, y, 0)
  }

  #load(text: string, style: CompiledStyle, room: number): number {
    this.#press.load(this.#legible(text, style), style, '')
    return this.#press.breaker.break(0, room, style.size, style.spacing)
  }

  #line(style: CompiledStyle, x: number, y: number, line: number): void {
    const { breaker } = this.#press
    this.#press.line(style, style.size, style.spacing, x, y, breaker.lineStarts[line]!, breaker.lineEnds[line]!)
  }

  #legible(text: string, { typeCase }: CompiledStyle): string {
    const name = typeCase === this.#bold ? 'sans-bold' : 'sans-regular'
    const clean = text.toWellFormed().replace(/\p{Cc}/gu, ' ')
    const missing = new Set(this.#fonts.missingGlyphs(clean, name))
    if (missing.size === 0) return clean
    const named = (character: string) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`
    return [...clean].map((character) => (missing.has(character) ? named(character) : character)).join('')
  }

  #rectangle(colour: SheetColour, x: number, y: number, w: number, h: number): void {
    this.#objects.writer.text(`${fillColour(colour)}${[x, y, w, h].map(numeral).join(' ')} re f\n`)
    this.#press.forgetState()
  }

  #need(height: number): void {
    if (this.#y - height >= bottom) return
    this.#closePage()
    this.#openPage()
  }

  #openPage(): void {
    const objects = this.#objects
    const [content, page] = [objects.allot(), objects.allot()]
    objects.object(
      page,
      `<</Type/Page/Parent ${this.#numbers.pages} 0 R/MediaBox[0 0 ${numeral(pageWidth)} ${numeral(pageHeight)}]` +
        `/Resources ${this.#numbers.resources} 0 R/Contents ${content} 0 R>>`,
    )
    this.#pages.push(page)
    this.#endPage = objects.openStream(content, '')
    this.#press.forgetState()
    this.#y = top
  }

  #closePage(): void {
    const style = this.#style(this.#regular, 8, grey)
    const count = this.#pages.length
    this.#single(`${this.#footer} · 第 ${count} 页 Page ${count}`, style, margin, margin - 8)
    this.#endPage?.()
  }

  #finish(title: string): Uint8Array {
    const objects = this.#objects
    const { catalog, pages, resources } = this.#numbers
    const cases = [this.#regular, this.#bold, ...(this.#fallbackCase ? [this.#fallbackCase] : [])]
    let fontEntries = ''
    for (const typeCase of cases.filter(({ ownCount }) => ownCount > 0)) {
      const font = allotFont(objects, typeCase)
      writeFontDictionaries(objects, font)
      writeFontOfLicence(objects, font, fixedFontParts(typeCase))
      fontEntries += `/${typeCase.resource} ${font.type0} 0 R`
    }
    objects.object(resources, `<</Font<<${fontEntries}>>>>`)
    const kids = this.#pages.map((page) => `${page} 0 R`).join(' ')
    objects.object(pages, `<</Type/Pages/Kids[${kids}]/Count ${this.#pages.length}>>`)
    objects.object(
      catalog,
      `<</Type/Catalog/Pages ${pages} 0 R/Lang(zh-CN)/ViewerPreferences<</DisplayDocTitle true>>${archiveEntries(objects, title)}>>`,
    )
    const { writer } = objects
    const digest = createHash('sha256').update(writer.bytes.subarray(0, writer.position)).digest()
    const id = hexString(digest.subarray(0, 16))
    objects.finish(`/Root ${catalog} 0 R/ID[${id}${id}]`)
    return writer.bytes.slice(0, writer.position)
  }
}

/** Output intent and metadata (ISO 19005-2 §6.2.3, §6.6). */
function archiveEntries(objects: ObjectWriter, title: string): string {
  const [profile, intent, metadata] = [objects.allot(), objects.allot(), objects.allot()]
  objects.stream(profile, '/N 3/Filter/FlateDecode', deflateSync(srgbProfile(), { level: 9 }))
  objects.object(
    intent,
    `<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)/Info(sRGB IEC61966-2.1)/DestOutputProfile ${profile} 0 R>>`,
  )
  const written = title.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
  const xmp =
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
    'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/">' +
    '<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance><dc:format>application/pdf</dc:format>' +
    `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${written}</rdf:li></rdf:Alt></dc:title>` +
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
  objects.stream(metadata, '/Type/Metadata/Subtype/XML', new TextEncoder().encode(xmp))
  return `/Metadata ${metadata} 0 R/OutputIntents[${intent} 0 R]`
}
