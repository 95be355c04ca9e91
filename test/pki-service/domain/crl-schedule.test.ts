import { describe, expect, it } from 'vitest'
import { isStale, needsNewCrl } from '../../../pki-service/domain/crl-schedule.ts'

const schedule = { lifetimeMs: 7000, refreshAfterMs: 1000 }
const latest = { thisUpdate: new Date(10_000), nextUpdate: new Date(17_000), entryCount: 2 }

describe('needsNewCrl', () => {
  it.each([
    ['there is none', undefined, 0, 0, 10_000],
    ['it is a day old', latest, 2, 0, 11_000],
    ['it lacks a revocation', latest, 3, 0, 10_001],
    ['it is older than a certificate', latest, 2, 10_001, 10_002],
    ['it is past its nextUpdate', latest, 2, 0, 17_000],
    ['it is of a time still to come', latest, 2, 0, 9999],
  ])('asks for a list when %s', (_why, crl, revokedCount, lastIssued, now) => {
    const listed = { revokedCount, lastIssued: new Date(lastIssued) }
    expect(needsNewCrl(crl, listed, schedule, new Date(now))).toBe(true)
  })

  it('is content with a young list that holds every revocation', () => {
    for (const lastIssued of [undefined, new Date(10_000), new Date(11_000)])
      expect(needsNewCrl(latest, { revokedCount: 2, lastIssued }, schedule, new Date(10_999))).toBe(false)
  })
})

describe('isStale', () => {
  it('begins at nextUpdate', () => {
    expect(isStale(latest, new Date(16_999))).toBe(false)
    expect(isStale(latest, new Date(17_000))).toBe(true)
  })
})
