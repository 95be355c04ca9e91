import type { Principal } from '../../../platform/index.ts'
import { type AgentScope, mayAct } from '../../domain/agent.ts'
import { LicenceError } from '../../errors.ts'
import { findAgency } from '../../store/agents.ts'
import { findLicence, type LicenceRow } from '../../store/licences.ts'
import type { Reader } from '../../store/reads.ts'
import { isHolderOf } from '../../store/wallet.ts'
import type { Deps } from '../deps.ts'

const HOLDER_ID = /^holder:([0-9a-f]{64})$/

/** Whose licences a call is about, and who makes it. */
export interface ActingHolder {
  readonly mac: Uint8Array
  /** Types that an agent may see; null: all. */
  readonly typeCodes: readonly string[] | null
  readonly reader: Reader
}

/** The keyed hash of whoever is logged in as a holder. */
export function holderMacOf({ id }: Principal): Uint8Array {
  const [, key] = HOLDER_ID.exec(id) ?? []
  if (key === undefined) throw new LicenceError('LICENCE_NOT_FOUND', 'only holders have a wallet')
  return Buffer.from(key, 'hex')
}

/**
 * The holder themselves, or the one they act for by an agency that stands and reaches so far.
 * @throws LicenceError AGENT_SCOPE_EXCEEDED
 */
export async function actingHolder(
  deps: Deps,
  principal: Principal,
  scope: AgentScope,
  agency?: string,
): Promise<ActingHolder> {
  const mac = holderMacOf(principal)
  if (agency === undefined)
    return { mac, typeCodes: null, reader: { id: principal.id, kind: 'holder', departmentCode: '' } }
  const found = await findAgency(deps.database, agency)
  const isOwn = found !== undefined && Buffer.compare(found.agentMac, mac) === 0
  if (!isOwn || !mayAct(found, scope, deps.clock.now()))
    throw new LicenceError('AGENT_SCOPE_EXCEEDED', 'you do not act for them in this, or not now')
  return {
    mac: found.companyMac,
    typeCodes: found.typeCodes,
    reader: { id: principal.id, kind: 'agent', departmentCode: '' },
  }
}

/** A licence of theirs that is or was on the register. Another's is as absent as one that never was. */
export async function heldLicence(
  deps: Deps,
  { mac, typeCodes }: ActingHolder,
  identifier: string,
): Promise<LicenceRow> {
  const row = (await isHolderOf(deps.database, mac, identifier))
    ? await findLicence(deps.database, identifier)
    : undefined
  const isSeen = row && row.state !== 'prepared' && row.state !== 'rejected'
  if (!isSeen || (typeCodes !== null && !typeCodes.includes(row.typeCode)))
    throw new LicenceError('LICENCE_NOT_FOUND', 'you have no licence with this identifier')
  return row
}
