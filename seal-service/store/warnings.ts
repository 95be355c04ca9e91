import type { Queryable, Transaction } from '../../platform/index.ts'
import type { Finding, SupervisionRule, SupervisionSettings } from '../domain/supervision.ts'

export type WarningState = 'open' | 'acknowledged' | 'closed'

/** A warning as it stands. */
export interface Warning extends Finding {
  readonly id: bigint
  readonly raisedAt: Date
  readonly state: WarningState
  readonly stateChangedAt: Date
}

/** What somebody did about a warning. */
export interface WarningAct {
  readonly action: 'acknowledge' | 'close'
  readonly reason: string
  readonly callerId: string
  readonly at: Date
}

const columns = `warning_id as "id", rule, occasion, department_code as "departmentCode", seal_id as "sealId", facts, raised_at as "raisedAt",
  state, state_changed_at as "stateChangedAt"`

/** Raises what was not raised before; returns how many. */
export async function raiseWarnings(db: Queryable, findings: readonly Finding[], at: Date): Promise<number> {
  if (findings.length === 0) return 0
  const rows = await db.query(
    `insert into seal.warnings (rule, occasion, department_code, seal_id, facts, raised_at, state_changed_at)
     select u.rule, u.occasion, u.department_code, u.seal_id, u.facts::jsonb, $6, $6
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) u(rule, occasion, department_code, seal_id, facts)
     on conflict do nothing returning warning_id`,
    [
      findings.map(({ rule }) => rule),
      findings.map(({ occasion }) => occasion),
      findings.map(({ departmentCode }) => departmentCode),
      findings.map(({ sealId }) => sealId),
      findings.map(({ facts }) => JSON.stringify(facts)),
      at,
    ],
  )
  return rows.length
}

/** Warnings of these rules that are not closed. */
export function listStanding(db: Queryable, rules: readonly SupervisionRule[]): Promise<Warning[]> {
  return db.query<Warning>(`select ${columns} from seal.warnings where rule = any($1) and state <> 'closed'`, [rules])
}

export interface WarningFilter {
  readonly departmentCodes: readonly string[]
  /** Whether warnings of the whole house are among them. */
  readonly withHouse: boolean
  readonly state?: WarningState
  readonly rule?: SupervisionRule
  readonly sealId?: string
  /** Before this one: pages go back in time. */
  readonly before?: bigint
  readonly most: number
}

/** Newest first. */
export function listWarnings(db: Queryable, filter: WarningFilter): Promise<Warning[]> {
  return db.query<Warning>(
    `select ${columns} from seal.warnings
     where (department_code = any($1) or (department_code is null and $2)) and ($3::text is null or state = $3) and ($4::text is null or rule = $4)
       and ($5::text is null or seal_id = $5) and ($6::bigint is null or warning_id < $6)
     order by warning_id desc limit $7`,
    [
      filter.departmentCodes,
      filter.withHouse,
      filter.state ?? null,
      filter.rule ?? null,
      filter.sealId ?? null,
      filter.before ?? null,
      filter.most,
    ],
  )
}

/** Locks a warning for this transaction. */
export async function lockWarning(tx: Transaction, id: bigint): Promise<Warning | undefined> {
  const rows = await tx.query<Warning>(`select ${columns} from seal.warnings where warning_id = $1 for update`, [id])
  return rows[0]
}

/** Puts an act on record and the warning into its next state. */
export async function recordWarningAct(tx: Transaction, id: bigint, act: WarningAct): Promise<void> {
  const state: WarningState = act.action === 'acknowledge' ? 'acknowledged' : 'closed'
  await tx.query('update seal.warnings set state = $2, state_changed_at = $3 where warning_id = $1', [
    id,
    state,
    act.at,
  ])
  await tx.query(
    `insert into seal.warning_acts (warning_id, action, reason, caller_id, at) values ($1, $2, $3, $4, $5)`,
    [id, act.action, act.reason, act.callerId, act.at],
  )
}

/** What was done about these warnings, oldest first. */
export async function listWarningActs(
  db: Queryable,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, readonly WarningAct[]>> {
  const rows = await db.query<WarningAct & { readonly id: bigint }>(
    `select warning_id as id, action, reason, caller_id as "callerId", at from seal.warning_acts
     where warning_id = any($1::bigint[]) order by act_id`,
    [ids],
  )
  const acts = new Map<bigint, WarningAct[]>()
  for (const { id, ...act } of rows) acts.set(id, [...(acts.get(id) ?? []), act])
  return acts
}

/** How many are not closed, by rule. */
export function countOpenWarnings(
  db: Queryable,
): Promise<{ readonly rule: SupervisionRule; readonly count: number }[]> {
  return db.query(`select rule, count(*)::integer as count from seal.warnings where state <> 'closed' group by rule`)
}

/** The one rule of a department's settings: all are kept together. */
const SETTINGS = 'settings'

export async function saveSettings(
  db: Queryable,
  departmentCode: string,
  settings: SupervisionSettings,
  callerId: string,
  at: Date,
): Promise<void> {
  await db.query(
    `insert into seal.supervision_rules (department_code, rule, settings, set_by, set_at) values ($1, $2, $3, $4, $5)
     on conflict (department_code, rule) do update set settings = $3, set_by = $4, set_at = $5`,
    [departmentCode, SETTINGS, JSON.stringify(settings), callerId, at],
  )
}

/** What departments have set. */
export async function readSettings(db: Queryable): Promise<ReadonlyMap<string, Partial<SupervisionSettings>>> {
  const rows = await db.query<{ code: string; settings: Partial<SupervisionSettings> }>(
    'select department_code as code, settings from seal.supervision_rules where rule = $1',
    [SETTINGS],
  )
  return new Map(rows.map(({ code, settings }) => [code, settings]))
}
