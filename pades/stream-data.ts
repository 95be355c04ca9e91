import { PadesError } from './errors.ts'
import { inflate } from './inflate.ts'
import type { Budget } from './limits.ts'
import { isArray, isDictionary, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'

/** One filter of a stream with its parameters, as far as they are written directly. */
interface Filter {
  readonly name: string
  readonly parameters: PdfValue
}

/**
 * Undoes a stream's filters (ISO 32000-2, 7.4): none, or one FlateDecode with or without a predictor, which is what
 * cross-references, object streams and embedded files are written with. Entries must be direct. Its encryption is undone already.
 *
 * @throws PadesError PADES_FILTER_UNSUPPORTED, PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED
 */
export function streamData(dictionary: PdfDictionary, raw: Uint8Array, budget: Budget): Uint8Array {
  if (dictionary.entries.has('F')) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'a stream in another file')
  const [first, ...others] = filtersOf(dictionary)
  const [filter, ...rest] = first?.name === 'Crypt' ? others : [first, ...others].filter((one) => one !== undefined)
  if (rest.length > 0) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'a chain of filters')
  if (filter === undefined) return raw
  const { name, parameters } = filter
  if (name !== 'FlateDecode' && name !== 'Fl') throw new PadesError('PADES_FILTER_UNSUPPORTED', `filter ${name}`)
  budget.work(raw.length)
  const data = inflate(raw, budget.inflated(raw.length), (units) => budget.work(units))
  budget.work(data.length)
  if (parameters === null) return data
  if (!isDictionary(parameters))
    throw new PadesError('PADES_FILTER_UNSUPPORTED', 'filter parameters written indirectly')
  return undoPredictor(data, parameters)
}

/** The crypt filter that a stream chooses for itself (7.4.10), or null where it leaves that to the document. */
export function cryptFilterOf(dictionary: PdfDictionary): string | null {
  const filters = filtersOf(dictionary)
  if (filters.slice(1).some(({ name }) => name === 'Crypt'))
    throw new PadesError('PADES_FILTER_UNSUPPORTED', 'a crypt filter behind another')
  const [first] = filters
  if (first?.name !== 'Crypt') return null
  return (isDictionary(first.parameters) && nameOf(first.parameters.entries.get('Name'))) || 'Identity'
}

/** Parameters belong to filters only where both are written plainly, or both in arrays of one length: otherwise readers take none. */
export function refuseUnequalForms(filter: PdfValue | undefined, parameters: PdfValue | undefined): void {
  if (parameters === undefined || parameters === null) return
  const isPair =
    isArray(filter) && isArray(parameters)
      ? filter.items.length === parameters.items.length
      : isArray(filter) === isArray(parameters)
  if (!isPair) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'filters and parameters in unequal forms')
}

/** A single filter may be given as it is or as an array of one. */
function filtersOf({ entries }: PdfDictionary): Filter[] {
  refuseUnequalForms(entries.get('Filter'), entries.get('DecodeParms'))
  const list = (value: PdfValue | undefined): readonly PdfValue[] =>
    value === undefined ? [] : isArray(value) ? value.items : [value]
  const parameters = list(entries.get('DecodeParms'))
  return list(entries.get('Filter')).map((filter, index) => {
    const name = nameOf(filter)
    if (name === null) throw new PadesError('PADES_FILTER_UNSUPPORTED', 'filter written indirectly')
    return { name, parameters: parameters[index] ?? null }
  })
}

/** PNG's predictors (7.4.4.4, table 10). */
export const isPngPredictor = (predictor: number): boolean => predictor >= 10 && predictor <= 15

/** Undoes PNG's predictors; TIFF's is for pictures only and refused, as is what the standard does not name. */
export function undoPredictor(data: Uint8Array, parameters: PdfDictionary): Uint8Array {
  const parameter = (key: string, otherwise: number): number => {
    const value = parameters.entries.get(key) ?? otherwise
    if (typeof value !== 'number' || value < 1 || value > 1 << 20) {
      throw new PadesError('PADES_MALFORMED', `/${key} of a filter is out of range`)
    }
    return value
  }
  const predictor = parameter('Predictor', 1)
  if (predictor === 1) return data
  if (!isPngPredictor(predictor)) throw new PadesError('PADES_FILTER_UNSUPPORTED', `predictor ${predictor}`)
  const pixelBits = parameter('Colors', 1) * parameter('BitsPerComponent', 8)
  const width = Math.ceil((pixelBits * parameter('Columns', 1)) / 8)
  const step = Math.max(1, pixelBits >> 3)
  if (data.length % (width + 1) !== 0)
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'predicted data is no whole number of rows')
  const rows = data.length / (width + 1)
  const result = new Uint8Array(rows * width)
  for (let row = 0; row < rows; row++) undoRow(data, row * (width + 1), result, row * width, width, step)
  return result
}

function undoRow(data: Uint8Array, from: number, result: Uint8Array, to: number, width: number, step: number): void {
  const kind = data[from]!
  if (kind > 4) throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', `predictor row of kind ${kind}`)
  for (let i = 0; i < width; i++) {
    const left = i >= step ? result[to + i - step]! : 0
    const up = to >= width ? result[to + i - width]! : 0
    const upLeft = i >= step && to >= width ? result[to + i - step - width]! : 0
    const guess =
      kind === 0 ? 0 : kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, upLeft)
    result[to + i] = data[from + 1 + i]! + guess
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const p = left + up - upLeft
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - upLeft)]
  return a <= b && a <= c ? left : b <= c ? up : upLeft
}
