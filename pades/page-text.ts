import { readOperators } from './content-stream.ts'
import type { PdfDocument } from './document.ts'
import { isArray, isReference, numberOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { identity, joined, type Matrix, matrixOf } from './page-view.ts'

/** Where a page writes, as far as its own content says: without the forms that it draws. */
export interface PageText {
  /** Where each piece of text begins, in the space of the page. */
  readonly origins: readonly (readonly [x: number, y: number])[]
  /** Whether any of it is neither filled nor stroked (text rendering mode 3). */
  readonly hasInvisible: boolean
  readonly hasPictures: boolean
}

const MOST_ORIGINS = 20_000
const DEEPEST_STATE = 256

/** What the graphics state holds that matters here (8.4). */
interface State {
  readonly matrix: Matrix
  readonly isInvisible: boolean
  readonly leading: number
}

/** Reads the content of a page (9.4) for the places of its text. */
export function readPageText(document: PdfDocument, page: PdfDictionary): PageText {
  const origins: [number, number][] = []
  const seen = { hasInvisible: false, hasPictures: false }
  let state: State = { matrix: identity, isInvisible: false, leading: 0 }
  const saved: State[] = []
  let line: Matrix = identity
  const move = (x: number, y: number): void => {
    line = joined([1, 0, 0, 1, x, y], line)
  }
  const show = (): void => {
    if (state.isInvisible) seen.hasInvisible = true
    const [, , , , x, y] = joined(line, state.matrix)
    if (origins.length < MOST_ORIGINS) origins.push([x, y])
  }
  readOperators(contentOf(document, page), document.shared.budget, (operator, operands) => {
    const numbers = operands.map((operand) => numberOf(operand) ?? 0)
    const [first = 0, second = 0] = numbers
    if (operator === 'q' && saved.length < DEEPEST_STATE) saved.push(state)
    else if (operator === 'Q') state = saved.pop() ?? state
    else if (operator === 'cm' && numbers.length === 6)
      state = { ...state, matrix: joined(matrixOf(numbers), state.matrix) }
    else if (operator === 'BT') line = identity
    else if (operator === 'Tm' && numbers.length === 6) line = matrixOf(numbers)
    else if (operator === 'Td') move(first, second)
    else if (operator === 'TD') {
      state = { ...state, leading: -second }
      move(first, second)
    } else if (operator === 'TL') state = { ...state, leading: first }
    else if (operator === 'T*') move(0, -state.leading)
    else if (operator === 'Tr') state = { ...state, isInvisible: first === 3 }
    else if (operator === 'Do' || operator === 'BI') seen.hasPictures = true
    else if (operator === 'Tj' || operator === 'TJ') show()
    else if (operator === "'" || operator === '"') {
      move(0, -state.leading)
      show()
    }
  })
  return { origins, ...seen }
}

/** The content streams of a page, as if they were one (7.7.3.3). */
function contentOf(document: PdfDocument, page: PdfDictionary): Uint8Array {
  const contents = page.entries.get('Contents')
  const resolved = document.resolve(contents)
  const parts = (isArray(resolved) ? resolved.items : [contents ?? null]).map((part) => dataOf(document, part))
  const length = parts.reduce((sum, part) => sum + part.length + 1, 0)
  document.shared.budget.work(length)
  const data = new Uint8Array(length).fill(32)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length + 1
  }
  return data
}

function dataOf(document: PdfDocument, part: PdfValue): Uint8Array {
  const object = isReference(part) ? document.target(part) : null
  return object === null ? new Uint8Array() : document.data(object)
}
