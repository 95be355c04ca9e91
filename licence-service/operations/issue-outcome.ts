import { TrustServiceError } from '../../platform/index.ts'

/** What a minted licence's maker is told, now and on every repeat of the key. Nothing of the holder is in it. */
export interface IssuedLicence {
  readonly identifier: string
  readonly number: string
  readonly status: 'in force'
  readonly dataDigest: string
  readonly sealedDigest: string
}

/** `ended`: the refusal is on record and final for its key. Without it an error leaves the way open to try again. */
export type IssueOutcome =
  | { readonly ok: true; readonly licence: IssuedLicence }
  | { readonly ok: false; readonly error: unknown; readonly ended?: true }

/** What a key's row keeps: the licence, or the refusal that ended it. */
export type StoredAnswer =
  | { readonly issued: IssuedLicence }
  | { readonly refused: { readonly code: string; readonly message: string } }

/** The outcome that a stored answer stands for. */
export function outcomeOf(answer: StoredAnswer): IssueOutcome {
  if ('issued' in answer) {
    // The database keeps members in an order of its own; every repeat is answered byte for byte like the first.
    const { identifier, number, status, dataDigest, sealedDigest } = answer.issued
    return { ok: true, licence: { identifier, number, status, dataDigest, sealedDigest } }
  }
  return { ok: false, ended: true, error: new TrustServiceError(answer.refused.code, answer.refused.message) }
}
