/** What SQL can be asked of: the database itself or a transaction. */
export interface Queryable {
  /**
   * Runs one statement with `$1…` parameters. Types: int8 is bigint, date is 'YYYY-MM-DD', bytea is Uint8Array, timestamptz is Date.
   * Throws PostgreSQL's error (`code` is the SQLSTATE, `constraint` the name) or DATABASE_UNAVAILABLE, DATABASE_OUTCOME_UNKNOWN.
   */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>
}

export interface Transaction extends Queryable {
  /** Several statements without parameters, for migrations. */
  script(sql: string): Promise<void>
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
}

/**
 * One database, two engines: PostgreSQL, or PGlite for trial and tests. SQL is that of PostgreSQL 15.
 * PGlite has one connection: never hold a transaction across signing, HTTP or rendering.
 */
export interface Database extends Transaction {
  readonly engine: 'pglite' | 'postgres'
  /**
   * Commits when `work` resolves, rolls back when it rejects. `work` does nothing but database work: after a deadlock or a
   * serialisation failure it runs again from the start. Inside `work` only `tx` may be used; the database itself throws TypeError.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  close(): Promise<void>
}

/** Whether `error` is PostgreSQL's with this SQLSTATE and, where given, about this constraint. */
export function isSqlError(error: unknown, sqlState: string, constraint?: string): boolean {
  if (!(error instanceof Error)) return false
  const { code, constraint: name } = error as Error & { code?: unknown; constraint?: unknown }
  return code === sqlState && (constraint === undefined || name === constraint)
}

export const UNIQUE_VIOLATION = '23505'
