import type { Database, Transaction } from '../../platform/index.ts'

export type Break = 'not persisted' | 'persisted'

/**
 * A database that breaks at its `at`-th write, counted from 1: before the write is persisted, or after. A transaction
 * is one write; reads never break. All else passes through.
 */
export function breakingDatabase(database: Database, at: number, when: Break): Database {
  let writes = 0
  const wrap = async <T>(write: () => Promise<T>): Promise<T> => {
    const isBroken = ++writes === at
    if (isBroken && when === 'not persisted') throw new Error('broken before')
    const result = await write()
    if (isBroken) throw new Error('broken after')
    return result
  }
  return {
    engine: database.engine,
    query: (sql, params) =>
      /^\s*select/.test(sql) ? database.query(sql, params) : wrap(() => database.query(sql, params)),
    transaction: (work: (tx: Transaction) => Promise<never>) => wrap(() => database.transaction(work)),
    script: (sql) => database.script(sql),
    close: () => database.close(),
  }
}
