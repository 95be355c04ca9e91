import { describe, expect, it } from 'vitest'
import {
  dayOf,
  endOfDay,
  fromEpochDay,
  maskCode,
  maskName,
  publicHolderName,
  startOfDay,
  statusOfListValue,
  statusOn,
  statusWords,
  toEpochDay,
  toShanghaiTime,
} from '../../licence-format/index.ts'
import { codeOf } from './sample.ts'

describe('statusWords', () => {
  it('holds every word of the product once or more, and each state once', () => {
    const words =
      'not yet in force,in force,suspended,revoked,withdrawn,cancelled,transferred,superseded,expired,unknown'
    expect(new Set(statusWords.map(({ word }) => word))).toEqual(new Set(words.split(',')))
    expect(new Set(statusWords.map(({ state }) => state)).size).toBe(statusWords.length)
  })

  it('maps states to list values and information-check codes as the product decided', () => {
    const table = Object.fromEntries(
      statusWords.map(({ state, listValue, infoCheckCode }) => [state, [listValue, infoCheckCode]]),
    )
    expect(table).toEqual({
      prepared: [12, 5],
      rejected: [1, 5],
      'not yet in force': [0, 1],
      'in force': [0, 0],
      suspended: [2, 2],
      revoked: [1, 3],
      withdrawn: [1, 3],
      cancelled: [11, 3],
      transferred: [11, 3],
      superseded: [3, 3],
      expired: [0, 3],
      unknown: [null, 5],
    })
  })

  it('reads every list value back as one of its states, and no other value', () => {
    for (let value = 0; value < 16; value++) {
      const read = statusOfListValue(value)
      const states = statusWords.filter(({ listValue }) => listValue === value).map(({ state }) => state)
      if (states.length === 0) expect(read).toBeUndefined()
      else expect(states).toContain(read === 'pending' ? 'prepared' : read)
    }
  })
})

describe('statusOn', () => {
  const validity = { validFrom: '2026-11-21', validUntil: '2026-12-31' }

  it.each([
    ['in force', '2026-11-20', 'not yet in force'],
    ['in force', '2026-11-21', 'in force'],
    ['in force', '2026-12-31', 'in force'],
    ['in force', '2027-01-01', 'expired'],
    ['suspended', '2026-12-01', 'suspended'],
    ['suspended', '2027-01-01', 'expired'],
    ['revoked', '2027-01-01', 'revoked'],
    ['superseded', '2026-11-20', 'superseded'],
    ['prepared', '2026-12-01', 'unknown'],
  ] as const)('calls a licence recorded as %s on %s %s', (state, today, word) => {
    expect(statusOn(state, validity, today)).toBe(word)
  })

  it('never lets a licence without end expire', () => {
    expect(statusOn('in force', { validFrom: '2026-11-21', validUntil: null }, '9999-12-31')).toBe('in force')
  })
})

describe('days in Asia/Shanghai', () => {
  it('ends "to 2026-12-31" at 2027-01-01T00:00:00+08:00', () => {
    expect(endOfDay('2026-12-31')).toEqual(new Date('2026-12-31T16:00:00Z'))
    expect(startOfDay('2027-01-01')).toEqual(endOfDay('2026-12-31'))
    expect(dayOf(new Date('2026-12-31T15:59:59.999Z'))).toBe('2026-12-31')
    expect(dayOf(new Date('2026-12-31T16:00:00Z'))).toBe('2027-01-01')
  })

  it('writes instants with +08:00', () => {
    expect(toShanghaiTime(new Date('2026-11-21T16:00:00.123Z'))).toBe('2026-11-22T00:00:00+08:00')
  })

  it('counts days from 1970 both ways', () => {
    expect(toEpochDay('1970-01-01')).toBe(0)
    expect(toEpochDay('1949-10-01')).toBe(-7397)
    for (const date of ['0001-01-01', '1969-12-31', '2024-02-29', '9999-12-31'])
      expect(fromEpochDay(toEpochDay(date))).toBe(date)
  })

  it('refuses days that do not exist', () => {
    for (const date of ['2026-02-29', '2026-00-10', '2026-13-01', '2026-1-1', '2026-04-31', '', '0000-01-01']) {
      expect(codeOf(() => toEpochDay(date))).toBe('DATE_INVALID')
    }
    for (const day of [Number.NaN, 1e12, 0.5, -800_000]) expect(codeOf(() => fromEpochDay(day))).toBe('DATE_INVALID')
  })
})

describe('masking', () => {
  it.each([
    ['王五', '王*'],
    ['张小三', '张*三'],
    ['欧阳小三', '欧**三'],
    ['𠮷田太郎', '𠮷**郎'],
    ['Alexander Hamilton', 'A******n'],
    ['王', '王*'],
    ['', ''],
  ])('hides the middle of the name %s', (name, masked) => {
    expect(maskName(name)).toBe(masked)
  })

  it('keeps the first 3 and the last 4 of a code', () => {
    expect(maskCode('11010519491231002X')).toBe('110***********002X')
  })

  it('never shows more than half of a short code', () => {
    for (const code of ['E12345678', 'AB', '1', '', 'H0123456789']) {
      const masked = maskCode(code)
      expect([...masked]).toHaveLength(code.length)
      expect([...masked].filter((c) => c !== '*').length).toBeLessThanOrEqual(code.length / 2)
    }
  })

  it('shows organisations in full and people masked', () => {
    expect(publicHolderName({ name: '云汀印证科技有限公司', codeType: '001' })).toBe('云汀印证科技有限公司')
    expect(publicHolderName({ name: '张小三', codeType: '111' })).toBe('张*三')
  })
})
