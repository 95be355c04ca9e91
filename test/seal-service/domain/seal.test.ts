import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../../platform/index.ts'
import {
  applySealAction,
  formatSealId,
  type SealAction,
  type SealState,
  sealActions,
  sealKeyAlgorithms,
  sealKinds,
  sealNotes,
  sealStates,
  statementKeyStates,
} from '../../../seal-service/domain/seal.ts'
import { sealLifePage } from '../../../tools/make-seal-docs.ts'

const migration = (file: string) =>
  readFileSync(packagePath('seal-service', 'store', 'migrations', file), 'utf8').replace(/\s+/g, ' ')
const sql = migration('0001_seals.sql')
/** The last word of the migrations on a constraint. */
const constraint = (name: string): string => {
  const all = readdirSync(packagePath('seal-service', 'store', 'migrations'))
    .sort()
    .map(migration)
    .map(spaced)
    .join(' ')
  return all.slice(all.lastIndexOf(`add constraint ${name} `))
}
const sqlList = (values: readonly string[]) => `in (${values.map((value) => `'${value}'`).join(', ')})`

const spaced = (sql: string) => sql.replaceAll('( ', '(')

describe('the states of a seal', () => {
  const life = spaced(migration('0005_life.sql'))

  it('stand in the database as they stand in the table', () => {
    const lists = {
      seals_state_check: `state ${sqlList(sealStates)}`,
      seal_events_state_check: `state ${sqlList(sealStates)}`,
      seal_events_action_check: `action ${sqlList([...Object.keys(sealActions), ...sealNotes])}`,
      seals_kind_check: `kind_code ${sqlList(Object.keys(sealKinds).sort())}`,
    }
    for (const [name, list] of Object.entries(lists))
      expect(constraint(name).startsWith(`add constraint ${name} check (${list})`), name).toBe(true)
    expect(sql).toContain(`state text not null check (state ${sqlList(statementKeyStates)})`)
    expect(sql).toContain(`key_algorithm text not null check (key_algorithm ${sqlList(sealKeyAlgorithms)})`)
  })

  it('are left in the database by the same steps as in the table, and by no others', () => {
    const body = /in \(values (.*?) ?\) then return new/.exec(life)![1]!
    const inSql = [...body.matchAll(/\('(\w+)', '(\w+)'\)/g)].map(([, from, to]) => `${from} ${to}`)
    const inTable = Object.values(sealActions).flatMap(({ moves }) =>
      Object.entries(moves).flatMap(([from, to]) => (from === 'none' || from === to ? [] : [`${from} ${to}`])),
    )
    expect(new Set(inSql)).toEqual(new Set(inTable))
    expect(inSql).toHaveLength(new Set(inSql).size)
  })

  it('stand in the documents as they stand in the table', () => {
    expect(readFileSync(packagePath('docs', 'seal-life.md'), 'utf8')).toBe(sealLifePage())
  })

  it('begin with an application and are all reached from it', () => {
    const reached = new Set<string>(['none'])
    for (let size = 0; size !== reached.size; ) {
      size = reached.size
      for (const { moves } of Object.values(sealActions))
        for (const [from, to] of Object.entries(moves)) if (reached.has(from)) reached.add(to)
    }
    expect([...reached].sort()).toEqual(['none', ...sealStates].sort())
  })

  it('refuse every step that is not in the table', () => {
    for (const state of sealStates) {
      for (const action of Object.keys(sealActions) as SealAction[]) {
        const to = (sealActions[action].moves as Record<string, SealState>)[state]
        if (to !== undefined) expect(applySealAction(state, action)).toBe(to)
        else {
          expect(() => applySealAction(state, action)).toThrowError(
            expect.objectContaining({ code: 'SEAL_TRANSITION_FORBIDDEN' }),
          )
        }
      }
    }
    expect(() => applySealAction('constructor' as SealState, 'suspend')).toThrowError()
  })
})

describe('formatSealId', () => {
  it('writes the area of the owner and a number of eight digits', () => {
    expect(formatSealId('11330199MB0000001X', 7)).toBe('33019900000007')
  })
})
