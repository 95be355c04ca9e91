// A seal world whose one seal is given to whom a test says, and databases that look on or step in between.
import type { Database, Principal, Transaction } from '../../../platform/index.ts'
import type { AuthorisationOrder, ShownAuthorisation } from '../../../seal-service/index.ts'
import { clerk, market, type SealWorld } from '../world.ts'

export const keeper: Principal = {
  ...{ id: 'keeper-1', name: '李四', kind: 'person', departmentCode: market.code, roles: ['seal-keeper'] },
}
export const approver: Principal = { ...keeper, id: 'approver-1', name: '王五', roles: ['seal-approver'] }

let keys = 0

export const onceOf = (request: unknown = {}) => ({
  key: `key-${keys++}`,
  requestDigest: new Uint8Array(Buffer.alloc(32, JSON.stringify(request))),
})

/** Leave for the clerk on every licence, changed as said. */
export function termsOf(changed: Partial<AuthorisationOrder['terms']> = {}): AuthorisationOrder['terms'] {
  return {
    grantee: { kind: 'account', id: clerk.id },
    purposes: ['licences'],
    perDay: null,
    perMinute: null,
    from: null,
    until: null,
    needsSecondPerson: false,
    ...changed,
  }
}

export async function authorise(
  { seals, seal }: SealWorld,
  changed: Partial<AuthorisationOrder['terms']> = {},
): Promise<ShownAuthorisation> {
  const order = { sealId: seal.id, terms: termsOf(changed), delegatedFrom: null }
  return seals.uses.authorise(keeper, { ...order, once: onceOf() })
}

/** Ends whatever stands, then gives leave as said. */
export async function allowOnly(
  world: SealWorld,
  changed: Partial<AuthorisationOrder['terms']> = {},
): Promise<ShownAuthorisation> {
  for (const { id, ended } of await world.seals.uses.authorisations(keeper, world.seal.id))
    if (ended === null) await end(world, id)
  return authorise(world, changed)
}

export const end = ({ seals, seal }: SealWorld, authorisationId: string) =>
  seals.uses.endAuthorisation(keeper, { sealId: seal.id, authorisationId, reason: 'test' })

/** A database that does something before its `at`-th transaction, counted from 1. */
export function steppingIn(database: Database, at: number, step: () => Promise<unknown>): Database {
  let transactions = 0
  return {
    engine: database.engine,
    query: (sql, params) => database.query(sql, params),
    async transaction<T>(work: (tx: Transaction) => Promise<T>) {
      if (++transactions === at) await step()
      return database.transaction(work)
    },
    script: (sql) => database.script(sql),
    close: () => database.close(),
  }
}

/** A database that counts its statements. */
export function counting(database: Database): Database & { readonly statements: () => number } {
  let statements = 0
  return {
    statements: () => statements,
    engine: database.engine,
    query(sql, params) {
      statements++
      return database.query(sql, params)
    },
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          query(sql, params) {
            statements++
            return tx.query(sql, params)
          },
          script: (sql) => tx.script(sql),
        }),
      ),
    script: (sql) => database.script(sql),
    close: () => database.close(),
  }
}

/** Phases of the uses of a licence's document, oldest first, with why they were refused. */
export async function phasesOf({ database }: SealWorld, identifier: string): Promise<string[]> {
  const rows = await database.query<{ phase: string; refusal: string | null }>(
    `select phase, refusal from seal.seal_uses where identifier = $1 order by at, phase`,
    [identifier],
  )
  return rows.map(({ phase, refusal }) => (refusal === null ? phase : `${phase} ${refusal}`))
}

export const codeOf = (result: PromiseSettledResult<unknown>): string =>
  result.status === 'fulfilled' ? 'done' : (result.reason as { code?: string }).code!
