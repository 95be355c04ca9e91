import type { Mapping } from '../../domain/batch.ts'
import type { BatchRow } from '../../store/batches.ts'
import { fileFault } from './file-fault.ts'
import { openCsv } from './read-csv.ts'
import { openJsonLines } from './read-jsonl.ts'
import type { RowSource } from './read-row.ts'
import { openXlsx } from './read-xlsx.ts'

/** More than an exported register of a city holds. */
export const MOST_FILE_BYTES = 96 << 20

/**
 * What a file is by its first bytes; a name says nothing.
 * @throws LicenceError BATCH_FILE_INVALID
 */
export function kindOf(bytes: Uint8Array): BatchRow['kind'] {
  if (bytes.length === 0) throw fileFault('FILE_EMPTY')
  const begins = (...octets: number[]) => octets.every((octet, index) => bytes[index] === octet)
  if (begins(0x50, 0x4b)) return 'xlsx'
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) throw fileFault('FILE_OLD_SPREADSHEET')
  if (begins(0x25, 0x50, 0x44, 0x46)) throw fileFault('FILE_KIND_UNKNOWN')
  const head = Buffer.from(bytes.subarray(0, 4096))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  return head.trimStart().startsWith('{') ? 'jsonl' : 'csv'
}

/**
 * Opens the files of a batch as rows.
 * @throws LicenceError BATCH_FILE_INVALID
 */
export async function openSource(
  kind: BatchRow['kind'],
  files: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mapping: Pick<Mapping, 'sheet' | 'headerRow' | 'encoding'>,
): Promise<RowSource> {
  if (kind === 'jsonl') return openJsonLines(files)
  for await (const bytes of files()) return kind === 'xlsx' ? openXlsx(bytes, mapping) : openCsv(bytes, mapping)
  throw fileFault('FILE_EMPTY')
}
