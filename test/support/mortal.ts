import type { Wraps } from './service.ts'

/** What a worker does outside its own memory, by the kind of it. */
export type Step = 'lease' | 'transaction' | 'statements' | 'seals' | 'blobs'

export interface Mortal {
  /** To be given to the house of the worker. */
  readonly wraps: Wraps
  /** Lets it die right after the nth step of a kind from now on has taken effect; comes true when it has. */
  dieAfter(step: Step, nth: number): Promise<void>
  /** Ends what still hangs of it, so that its house can be closed: nothing of it has an effect any more. */
  bury(): void
}

/**
 * A worker process that can be killed between two steps: from then on nothing that it asks for is done or answered, no `catch` and no
 * `finally` of its own runs against the database, and it says no more that it is there. As after SIGKILL, what was done stays.
 */
export function createMortal(): Mortal {
  const grave = Promise.withResolvers<never>()
  // Rejected at the burial, perhaps with nobody left who waits; whoever does wait is told.
  grave.promise.catch(() => undefined)
  let isDead = false
  let armed: { step: Step; left: number; died(): void } | undefined
  async function live<T>(step: Step | undefined, work: () => Promise<T>): Promise<T> {
    if (isDead) return grave.promise
    const mine = armed && armed.step === step && --armed.left === 0 ? armed : undefined
    const result = await work()
    if (mine) {
      isDead = true
      mine.died()
    }
    return isDead ? grave.promise : result
  }
  const wraps: Wraps = {
    batchWork: { isWorker: true, atOnce: 1 },
    database: (database) => ({
      engine: database.engine,
      query: (sql, params) => live(isLease(sql) ? 'lease' : undefined, () => database.query(sql, params)),
      transaction: (work, options) => live('transaction', () => database.transaction(work, options)),
      script: (sql) => live(undefined, () => database.script(sql)),
      close: () => database.close(),
    }),
    blobs: (blobs) => ({
      ...blobs,
      get: (digest) => live(undefined, () => blobs.get(digest)),
      putMany: (many) => live('blobs', () => blobs.putMany(many)),
    }),
    sealer: (sealer) => ({
      ...sealer,
      signStatements: (caller, requests) => live('statements', () => sealer.signStatements(caller, requests)),
      sealDocuments: (caller, requests) => live('seals', () => sealer.sealDocuments(caller, requests)),
    }),
  }
  return {
    wraps,
    dieAfter(step, nth) {
      const { promise, resolve } = Promise.withResolvers<void>()
      armed = { step, left: nth, died: resolve }
      return promise
    },
    bury() {
      isDead = true
      grave.reject(new Error('killed by the test'))
    },
  }
}

const isLease = (sql: string): boolean => sql.includes('update licence.batch_chunks c set worker')
