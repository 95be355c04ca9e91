import { createHash } from 'node:crypto'
import { COMPANY_ROLE } from '../../../directory/index.ts'
import { canonicalJson, maskName } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { type AgencyState, type AgentScope, agencyState, LONGEST_AGENCY_DAYS } from '../../domain/agent.ts'
import { LicenceError } from '../../errors.ts'
import { type AgencyRow, endAgency, findAgency, insertAgency, listAgencies } from '../../store/agents.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { holderCodeMac } from '../holder-key.ts'
import { requireSame } from '../require-same.ts'
import { createBox, openBox } from '../sealed-content.ts'
import { holderMacOf } from './holder.ts'

const DAY_MS = 86_400_000
const MOST_LISTED = 200

export interface NewAgent {
  readonly name: string
  /** Identity number; kept as a keyed hash. */
  readonly code: string
  readonly scopes: readonly AgentScope[]
  readonly typeCodes: readonly string[] | null
  readonly from: Date
  readonly until: Date
}

/** An agency as either side sees it: the company whom it named, the agent for whom they may act. */
export interface AgencyView {
  readonly agency: string
  readonly company: string
  /** Masked. */
  readonly agent: string
  readonly scopes: readonly AgentScope[]
  readonly typeCodes: readonly string[] | null
  readonly from: Date
  readonly until: Date
  readonly state: AgencyState
}

/**
 * Names somebody who acts for the company that is logged in. The same key and request name them once.
 * @throws LicenceError AGENT_FOR_COMPANIES_ONLY, AGENT_TIME_REFUSED, IDEMPOTENCY_KEY_REUSED
 */
export async function nameAgent(deps: Deps, principal: Principal, agent: NewAgent, key: string): Promise<AgencyView> {
  if (!principal.roles.includes(COMPANY_ROLE))
    throw new LicenceError('AGENT_FOR_COMPANIES_ONLY', 'only a company that is logged in itself names who acts for it')
  const now = deps.clock.now()
  const agency = uuidOf(principal.id, key)
  const names = { company: principal.name, agent: maskName(agent.name) }
  const { box, wrapped } = createBox(deps, agency)
  const row: AgencyRow = {
    agency,
    companyMac: holderMacOf(principal),
    agentMac: holderCodeMac(deps, agent.code),
    scopes: agent.scopes,
    typeCodes: agent.typeCodes,
    fromAt: agent.from,
    untilAt: agent.until,
    recordedAt: now,
    endedAt: null,
    sealedNames: box.seal('names', Buffer.from(canonicalJson(names))),
    wrappedDataKey: wrapped,
  }
  return deps.database.transaction(async (tx) => {
    const before = await findAgency(tx, agency)
    if (!before) requireTime(agent, now)
    // At the same moment the same request may be under way: whoever comes second finds what it made.
    if (before || !(await insertAgency(tx, row))) {
      const made = before ?? (await findAgency(tx, agency))!
      requireSame(whatIsNamed(deps, made), whatIsNamed(deps, row))
      return viewOf(deps, made)
    }
    await recordAudit(tx, principal, now, [{ action: 'name-agent', identifier: null, detail: agency }])
    return viewOf(deps, row)
  })
}

function requireTime({ from, until }: NewAgent, now: Date): void {
  const days = (until.getTime() - Math.max(from.getTime(), now.getTime())) / DAY_MS
  if (until <= from || until <= now || days > LONGEST_AGENCY_DAYS)
    throw new LicenceError('AGENT_TIME_REFUSED', `an agency ends after it begins, within ${LONGEST_AGENCY_DAYS} days`)
}

/** Of an agency, what the request asked for. */
function whatIsNamed(deps: Deps, row: AgencyRow) {
  const { agent, scopes, typeCodes, from, until } = viewOf(deps, row)
  const code = Buffer.from(row.agentMac).toString('hex')
  return { agent, code, scopes, typeCodes, from: from.toISOString(), until: until.toISOString() }
}

/** Both sides: who acts for me, and for whom I act. */
export async function listAgents(
  deps: Deps,
  principal: Principal,
): Promise<{ mine: AgencyView[]; forOthers: AgencyView[] }> {
  const mac = holderMacOf(principal)
  const views = async (side: 'company' | 'agent') =>
    (await listAgencies(deps.database, side, mac, MOST_LISTED)).map((row) => viewOf(deps, row))
  return { mine: await views('company'), forOthers: await views('agent') }
}

/**
 * Ends an agency, from either side.
 * @throws LicenceError AGENCY_NOT_FOUND
 */
export async function endAgent(deps: Deps, principal: Principal, agency: string): Promise<AgencyView> {
  const mac = holderMacOf(principal)
  const now = deps.clock.now()
  return deps.database.transaction(async (tx) => {
    const found = await findAgency(tx, agency)
    const isOurs = found && [found.companyMac, found.agentMac].some((one) => Buffer.compare(one, mac) === 0)
    if (!isOurs) throw new LicenceError('AGENCY_NOT_FOUND', 'there is no such agency of yours')
    if (await endAgency(tx, agency, now))
      await recordAudit(tx, principal, now, [{ action: 'end-agent', identifier: null, detail: agency }])
    return viewOf(deps, { ...found, endedAt: found.endedAt ?? now })
  })
}

function viewOf(deps: Deps, row: AgencyRow): AgencyView {
  const box = openBox(deps, { identifier: row.agency, wrappedDataKey: row.wrappedDataKey })
  const names = JSON.parse(Buffer.from(box.open('names', row.sealedNames)).toString()) as Pick<
    AgencyView,
    'company' | 'agent'
  >
  const { agency, scopes, typeCodes, fromAt: from, untilAt: until } = row
  return { agency, ...names, scopes, typeCodes, from, until, state: agencyState(row, deps.clock.now()) }
}

/** One request, one agency: its name follows from whoever asks and their key. */
export function uuidOf(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
