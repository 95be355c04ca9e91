import { z } from 'zod'

/**
 * An instant in RFC 3339 with its offset, within the years 0001 to 9999 of UTC. What lies outside them (`0000-01-01T00:00:00+14:00`) cannot
 * be written in that form again, is in no calendar of the database, and would stand in signed lists that their own readers refuse.
 */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => isWritable(new Date(text)), 'an instant in the years 0001 to 9999 (UTC)')

/** The same as a `Date`. */
export const time = instant.transform((text) => new Date(text))

function isWritable(at: Date): boolean {
  const year = at.getUTCFullYear()
  return year >= 1 && year <= 9999
}
