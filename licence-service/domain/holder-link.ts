/** Wrong attempts after which a link is locked for good; a new one is needed. */
export const ATTEMPTS = 5
export const LINK_LIFETIME_MS = 72 * 3_600_000
export const ACCESS_LIFETIME_MS = 10 * 60_000

export interface LinkState {
  readonly expiresAt: Date
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly lockedAt: Date | null
}

export type LinkRefusal = 'HOLDER_LINK_EXPIRED' | 'HOLDER_LINK_LOCKED' | 'HOLDER_LINK_TOO_SOON'

/** Why a link takes no attempt now; `undefined` when it does. */
export function refusalOf(link: LinkState, now: Date): LinkRefusal | undefined {
  if (link.lockedAt) return 'HOLDER_LINK_LOCKED'
  if (now >= link.expiresAt) return 'HOLDER_LINK_EXPIRED'
  return link.nextAttemptAt && now < link.nextAttemptAt ? 'HOLDER_LINK_TOO_SOON' : undefined
}

/** What a wrong attempt does to a link: each one after the first makes the next wait twice as long, the last one locks it. */
export function afterWrongAttempt(
  link: LinkState,
  now: Date,
): { attempts: number; nextAttemptAt: Date; lockedAt: Date | null } {
  const attempts = link.attempts + 1
  const waitMs = attempts < 2 ? 0 : 2 ** (attempts - 1) * 1000
  return { attempts, nextAttemptAt: new Date(now.getTime() + waitMs), lockedAt: attempts >= ATTEMPTS ? now : null }
}

/** How many characters at the end of a holder's code prove the holder. */
export const PROVED_CHARACTERS = 6

/** The six characters a holder proves, as compared: half-width, capitals, and only letters and digits. */
export const normaliseCharacters = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
