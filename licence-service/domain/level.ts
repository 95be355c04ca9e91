import type { SignatureReport } from '../../verifier/index.ts'
import { LicenceError } from '../errors.ts'

/** Levels of a licence's seal (ETSI EN 319 142-1, 6), lowest first. */
export const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
export type Level = (typeof levels)[number]

/** Years of validity beyond which a licence is sealed for the archive. */
const LONG_LIVED_YEARS = 10

/** Whether `level` is `least` or above it. */
export const isAtLeast = (level: Level, least: Level): boolean => levels.indexOf(level) >= levels.indexOf(least)

/**
 * The level a licence is to reach: the one asked for, else B-LT; B-LTA where it is valid for more than ten years or without end.
 * Throws `LEVEL_NOT_AVAILABLE` for a word that is no level.
 */
export function targetLevel(
  asked: string | undefined,
  { validFrom, validUntil }: { readonly validFrom: string; readonly validUntil: string | null },
): Level {
  const level = levels.find((one) => one === asked)
  if (level !== undefined) return level
  if (asked !== undefined) throw new LicenceError('LEVEL_NOT_AVAILABLE', `expected one of ${levels.join(', ')}`)
  // Days are inclusive: ten years from 2026-11-22 end on 2036-11-21.
  const tenYearsOn = `${Number(validFrom.slice(0, 4)) + LONG_LIVED_YEARS}${validFrom.slice(4)}`
  return validUntil === null || validUntil >= tenYearsOn ? 'B-LTA' : 'B-LT'
}

/** The lowest level among the seals of a verified document. */
export function reachedLevel(signatures: readonly Pick<SignatureReport, 'type' | 'level'>[]): Level {
  const reached = signatures.filter(({ type }) => type === 'signature').map(({ level }) => level)
  return levels.find((level) => reached.includes(level)) ?? 'B-B'
}

/** An archive time stamp is renewed so long before it can no longer be verified. */
const RENEW_BEFORE_MS = 366 * 24 * 3_600_000

/** The instant up to which archive time stamps that end are due for renewal. */
export const renewalHorizon = (now: Date): Date => new Date(now.getTime() + RENEW_BEFORE_MS)
