import { describe, expect, it } from 'vitest'
import { comparedTime, time } from '../../../platform/http/index.ts'

describe('an instant of a request', () => {
  it.each([
    '0001-01-01T00:00:00Z',
    '0001-01-01T14:00:00+14:00',
    '9999-12-31T23:59:59.999Z',
    '2026-11-21T08:00:00+08:00',
  ])('may be %s', (text) => expect(time.parse(text)).toEqual(new Date(text)))

  it.each([
    ['before the year 1 of UTC', '0000-06-01T00:00:00Z'],
    ['in the year -1 of UTC by its offset', '0000-01-01T00:00:00+14:00'],
    ['in the year 0 of UTC by its offset', '0001-01-01T00:00:00+08:00'],
    ['in the year 10000 of UTC by its offset', '9999-12-31T23:59:59-01:00'],
    ['without an offset', '2026-11-21T08:00:00'],
  ])('is not one %s', (_what, text) => expect(time.safeParse(text).success).toBe(false))

  it('may lie in the year 0 where it is only compared', () => {
    expect(comparedTime.parse('0000-01-01T00:00:00Z').getUTCFullYear()).toBe(0)
    for (const text of ['0000-01-01T00:00:00+14:00', '9999-12-31T23:59:59-01:00'])
      expect(comparedTime.safeParse(text).success).toBe(false)
  })
})
