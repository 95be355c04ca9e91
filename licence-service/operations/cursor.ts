import { LicenceError } from '../errors.ts'

/** A cursor that no list gave: only what the database takes for a place goes on. */
export const cursorRefused = () => new LicenceError('LICENCE_CURSOR_INVALID', 'the cursor is not one this list gave')

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The identifier in a cursor. Throws LICENCE_CURSOR_INVALID. */
export function cursorUuid(text: string | undefined): string {
  if (text === undefined || !UUID.test(text)) throw cursorRefused()
  return text
}

/** The instant in a cursor, or the first of the day where it names one. Throws LICENCE_CURSOR_INVALID. */
export function cursorInstant(text: string | undefined): Date {
  const instant = new Date(text ?? '')
  if (text === undefined || Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(text.slice(0, 10)))
    throw cursorRefused()
  return instant
}
