import type { LicenceDefinition } from './definition.ts'
import { compileCondition, compileText } from './draw/licence-text.ts'
import { drawBorder, drawRosette, drawWaves } from './draw/ornament.ts'
import { compilePicture, compileQr } from './draw/picture-element.ts'
import { type CompiledStyle, Press } from './draw/press.ts'
import { QrEncoder } from './draw/qr.ts'
import { drawBox, drawLine } from './draw/shapes.ts'
import { compileTable } from './draw/table.ts'
import { compileGrid, compileRows, compileTextElement } from './draw/text-elements.ts'
import { TypeCase } from './draw/type-case.ts'
import { fillColour, pointsPerMm } from './draw/units.ts'
import { across, type Drawer, type Overflow, type Workshop } from './draw/workshop.ts'
import { TemplateError } from './errors.ts'
import { fixedCharacters } from './fixed-characters.ts'
import type { FontSet } from './fonts/index.ts'
import type { FaceName, LayoutElement, PageLayout, TextStyle } from './layout.ts'
import { ByteWriter } from './pdf/byte-writer.ts'
import { type CompiledFile, compileFile } from './pdf/compiled-file.ts'

export interface FormXObject {
  readonly name: string
  readonly box: readonly [number, number, number, number]
  readonly content: string
}

export interface CompiledPage {
  /** Points. */
  readonly width: number
  readonly height: number
  readonly fixedContent: string
  readonly drawers: readonly Drawer[]
}

export interface CompiledContinuation extends CompiledPage {
  readonly body: { readonly x: number; readonly width: number; readonly top: number; readonly bottom: number }
  readonly titleStyle: CompiledStyle
}

/**
 * A definition made ready for its fonts: all that no licence changes is drawn, deflated and numbered. It also holds the buffers its
 * licences are set in, so one compiled template serves one thread.
 */
export interface CompiledTemplate {
  readonly definition: LicenceDefinition
  readonly fonts: FontSet
  readonly cases: readonly TypeCase[]
  /** Undefined until a character of plane 2 has been met. */
  readonly fallbackCase: () => TypeCase | undefined
  readonly pages: readonly CompiledPage[]
  readonly continuation: CompiledContinuation | undefined
  readonly seal: { readonly page: number; readonly x: number; readonly y: number }
  readonly press: Press
  readonly licenceFile: CompiledFile
  readonly previewFile: CompiledFile
}

const usualDocumentSize = 256 * 1024

/**
 * Compiles a definition (some tens of milliseconds; once per version and process).
 *
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID, GLYPH_MISSING when the definition itself cannot be set
 */
export function compileTemplate(definition: LicenceDefinition, fonts: FontSet): CompiledTemplate {
  const { layout } = definition
  let fallback: TypeCase | undefined
  const fallbackCase = () => (fallback ??= new TypeCase(fonts.fallback(), 'FB', []))
  const cases = new Map<FaceName, TypeCase>()
  for (const [name, characters] of fixedCharacters(layout)) {
    cases.set(name, new TypeCase(fonts.faces[name], `F${cases.size + 1}`, characters, fallbackCase))
  }
  const forms: FormXObject[] = []
  const encoder = new QrEncoder()
  const style = (textStyle: TextStyle) => compileStyle(textStyle, cases)
  const overflow = layout.continuation && { style: style(layout.continuation.style), note: layout.continuation.note }
  const compilePage = (page: PageLayout): CompiledPage => {
    const workshop = createWorkshop(definition, page, style, forms, overflow)
    const drawers = page.elements.map((element) => compileAnyElement(element, workshop, encoder))
    return {
      width: across(page.width),
      height: workshop.pageHeight,
      fixedContent: workshop.fixed.join(''),
      drawers: drawers.filter((drawer) => drawer !== undefined),
    }
  }
  const pages = layout.pages.map(compilePage)
  const continuation = layout.continuation && {
    ...compilePage(layout.continuation),
    body: placeBody(layout.continuation),
    titleStyle: style(layout.continuation.titleStyle),
  }
  const parts = { pages, continuation, forms, cases: [...cases.values()], name: definition.name.zh }
  const sealPage = pages[layout.seal.page]
  if (sealPage === undefined)
    throw new TemplateError('TEMPLATE_DEFINITION_INVALID', 'the seal is on a page that is not there')
  return {
    definition,
    fonts,
    cases: parts.cases,
    fallbackCase: () => fallback,
    pages,
    continuation,
    seal: { page: layout.seal.page, x: across(layout.seal.x), y: sealPage.height - across(layout.seal.y) },
    press: new Press(new ByteWriter(usualDocumentSize)),
    licenceFile: compileFile(parts, undefined),
    previewFile: compileFile(parts, fonts.faces['serif-regular']),
  }
}

function compileStyle(style: TextStyle, cases: ReadonlyMap<FaceName, TypeCase>): CompiledStyle {
  const spacing = (style.spacing ?? 0) * pointsPerMm
  return { typeCase: cases.get(style.face)!, size: style.size, spacing, colour: fillColour(style.colour ?? [0, 0, 0]) }
}

function createWorkshop(
  definition: LicenceDefinition,
  page: PageLayout,
  style: Workshop['style'],
  forms: FormXObject[],
  overflow: Overflow | undefined,
): Workshop {
  return {
    definition,
    pageHeight: across(page.height),
    overflow,
    fixed: [],
    style,
    text: (text) => compileText(text, definition),
    form(box, content) {
      const known = forms.find((form) => form.content === content)
      if (known !== undefined) return known.name
      const name = `X${forms.length + 1}`
      forms.push({ name, box, content })
      return name
    },
  }
}

function placeBody(
  continuation: NonNullable<LicenceDefinition['layout']['continuation']>,
): CompiledContinuation['body'] {
  const { body, height } = continuation
  const top = across(height - body.y)
  return { x: across(body.x), width: across(body.width), top, bottom: top - across(body.height) }
}

/**
 * An element under a condition is drawn for the licences it holds for: its fixed part too, in brackets of the graphics state, so that
 * nothing around it notices.
 */
function compileAnyElement(element: LayoutElement, workshop: Workshop, encoder: QrEncoder): Drawer | undefined {
  if (element.kind === 'qr' || element.when === undefined) return compileElement(element, workshop, encoder)
  const own: Workshop = { ...workshop, fixed: [] }
  const draw = compileElement(element, own, encoder)
  const fixed = own.fixed.length === 0 ? '' : `q 0 Tc\n${own.fixed.join('')}Q\n`
  const holds = compileCondition(element.when)
  return (press) => {
    if (!holds(press.values)) return
    press.writer.text(fixed)
    draw?.(press)
  }
}

function compileElement(element: LayoutElement, workshop: Workshop, encoder: QrEncoder): Drawer | undefined {
  switch (element.kind) {
    case 'text':
      return compileTextElement(element, workshop)
    case 'rows':
      return compileRows(element, workshop)
    case 'grid':
      return compileGrid(element, workshop)
    case 'table':
      return compileTable(element, workshop)
    case 'picture':
      return compilePicture(element, workshop)
    case 'qr':
      return compileQr(element, workshop, encoder)
    case 'line':
      return void drawLine(element, workshop)
    case 'box':
      return void drawBox(element, workshop)
    case 'border':
      return void drawBorder(element, workshop)
    case 'rosette':
      return void drawRosette(element, workshop)
    case 'waves':
      return void drawWaves(element, workshop)
  }
}
