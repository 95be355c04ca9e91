import type { OutwardKey, WrappingKey } from '../../key-store/index.ts'
import type { Clock, Database, EventSender, Ids, Log } from '../../platform/index.ts'
import type { Departments } from '../ports/departments.ts'
import type { DocumentJudge } from '../ports/document-judge.ts'
import type { LicenceRegister } from '../ports/licence-register.ts'
import type { AccessLog } from './access-log.ts'

/** What every operation may use; built once in `createSharingService`. */
export interface Deps {
  readonly database: Database
  readonly register: LicenceRegister
  readonly judge: DocumentJudge
  readonly departments: Departments
  readonly wrapping: WrappingKey
  readonly outwardKey: OutwardKey
  readonly sendEvent: EventSender
  /** Whether http may be told, for trial at one's own machine. */
  readonly mayPlain: boolean
  /** Days that accesses stay on record. */
  readonly accessKeptDays: number
  readonly accesses: AccessLog
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}
