import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packagePath } from '../../../platform/index.ts'
import {
  applySealAction,
  formatSealId,
  type SealAction,
  sealKeyAlgorithms,
  sealStates,
  sealTransitions,
  statementKeyStates,
} from '../../../seal-service/domain/seal.ts'

const migration = (file: string) =>
  readFileSync(packagePath('seal-service', 'store', 'migrations', file), 'utf8').replace(/\s+/g, ' ')
const sql = migration('0001_seals.sql')
const sqlList = (values: readonly string[]) => `in (${values.map((value) => `'${value}'`).join(', ')})`

describe('the states of a seal', () => {
  it('stand in the database as they stand in the table', () => {
    const newer = migration('0004_outside_certificates.sql')
    expect(newer).toContain(`seals_state_check check (state ${sqlList(sealStates)})`)
    expect(newer).toContain(`seal_events_state_check check (state ${sqlList(sealStates)})`)
    expect(sql).toContain(`state text not null check (state ${sqlList(statementKeyStates)})`)
    expect(sql).toContain(`key_algorithm text not null check (key_algorithm ${sqlList(sealKeyAlgorithms)})`)
    const others = ['change-types', 'grant', 'end-grant', 'request', 'renew']
    expect(newer).toContain(`check (action ${sqlList(['approve', ...Object.keys(sealTransitions), ...others])})`)
  })

  it('change only as the table says', () => {
    const allowed = new Map([
      ['approved wait', 'waiting'],
      ['approved make', 'active'],
      ['waiting make', 'active'],
      ['active suspend', 'suspended'],
      ['suspended restore', 'active'],
      ['active revoke', 'revoked'],
      ['suspended revoke', 'revoked'],
    ])
    for (const state of sealStates) {
      for (const action of Object.keys(sealTransitions) as SealAction[]) {
        const to = allowed.get(`${state} ${action}`)
        if (to !== undefined) expect(applySealAction(state, action)).toBe(to)
        else {
          expect(() => applySealAction(state, action)).toThrowError(
            expect.objectContaining({ code: 'SEAL_TRANSITION_FORBIDDEN' }),
          )
        }
      }
    }
  })
})

describe('formatSealId', () => {
  it('writes the area of the owner and a number of eight digits', () => {
    expect(formatSealId('11330199MB0000001X', 7)).toBe('33019900000007')
  })
})
