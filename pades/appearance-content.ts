import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { type IndirectObject, isDictionary, nameOf, numberOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { readPlainOperators } from './plain-content.ts'

/** What kinds of marks an appearance stream makes, as far as that can be seen without drawing it. */
export interface Drawing {
  readonly hasText: boolean
  /** Images, forms within the form, patterns, shadings, or anything that cannot be read. */
  readonly hasPictures: boolean
  readonly hasFills: boolean
  /** Whether all that it fills is a light colour mixed with what lies below, so that this stays legible. */
  readonly onlyTints: boolean
  /** Whether it paints with anything that could be taken for bare paper. */
  readonly paintsPaper: boolean
  /** The widest line in units of the form; infinite where the content scales it. */
  readonly widestLine: number
}

const unreadable: Drawing = {
  hasText: true,
  hasPictures: true,
  hasFills: true,
  onlyTints: false,
  paintsPaper: true,
  widestLine: Number.POSITIVE_INFINITY,
}

const textOperators = new Set(['Tj', 'TJ', "'", '"'])
const pictureOperators = new Set(['Do', 'sh', 'BI'])
const colourOperators = new Set(['g', 'rg', 'k', 'sc', 'scn', 'cs'])
const fillOperators = new Set(['f', 'F', 'f*', 'B', 'B*', 'b', 'b*'])
const strokeOperators = new Set(['S', 's', 'B', 'B*', 'b', 'b*'])

/** Of colours that black text can be read on. */
export const LIGHT_ENOUGH = 0.6

/** Whether a component is one for every reader, but for what writers round. */
export const isInRange = (component: number): boolean => component >= -0.001 && component <= 1.001

/** What is out of range is taken for the nearest that is not (8.6.4). */
const clamped = (component: number): number => Math.min(Math.max(component, 0), 1)

/** How light a colour of one, three or four components is, from 0 to 1; 0 for any other. */
export function lightness(colour: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = colour.map(clamped)
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

/** How far the components of white or grey may lie apart. */
const PALE = 0.25

/** Whether a colour of one, three or four components could be taken for bare paper. */
export function isPaper(colour: readonly number[]): boolean {
  const hues = colour.slice(0, 3).map(clamped)
  return lightness(colour) >= LIGHT_ENOUGH && Math.max(...hues) - Math.min(...hues) < PALE
}

interface Inks {
  /** Whether filling and stroking paint what could be taken for paper. */
  readonly fill: boolean
  readonly stroke: boolean
}

/** Colours that the space has in which each is chosen; 0 where that is not known. */
interface Spaces {
  readonly fill: number
  readonly stroke: number
}

const coloursOf: ReadonlyMap<string, number> = new Map(
  Object.entries({ DeviceGray: 1, DeviceRGB: 3, DeviceCMYK: 4, g: 1, rg: 3, k: 4 }),
)

/** Reads an appearance stream by its operators; what cannot be read counts as the worst. */
export function describeDrawing(document: PdfDocument, object: IndirectObject): Drawing {
  const seen = {
    hasText: false,
    hasPictures: false,
    hasFills: false,
    onlyTints: true,
    paintsPaper: false,
    widestLine: 1,
  }
  const form = describeForm(document, object)
  let isKnown = true
  let isMixed = false
  // Black, until a colour is chosen (8.6.3).
  let light = 0
  let inks: Inks = { fill: false, stroke: false }
  let spaces: Spaces = { fill: 1, stroke: 1 }
  const saved: Inks[] = []
  try {
    const isPlain = readPlainOperators(document, object, (operator, operands) => {
      const colour = operands.map((operand) => numberOf(operand) ?? Number.NaN)
      const isStroke = operator === operator.toUpperCase()
      if (textOperators.has(operator)) seen.hasText = true
      const isPattern = operator.toLowerCase() === 'scn' && nameOf(operands.at(-1)) !== null
      if (pictureOperators.has(operator) || isPattern) seen.hasPictures = true
      if (operator === 'gs' && !form.plain.has(nameOf(operands[0]) ?? '')) isKnown = false
      if (operator === 'gs') isMixed = form.mixing.has(nameOf(operands[0]) ?? '')
      if (colourOperators.has(operator.toLowerCase())) {
        const [what, choice] = [isStroke ? 'stroke' : 'fill', operator.toLowerCase()] as const
        if (choice === 'cs') spaces = { ...spaces, [what]: coloursOf.get(nameOf(operands[0]) ?? '') ?? 0 }
        else if (!choice.startsWith('sc')) spaces = { ...spaces, [what]: coloursOf.get(choice) ?? 0 }
        const isKnownColour = !form.hasOwnColours && (choice === 'cs' || colour.length === spaces[what])
        // Beyond, colours overflow in some readers instead of being taken for the nearest.
        if (isKnownColour && choice !== 'cs' && !colour.every(isInRange)) isKnown = false
        if (!isStroke) light = isKnownColour ? lightness(colour) : 0
        inks = { ...inks, [what]: !isKnownColour || isPaper(colour) }
      }
      if (operator === 'q' && saved.push(inks) > DEEPEST) isKnown = false
      // What was before the state that is taken back is not kept count of: the worst is taken.
      if (operator === 'Q') {
        isMixed = false
        light = 0
        spaces = { fill: 0, stroke: 0 }
        inks = saved.pop() ?? { fill: true, stroke: true }
      }
      if (fillOperators.has(operator)) {
        seen.hasFills = true
        if (!isMixed || light < LIGHT_ENOUGH) seen.onlyTints = false
        if (!isMixed && inks.fill) seen.paintsPaper = true
      }
      if (strokeOperators.has(operator) && !isMixed && inks.stroke) seen.paintsPaper = true
      if (operator === 'w') seen.widestLine = Math.max(seen.widestLine, Math.abs(colour[0] ?? Number.NaN))
      if (operator === 'cm' || (operator === 'gs' && form.hasWidths)) seen.widestLine = Number.POSITIVE_INFINITY
    })
    return !isPlain || !isKnown || Number.isNaN(seen.widestLine) ? unreadable : seen
  } catch (error) {
    if (!(error instanceof PadesError) || error.code === 'PADES_LIMIT_EXCEEDED') throw error
    return unreadable
  }
}

const DEEPEST = 64

/** What a form's dictionary says of how its content is to be understood. */
interface FormFacts {
  /** Names of the graphics states that mix with what lies below, and do nothing else. */
  readonly mixing: ReadonlySet<string>
  /** Names of those that do nothing to colours but that. */
  readonly plain: ReadonlySet<string>
  /** Whether a graphics state may set the width of lines. */
  readonly hasWidths: boolean
  /** Colour spaces of its own: what a number means there is not known here. */
  readonly hasOwnColours: boolean
}

const mixingKeys = new Set(['Type', 'BM', 'ca', 'CA', 'AIS', 'SA'])

function describeForm(document: PdfDocument, { value }: IndirectObject): FormFacts {
  const form = isDictionary(value) ? value : null
  const resources = document.dictionary(form?.entries.get('Resources'))
  const states = [...(document.dictionary(resources?.entries.get('ExtGState'))?.entries ?? [])].map(
    ([name, state]) => [name, document.dictionary(state)] as const,
  )
  const mixing = isIsolated(document, form?.entries.get('Group'))
    ? []
    : states.flatMap(([name, state]) => (state !== null && mixes(document, state) ? [name] : []))
  return {
    mixing: new Set(mixing),
    plain: new Set(states.flatMap(([name, state]) => (state !== null && isPlainState(document, state) ? [name] : []))),
    hasWidths: states.some(([, state]) => state?.entries.has('LW') ?? true),
    hasOwnColours: (resources?.entries.get('ColorSpace') ?? null) !== null,
  }
}

/** Of other modes two colours make white, and a transfer function makes any colour of any other. */
const plainModes = new Set(['Normal', 'Compatible', 'Multiply', 'Darken'])
const plainKeys = new Set([...mixingKeys, 'LW', 'LC', 'LJ', 'ML', 'D'])

function isPlainState(document: PdfDocument, { entries }: PdfDictionary): boolean {
  const mode = entries.has('BM') ? nameOf(document.resolve(entries.get('BM'))) : 'Normal'
  return plainModes.has(mode ?? '') && [...entries.keys()].every((key) => plainKeys.has(key))
}

/** A group by itself mixes with nothing below (11.4.5.3). */
function isIsolated(document: PdfDocument, group: PdfValue | undefined): boolean {
  const attributes = document.dictionary(group)
  const isolated = document.resolve(attributes?.entries.get('I'))
  return isolated !== null && isolated !== false
}

function mixes(document: PdfDocument, state: PdfDictionary): boolean {
  const mode = nameOf(document.resolve(state.entries.get('BM')))
  return (mode === 'Multiply' || mode === 'Darken') && [...state.entries.keys()].every((key) => mixingKeys.has(key))
}
