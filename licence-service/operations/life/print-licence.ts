import type { Principal } from '../../../platform/index.ts'
import { departmentStatus } from '../../domain/validity.ts'
import { LicenceError } from '../../errors.ts'
import type { LicenceRow } from '../../store/licences.ts'
import { listPrints, type PaperPrint, recordPrint } from '../../store/paper-prints.ts'
import { recordRead } from '../../store/reads.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { getOwnRow, openDocument } from '../read-licence.ts'
import { lockSettled } from './carry-out.ts'

/**
 * The document to be printed on a numbered sheet of paper, which goes on record: the paper licence and the electronic one are issued together
 * (同步制发). The same sheet again is the same print. A sheet goes on record with a document that was opened, or not at all.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED unless it is in force (an order that is due counts) and its last day has
 *   not passed, PAPER_SERIAL_TAKEN; as `openDocument`
 */
export async function printLicence(
  deps: Deps,
  caller: Principal,
  identifier: string,
  paperSerial: string,
): Promise<{ readonly print: PaperPrint; readonly pdf: Uint8Array }> {
  const seen = await getOwnRow(deps, caller, identifier)
  requirePrintable(deps, seen)
  const pdf = await openDocument(deps, seen)
  const print = await deps.database.transaction(async (tx) => {
    const { row } = await lockSettled(deps, tx, identifier)
    requirePrintable(deps, row)
    const at = deps.clock.now()
    const recorded = await recordPrint(tx, row, { paperSerial, at, by: caller.id })
    if (!recorded)
      throw new LicenceError('PAPER_SERIAL_TAKEN', 'another licence was printed on the sheet with this number')
    await recordRead(tx, { at, reader: caller, identifier, what: 'document' })
    await recordAudit(tx, caller, at, [{ action: 'print', identifier, detail: paperSerial }])
    return recorded
  })
  return { print, pdf }
}

/** One that is not yet in force may be printed: paper is handed over on the day of issue. */
function requirePrintable(deps: Deps, row: LicenceRow): void {
  const hasRunOut = departmentStatus(row.state, row, deps.clock.now()) === 'expired'
  if (row.state === 'in force' && row.wrappedDataKey === null)
    throw new LicenceError(
      'LICENCE_ERASED',
      'the personal data of this licence were erased, and its document with them',
    )
  if (row.state === 'in force' && !hasRunOut) return
  throw new LicenceError(
    'LICENCE_TRANSITION_REFUSED',
    'a licence is printed while it is in force, until its last day has passed',
  )
}

/** The sheets a licence was printed on. @throws LicenceError LICENCE_NOT_FOUND */
export async function readPrints(deps: Deps, caller: Principal, identifier: string): Promise<PaperPrint[]> {
  await getOwnRow(deps, caller, identifier)
  return listPrints(deps.database, identifier)
}
