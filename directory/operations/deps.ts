import type { Clock, Database, Ids } from '../../platform/index.ts'

export interface Deps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly isProduction: boolean
}
