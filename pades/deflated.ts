import { PadesError } from './errors.ts'
import { inflateStream, walkDeflated } from './inflate.ts'
import type { Budget } from './limits.ts'
import { isArray, nameOf, type PdfDictionary } from './objects.ts'

/** Octets that a compressed stream of nothing may have: some readers draw them as they stand. */
const LONGEST_NOTHING = 16
/** What may stand behind the checksum: an end of line that the writer counted in. */
const LONGEST_END = 2

/** Whether FlateDecode is the first filter of a stream (ISO 32000-2, 7.4.4). */
export function isDeflated({ entries }: PdfDictionary): boolean {
  const filter = entries.get('Filter')
  return nameOf(isArray(filter) ? filter.items[0] : filter) === 'FlateDecode'
}

/** An end of line, or nothing. */
const isEndOfLine = (rest: Uint8Array): boolean =>
  rest.length <= LONGEST_END && rest.every((octet) => octet === 10 || octet === 13)

/**
 * Inflates octets, and refuses those of which readers make different things: what stands behind the checksum, and much that comes to nothing,
 * which some hand out as it stands.
 *
 * @param mayFollow what may stand behind the checksum
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED
 */
export function checkDeflated(
  octets: Uint8Array,
  budget: Budget,
  mayFollow: (rest: Uint8Array) => boolean = isEndOfLine,
): Uint8Array {
  budget.work(octets.length)
  const { data, end } = inflateStream(octets, budget.inflated(octets.length), (units) => budget.work(units))
  budget.work(data.length)
  if (!mayFollow(octets.subarray(end)))
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'octets behind the end of compressed data')
  refuseNothing(data.length, octets)
  return data
}

/**
 * The same of data that are no content, however much they are: nothing is kept, and what stands behind their end is let pass, as some writers leave it.
 *
 * @throws PadesError as `checkDeflated`
 */
export function checkDeflatedData(octets: Uint8Array, budget: Budget): void {
  refuseNothing(
    walkDeflated(octets, (units) => budget.work(units)),
    octets,
  )
}

function refuseNothing(length: number, octets: Uint8Array): void {
  if (length === 0 && octets.length > LONGEST_NOTHING)
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'compressed data that come to nothing')
}
