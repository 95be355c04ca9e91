import { PkiServiceError } from '../errors.ts'

/** What the clock said at one moment. `elapsedMs` runs on a scale that nobody sets; undefined where there is none to compare with. */
export interface ClockReading {
  readonly at: Date
  readonly elapsedMs: number | undefined
}

export interface ClockGuard {
  /**
   * Lets the time pass, or throws `PKI_CLOCK_UNRELIABLE`: the wall clock has left the line on which it ran beside the monotonic one.
   * It is believed again at once when it is back on that line, and on its new line once it has kept to it for a minute.
   */
  check(reading: ClockReading): void
}

/** Less than the accuracy that stamps state. */
export const clockToleranceMs = 250
/** So long a clock that was set, or a machine that slept, is watched before its new time counts. */
export const clockSettleMs = 60_000
/** Each time it has been right for so long, the line begins anew: corrections of milliseconds never add up to a refusal. */
const renewLineMs = 600_000

/** Where the wall clock stood at some moment of the monotonic one. */
interface Line {
  readonly wallMs: number
  readonly elapsedMs: number
}

/** Watches one clock from its first reading on. */
export function createClockGuard(): ClockGuard {
  let trusted: Line | undefined
  let watched: Line | undefined
  return {
    check({ at, elapsedMs }) {
      if (elapsedMs === undefined) return
      const now = { wallMs: at.getTime(), elapsedMs }
      trusted ??= now
      if (isOnLine(trusted, now)) {
        watched = undefined
        if (elapsedMs - trusted.elapsedMs >= renewLineMs) trusted = now
        return
      }
      if (watched === undefined || !isOnLine(watched, now)) watched = now
      if (elapsedMs - watched.elapsedMs >= clockSettleMs) {
        trusted = now
        watched = undefined
        return
      }
      throw new PkiServiceError(
        'PKI_CLOCK_UNRELIABLE',
        'the clock has jumped: nothing is stamped until it is back or has run evenly for a minute',
      )
    },
  }
}

function isOnLine(line: Line, now: Line): boolean {
  return Math.abs(now.wallMs - line.wallMs - (now.elapsedMs - line.elapsedMs)) <= clockToleranceMs
}
