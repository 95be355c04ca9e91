import type { KeyStore } from '../key-store/index.ts'
import type { SigningKey } from '../pki/index.ts'
import type { Metrics } from '../platform/http/index.ts'
import type { Clock, Database, Ids, Log } from '../platform/index.ts'

/** What the operations work with; made once in `createPkiService`. */
export interface Dependencies {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly clock: Clock
  readonly ids: Ids
  /** Public address of this installation, without trailing slash: goes into certificates as CRL and CA address. */
  readonly baseUrl: string
  /** How many certificates of an authority share a revocation list; 10,000 unless said otherwise. */
  readonly certificatesPerCrlShard?: number
  readonly log?: Log
  readonly metrics?: Metrics
}

/** A key with the name of its file, for the record of its use. */
export interface NamedKey {
  readonly name: string
  readonly key: SigningKey
}
