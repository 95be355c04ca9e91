import { describe, expect, it } from 'vitest'
import { isStale, needsNewCrl } from '../../../pki-service/domain/crl-schedule.ts'

const schedule = { lifetimeMs: 7000, refreshAfterMs: 1000 }
const latest = { thisUpdate: new Date(10_000), nextUpdate: new Date(17_000), entryCount: 2 }

describe('needsNewCrl', () => {
  it.each([
    ['there is none', undefined, 0, 10_000],
    ['it is a day old', latest, 2, 11_000],
    ['it lacks a revocation', latest, 3, 10_001],
    ['it is past its nextUpdate', latest, 2, 17_000],
  ])('asks for a list when %s', (_why, crl, revoked, now) => {
    expect(needsNewCrl(crl, revoked, schedule, new Date(now))).toBe(true)
  })

  it('is content with a young list that holds every revocation', () => {
    expect(needsNewCrl(latest, 2, schedule, new Date(10_999))).toBe(false)
  })
})

describe('isStale', () => {
  it('begins at nextUpdate', () => {
    expect(isStale(latest, new Date(16_999))).toBe(false)
    expect(isStale(latest, new Date(17_000))).toBe(true)
  })
})
