// What the outside world said, gathered before judging. Nothing here is believed but for its signature; the register's live answer
// is believed because whoever configured its source does.
import type { LicenceStatus } from '../licence-format/index.ts'
import type { ListMemory } from './list-memory.ts'

/** The public answer of the register about one licence. Digests are SHA-256 in lower-case hex. */
export interface LiveStatus {
  /** Full identifier. */
  readonly identifier: string
  /** There in an answer about a copy (加注件), which is none about its original. */
  readonly copyId?: string
  /** `unknown`: the register does not know the licence. */
  readonly status: LicenceStatus
  /** ISO 8601. */
  readonly asOf: string
  readonly dataDigest?: string | null
  readonly sealedDigest?: string | null
  readonly replacedBy?: string | null
  /** Which state held from when on, oldest first, as recorded at `asOf`; days of validity are not in it. */
  readonly history?: readonly PastState[]
}

export interface PastState {
  readonly status: LicenceStatus
  /** ISO 8601. */
  readonly from: string
}

export interface Evidence {
  /** DER. */
  readonly crls: readonly Uint8Array[]
  /** OCSP responses, DER. */
  readonly ocsps?: readonly Uint8Array[]
  /**
   * Certificates of the document that OCSP was asked about, by SHA-256 in lower-case hex; absent where nobody was asked. Of others that it is
   * judged by the status is unknown: a limit left them out, and whoever made the document chose what it fell on.
   */
  readonly askedAbout?: readonly string[]
  /** Compact JWS. */
  readonly trustList: string | null
  /** Compact JWS by the address of the list. */
  readonly statusLists: ReadonlyMap<string, string>
  /** Others of the same addresses, kept from before. The newest that is rightly signed counts. */
  readonly keptStatusLists?: ReadonlyMap<string, string>
  readonly live: LiveStatus | null
  /** Trust lists of others, compact JWS, by the names of `ValidationPolicy.otherTrustLists`. */
  readonly otherTrustLists?: ReadonlyMap<string, string>
  /** The highest that was seen of each list (`rememberLists`): an older one is refused. */
  readonly memory?: ListMemory
}

/** No evidence at all: whatever needs some stays undecided. */
export const NO_EVIDENCE: Evidence = { crls: [], ocsps: [], trustList: null, statusLists: new Map(), live: null }
