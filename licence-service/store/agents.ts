import type { Queryable } from '../../platform/index.ts'
import type { Agency } from '../domain/agent.ts'

export interface AgencyRow extends Agency {
  readonly sealedNames: Uint8Array
  readonly wrappedDataKey: Uint8Array
}

const columns = `agency, company_mac as "companyMac", agent_mac as "agentMac", scopes, type_codes as "typeCodes", from_at as "fromAt",
  until_at as "untilAt", recorded_at as "recordedAt", ended_at as "endedAt", sealed_names as "sealedNames",
  wrapped_data_key as "wrappedDataKey"`

/** Adds an agency; false where there is one of its name. */
export async function insertAgency(tx: Queryable, row: AgencyRow): Promise<boolean> {
  const rows = await tx.query(
    `insert into licence.agents (agency, company_mac, agent_mac, scopes, type_codes, from_at, until_at, recorded_at, sealed_names,
       wrapped_data_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning agency`,
    [
      row.agency,
      row.companyMac,
      row.agentMac,
      row.scopes,
      row.typeCodes,
      row.fromAt,
      row.untilAt,
      row.recordedAt,
      row.sealedNames,
      row.wrappedDataKey,
    ],
  )
  return rows.length === 1
}

export async function findAgency(db: Queryable, agency: string): Promise<AgencyRow | undefined> {
  return (await db.query<AgencyRow>(`select ${columns} from licence.agents where agency = $1`, [agency]))[0]
}

/** Agencies on one side or the other, latest first. */
export const listAgencies = (
  db: Queryable,
  side: 'company' | 'agent',
  mac: Uint8Array,
  limit: number,
): Promise<AgencyRow[]> =>
  db.query<AgencyRow>(
    `select ${columns} from licence.agents where ${side === 'company' ? 'company_mac' : 'agent_mac'} = $1
     order by recorded_at desc, agency limit $2`,
    [mac, limit],
  )

/** Ends an agency; false when it was ended before. */
export async function endAgency(tx: Queryable, agency: string, at: Date): Promise<boolean> {
  const rows = await tx.query(
    'update licence.agents set ended_at = $2 where agency = $1 and ended_at is null returning agency',
    [agency, at],
  )
  return rows.length === 1
}

/** Forgets those that were over before an instant; returns how many. */
export async function deleteAgenciesBefore(db: Queryable, before: Date): Promise<number> {
  const rows = await db.query(
    'delete from licence.agents where least(until_at, coalesce(ended_at, until_at)) < $1 returning agency',
    [before],
  )
  return rows.length
}
