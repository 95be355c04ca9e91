/** What an agent may do with the licences of the one they act for. */
export const AGENT_SCOPES = ['read', 'download', 'dispute'] as const
export type AgentScope = (typeof AGENT_SCOPES)[number]

/** One who acts for another, from an instant to another. */
export interface Agency {
  readonly agency: string
  /** Keyed hashes of whom they act for, and of who they are. */
  readonly companyMac: Uint8Array
  readonly agentMac: Uint8Array
  readonly scopes: readonly AgentScope[]
  /** Null: all types. */
  readonly typeCodes: readonly string[] | null
  readonly fromAt: Date
  readonly untilAt: Date
  readonly recordedAt: Date
  readonly endedAt: Date | null
}

/** No one acts for another for longer than that without being named again. */
export const LONGEST_AGENCY_DAYS = 1_096

export type AgencyState = 'to come' | 'standing' | 'over' | 'ended'

export function agencyState({ fromAt, untilAt, endedAt }: Agency, now: Date): AgencyState {
  if (endedAt) return 'ended'
  if (now >= untilAt) return 'over'
  return now >= fromAt ? 'standing' : 'to come'
}

/** Whether the agent may do this with a licence of this type now; a type left out asks about none. */
export const mayAct = (agency: Agency, scope: AgentScope, now: Date, typeCode?: string): boolean =>
  agencyState(agency, now) === 'standing' &&
  agency.scopes.includes(scope) &&
  (typeCode === undefined || agency.typeCodes === null || agency.typeCodes.includes(typeCode))
