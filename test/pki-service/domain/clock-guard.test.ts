import { describe, expect, it } from 'vitest'
import { clockSettleMs, clockToleranceMs, createClockGuard } from '../../../pki-service/domain/clock-guard.ts'

const start = Date.parse('2026-11-21T08:00:00Z')

/** Readings at `elapsed` milliseconds whose wall clock is off by `by`; answers whether each was let pass. */
function judge(readings: readonly (readonly [elapsed: number, by: number])[]): boolean[] {
  const guard = createClockGuard()
  return readings.map(([elapsedMs, by]) => {
    try {
      guard.check({ at: new Date(start + elapsedMs + by), elapsedMs })
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'PKI_CLOCK_UNRELIABLE' })
      return false
    }
  })
}

describe('createClockGuard', () => {
  it('lets an even clock pass, for however long nobody looked', () => {
    const day = 86_400_000
    expect(judge([0, 1, day, 400 * day].map((elapsed) => [elapsed, 0] as const))).toEqual([true, true, true, true])
  })

  it('takes a difference up to its tolerance for noise, and refuses one beyond it, in both directions', () => {
    expect(
      judge([
        [0, 0],
        [10, clockToleranceMs],
        [20, -clockToleranceMs],
      ]),
    ).toEqual([true, true, true])
    expect(
      judge([
        [0, 0],
        [10, clockToleranceMs + 1],
      ]),
    ).toEqual([true, false])
    expect(
      judge([
        [0, 0],
        [10, -clockToleranceMs - 1],
      ]),
    ).toEqual([true, false])
  })

  it('does not add up small steps within ten minutes into a large one', () => {
    expect(
      judge([
        [0, 0],
        [1000, 200],
        [2000, 400],
      ]),
    ).toEqual([true, true, false])
  })

  it('follows a clock that is corrected a little every ten minutes', () => {
    expect(
      judge([
        [0, 0],
        [600_000, 200],
        [1_200_000, 400],
        [1_800_000, 600],
      ]),
    ).toEqual([true, true, true, true])
  })

  it('believes a new line after a minute on it, and goes on from there', () => {
    const jump = 5_000_000
    const readings = [
      [0, 0],
      [10, jump],
      [clockSettleMs, jump],
      [clockSettleMs + 10, jump],
      [clockSettleMs + 20, 0],
    ] as const
    expect(judge(readings)).toEqual([true, false, false, true, false])
  })

  it('starts the minute anew at each further jump, and drops it when the clock is back', () => {
    const readings = [
      [0, 0],
      [10, 9000],
      [50_000, 18_000],
      [70_000, 18_000],
      [71_000, 0],
      [72_000, 18_000],
      [111_000, 18_000],
    ] as const
    expect(judge(readings)).toEqual([true, false, false, false, true, false, false])
  })

  it('has nothing to compare where the clock is moved by hand', () => {
    const guard = createClockGuard()
    for (const at of [start, start + 1e10, start - 1e10]) guard.check({ at: new Date(at), elapsedMs: undefined })
  })
})
