import type { Principal } from '../../platform/index.ts'
import { type ReadRow, readsOfLicence } from '../store/reads.ts'
import { cursorRefused } from './cursor.ts'
import type { Deps } from './deps.ts'
import { actedFor } from './life/life-facts.ts'
import { getOwnRow } from './read-licence.ts'

/** Somebody read a licence. Who it was is told of the own department; of others, and of holders, which kind of reader alone. */
export interface ToldRead extends Omit<ReadRow, 'read' | 'reader'> {
  readonly reader: string | null
}

const CURSOR = /^(\d{1,15})\.(\d{1,18})$/

/**
 * Who read a licence of the caller's department, newest first.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_CURSOR_INVALID
 */
export async function listReads(
  deps: Deps,
  caller: Principal,
  identifier: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: ToldRead[]; next: string | null }> {
  await getOwnRow(deps, caller, identifier)
  const after = cursor === undefined ? null : parseCursor(cursor)
  const rows = await readsOfLicence(deps.database, identifier, { after, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const acted = await actedFor(deps, caller)
  const isColleague = ({ readerKind, departmentCode }: ReadRow) =>
    (readerKind === 'person' || readerKind === 'machine') && acted.has(departmentCode)
  const items = page.map((row): ToldRead => {
    const { read: _, ...told } = row
    return { ...told, reader: isColleague(row) ? row.reader : null }
  })
  const last = page.at(-1)
  return { items, next: rows.length > limit && last ? `${last.at.getTime()}.${last.read}` : null }
}

function parseCursor(cursor: string): { at: Date; read: bigint } {
  const [, at, read] = CURSOR.exec(cursor) ?? []
  if (at === undefined || read === undefined) throw cursorRefused()
  return { at: new Date(Number(at)), read: BigInt(read) }
}
