import { isArray, isDictionary, isReference, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { isPngPredictor } from './stream-data.ts'

/** Names that some readers take for those of a filter, and data that lie elsewhere. */
export const foreignStreamKeys: readonly string[] = ['F', 'FFilter', 'FDecodeParms', 'DP']

/** Whether filters and their parameters are written out in one form: some readers pair what others leave unpaired (7.3.8.2). */
export function hasPairedFilters({ entries }: PdfDictionary): boolean {
  const [filter, parameters] = [entries.get('Filter'), entries.get('DecodeParms')]
  const filters = filter === undefined ? [] : isArray(filter) ? filter.items : [filter]
  if (!filters.every((one) => filterNames.has(nameOf(one) ?? ''))) return false
  // How the octets that another filter makes are compressed is not looked at.
  if (filters.slice(1).some((one) => nameOf(one) === 'FlateDecode')) return false
  if (parameters === undefined) return true
  const all = isArray(parameters) ? parameters.items : [parameters]
  return (
    isArray(filter) === isArray(parameters) &&
    all.length === filters.length &&
    all.every((one) => (isDictionary(one) ? hasKnownParameters(one) : one === null && isArray(parameters)))
  )
}

/** Parameters that filters have (7.4, tables 8 and 11 to 13): in others anything could be kept that is to be shown some day. */
const hasKnownParameters = ({ entries }: PdfDictionary): boolean =>
  [...entries].every(([key, value]) =>
    key === 'JBIG2Globals' ? isReference(value) : parameterKeys.has(key) && typeof value !== 'object',
  )
const parameterKeys: ReadonlySet<string> = new Set(
  `Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1 DamagedRowsBeforeError
   ColorTransform`.split(/\s+/),
)

/** By the names that all readers know (7.4, table 6). */
export const filterNames: ReadonlySet<string> = new Set(
  'ASCIIHexDecode ASCII85Decode LZWDecode FlateDecode RunLengthDecode CCITTFaxDecode JBIG2Decode DCTDecode JPXDecode'.split(
    ' ',
  ),
)

/** No filter, or FlateDecode with its parameters in the same form: both plain, or both in arrays of one. */
export function hasPlainFilters({ entries }: PdfDictionary): boolean {
  const [filter, parameters] = [entries.get('Filter'), entries.get('DecodeParms')]
  if (isReference(filter) || isReference(parameters)) return false
  const isPair = parameters === undefined || isArray(filter) === isArray(parameters)
  const single = (value: PdfValue | undefined): readonly (PdfValue | undefined)[] =>
    isArray(value) ? value.items : [value]
  const [filters, all] = [single(filter), single(parameters)]
  if (!isPair || filters.length !== 1 || all.length !== 1) return false
  if (filter === undefined) return parameters === undefined
  if (nameOf(filters[0]) !== 'FlateDecode') return false
  const [own] = all
  return (
    own === undefined || (isDictionary(own) && [...own.entries].every(([key, value]) => isPlainParameter(key, value)))
  )
}

/** What all readers know and can do: rows of octets, as cross-references have them. */
const isPlainParameter = (key: string, value: PdfValue): boolean => {
  if (key === 'Columns') return typeof value === 'number' && value > 0 && value < 65_536
  // Beyond what the standard names readers part ways: some take it for a PNG predictor, some for none.
  if (key === 'Predictor') return value === 1 || (typeof value === 'number' && isPngPredictor(value))
  return (key === 'Colors' && value === 1) || (key === 'BitsPerComponent' && value === 8)
}
