/** Levels of a PAdES baseline signature (ETSI EN 319 142-1, 6), lowest first. */
export const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
export type Level = (typeof levels)[number]

/** Whether `level` is `least` or above it. */
export function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(least)
}
