/** The only source of the current time. Everything outside `platform` gets it as an argument. */
export interface Clock {
  now(): Date
  /** Milliseconds since some moment, on a scale that nobody can set; a clock moved by hand has none. */
  elapsedMs?(): number
}

export const systemClock: Clock = { now: () => new Date(), elapsedMs: () => performance.now() }
