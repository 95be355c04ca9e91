import { PadesError } from './errors.ts'
import { inflateStream } from './inflate.ts'
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

/**
 * Refuses compressed octets of which readers make different things: what stands behind the checksum, and much that comes to nothing, which some
 * hand out as it stands.
 *
 * @param mayGoOn whether octets behind the checksum are let pass, as some writers leave them
 * @throws PadesError PADES_COMPRESSED_DATA_BROKEN, PADES_LIMIT_EXCEEDED
 */
export function checkDeflated(octets: Uint8Array, budget: Budget, mayGoOn: boolean): void {
  budget.work(octets.length)
  const { data, end } = inflateStream(octets, budget.inflated(octets.length), (units) => budget.work(units))
  budget.work(data.length)
  const rest = octets.subarray(end)
  if (!mayGoOn && (rest.length > LONGEST_END || rest.some((octet) => octet !== 10 && octet !== 13)))
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'octets behind the end of compressed data')
  if (data.length === 0 && octets.length > LONGEST_NOTHING)
    throw new PadesError('PADES_COMPRESSED_DATA_BROKEN', 'compressed data that come to nothing')
}
