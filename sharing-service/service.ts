import { createOutwardKey, type KeyStore } from '../key-store/index.ts'
import type { Authority, RouteSet } from '../platform/http/index.ts'
import {
  type Clock,
  createEventSender,
  type Database,
  type Ids,
  type Log,
  migrate,
  type PrivateAddresses,
  packagePath,
  type RoundCount,
} from '../platform/index.ts'
import { createAdministrationRoutes } from './http/administration-routes.ts'
import { createFetchRoutes } from './http/fetch-routes.ts'
import { createFacadeRoutes } from './http/gbt36906/routes.ts'
import { sharingProblems } from './http/problems.ts'
import { createRecordRoutes } from './http/record-routes.ts'
import { createAccessLog } from './operations/access-log.ts'
import { accessesOf, type HolderAccess } from './operations/accesses-of.ts'
import type { Deps } from './operations/deps.ts'
import { keepHouse } from './operations/housekeeping.ts'
import { relay } from './operations/relay.ts'
import type { Departments } from './ports/departments.ts'
import type { DocumentJudge } from './ports/document-judge.ts'
import type { LicenceRegister } from './ports/licence-register.ts'

export interface SharingServiceOptions {
  readonly database: Database
  /** The service's own: its outward key, and the key above those of the accesses. */
  readonly keyStore: KeyStore
  readonly register: LicenceRegister
  readonly judge: DocumentJudge
  readonly departments: Departments
  /** Knows the machines that call the interface of GB/T 36906, where credentials stand in the body. */
  readonly authority: Authority
  /** Whether changes may be told to this machine or a private network; default `refuse`, and then by https alone. */
  readonly privateAddresses?: PrivateAddresses
  /** Days that accesses stay on record; default 1,095. */
  readonly accessKeptDays?: number
  readonly baseUrl: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

export interface SharingService {
  /** Brings the schema up to date and makes room for accesses. */
  start(): Promise<void>
  /** Sends changes that are due to those who subscribed. To be called every second. */
  relay(stopping?: AbortSignal): Promise<RoundCount>
  /** Makes room ahead and forgets what is kept no longer. To be called every hour. */
  keepHouse(): Promise<void>
  /** What departments fetched, checked or were refused of a holder (keyed hash, hexadecimal) up to an instant, newest first. */
  accessesOf(holderKey: string, until: Date, most: number): Promise<readonly HolderAccess[]>
  /** `/api/shared`, `/api/sharing`, `/zzgxpt`. */
  readonly routes: RouteSet
}

const ACCESS_KEPT_DAYS = 1_095

/** Builds the service; nothing happens before `start`. */
export function createSharingService(options: SharingServiceOptions): SharingService {
  const { keyStore, privateAddresses = 'refuse', accessKeptDays = ACCESS_KEPT_DAYS, database, clock, ids } = options
  const wrapping = keyStore.wrappingKey('access-keys')
  const deps: Deps = {
    ...options,
    accessKeptDays,
    wrapping,
    outwardKey: createOutwardKey(options),
    sendEvent: createEventSender(privateAddresses),
    mayPlain: privateAddresses !== 'refuse',
    accesses: createAccessLog({ database, clock, ids, wrapping }),
  }
  return {
    async start() {
      await migrate(database, { schema: 'sharing', folder: packagePath('sharing-service', 'store', 'migrations') })
      await keepHouse(deps)
    },
    relay: (stopping) => relay(deps, stopping),
    keepHouse: () => keepHouse(deps),
    accessesOf: (holderKey, until, most) => accessesOf(deps, holderKey, until, most),
    routes: {
      routes: [
        ...createFetchRoutes(deps),
        ...createAdministrationRoutes(deps),
        ...createRecordRoutes(deps),
        ...createFacadeRoutes(deps, options),
      ],
      problems: sharingProblems,
    },
  }
}
