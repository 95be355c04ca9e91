import { readOperators } from './content-stream.ts'
import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { type IndirectObject, isArray, isDictionary, nameOf, type PdfValue } from './objects.ts'

/**
 * What a stream that a later change draws by holds, where all readers undo its filters alike: none, or one FlateDecode, without parameters.
 * Nobody predicts content, and where /Filter and /DecodeParms have unequal forms some take the parameters and some do not (ISO 32000-2, 7.3.8.2).
 *
 * @throws PadesError PADES_FILTER_UNSUPPORTED, PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED, PADES_MALFORMED
 */
export function plainContent(document: PdfDocument, object: IndirectObject): Uint8Array {
  const entries = isDictionary(object.value) ? object.value.entries : null
  if (entries === null || !isFlateOrNone(entries.get('Filter')) || entries.has('DecodeParms'))
    throw new PadesError('PADES_FILTER_UNSUPPORTED', 'content by other filters than FlateDecode')
  // What calls itself metadata is excepted from encryption for some readers, and not for others.
  const type = entries.get('Type')
  if (type !== undefined && !drawnTypes.has(nameOf(type) ?? ''))
    throw new PadesError('PADES_MALFORMED', 'content that says that it is something else')
  document.checkDeflated(object)
  return document.data(object)
}

const drawnTypes: ReadonlySet<string> = new Set(['XObject', 'Pattern'])

function isFlateOrNone(filter: PdfValue | undefined): boolean {
  const names = filter === undefined ? [] : isArray(filter) ? filter.items : [filter]
  return names.length <= 1 && names.every((name) => nameOf(name) === 'FlateDecode')
}

/**
 * `readOperators` of content that a later change draws by, which must read the same for every reader: operators that exist, each by itself,
 * numbers as the standard writes them, comments that end with their line for all, no inline images. Some readers take `QQ` for two operators, `1q` for a number and one.
 *
 * @returns whether all of it is so
 * @throws PadesError as `plainContent` and the syntax reader
 */
export function readPlainOperators(
  document: PdfDocument,
  object: IndirectObject,
  visit: (operator: string, operands: readonly PdfValue[]) => void,
): boolean {
  return readOperators(plainContent(document, object), document.shared.budget, visit, 'plain')
}
