import type { Principal } from '../../../platform/index.ts'
import { LicenceError } from '../../errors.ts'
import { lockLicence } from '../../store/licences.ts'
import { listPrints, type PaperPrint, recordPrint } from '../../store/paper-prints.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { getOwnRow, readDocument } from '../read-licence.ts'

/**
 * The document to be printed on a numbered sheet of paper, which goes on record: the paper licence and the electronic one are issued together
 * (同步制发). The same sheet again is the same print.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_TRANSITION_REFUSED unless it is in force, PAPER_SERIAL_TAKEN; as `readDocument`
 */
export async function printLicence(
  deps: Deps,
  caller: Principal,
  identifier: string,
  paperSerial: string,
): Promise<{ readonly print: PaperPrint; readonly pdf: Uint8Array }> {
  await getOwnRow(deps, caller, identifier)
  const print = await deps.database.transaction(async (tx) => {
    const row = await lockLicence(tx, identifier)
    if (row?.state !== 'in force')
      throw new LicenceError('LICENCE_TRANSITION_REFUSED', 'a licence is printed while it is in force')
    const at = deps.clock.now()
    const recorded = await recordPrint(tx, row, { paperSerial, at, by: caller.id })
    if (!recorded)
      throw new LicenceError('PAPER_SERIAL_TAKEN', 'another licence was printed on the sheet with this number')
    await recordAudit(tx, caller, at, [{ action: 'print', identifier, detail: paperSerial }])
    return recorded
  })
  return { print, pdf: await readDocument(deps, caller, identifier) }
}

/** The sheets a licence was printed on. @throws LicenceError LICENCE_NOT_FOUND */
export async function readPrints(deps: Deps, caller: Principal, identifier: string): Promise<PaperPrint[]> {
  await getOwnRow(deps, caller, identifier)
  return listPrints(deps.database, identifier)
}
