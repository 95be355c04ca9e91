import { TrustServiceError } from '../platform/index.ts'

export type DirectoryErrorCode =
  | 'LOGIN_REFUSED'
  | 'LOGIN_THROTTLED'
  | 'SESSION_ENDED'
  | 'API_KEY_REFUSED'
  | 'ACCOUNT_INVALID'
  | 'ACCOUNT_EXISTS'
  | 'ROLES_OF_TWO_POWERS'
  | 'DEPARTMENT_NOT_FOUND'
  | 'DEMO_ACCOUNTS_IN_PRODUCTION'

export class DirectoryError extends TrustServiceError<DirectoryErrorCode> {}
