import type { StatementClaims } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'

/** Codes with which the seal service refuses. Asking again cannot help; every other error is an outage, after which it can. */
export const sealerRefusals = [
  'SEAL_ROLE_MISSING',
  'SEAL_NOT_FOUND',
  'SEAL_NOT_YOURS',
  'SEAL_NOT_MADE',
  'SEAL_SUSPENDED',
  'SEAL_REVOKED',
  'SEAL_NOT_ALLOWED_ON_TYPE',
  'SEAL_IDENTIFIER_MALFORMED',
  'SEAL_ISSUER_MISMATCH',
  'SEAL_TYPE_MISMATCH',
  'SEAL_DIGEST_MISMATCH',
  'SEAL_REQUEST_CONFLICT',
  'SEAL_GROUP_TOO_LARGE',
  'SEAL_DOCUMENT_TOO_LARGE',
  'SEAL_RESULT_NOT_REPEATABLE',
  'STATEMENT_IDENTIFIER_MISMATCH',
  'STATEMENT_KEY_NOT_FOUND',
  'STATEMENT_KEY_EXPIRED',
  'STATEMENT_REQUEST_CONFLICT',
] as const
export type SealerRefusalCode = (typeof sealerRefusals)[number]

/**
 * The seal service as this service sees it, for at most 200 licences at once. Both calls are idempotent: a repeat (identifier and data
 * digest; identifier and unsigned digest) answers byte for byte what the first one did, so an unknown outcome is settled by asking again.
 */
export interface Sealer {
  signStatements(
    caller: Principal,
    requests: readonly { readonly identifier: string; readonly claims: StatementClaims }[],
  ): Promise<readonly { readonly identifier: string; readonly text: string }[]>
  sealDocuments(
    caller: Principal,
    requests: readonly {
      readonly identifier: string
      readonly typeCode: string
      readonly sealId: string
      /** SHA-256, hex. */
      readonly unsignedDigest: string
      readonly pdf: Uint8Array
      /** Centre of the seal in points from the page's lower left corner, page from 0. */
      readonly place: { readonly page: number; readonly x: number; readonly y: number }
    }[],
  ): Promise<readonly { readonly identifier: string; readonly pdf: Uint8Array; readonly useId: string }[]>
}
