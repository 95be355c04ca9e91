import { describe, expect, it } from 'vitest'
import { freshCount, takeUses } from '../../../seal-service/domain/use-count.ts'

const limits = { id: '1', perDay: 50, perMinute: 20 }
const noon = new Date('2026-11-21T04:00:30Z')
const coded = (code: string, retryAfterSeconds: number) => expect.objectContaining({ code, retryAfterSeconds })

describe('takeUses', () => {
  it('takes up to the last place and no further, all or none', () => {
    const count = takeUses({ ...freshCount(noon), takenOnDay: 40 }, limits, 10, noon)
    expect(count).toMatchObject({ takenOnDay: 50, takenInMinute: 10, day: '2026-11-21' })
    expect(() => takeUses(count, limits, 1, noon)).toThrowError(coded('SEAL_QUOTA_EXHAUSTED', 43_170))
    expect(() => takeUses({ ...count, takenOnDay: 45 }, limits, 6, noon)).toThrowError(
      coded('SEAL_QUOTA_EXHAUSTED', 43_170),
    )
  })

  it('takes nothing for nothing, also where nothing is left', () => {
    const full = { ...freshCount(noon), takenOnDay: 50, takenInMinute: 20 }
    expect(takeUses(full, limits, 0, noon)).toEqual(full)
  })

  it('keeps to the rate of a minute by the clock and says when the next begins', () => {
    const full = { ...freshCount(noon), takenOnDay: 20, takenInMinute: 20 }
    expect(() => takeUses(full, limits, 1, noon)).toThrowError(coded('SEAL_RATE_EXCEEDED', 30))
    const next = new Date('2026-11-21T04:01:00Z')
    expect(takeUses(full, limits, 20, next)).toMatchObject({ takenOnDay: 40, takenInMinute: 20, minute: next })
  })

  it('begins a new day at midnight of Shanghai', () => {
    const full = { ...freshCount(noon), takenOnDay: 50 }
    const before = new Date('2026-11-21T15:59:59.999Z')
    const after = new Date('2026-11-21T16:00:00Z')
    expect(() => takeUses(full, limits, 1, before)).toThrowError(coded('SEAL_QUOTA_EXHAUSTED', 1))
    expect(takeUses(full, limits, 1, after)).toMatchObject({ takenOnDay: 1, day: '2026-11-22' })
  })

  it('gives a clock that is behind no day and no minute of its own', () => {
    const ahead = { ...freshCount(new Date('2026-11-21T16:00:10Z')), takenOnDay: 50, takenInMinute: 3 }
    const behind = new Date('2026-11-21T15:59:00Z')
    expect(() => takeUses(ahead, limits, 1, behind)).toThrowError(
      expect.objectContaining({ code: 'SEAL_QUOTA_EXHAUSTED' }),
    )
    expect(takeUses({ ...ahead, takenOnDay: 0 }, limits, 1, behind)).toMatchObject({
      day: '2026-11-22',
      takenInMinute: 4,
    })
  })
})
