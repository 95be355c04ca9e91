import type { ChangeContext } from './change-context.ts'
import type { PdfDocument } from './document.ts'
import { isArray, isReference, numberOf, type PdfValue } from './objects.ts'
import { readPages } from './pages.ts'
import { upwardKeys } from './permitted-entries.ts'
import type { LaterChange, Rectangle } from './signed-pdf.ts'

type Place = Pick<LaterChange, 'page' | 'rect'>

const nowhere: Place = { page: null, rect: null }

/** Whoever made a file with more changes than these need not be told where each of them is. */
const MOST_PLACES = 500
/** How many objects are looked at on the way up from a changed one to its page. */
const LONGEST_WAY = 200

/** The findings of a context with the page and the rectangle where each shows. */
export function placeChanges(context: ChangeContext): LaterChange[] {
  const { findings } = context
  const isShown = findings.some(({ shown }) => shown !== null)
  const places = isShown ? new Places(context) : null
  return findings.map(({ shown, ...change }, index) => ({
    ...change,
    ...(places === null || shown === null || index >= MOST_PLACES ? nowhere : places.find(shown)),
  }))
}

class Places {
  readonly #context: ChangeContext
  readonly #known = new Map<number, Place>()

  constructor(context: ChangeContext) {
    this.#context = context
    // What is there now comes last and counts: a removed annotation is known from the signed state alone.
    this.#collect(context.signed)
    this.#collect(context.current)
  }

  #collect(document: PdfDocument): void {
    readPages(document).forEach(({ object, dictionary }, page) => {
      this.#known.set(object, { page, rect: null })
      const annotations = document.resolve(dictionary.entries.get('Annots'))
      if (!isArray(annotations)) return
      document.shared.budget.work(annotations.items.length * 16)
      for (const item of annotations.items) {
        const annotation = isReference(item) ? document.dictionary(item) : null
        if (annotation === null || !isReference(item)) continue
        this.#known.set(item.number, { page, rect: rectangleOf(document, annotation.entries.get('Rect')) })
      }
    })
  }

  /** Up from the object to the annotations and pages that show it; several of them are no one place. */
  find(number: number): Place {
    const found = new Set<Place>()
    const seen = new Set([number])
    const waiting = [number]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const place = this.#known.get(next)
      if (place !== undefined) {
        found.add(place)
        continue
      }
      const { before, after } = this.#context
      for (const { object, key } of after.get(next) ?? before.get(next) ?? []) {
        if (object === 0 || seen.has(object) || upwardKeys.has(key)) continue
        if (seen.size > LONGEST_WAY) return nowhere
        seen.add(object)
        waiting.push(object)
      }
    }
    const [first, ...others] = found
    if (first === undefined) return nowhere
    return others.every(({ page }) => page === first.page) ? { page: first.page, rect: unite([...found]) } : nowhere
  }
}

/** The rectangle around all, or null where one of them is a whole page. */
function unite(places: readonly Place[]): Rectangle | null {
  const rectangles = places.map(({ rect }) => rect).filter((rect) => rect !== null)
  if (rectangles.length < places.length) return null
  const corner = (index: number, choose: (...numbers: number[]) => number) =>
    choose(...rectangles.map((rectangle) => rectangle[index]!))
  return [corner(0, Math.min), corner(1, Math.min), corner(2, Math.max), corner(3, Math.max)]
}

/** A rectangle with its corners in order (7.9.5); null where it is none. */
export function rectangleOf(document: PdfDocument, value: PdfValue | undefined): Rectangle | null {
  const array = document.resolve(value)
  if (!isArray(array) || array.items.length !== 4) return null
  const numbers = array.items.map((item) => numberOf(document.resolve(item)))
  const [x0, y0, x1, y1] = numbers.filter((number) => number !== null)
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return null
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)]
}
