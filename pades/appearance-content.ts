import { readOperators } from './content-stream.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { type IndirectObject, isDictionary, nameOf, numberOf } from './objects.ts'

/** What kinds of marks an appearance stream makes, as far as that can be seen without drawing it. */
export interface Drawing {
  readonly hasText: boolean
  /** Images, forms within the form, patterns, shadings, or anything that cannot be read. */
  readonly hasPictures: boolean
  readonly hasFills: boolean
  /** Whether all that it fills is a light colour mixed with what lies below, so that this stays legible. */
  readonly onlyTints: boolean
  /** The widest line as it is written, before any scaling. */
  readonly widestLine: number
}

const unreadable: Drawing = {
  hasText: true,
  hasPictures: true,
  hasFills: true,
  onlyTints: false,
  widestLine: Number.POSITIVE_INFINITY,
}

const textOperators = new Set(['Tj', 'TJ', "'", '"'])
const pictureOperators = new Set(['Do', 'sh', 'BI'])
const colourOperators = new Set(['g', 'rg', 'k', 'sc', 'scn', 'cs'])
const fillOperators = new Set(['f', 'F', 'f*', 'B', 'B*', 'b', 'b*'])

/** Of colours that black text can be read on. */
export const LIGHT_ENOUGH = 0.6

/** How light a colour of one, three or four components is, from 0 to 1; 0 for any other. */
export function lightness(colour: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = colour
  const light =
    colour.length === 1
      ? a
      : colour.length === 3
        ? 0.3 * a + 0.59 * b + 0.11 * c
        : colour.length === 4
          ? 1 - (0.3 * a + 0.59 * b + 0.11 * c + d)
          : 0
  return light >= 0 ? Math.min(light, 1) : 0
}

/** Reads an appearance stream by its operators; what cannot be read counts as the worst. */
export function describeDrawing(document: PdfDocument, object: IndirectObject): Drawing {
  const seen = { hasText: false, hasPictures: false, hasFills: false, onlyTints: true, widestLine: 1 }
  let isMixed = false
  // Black, until a colour is chosen (8.6.3).
  let light = 0
  const mixes = onlyMixes(document, object)
  try {
    readOperators(document.data(object), document.shared.budget, (operator, operands) => {
      if (textOperators.has(operator)) seen.hasText = true
      const isPattern = operator.toLowerCase() === 'scn' && nameOf(operands.at(-1)) !== null
      if (pictureOperators.has(operator) || isPattern) seen.hasPictures = true
      if (operator === 'gs') isMixed = mixes
      if (colourOperators.has(operator)) light = lightness(operands.map((operand) => numberOf(operand) ?? Number.NaN))
      // What was before the state that is taken back is not kept count of: the worst is taken.
      if (operator === 'Q') {
        isMixed = false
        light = 0
      }
      if (fillOperators.has(operator)) {
        seen.hasFills = true
        if (!isMixed || light < LIGHT_ENOUGH) seen.onlyTints = false
      }
      if (operator === 'w')
        seen.widestLine = Math.max(seen.widestLine, numberOf(operands[0]) ?? Number.POSITIVE_INFINITY)
    })
    return seen
  } catch (error) {
    if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
    return unreadable
  }
}

/** Whether every graphics state that the form knows mixes by Multiply or Darken. */
function onlyMixes(document: PdfDocument, object: IndirectObject): boolean {
  const resources = isDictionary(object.value) ? document.dictionary(object.value.entries.get('Resources')) : null
  const states = [...(document.dictionary(resources?.entries.get('ExtGState'))?.entries.values() ?? [])]
  return (
    states.length > 0 &&
    states.every((state) => {
      const mode = nameOf(document.resolve(document.dictionary(state)?.entries.get('BM')))
      return mode === 'Multiply' || mode === 'Darken'
    })
  )
}
