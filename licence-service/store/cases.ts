import type { Queryable } from '../../platform/index.ts'
import type { RecordedCaller } from './licences.ts'

export type CaseState = 'waiting' | 'issued' | 'refused'

/** A case by its name. */
export interface CaseName {
  readonly departmentCode: string
  readonly caseNumber: string
  readonly typeCode: string
}

/** A case as its row holds it; what is personal is still sealed. */
export interface CaseRow extends CaseName {
  readonly position: bigint
  readonly itemCode: string
  readonly decidedAt: Date
  readonly submittedAt: Date
  readonly submittedBy: string
  readonly requestMac: Uint8Array
  readonly wrappedDataKey: Uint8Array | null
  readonly sealedRequest: Uint8Array
  readonly state: CaseState
  readonly issuingBy: RecordedCaller | null
  readonly attempts: number
  readonly lastFault: string | null
  readonly identifier: string | null
  readonly answeredAt: Date | null
  readonly callBack: string | null
  readonly callBackAttempts: number
}

export type NewCase = Pick<
  CaseRow,
  | keyof CaseName
  | 'itemCode'
  | 'decidedAt'
  | 'submittedAt'
  | 'submittedBy'
  | 'requestMac'
  | 'sealedRequest'
  | 'callBack'
> & { readonly applicantMac: Uint8Array; readonly wrappedDataKey: Uint8Array }

const columns = `position, department_code as "departmentCode", case_number as "caseNumber", type_code as "typeCode",
  item_code as "itemCode", decided_at as "decidedAt", submitted_at as "submittedAt", submitted_by as "submittedBy",
  request_mac as "requestMac", wrapped_data_key as "wrappedDataKey", sealed_request as "sealedRequest", state,
  issuing_by as "issuingBy", attempts, last_fault as "lastFault", identifier, answered_at as "answeredAt", call_back as "callBack",
  call_back_attempts as "callBackAttempts"`
const named = 'department_code = $1 and case_number = $2 and type_code = $3'
const nameOf = ({ departmentCode, caseNumber, typeCode }: CaseName) => [departmentCode, caseNumber, typeCode]

/** Adds a case unless it is there; answers the one on record. */
export async function putCase(db: Queryable, row: NewCase): Promise<CaseRow> {
  await db.query(
    `insert into licence.cases (department_code, case_number, type_code, item_code, applicant_mac, decided_at, submitted_at, submitted_by,
       request_mac, wrapped_data_key, sealed_request, state, call_back)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting', $12) on conflict (department_code, case_number, type_code) do nothing`,
    [
      ...nameOf(row),
      row.itemCode,
      row.applicantMac,
      row.decidedAt,
      row.submittedAt,
      row.submittedBy,
      row.requestMac,
      row.wrappedDataKey,
      row.sealedRequest,
      row.callBack,
    ],
  )
  return (await findCase(db, row))!
}

export const findCase = async (db: Queryable, name: CaseName): Promise<CaseRow | undefined> =>
  (await db.query<CaseRow>(`select ${columns} from licence.cases where ${named}`, nameOf(name)))[0]

/** The same row, held until the transaction ends. */
export const lockCase = async (tx: Queryable, name: CaseName): Promise<CaseRow | undefined> =>
  (await tx.query<CaseRow>(`select ${columns} from licence.cases where ${named} for update`, nameOf(name)))[0]

/** Cases of departments in the order they came, behind a position: of one number, or in one state. */
export const listCases = (
  db: Queryable,
  departmentCodes: ReadonlySet<string>,
  {
    caseNumber = null,
    state = null,
    after = 0n,
    limit,
  }: {
    readonly caseNumber?: string | null
    readonly state?: CaseState | null
    readonly after?: bigint
    readonly limit: number
  },
): Promise<CaseRow[]> =>
  db.query<CaseRow>(
    `select ${columns} from licence.cases
     where department_code = any($1) and ($2::text is null or case_number = $2) and ($3::text is null or state = $3) and position > $4
     order by position limit $5`,
    [[...departmentCodes], caseNumber, state, after.toString(), limit],
  )

/** Records who issues a case, before the licence is asked for. */
export async function beginIssuing(tx: Queryable, name: CaseName, by: RecordedCaller, at: Date): Promise<void> {
  await tx.query(`update licence.cases set issuing_by = $4, issuing_since = $5 where ${named} and state = 'waiting'`, [
    ...nameOf(name),
    JSON.stringify(by),
    at,
  ])
}

/** The attempt was refused for good: the case waits again, and the next attempt has a key of its own. */
export async function failAttempt(db: Queryable, name: CaseName, attempt: number, fault: string): Promise<void> {
  await db.query(
    `update licence.cases set issuing_by = null, issuing_since = null, attempts = attempts + 1, last_fault = $5
     where ${named} and state = 'waiting' and attempts = $4`,
    [...nameOf(name), attempt, fault],
  )
}

export interface CaseAnswer {
  readonly state: 'issued' | 'refused'
  readonly at: Date
  readonly by: string
  readonly identifier?: string
  readonly sealedReason?: Uint8Array
}

/** waiting → answered; the data key of an issued case is destroyed. Answers whether it was still waiting. */
export async function answerCase(tx: Queryable, name: CaseName, answer: CaseAnswer): Promise<boolean> {
  const rows = await tx.query(
    `update licence.cases set state = $4, answered_at = $5, answered_by = $6, identifier = $7, sealed_reason = $8, issuing_by = null,
       wrapped_data_key = case when $4 = 'issued' then null else wrapped_data_key end,
       call_back_state = case when call_back is null then null else 'due' end, call_back_due_at = $5
     where ${named} and state = 'waiting' returning 1`,
    [...nameOf(name), answer.state, answer.at, answer.by, answer.identifier ?? null, answer.sealedReason ?? null],
  )
  return rows.length === 1
}

/** Cases whose issuing began before an instant and has not ended. */
export const listBeingIssued = (db: Queryable, before: Date, limit: number): Promise<CaseRow[]> =>
  db.query<CaseRow>(
    `select ${columns} from licence.cases where state = 'waiting' and issuing_by is not null and issuing_since <= $1
     order by issuing_since limit $2`,
    [before, limit],
  )

/** Takes call-backs that are due, for as long as the lease: another process does not take them meanwhile. */
export const takeCallBacks = (db: Queryable, now: Date, leaseUntil: Date, limit: number): Promise<CaseRow[]> =>
  db.query<CaseRow>(
    `update licence.cases c set call_back_due_at = $2, call_back_attempts = call_back_attempts + 1
     from (select position as taken from licence.cases where call_back_state = 'due' and call_back_due_at <= $1
       order by call_back_due_at limit $3 for update skip locked) due
     where c.position = due.taken
     returning ${columns}`,
    [now, leaseUntil, limit],
  )

/** What became of a call-back: delivered, given up, or due again. */
export async function settleCallBack(
  db: Queryable,
  position: bigint,
  outcome: { readonly state: 'delivered' | 'given up' | 'due'; readonly dueAt: Date; readonly fault: string | null },
): Promise<void> {
  await db.query(
    `update licence.cases set call_back_state = $2, call_back_due_at = $3, call_back_fault = $4 where position = $1`,
    [position.toString(), outcome.state, outcome.dueAt, outcome.fault],
  )
}

export interface UnattendedGrant {
  readonly departmentCode: string
  readonly clientId: string
  readonly typeCode: string
  readonly grantedBy: string
  readonly grantedAt: Date
  readonly until: Date
}

/** Grants a machine the licence at once, or grants it anew. */
export async function putGrant(db: Queryable, grant: UnattendedGrant): Promise<void> {
  await db.query(
    `insert into licence.unattended_grants (department_code, client_id, type_code, granted_by, granted_at, until)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (department_code, client_id, type_code) do update set granted_by = excluded.granted_by,
       granted_at = excluded.granted_at, until = excluded.until, ended_at = null, ended_by = null`,
    [grant.departmentCode, grant.clientId, grant.typeCode, grant.grantedBy, grant.grantedAt, grant.until],
  )
}

/** Ends a grant; answers whether one ran. */
export async function endGrant(
  db: Queryable,
  of: Pick<UnattendedGrant, 'departmentCode' | 'clientId' | 'typeCode'>,
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update licence.unattended_grants set ended_at = $4, ended_by = $5
     where department_code = $1 and client_id = $2 and type_code = $3 and ended_at is null returning 1`,
    [of.departmentCode, of.clientId, of.typeCode, at, by],
  )
  return rows.length === 1
}

/** A department's grants that run. */
export const runningGrants = (db: Queryable, departmentCode: string, at: Date): Promise<UnattendedGrant[]> =>
  db.query<UnattendedGrant>(
    `select department_code as "departmentCode", client_id as "clientId", type_code as "typeCode", granted_by as "grantedBy",
       granted_at as "grantedAt", until
     from licence.unattended_grants where department_code = $1 and ended_at is null and until > $2 order by client_id, type_code`,
    [departmentCode, at],
  )
