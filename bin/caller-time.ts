import { CommandError } from './errors.ts'

/** An instant as the caller typed it: ISO 8601 with its zone, or a day, which begins at midnight UTC. Throws TIME_MALFORMED. */
export function parseInstant(text: string): Date {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const at = new Date(text)
  const day = new Date(text.slice(0, 10))
  // Date rolls 31 February on into March.
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
  if (!isIso || !isDay || Number.isNaN(at.getTime()))
    throw new CommandError('TIME_MALFORMED', 'expected an ISO 8601 time with its zone, as 2026-11-21T08:00:00Z')
  return at
}
