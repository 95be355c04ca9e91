import type { Principal } from '../../../platform/index.ts'
import { type DepartmentStatus, departmentStatus } from '../../domain/validity.ts'
import { listCollected as selectCollected } from '../../store/intake-sources.ts'
import { cursorRefused } from '../cursor.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'

export interface ListedCollected {
  readonly identifier: string
  readonly typeCode: string
  readonly number: string
  readonly status: DepartmentStatus
  readonly statusReportedAt: Date
}

/**
 * Licences that a source brought, those longest without a report of their state first; nothing of a holder is in the list.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listCollected(
  deps: Deps,
  caller: Principal,
  { source, cursor, limit }: { source: string; cursor?: string | undefined; limit: number },
): Promise<{ items: ListedCollected[]; next: string | null }> {
  const after = cursor === undefined ? null : parsePlace(cursor)
  const departmentCodes = [...(await actedFor(deps, caller))]
  const rows = await selectCollected(deps.database, departmentCodes, source, { after, limit: limit + 1 })
  const now = deps.clock.now()
  const page = rows.slice(0, limit)
  const items = page.map(({ identifier, typeCode, number, statusReportedAt, state, ...validity }) => ({
    ...{ identifier, typeCode, number, statusReportedAt, status: departmentStatus(state, validity, now) },
  }))
  return { items, next: rows.length > limit ? formatPlace(page.at(-1)!) : null }
}

const formatPlace = ({ statusReportedAt, identifier }: { statusReportedAt: Date; identifier: string }): string =>
  Buffer.from(`${statusReportedAt.toISOString()} ${identifier}`).toString('base64url')

function parsePlace(cursor: string): { at: Date; identifier: string } {
  const [, at, identifier] =
    // Reports of before the year 1 were taken once: a place that this list gave is one that it takes.
    /^((?:-\d{6}|\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9A-Z.]{1,120})$/.exec(
      Buffer.from(cursor, 'base64url').toString('latin1'),
    ) ?? []
  const ms = Date.parse(at ?? '')
  if (identifier === undefined || Number.isNaN(ms)) throw cursorRefused()
  return { at: new Date(ms), identifier }
}
