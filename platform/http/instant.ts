import { z } from 'zod'

const within = (firstYear: number) =>
  z.iso.datetime({ offset: true }).refine(
    (text) => {
      const year = new Date(text).getUTCFullYear()
      return year >= firstYear && year <= 9999
    },
    `an instant in the years ${String(firstYear).padStart(4, '0')} to 9999 (UTC)`,
  )

const toDate = (text: string): Date => new Date(text)

/**
 * An instant in RFC 3339 with its offset, within the years 0001 to 9999 of UTC. What lies outside them (`0000-01-01T00:00:00+14:00`) cannot
 * be written in that form again, is in no calendar of the database, and would stand in signed lists that their own readers refuse.
 */
export const instant = within(1)

/** The same as a `Date`. */
export const time = instant.transform(toDate)

/** A `Date` that is compared with what is on record, and kept only where it is no earlier: RFC 3339 has a year 0 too. */
export const comparedTime = within(0).transform(toDate)
