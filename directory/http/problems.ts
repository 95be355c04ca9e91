import type { ProblemCatalogue } from '../../platform/http/index.ts'
import type { DirectoryErrorCode } from '../errors.ts'

/** What each code means to a client; a forgotten code does not compile. */
export const directoryProblems: ProblemCatalogue<DirectoryErrorCode> = {
  LOGIN_REFUSED: { status: 401, title: 'User name or password wrong' },
  LOGIN_THROTTLED: { status: 429, title: 'Too many attempts to log in' },
  SESSION_ENDED: { status: 401, title: 'Session ended' },
  API_KEY_REFUSED: { status: 401, title: 'API key refused' },
  ACCOUNT_INVALID: { status: 422, title: 'Account cannot be made like this' },
  ACCOUNT_EXISTS: { status: 409, title: 'User name taken' },
  ROLES_OF_TWO_POWERS: { status: 422, title: 'Roles of two separated powers' },
  DEPARTMENT_NOT_FOUND: { status: 404, title: 'Department not found' },
  DEPARTMENT_INVALID: { status: 422, title: 'Department cannot be like this' },
  DEPARTMENT_EXISTS: { status: 409, title: 'Department exists already' },
  DEPARTMENT_OUT_OF_RANGE: { status: 403, title: 'Department out of range' },
  DEPARTMENT_NOT_EMPTY: { status: 409, title: 'Departments below it are open' },
  DEPARTMENT_CLOSED: { status: 409, title: 'Department closed' },
  ACCOUNT_NOT_FOUND: { status: 404, title: 'Account not found' },
  ACCOUNT_CLOSED: { status: 409, title: 'Account closed' },
  OWN_ACCOUNT: { status: 403, title: 'Nobody changes the own account' },
  PERSON_REQUIRED: { status: 403, title: 'For people only, who are logged in' },
  PASSWORD_UNFIT: { status: 422, title: 'Password too short or too long' },
  PASSWORD_WRONG: { status: 422, title: 'Present password wrong' },
  API_KEY_NOT_FOUND: { status: 404, title: 'API key not found' },
  SECURITY_KEY_REFUSED: { status: 403, title: 'Security key refused' },
  SECURITY_KEY_NOT_FOUND: { status: 404, title: 'Security key not found' },
  SECURITY_KEY_EXISTS: { status: 409, title: 'Security key registered already' },
  SECURITY_KEYS_TOO_MANY: { status: 409, title: 'Too many security keys' },
  CHALLENGE_ENDED: { status: 409, title: 'Nothing waits for this answer' },
  DEMO_ACCOUNTS_IN_PRODUCTION: { status: 500, title: 'Demo accounts in production' },
}
