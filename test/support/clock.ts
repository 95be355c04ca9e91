import type { Clock } from '../../platform/index.ts'

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advance(ms: number): void
  set(at: Date | string): void
}

export function testClock(at: Date | string = '2026-11-21T08:00:00Z'): TestClock {
  let now = new Date(at)
  return {
    now: () => new Date(now),
    advance(ms) {
      now = new Date(now.getTime() + ms)
    },
    set(other) {
      now = new Date(other)
    },
  }
}
