import type { StatementClaims } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { Level } from '../domain/level.ts'

/** Codes with which the seal service refuses. Asking again cannot help; every other error is an outage, after which it can. */
export const sealerRefusals = [
  'SEAL_ROLE_MISSING',
  'SEAL_NOT_FOUND',
  'SEAL_NOT_YOURS',
  'SEAL_NOT_MADE',
  'SEAL_CERTIFICATE_AWAITED',
  'SEAL_CERTIFICATE_EXPIRED',
  'SEAL_SUSPENDED',
  'SEAL_REVOKED',
  'SEAL_LOST',
  'SEAL_NOT_IN_USE',
  'SEAL_NOT_ALLOWED_ON_TYPE',
  'SEAL_NOT_AUTHORISED',
  'SEAL_USE_REFUSED',
  'SEAL_IDENTIFIER_MALFORMED',
  'SEAL_ISSUER_MISMATCH',
  'SEAL_TYPE_MISMATCH',
  'SEAL_DIGEST_MISMATCH',
  'SEAL_REQUEST_CONFLICT',
  'SEAL_GROUP_TOO_LARGE',
  'SEAL_DOCUMENT_TOO_LARGE',
  'SEAL_DOCUMENT_UNREADABLE',
  'SEAL_PLACE_REFUSED',
  'SEAL_RESULT_NOT_REPEATABLE',
  'STATEMENT_IDENTIFIER_MISMATCH',
  'STATEMENT_KEY_NOT_FOUND',
  'STATEMENT_KEY_EXPIRED',
  'STATEMENT_REQUEST_CONFLICT',
] as const
export type SealerRefusalCode = (typeof sealerRefusals)[number]

/** Codes with which it puts off: the licence stays prepared, and asking again later can succeed. */
export const sealerDelays = ['SEAL_QUOTA_EXHAUSTED', 'SEAL_RATE_EXCEEDED', 'SEAL_SECOND_PERSON_AWAITED'] as const
export type SealerDelayCode = (typeof sealerDelays)[number]

/** Centre of a seal in points from the page's lower left corner, page from 0. */
export interface Place {
  readonly page: number
  readonly x: number
  readonly y: number
}

/** A document as it came back, at the level that could be reached. */
export interface LevelledDocument {
  readonly identifier: string
  readonly pdf: Uint8Array
  readonly level: Level
  /** Why it is below what was asked for. */
  readonly shortfall: Error | null
  /** Of an archive time stamp: when its certificate ends, and by which algorithms it is made. */
  readonly archive: ArchiveStamp | null
}

export interface ArchiveStamp {
  readonly until: Date
  readonly scheme: string
}

/**
 * The seal service as this service sees it, for at most 200 licences at once. The first two calls are idempotent: a repeat (identifier and data
 * digest; identifier and unsigned digest) answers byte for byte what the first one did, up to level B-T, so an unknown outcome is settled
 * by asking again. A level that cannot be reached now is no refusal: the document comes at a lower one and is raised later.
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
      readonly place: Place
      /** Of a document that was made elsewhere: the place counts on its page as it is shown, cropped and turned. */
      readonly isUploaded?: boolean
      /** Further seals of a joint issue, in their order. */
      readonly coSeals?: readonly { readonly sealId: string; readonly place: Place }[]
      /** The level to reach; B-B when left out. */
      readonly level?: Level
      /** Of a copy for one purpose: the seal needs leave of its own for that. */
      readonly copyId?: string
    }[],
  ): Promise<readonly (LevelledDocument & { readonly useId: string })[]>
  /** Raises sealed documents to their target level; one at B-LTA gets another archive time stamp. Appends, and uses no seal. */
  augmentDocuments(
    requests: readonly {
      readonly identifier: string
      readonly pdf: Uint8Array
      readonly level: Level
      readonly target: Level
    }[],
  ): Promise<readonly LevelledDocument[]>
  /** Until when the algorithms of an archive time stamp count. */
  endOfScheme(scheme: string): Date
}
