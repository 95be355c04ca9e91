import type { LicenceDefinition } from '../definition.ts'
import { compileText, longestText } from '../draw/licence-text.ts'
import { TemplateError } from '../errors.ts'
import type { Condition, Fit, LayoutElement, PageLayout } from '../layout.ts'
import type { Report } from './fault.ts'
import { mostElements } from './layout-shape.ts'

/** Ornaments are drawn as thousands of curves each. */
const mostOrnaments = 80
/** Characters that all texts together may become; a licence has some thousands. More would be measured for minutes. */
const mostCharacters = 500_000
/** Each draws its rows anew; a licence has one or two. */
const mostTables = 20
/** What may stand over a page's edge: rounding, no more. */
const tolerance = 0.05

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What a layout says of its fields and pages. */
export function checkLayout(definition: LicenceDefinition, report: Report): void {
  const { pages, continuation, seal } = definition.layout
  const elements = [...pages, ...(continuation ? [continuation] : [])].flatMap((page) => page.elements)
  if (elements.length > mostElements) report('/layout/pages', 'TOO_MANY', String(mostElements))
  const ornaments = elements.filter(({ kind }) => kind === 'border' || kind === 'rosette' || kind === 'waves')
  if (ornaments.length > mostOrnaments) report('/layout/pages', 'TOO_MANY', String(mostOrnaments))
  if (elements.filter(({ kind }) => kind === 'table').length > mostTables)
    report('/layout/pages', 'TOO_MANY', String(mostTables))
  const texts = elements.flatMap((element) => textsOf(element))
  if (texts.reduce((sum, text) => sum + longestText(text, definition), 0) > mostCharacters)
    report(
      '/layout/pages',
      'RULE_BROKEN',
      `各处文字按最长内容合计不得超过 ${mostCharacters} 个字符|All texts together may become ${mostCharacters} characters at most.`,
    )
  if (elements.filter(({ kind }) => kind === 'qr').length !== 1 || continuation?.elements.some((e) => e.kind === 'qr'))
    report('/layout/pages', 'RULE_BROKEN', '各页合计须恰有一个二维码|There is exactly one QR code on the pages.')
  const sealPage = pages[seal.page]
  if (!sealPage) report('/layout/seal/page', 'OUT_OF_RANGE', `0 – ${pages.length - 1}`)
  else checkBox({ ...seal, width: 0, height: 0 }, sealPage, '/layout/seal', report)
  for (const [i, page] of pages.entries()) checkPage(page, definition, `/layout/pages/${i}`, report)
  if (!continuation) return
  checkPage(continuation, definition, '/layout/continuation', report)
  checkBox(continuation.body, continuation, '/layout/continuation/body', report)
}

/** The texts of an element that name values. */
function textsOf(element: LayoutElement): readonly string[] {
  if (element.kind === 'text') return [element.text]
  if (element.kind === 'rows') return element.rows.flatMap(({ text }) => text ?? [])
  return element.kind === 'grid' ? element.rows.flatMap(({ cells }) => cells.flatMap(({ text }) => text ?? [])) : []
}

function checkPage(page: PageLayout, definition: LicenceDefinition, at: string, report: Report): void {
  for (const [i, element] of page.elements.entries()) {
    const place = `${at}/elements/${i}`
    const box = boxOf(element)
    if (box) checkBox(box, page, place, report)
    if (element.kind === 'line') {
      for (const end of ['from', 'to'] as const) {
        const [x, y] = element[end]
        checkBox({ x, y, width: 0, height: 0 }, page, `${place}/${end}`, report)
      }
    }
    checkElement(element, definition, place, report)
    if (element.kind !== 'qr' && element.when) checkCondition(element.when, definition, `${place}/when`, report)
  }
}

/** Millimetres that an element takes; undefined where only its letters know, and for lines. */
function boxOf(element: LayoutElement): Box | undefined {
  switch (element.kind) {
    // A width beyond the edge only moves the middle that letters are centred on; they are held to their place when they are set.
    case 'text':
      return { x: element.x, y: element.y, width: 0, height: 0 }
    case 'qr':
      return { x: element.x, y: element.y, width: element.size, height: element.size }
    case 'rosette':
      return {
        x: element.x - element.radius,
        y: element.y - element.radius,
        width: 2 * element.radius,
        height: 2 * element.radius,
      }
    case 'grid':
      return {
        x: element.x,
        y: element.y,
        width: element.columns.reduce((sum, width) => sum + width, 0),
        height: element.rows.reduce((sum, { height }) => sum + height, 0),
      }
    case 'table':
      return { ...element, width: element.columns.reduce((sum, { width }) => sum + width, 0) }
    case 'line':
      return undefined
    default:
      return element
  }
}

function checkBox({ x, y, width, height }: Box, page: PageLayout, at: string, report: Report): void {
  const over = Math.max(-x, -y, x + width - page.width, y + height - page.height)
  if (over > tolerance) report(at, 'OFF_THE_PAGE', over.toFixed(1))
}

function checkElement(element: LayoutElement, definition: LicenceDefinition, at: string, report: Report): void {
  const textAt = (text: string | undefined, place: string) => {
    if (text !== undefined) checkText(text, definition, place, report)
  }
  const fitAt = (fit: Fit | undefined, size: number, place: string) => {
    if (fit) checkFit(fit, size, definition, place, report)
  }
  if (element.kind === 'text') {
    textAt(element.text, `${at}/text`)
    fitAt(element.fit, element.style.size, `${at}/fit`)
    if (element.width === undefined && element.text.includes('{')) report(`${at}/width`, 'MEMBER_MISSING')
  } else if (element.kind === 'rows') {
    for (const [i, row] of element.rows.entries()) {
      textAt(row.text, `${at}/rows/${i}/text`)
      fitAt(row.fit, element.style.size, `${at}/rows/${i}/fit`)
    }
    if (element.labelWidth >= element.width) report(`${at}/labelWidth`, 'OUT_OF_RANGE', `0 – ${element.width}`)
  } else if (element.kind === 'grid') {
    for (const [r, row] of element.rows.entries()) {
      for (const [c, cell] of row.cells.entries()) {
        textAt(cell.text, `${at}/rows/${r}/cells/${c}/text`)
        const style = cell.heading === true ? element.headingStyle : element.style
        fitAt(cell.fit, style.size, `${at}/rows/${r}/cells/${c}/fit`)
      }
    }
  } else if (element.kind === 'picture') {
    const field = definition.fields.find(({ name }) => name === element.field)
    if (field?.type !== 'picture') report(`${at}/field`, 'NOT_THERE', element.field)
  } else if (element.kind === 'table') {
    const field = definition.fields.find(({ name }) => name === element.field)
    if (field?.type !== 'table') return void report(`${at}/field`, 'NOT_THERE', element.field)
    for (const [i, { column }] of element.columns.entries())
      if (!field.columns?.some(({ name }) => name === column)) report(`${at}/columns/${i}/column`, 'NOT_THERE', column)
    if (element.continues !== undefined && !definition.layout.continuation)
      report(`${at}/continues`, 'NOT_THERE', 'continuation')
  }
}

function checkText(text: string, definition: LicenceDefinition, at: string, report: Report): void {
  try {
    compileText(text, definition)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    report(at, 'NOT_THERE', error.subject ?? text)
  }
}

function checkFit(fit: Fit, size: number, { layout }: LicenceDefinition, at: string, report: Report): void {
  if (fit.minSize > size) report(`${at}/minSize`, 'OUT_OF_RANGE', `2 – ${size}`)
  if (fit.continues !== undefined && !layout.continuation) report(`${at}/continues`, 'NOT_THERE', 'continuation')
}

function checkCondition(when: Condition, { fields }: LicenceDefinition, at: string, report: Report): void {
  const field = fields.find(({ name }) => name === when.field)
  if (!field) return void report(`${at}/field`, 'NOT_THERE', when.field)
  if (!('oneOf' in when)) return
  if (field.type === 'picture' || field.type === 'table') return void report(`${at}/oneOf`, 'MEMBER_UNKNOWN')
  for (const [i, value] of when.oneOf.entries())
    if (field.choices && !field.choices.some((choice) => choice.value === value))
      report(`${at}/oneOf/${i}`, 'NOT_THERE', value)
}
