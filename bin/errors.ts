import { TrustServiceError } from '../platform/index.ts'

export type CommandErrorCode =
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'ONE_SUBJECT_EXPECTED'
  | 'DATA_FILE_NOT_JSON'
  | 'TRUST_FOLDER_EMPTY'
  | 'TEST_ROOT_IN_PRODUCTION'
  | 'TRUST_PINS_INVALID'
  | 'POLICY_REFUSED'
  | 'TIME_MALFORMED'
  | 'FOLDER_UNREADABLE'
  | 'FOLDER_NOT_EMPTY'
  | 'FILE_EXISTS'
  | 'ANSWER_MISSING'
  | 'ANSWER_REFUSED'
  | 'CEREMONY_GIVEN_UP'
  | 'SETUP_FILE_INVALID'
  | 'DEPARTMENT_NOT_NAMED'
  | 'SEAL_NOT_NAMED'
  | 'OPERATOR_INVALID'
  | 'OPERATOR_UNKNOWN'
  | 'RECEIPT_KEY_REFUSED'
  | 'LEDGER_ABSENT'
  | 'WORKER_NEEDS_POSTGRESQL'

/** A call of the command line that cannot be carried out: exit code 2. */
export class CommandError extends TrustServiceError<CommandErrorCode> {}
