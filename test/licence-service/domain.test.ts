import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { statusWords } from '../../licence-format/index.ts'
import {
  ATTEMPTS,
  afterWrongAttempt,
  normaliseCharacters,
  refusalOf,
} from '../../licence-service/domain/holder-link.ts'
import {
  type LicenceEvent,
  licenceStates,
  licenceTransitions,
  mayGo,
  nextState,
} from '../../licence-service/domain/licence.ts'
import { numberPeriod } from '../../licence-service/domain/number-period.ts'
import { effectiveTimeOf, type RegisterEntry, stateAsOf } from '../../licence-service/domain/register-entry.ts'
import { departmentStatus, publicStatus } from '../../licence-service/domain/validity.ts'
import { packagePath } from '../../platform/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const at = (text: string) => new Date(text)

describe('states of a licence', () => {
  it('are the same in the domain, in the words of the format and in the check constraint of the table', () => {
    const sql = readFileSync(packagePath('licence-service/store/migrations/0001_licences.sql'), 'utf8')
    const [, list] = /check \(state in \(([^)]*)\)\)/.exec(sql)!
    expect(list!.split(',').map((state) => state.trim().replaceAll("'", ''))).toEqual([...licenceStates])
    expect(
      statusWords
        .filter(({ origin }) => origin === 'recorded')
        .map(({ state }) => state)
        .sort(),
    ).toEqual([...licenceStates].sort())
  })

  it('end for good once revoked, withdrawn, cancelled, transferred, superseded or rejected', () => {
    const ends = ['revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded', 'rejected'] as const
    for (const state of ends)
      for (const event of Object.keys(licenceTransitions) as LicenceEvent[])
        expect(mayGo(state, event), `${state} by ${event}`).toBe(false)
  })

  it('let a licence be suspended, restored and revoked', () => {
    expect(nextState('in force', 'suspend')).toBe('suspended')
    expect(nextState('suspended', 'restore')).toBe('in force')
    expect(nextState('suspended', 'revoke')).toBe('revoked')
  })

  it('refuse to replace a suspended licence, so that a renewal cannot wash the suspension away', () => {
    throwsWithCode(() => nextState('suspended', 'supersede'), 'LICENCE_TRANSITION_REFUSED')
  })

  it('refuse to suspend what does not exist yet', () => {
    throwsWithCode(() => nextState('prepared', 'suspend'), 'LICENCE_TRANSITION_REFUSED')
  })
})

describe('validity', () => {
  const year = { validFrom: '2026-01-01', validUntil: '2026-12-31' }

  it('ends with its last day in Shanghai, whatever the zone of the server', () => {
    expect(publicStatus('in force', year, at('2026-12-31T15:59:59.999Z'))).toBe('in force')
    expect(publicStatus('in force', year, at('2026-12-31T16:00:00Z'))).toBe('expired')
  })

  it('begins with its first day in Shanghai', () => {
    expect(publicStatus('in force', year, at('2025-12-31T15:59:59Z'))).toBe('not yet in force')
    expect(publicStatus('in force', year, at('2025-12-31T16:00:00Z'))).toBe('in force')
  })

  it('has no end where there is no last day', () => {
    expect(publicStatus('in force', { ...year, validUntil: null }, at('9999-01-01T00:00:00Z'))).toBe('in force')
  })

  it('does not hide a revocation behind an end of validity', () => {
    expect(publicStatus('revoked', year, at('2027-06-01T00:00:00Z'))).toBe('revoked')
  })

  it('tells the public nothing of a licence that does not exist, and its department why', () => {
    expect(publicStatus('prepared', year, at('2026-06-01T00:00:00Z'))).toBe('unknown')
    expect(publicStatus('rejected', year, at('2026-06-01T00:00:00Z'))).toBe('unknown')
    expect(departmentStatus('prepared', year, at('2026-06-01T00:00:00Z'))).toBe('pending')
    expect(departmentStatus('rejected', year, at('2026-06-01T00:00:00Z'))).toBe('rejected')
  })
})

describe('the register as of an instant', () => {
  const entry = (state: RegisterEntry['state'], effective: string, recorded = effective): RegisterEntry => ({
    event: 'prepare',
    state,
    effectiveAt: at(effective),
    recordedAt: at(recorded),
    recordedBy: 'x',
    related: null,
  })
  const entries = [
    entry('prepared', '2026-03-01T00:00:00Z'),
    entry('in force', '2026-03-01T00:00:01Z'),
    entry('suspended', '2026-04-01T00:00:00Z', '2026-04-10T00:00:00Z'),
    entry('in force', '2026-05-01T00:00:00Z'),
  ]

  it('knows nothing before the first entry', () => {
    expect(stateAsOf(entries, at('2026-02-28T23:59:59Z'))).toBeUndefined()
  })

  it('answers by when a change took effect, not by when it was recorded', () => {
    expect(stateAsOf(entries, at('2026-03-31T23:59:59Z'))).toBe('in force')
    expect(stateAsOf(entries, at('2026-04-05T00:00:00Z'))).toBe('suspended')
    expect(stateAsOf(entries, at('2026-05-01T00:00:00Z'))).toBe('in force')
  })
})

describe('the effective time of a change', () => {
  const now = at('2026-06-01T12:00:00Z')
  const last = at('2026-05-01T00:00:00Z')

  it('is now unless one is named', () => {
    expect(effectiveTimeOf(undefined, last, now)).toEqual(now)
  })

  it('may lie in the past, after the last change took effect', () => {
    expect(effectiveTimeOf(at('2026-05-10T00:00:00Z'), last, now)).toEqual(at('2026-05-10T00:00:00Z'))
    throwsWithCode(() => effectiveTimeOf(at('2026-04-30T00:00:00Z'), last, now), 'LICENCE_EFFECTIVE_TIME_REFUSED')
  })

  it('may not lie in the future, but for a clock that runs a little ahead', () => {
    expect(effectiveTimeOf(at('2026-06-01T12:04:00Z'), last, now)).toEqual(now)
    throwsWithCode(() => effectiveTimeOf(at('2026-06-01T12:06:00Z'), last, now), 'LICENCE_EFFECTIVE_TIME_REFUSED')
  })
})

describe('printed numbers', () => {
  it('count within all time, a year or a day', () => {
    expect(numberPeriod('never', '2026-11-21')).toBe('ever')
    expect(numberPeriod('yearly', '2026-11-21')).toBe('2026')
    expect(numberPeriod('daily', '2026-11-21')).toBe('2026-11-21')
  })
})

describe('a holder link', () => {
  const now = at('2026-06-01T12:00:00Z')
  const fresh = { expiresAt: at('2026-06-04T12:00:00Z'), attempts: 0, nextAttemptAt: null, lockedAt: null }

  it('answers the first wrong attempt at once and each later one ever slower, and locks at the fifth', () => {
    let link = { ...fresh } as Parameters<typeof afterWrongAttempt>[0]
    const waits: number[] = []
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const after = afterWrongAttempt(link, now)
      waits.push((after.nextAttemptAt.getTime() - now.getTime()) / 1000)
      link = { ...link, ...after }
    }
    expect(waits).toEqual([0, 2, 4, 8, 16])
    expect(refusalOf(link, at('2026-06-03T00:00:00Z'))).toBe('HOLDER_LINK_LOCKED')
  })

  it('takes no attempt before its time and none once expired', () => {
    expect(refusalOf({ ...fresh, nextAttemptAt: at('2026-06-01T12:00:02Z') }, now)).toBe('HOLDER_LINK_TOO_SOON')
    expect(refusalOf(fresh, fresh.expiresAt)).toBe('HOLDER_LINK_EXPIRED')
    expect(refusalOf(fresh, now)).toBeUndefined()
  })

  it('takes the characters as people type them', () => {
    expect(normaliseCharacters(' 00 21-3x ')).toBe('00213X')
  })
})
