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
  /** Whether all that it fills is mixed with what lies below, so that this stays legible. */
  readonly onlyDarkens: boolean
  /** The widest line as it is written, before any scaling. */
  readonly widestLine: number
}

const unreadable: Drawing = {
  hasText: true,
  hasPictures: true,
  hasFills: true,
  onlyDarkens: false,
  widestLine: Number.POSITIVE_INFINITY,
}

const textOperators = new Set(['Tj', 'TJ', "'", '"'])
const pictureOperators = new Set(['Do', 'sh', 'BI'])
const fillOperators = new Set(['f', 'F', 'f*', 'B', 'B*', 'b', 'b*'])

/** Reads an appearance stream by its operators; what cannot be read counts as the worst. */
export function describeDrawing(document: PdfDocument, object: IndirectObject): Drawing {
  const seen = { hasText: false, hasPictures: false, hasFills: false, onlyDarkens: true, widestLine: 1 }
  let isMixed = false
  const darkens = onlyDarkens(document, object)
  try {
    readOperators(document.data(object), document.shared.budget, (operator, operands) => {
      if (textOperators.has(operator)) seen.hasText = true
      const isPattern = operator.toLowerCase() === 'scn' && nameOf(operands.at(-1)) !== null
      if (pictureOperators.has(operator) || isPattern) seen.hasPictures = true
      if (operator === 'gs') isMixed = darkens
      if (operator === 'Q') isMixed = false
      if (fillOperators.has(operator)) {
        seen.hasFills = true
        if (!isMixed) seen.onlyDarkens = false
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
function onlyDarkens(document: PdfDocument, object: IndirectObject): boolean {
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
