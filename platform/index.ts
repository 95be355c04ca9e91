/**
 * Platform: the house's plumbing — configuration, time, ids, log, database, blobs. HTTP and authentication have a door of their own,
 * `platform/http/index.ts`, so that a command line does not load a web server.
 *
 * It knows no business word and no other room. Invariants: only this room touches the environment, the clock and the source of
 * randomness; a resolved blob `put` or `transaction` is durable (PGlite: against the end of the process, not of the power).
 */
export type { Principal } from './auth/principal.ts'
export { type BlobEntry, type Blobs, sweepBlobs } from './blobs/blobs.ts'
export { createBlobs } from './blobs/folder-blobs.ts'
export { createS3Blobs, type S3BlobsOptions } from './blobs/s3-blobs.ts'
export { type Clock, systemClock } from './clock.ts'
export {
  type Config,
  callerFolder,
  dataFolder,
  type FilingConfig,
  loadConfig,
  loadVerifierConfig,
  type OidcConfig,
  privateAddresses,
  type S3Config,
  type TokenConfig,
  type VerifierConfig,
} from './config.ts'
export { BYTE_ORDER_MARK, toPlainText } from './csv.ts'
export { lockFolder } from './db/data-dir-lock.ts'
export {
  type Database,
  isSqlError,
  type Queryable,
  type Transaction,
  type TransactionOptions,
  UNIQUE_VIOLATION,
} from './db/database.ts'
export { migrate } from './db/migrate.ts'
export { type DatabaseLocation, openDatabase } from './db/open-database.ts'
export {
  type Fault,
  PlatformError,
  type PlatformErrorCode,
  TrustServiceError,
  type TrustServiceErrorOptions,
} from './errors.ts'
export {
  type DeliveryOutcome,
  deliverEvent,
  type EventDelivery,
  faultOfReceiver,
  type TellableEvent,
} from './event-delivery.ts'
export { type DeliveryLease, type RoundCount, sendDueEvents } from './event-round.ts'
export { createEventSender, type EventMessage, type EventSender } from './event-sender.ts'
export { type FetchOptions, fetchBytes } from './fetch-bytes.ts'
export {
  createGuardedAsk,
  createGuardedFetch,
  type GuardedAnswer,
  type GuardedAsk,
  type GuardedFetch,
  type GuardedFetchOptions,
  type ResolveHost,
} from './guarded-fetch.ts'
export { type Ids, systemIds } from './ids.ts'
export { createLog, type Log, type LogLevel } from './log.ts'
export { packagePath, packageRoot } from './package-root.ts'
export type { PrivateAddresses } from './public-address.ts'
export { isText, refuseUnfit } from './unfit.ts'
