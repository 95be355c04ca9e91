import { rectangleOf } from './change-places.ts'
import { forEachEntry } from './cross-reference.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { formFields } from './form-fields.ts'
import { type IndirectObject, isArray, isDictionary, isReference, nameOf } from './objects.ts'
import { type PageText, readPageText } from './page-text.ts'
import { type Page, readPages } from './pages.ts'
import { referenceGraph } from './reference-graph.ts'
import type { ContentRisk, Rectangle } from './signed-pdf.ts'

/** Whoever made a document with more pages or risks than these need not be told of each. */
const MOST_PAGES = 50
const MOST_RISKS = 50
/** Pages that are read whole though no field lies on them. */
const PAGES_READ = 3

/**
 * What stands in a state of a document, signed or not, that prepares a later deception or hides what it holds ("shadow attacks":
 * Mainka and others, 2021): forms that a program lays out, layers that are off, pages and pictures that nothing shows, fields over text, text that is not seen.
 * None of it is wrong by itself; what cannot be read is left out.
 */
export function describeContentRisks(document: PdfDocument): ContentRisk[] {
  const pages = readPages(document)
  const risks = [
    dynamicForm,
    hiddenLayers,
    (state: PdfDocument) => unusedObjects(state, pages),
    (state: PdfDocument) => textRisks(state, pages),
  ]
  return risks.flatMap((find) => unlessUnreadable(() => find(document), [])).slice(0, MOST_RISKS)
}

function unlessUnreadable<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof PadesError) return otherwise
    throw error
  }
}

/** XFA (ISO 32000-1, 12.7.8): readers that know it show what it makes in place of the pages, others the pages. */
function dynamicForm(document: PdfDocument): ContentRisk[] {
  const form = document.dictionary(document.catalog.entries.get('AcroForm'))
  const isDynamic =
    form?.entries.has('XFA') || document.resolve(document.catalog.entries.get('NeedsRendering')) === true
  if (!isDynamic) return []
  const detail =
    'The document holds a form that a program lays out (XFA); readers that know it may show something else.'
  return [{ kind: 'dynamic-form', object: null, page: null, rect: null, detail }]
}

/** Optional content (8.11.4): groups that are off at first, or switched by what one does with the document. */
function hiddenLayers(document: PdfDocument): ContentRisk[] {
  const properties = document.dictionary(document.catalog.entries.get('OCProperties'))
  const usual = document.dictionary(properties?.entries.get('D'))
  // A layer that is named twice is one.
  const count = (value: Parameters<PdfDocument['resolve']>[0]): number => {
    const list = document.resolve(value)
    return isArray(list) ? new Set(list.items.map((item) => (isReference(item) ? item.number : item))).size : 0
  }
  const layers = count(properties?.entries.get('OCGs'))
  if (layers === 0) return []
  const isOffAtFirst = nameOf(document.resolve(usual?.entries.get('BaseState'))) === 'OFF'
  const hidden = isOffAtFirst ? layers - count(usual?.entries.get('ON')) : count(usual?.entries.get('OFF'))
  const switched = count(usual?.entries.get('AS')) > 0 || count(properties?.entries.get('Configs')) > 0
  if (hidden <= 0 && !switched) return []
  const detail = `The document has ${layers} layers, of which ${hidden} are hidden at first${switched ? '; some are switched by viewing or printing' : ''}.`
  return [{ kind: 'hidden-layer', object: null, page: null, rect: null, detail }]
}

/** Pages outside the page tree, and pictures, forms and fonts to which nothing leads: what a later update could bring to light. */
function unusedObjects(document: PdfDocument, pages: readonly Page[]): ContentRisk[] {
  const graph = referenceGraph(document)
  const shown = new Set(pages.map(({ object }) => object))
  const risks: ContentRisk[] = []
  const seen = new Set<number>()
  const look = (number: number): void => {
    if (seen.has(number) || shown.has(number) || risks.length >= MOST_RISKS) return
    seen.add(number)
    const object = unlessUnreadable(() => document.object(number), null)
    const what = object === null ? null : contentKind(object)
    if (object === null || what === null || (graph.has(number) && what !== 'page')) return
    const detail =
      what === 'page'
        ? `Object ${number} is a page that is not among the pages of the document.`
        : `Object ${number} is a ${what} that nothing shows.`
    risks.push({
      kind: what === 'page' ? 'unused-page' : 'unused-content',
      object: number,
      page: null,
      rect: null,
      detail,
    })
  }
  for (const { section, hybrid } of document.chain) {
    for (const part of hybrid === null ? [section] : [section, hybrid]) forEachEntry(part, document.shared.budget, look)
  }
  return risks
}

function contentKind({ value, stream }: IndirectObject): string | null {
  if (!isDictionary(value)) return null
  const [type, subtype] = ['Type', 'Subtype'].map((key) => nameOf(value.entries.get(key)))
  if (stream === null)
    return type === 'Page' ? 'page' : type === 'Catalog' ? 'second catalog' : type === 'Font' ? 'font' : null
  return subtype === 'Image' ? 'picture' : subtype === 'Form' ? 'form' : null
}

/** Fields over text, which a value could cover, and text that is written but not painted, on pages without a scan. */
function textRisks(document: PdfDocument, pages: readonly Page[]): ContentRisk[] {
  const fields = new Map<number, string>()
  for (const { type, widgets, name } of formFields(document)) {
    if (type !== 'Sig') for (const widget of widgets) fields.set(widget, name)
  }
  return pages.slice(0, MOST_PAGES).flatMap(({ object, dictionary }, page) => {
    const annotations = document.resolve(dictionary.entries.get('Annots'))
    const items = isArray(annotations) ? annotations.items : []
    document.shared.budget.work(items.length)
    const widgets = new Set(
      items.flatMap((item) => (isReference(item) && fields.has(item.number) ? [item.number] : [])),
    )
    if (widgets.size === 0 && page >= PAGES_READ) return []
    const text = unlessUnreadable(() => readPageText(document, dictionary), null)
    if (text === null) return []
    const covering = [...widgets].flatMap((widget) => {
      document.shared.budget.work(text.origins.length)
      const rect = rectangleOf(document, dictionaryOf(document, widget)?.entries.get('Rect'))
      if (rect === null || !text.origins.some(([x, y]) => isWithin(rect, x, y))) return []
      const detail = `The field "${fields.get(widget)}" lies over text of page ${page + 1}.`
      return [{ kind: 'field-over-text' as const, object: widget, page, rect, detail }]
    })
    return [...covering, ...invisibleText(text, object, page)]
  })
}

const dictionaryOf = (document: PdfDocument, number: number) => document.dictionary(document.object(number)?.value)

function invisibleText({ hasInvisible, hasPictures }: PageText, object: number, page: number): ContentRisk[] {
  // Under a scan it is what a machine read there.
  if (!hasInvisible || hasPictures) return []
  const detail = `Page ${page + 1} holds text that is not painted.`
  return [{ kind: 'invisible-text', object, page, rect: null, detail }]
}

const isWithin = ([x0, y0, x1, y1]: Rectangle, x: number, y: number): boolean =>
  x >= x0 && x <= x1 && y >= y0 && y <= y1
