import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codesActedFor, isAbove } from '../../../licence-service/domain/department-range.ts'
import {
  endStates,
  type LicenceState,
  licenceStates,
  licenceTransitions,
} from '../../../licence-service/domain/licence.ts'
import {
  type Actor,
  checkReady,
  findNextActions,
  isStateAction,
  type LifeFacts,
  lifeActions,
  permissionFor,
  plainRules,
  rulesOf,
  statesFor,
} from '../../../licence-service/domain/life-policy.ts'
import { GUARDED_ACTS } from '../../../licence-service/domain/type-entry.ts'
import { openOrderStates, orderStates } from '../../../licence-service/store/acts.ts'
import { packageRoot } from '../../../platform/index.ts'
import { throwsWithCode } from '../../support/throws-with-code.ts'

const text = (path: string) => readFileSync(join(packageRoot, path), 'utf8')
const migration = text('licence-service/store/migrations/0006_life.sql')
const document = text('docs/licence-life.md')
const quoted = (sql: string) => [...sql.matchAll(/'([^']+)'/g)].map(([, word]) => word!)
const listed = (pattern: RegExp) => quoted(pattern.exec(migration)?.[1] ?? '').sort()
const rowsUnder = (heading: string) =>
  document
    .split(`## ${heading}\n`)[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('|---'))
    .map((line) => line.slice(2, -2).split(' | '))

const everyWay = Object.values(licenceTransitions).flatMap(({ from, to }) => from.map((one) => `${one} > ${to}`))

describe("the table of a licence's life", () => {
  it('has the same ways as the check in the database', () => {
    const check = migration.split('create function licence.check_transition')[1]!.split('end if')[0]!
    const pairs = [...check.matchAll(/\('([^']+)', '([^']+)'\)/g)].map(([, from, to]) => `${from} > ${to}`)
    expect(pairs.sort()).toEqual([...everyWay].sort())
  })

  it('has the same acts, causes and states of orders as the database', () => {
    expect(listed(/action text not null check \(action in \(([^)]+)\)/)).toEqual(
      lifeActions.filter((action) => action !== 'archive').sort(),
    )
    expect(listed(/state text not null check \(state in \(([^)]+)\)/)).toEqual([...orderStates].sort())
    expect(listed(/check \(\(state in \(([^)]+)\)\) = \(settled_at is null\)/)).toEqual([...openOrderStates].sort())
    expect(listed(/successor_cause in \(([^)]+)\)/)).toEqual(
      lifeActions.filter((action) => rulesOf(action).makes !== null).sort(),
    )
    expect(listed(/archived_at is null and state in \(([^)]+)\)/)).toEqual([...endStates].sort())
  })

  it('is the one that people read', () => {
    const [, ...ways] = rowsUnder('Ways from state to state')
    expect(ways).toEqual(
      Object.entries(licenceTransitions).map(([event, { from, to }]) => [event, from.join(', '), to]),
    )
    const [, ...acts] = rowsUnder('Acts')
    expect(acts).toEqual(
      lifeActions.map((action) => {
        const { zh, event, makes, own, above, legalBasis, copies } = rulesOf(action)
        const place = { version: 'next version', licence: 'another number' }
        const after = [
          event ?? '–',
          makes ? place[makes] : '–',
          own,
          above ?? '–',
          legalBasis ? 'yes' : '–',
          copies ?? '–',
        ]
        return [action, zh, statesFor(action).join(', '), ...after]
      }),
    )
  })

  it('knows every act that a catalogue entry may have a second person approve', () => {
    const unknown = GUARDED_ACTS.filter((act) => act !== 'issue' && !lifeActions.some((action) => action === act))
    expect(unknown).toEqual([])
  })

  it('ends copies where it ends the licence, and only there', () => {
    for (const action of lifeActions) {
      const { event, copies } = rulesOf(action)
      const ends = event !== null && endStates.includes(licenceTransitions[event].to)
      expect([action, copies === 'end']).toEqual([action, ends])
    }
  })
})

const departments = [
  { code: 'city' },
  { code: 'market', parentCode: 'city' },
  { code: 'trade', parentCode: 'city', closedAt: new Date('2026-03-01'), successorCode: 'market' },
  { code: 'weights', parentCode: 'trade', closedAt: new Date('2026-01-01'), successorCode: 'trade' },
]
const now = new Date('2026-06-01')
const actorOf = (departmentCode: string, ...permissions: string[]): Actor => ({
  ...{ id: 'a', departmentCode, departments, actsFor: codesActedFor(departments, departmentCode, now) },
  may: (permission) => permissions.includes(permission),
})
const inForce: LifeFacts = {
  state: 'in force',
  validUntil: null,
  archivedAt: null,
  isErased: false,
  replacedBy: null,
  collectedFrom: null,
  openOrder: null,
}

describe('codesActedFor', () => {
  it('follows mergers over several steps, each from its day', () => {
    expect([...codesActedFor(departments, 'market', now)].sort()).toEqual(['market', 'trade', 'weights'])
    expect([...codesActedFor(departments, 'market', new Date('2026-02-01'))]).toEqual(['market'])
    expect([...codesActedFor(departments, 'trade', new Date('2026-02-01'))].sort()).toEqual(['trade', 'weights'])
  })

  it('ends in a circle that the record should not have', () => {
    const closedAt = new Date('2026-01-01')
    const circle = [
      { code: 'a', closedAt, successorCode: 'b' },
      { code: 'b', closedAt, successorCode: 'a' },
    ]
    expect([...codesActedFor(circle, 'a', now)].sort()).toEqual(['a', 'b'])
    expect(
      isAbove(
        [
          { code: 'a', parentCode: 'b' },
          { code: 'b', parentCode: 'a' },
        ],
        'c',
        'a',
      ),
    ).toBe(false)
  })
})

describe('permissionFor', () => {
  it('lets a department above withdraw, and nothing else', () => {
    const above = actorOf('city', 'licences:review', 'licences:change')
    expect(permissionFor('withdraw', above, 'market')).toBe('licences:review')
    for (const action of lifeActions.filter((one) => one !== 'withdraw'))
      throwsWithCode(() => permissionFor(action, above, 'market'), 'LICENCE_ROLE_MISSING')
  })

  it('hides the licences of others, and needs the right in the own department', () => {
    throwsWithCode(() => permissionFor('cancel', actorOf('market', 'licences:change'), 'city'), 'LICENCE_NOT_FOUND')
    throwsWithCode(() => permissionFor('cancel', actorOf('city', 'licences:change'), 'market'), 'LICENCE_NOT_FOUND')
    throwsWithCode(() => permissionFor('cancel', actorOf('market', 'licences:issue'), 'market'), 'LICENCE_ROLE_MISSING')
    expect(permissionFor('cancel', actorOf('market', 'licences:change'), 'trade')).toBe('licences:change')
  })
})

describe('checkReady', () => {
  const ready = (action: (typeof lifeActions)[number], facts: Partial<LifeFacts>, rules = plainRules) =>
    checkReady(action, { ...inForce, ...facts }, rules, '2026-06-01')

  it('allows each act in the states of the table alone', () => {
    for (const action of lifeActions.filter((one) => one !== 'archive' && one !== 'renew'))
      for (const state of licenceStates) {
        const isAllowed = statesFor(action).includes(state)
        if (isAllowed) ready(action, { state })
        else throwsWithCode(() => ready(action, { state }), 'LICENCE_TRANSITION_REFUSED')
      }
  })

  it('archives what ended or had its last day, once', () => {
    ready('archive', { state: 'revoked' })
    ready('archive', { validUntil: '2026-05-31' })
    throwsWithCode(() => ready('archive', { validUntil: '2026-06-01' }), 'LICENCE_TRANSITION_REFUSED')
    throwsWithCode(() => ready('archive', { state: 'revoked', archivedAt: now }), 'LICENCE_TRANSITION_REFUSED')
  })

  it('renews around the last day, as far as the type says', () => {
    const rules = { ...plainRules, renewalDays: 30 }
    for (const validUntil of ['2026-05-02', '2026-06-01', '2026-07-01']) ready('renew', { validUntil }, rules)
    for (const validUntil of [null, '2026-05-01', '2026-07-02'])
      throwsWithCode(() => ready('renew', { validUntil }, rules), 'LICENCE_RENEWAL_REFUSED')
  })

  it('lets no successor pass an order that stands, and no end wait for one', () => {
    const openOrder = { orderId: 'o', action: 'revoke' } as const
    const possible = (action: (typeof lifeActions)[number], state: LicenceState) => statesFor(action).includes(state)
    for (const action of lifeActions.filter((one) => possible(one, 'in force') && one !== 'archive'))
      if (isStateAction(action)) ready(action, { openOrder })
      else throwsWithCode(() => ready(action, { openOrder }), 'LICENCE_ORDER_OPEN')
  })
})

describe('findNextActions', () => {
  it('offers what the caller may do now', () => {
    const clerk = actorOf('market', 'licences:change')
    const next = (facts: Partial<LifeFacts>) =>
      findNextActions(clerk, { ...inForce, ...facts, departmentCode: 'market' }, plainRules, '2026-06-01')
    expect(next({ state: 'suspended' })).toEqual(['restore', 'revoke', 'withdraw', 'cancel'])
    expect(next({ state: 'revoked' })).toEqual(['archive'])
    expect(next({ state: 'prepared' })).toEqual([])
    const openOrder = { orderId: 'o', action: 'revoke' } as const
    const guarded = { ...plainRules, secondPerson: ['revoke', 'withdraw'] } as const
    expect(findNextActions(clerk, { ...inForce, openOrder, departmentCode: 'market' }, guarded, '2026-06-01')).toEqual([
      'suspend',
      'cancel',
    ])
    expect(
      findNextActions(actorOf('market'), { ...inForce, departmentCode: 'market' }, plainRules, '2026-06-01'),
    ).toEqual([])
  })
})
