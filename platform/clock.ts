/** The only source of the current time. Everything outside `platform` gets it as an argument. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
