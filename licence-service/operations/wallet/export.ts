import type { Principal } from '../../../platform/index.ts'
import { findLicences } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { identifiersOfHolder } from '../../store/wallet.ts'
import type { Deps } from '../deps.ts'
import { openData } from '../read-licence.ts'
import { readStatus } from '../read-status.ts'
import { listAccesses } from './accesses.ts'
import { actingHolder } from './holder.ts'

const AT_ONCE = 50

/**
 * All that is kept of the holder's licences, in JSON, a piece at a time: the data as sealed, the states, and who looked (PIPL art. 45).
 * Files are fetched one by one.
 */
export async function* exportWallet(deps: Deps, principal: Principal): AsyncGenerator<string> {
  const { mac, reader } = await actingHolder(deps, principal, 'read')
  yield `{"exportedAt":${JSON.stringify(deps.clock.now())},"holder":${JSON.stringify(principal.name)},"licences":[`
  let isFirst = true
  for (let after: string | null = null; ; ) {
    const identifiers: string[] = await identifiersOfHolder(deps.database, {
      holderMac: mac,
      typeCodes: null,
      after,
      limit: AT_ONCE,
    })
    for (const row of await findLicences(deps.database, identifiers)) {
      const { identifier, typeCode, departmentCode, printedNumber: number } = row
      const { status, history } = await readStatus(deps, identifier)
      const data = row.wrappedDataKey ? openData(deps, row) : null
      await recordRead(deps.database, { at: deps.clock.now(), reader, identifier, what: 'export' })
      yield `${isFirst ? '' : ','}${JSON.stringify({ identifier, typeCode, departmentCode, number, status, history, data })}`
      isFirst = false
    }
    if (identifiers.length < AT_ONCE) break
    after = identifiers.at(-1)!
  }
  yield '],"accesses":['
  for (let cursor: string | undefined, begun = false; ; ) {
    const { items, next } = await listAccesses(deps, principal, { limit: AT_ONCE, cursor })
    for (const item of items) {
      yield `${begun ? ',' : ''}${JSON.stringify(item)}`
      begun = true
    }
    if (next === null) break
    cursor = next
  }
  yield ']}'
}
