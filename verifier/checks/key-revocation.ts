// Was the certificate of a statement key revoked? The trust list says which keys count, and lives a week; a revocation is told by the hour.
import type { x509 } from '../../pki/index.ts'
import type { Trust } from '../trust.ts'

/** What a list or answer at hand says of a revoked certificate. */
export type Revocation = NonNullable<x509.RevocationStatus['entry']>

/** Asks about the certificate of a statement key; null where nothing at hand tells of a revocation. */
export type AskRevocation = (certificate: x509.Certificate) => Promise<Revocation | null>

/**
 * Asks the lists and answers at hand, as far as `intermediates` lead to whoever signed them (RFC 5280 §6.3): a code brings no certificates
 * along, and is not refused because nobody answers. What the key may be used for is the trust list's to say, and nothing of it is asked.
 */
export function askRevocationBy(trust: Trust, intermediates: readonly Uint8Array[]): AskRevocation {
  return async ({ raw }) => {
    const { revocation } = await trust.validatePath(raw, intermediates, 'any')
    const [answer] = revocation
    return answer?.status === 'revoked' ? (answer.entry ?? null) : null
  }
}

/** Reasons of an end that leaves the key with its owner (RFC 5280 §5.3.1): what it signed before stands. */
const ORDERLY: ReadonlySet<Revocation['reason']> = new Set(['affiliationChanged', 'superseded', 'cessationOfOperation'])

/** Whether a revoked key may have been another's, at the time at which a statement is proven to have been there; null: nothing proves it. */
export function isStolenBy({ reason, revocationDate, invalidityDate }: Revocation, provenAt: Date | null): boolean {
  if (ORDERLY.has(reason)) return false
  return provenAt === null || provenAt >= revocationDate || (invalidityDate !== undefined && provenAt >= invalidityDate)
}
