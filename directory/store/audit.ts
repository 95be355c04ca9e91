import type { Queryable, Transaction } from '../../platform/index.ts'

/** What can be done to departments, people and machines. */
export const AUDIT_ACTIONS = [
  'department made',
  'department changed',
  'department closed',
  'account made',
  'post given',
  'account closed',
  'password reset',
  'password changed',
  'security key added',
  'security key removed',
  'outside login linked',
  'outside login unlinked',
  'api key made',
  'api key revoked',
  'machine client made',
  'machine client changed',
  'machine client closed',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export interface AuditEntry {
  readonly at: Date
  readonly actorId: string
  readonly actorName: string
  readonly action: AuditAction
  /** A department's code, an account's id, a key's prefix, a client's id. */
  readonly subject: string
  /** Whose the subject is; the change is seen by those whose range it lies in. */
  readonly departmentCode: string
  /** What changed; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

export interface StoredAuditEntry extends AuditEntry {
  readonly sequence: bigint
}

/** Writes one entry. Numbers become visible in their order: whoever reads up to one has seen all below it. */
export async function recordAudit(tx: Transaction, entry: AuditEntry): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('directory.audit'))`)
  await tx.query(
    `insert into directory.audit (at, actor_id, actor_name, action, subject, department_code, detail)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      entry.at,
      entry.actorId,
      entry.actorName,
      entry.action,
      entry.subject,
      entry.departmentCode,
      JSON.stringify(entry.detail),
    ],
  )
}

/** Entries about these departments after a number, in order. */
export async function listAudit(
  db: Queryable,
  { departmentCodes, after, limit }: { departmentCodes: readonly string[]; after: bigint; limit: number },
): Promise<StoredAuditEntry[]> {
  const rows = await db.query<{
    sequence: bigint
    at: Date
    actor_id: string
    actor_name: string
    action: AuditAction
    subject: string
    department_code: string
    detail: Record<string, unknown>
  }>(
    `select sequence, at, actor_id, actor_name, action, subject, department_code, detail from directory.audit
      where sequence > $1 and department_code = any($2) order by sequence limit $3`,
    [after.toString(), departmentCodes, limit],
  )
  return rows.map((row) => ({
    sequence: row.sequence,
    at: row.at,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    subject: row.subject,
    departmentCode: row.department_code,
    detail: row.detail,
  }))
}
