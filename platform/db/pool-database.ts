import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { PlatformError } from '../errors.ts'
import { systemIds } from '../ids.ts'
import type { Database, Queryable, Transaction, TransactionOptions } from './database.ts'

const SERIALISATION_FAILURE = '40001'
const DEADLOCK = '40P01'
const MAX_ATTEMPTS = 6
/** Texts kept as named statements on each connection; more than a program of ours has, so that a generated text cannot fill memory. */
const MAX_NAMED_STATEMENTS = 1000

const sqlState = (error: unknown): string | undefined => (error instanceof pg.DatabaseError ? error.code : undefined)

/** The server has closed the connection or is about to: shutdown, crash, start-up, connection exceptions. */
function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return state.startsWith('57P0') || state.startsWith('08')
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError)
}

/** Disk, memory or connections are used up: an outage that passes, nothing was done. */
const isShortOfResources = (error: unknown): boolean => sqlState(error)?.startsWith('53') ?? false

const isWorthRetrying = (error: unknown): boolean => [SERIALISATION_FAILURE, DEADLOCK].includes(sqlState(error) ?? '')

const unavailable = (cause: unknown): PlatformError =>
  new PlatformError('DATABASE_UNAVAILABLE', 'the database cannot be reached or has no room', {
    cause,
    retryAfterSeconds: 5,
  })

const outcomeUnknown = (cause: unknown): PlatformError =>
  new PlatformError('DATABASE_OUTCOME_UNKNOWN', 'the database went away before it answered', {
    cause,
    retryAfterSeconds: 5,
  })

interface Scope {
  open: boolean
}

/** The `Database` on a pg.Pool, whichever engine answers it. `closeEngine` runs after the pool has ended. */
export class PoolDatabase implements Database {
  readonly engine: 'pglite' | 'postgres'
  readonly #pool: pg.Pool
  readonly #closeEngine: () => Promise<void>
  readonly #scope = new AsyncLocalStorage<Scope>()
  readonly #names = new Map<string, string>()
  #closing: Promise<void> | undefined

  constructor(engine: 'pglite' | 'postgres', pool: pg.Pool, closeEngine: () => Promise<void>) {
    this.engine = engine
    this.#pool = pool
    this.#closeEngine = closeEngine
    // An idle connection that breaks is dropped by the pool; the next query meets the outage itself.
    pool.on('error', () => {})
  }

  async query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    this.#refuseInsideTransaction('query')
    return this.#retrying(() =>
      this.#withClient(async (client) => {
        try {
          return await this.#run<Row>(client, sql, params)
        } catch (error) {
          if (isShortOfResources(error)) throw unavailable(error)
          throw isConnectionLost(error) ? outcomeUnknown(error) : error
        }
      }),
    )
  }

  async script(sql: string): Promise<void> {
    this.#refuseInsideTransaction('script')
    await this.#withClient((client) => client.query(sql))
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.#refuseInsideTransaction('transaction')
    return this.#retrying(() => this.#withClient((client) => this.#transact(client, work, options)))
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end().then(this.#closeEngine)
    return this.#closing
  }

  async #transact<T>(
    client: pg.PoolClient,
    work: (tx: Transaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    const scope: Scope = { open: true }
    const guard = (): void => {
      if (!scope.open) throw new TypeError('this transaction has ended')
    }
    const tx: Transaction = {
      query: async <Row>(sql: string, params: readonly unknown[] = []) => {
        guard()
        return this.#run<Row>(client, sql, params)
      },
      script: async (sql) => {
        guard()
        await client.query(sql)
      },
    } satisfies Queryable & Transaction
    try {
      await client.query(`begin isolation level ${options.isolation ?? 'read committed'}`)
      const result = await this.#scope.run(scope, () => work(tx))
      scope.open = false
      await this.#commit(client)
      return result
    } catch (error) {
      scope.open = false
      if (error instanceof PlatformError && error.code === 'DATABASE_OUTCOME_UNKNOWN') throw error
      if (isConnectionLost(error) && !(await this.#rollback(client))) throw unavailable(error)
      if (!isConnectionLost(error)) await this.#rollback(client)
      throw isShortOfResources(error) ? unavailable(error) : error
    }
  }

  async #commit(client: pg.PoolClient): Promise<void> {
    let command: string
    try {
      command = (await client.query('commit')).command
    } catch (error) {
      throw isConnectionLost(error) ? outcomeUnknown(error) : error
    }
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
    if (command !== 'COMMIT')
      throw new TypeError('a statement of this transaction failed and its error was swallowed: rolled back')
  }

  /** Whether the connection still answers. */
  async #rollback(client: pg.PoolClient): Promise<boolean> {
    try {
      await client.query('rollback')
      return true
    } catch {
      return false
    }
  }

  /** Named, so that each connection parses and plans a text once. */
  async #run<Row>(client: pg.PoolClient, text: string, params: readonly unknown[]): Promise<Row[]> {
    let name = this.#names.get(text)
    if (name === undefined && this.#names.size < MAX_NAMED_STATEMENTS) {
      name = `s${this.#names.size}`
      this.#names.set(text, name)
    }
    const { rows } = await client.query({ ...(name === undefined ? {} : { name }), text, values: [...params] })
    return rows as Row[]
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient
    try {
      client = await this.#pool.connect()
    } catch (error) {
      throw unavailable(error)
    }
    let broken = false
    const onError = (): void => {
      broken = true
    }
    client.on('error', onError)
    try {
      return await work(client)
    } catch (error) {
      broken ||= error instanceof PlatformError
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken)
    }
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt()
      } catch (error) {
        if (tries === MAX_ATTEMPTS || !isWorthRetrying(error)) throw error
        await delay((systemIds.bytes(1)[0]! / 255) * 10 * 2 ** tries)
      }
    }
  }

  #refuseInsideTransaction(call: string): void {
    if (this.#scope.getStore()?.open)
      throw new TypeError(`database.${call} inside a transaction: use the transaction it was given`)
  }
}
