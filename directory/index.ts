/**
 * Directory: departments, people and their posts, sessions, security keys, machines. Answers who asks, for which department, what they
 * may, and how far their range goes. It is administered over its own routes, and each change stands in its audit.
 *
 * It decides nothing about licences or seals: those rooms ask for a permission by name and judge the rest themselves.
 * Invariants: nobody holds roles of two powers, or changes their own; passwords, session ids, API keys and tokens are kept as digests
 * only; an unknown name and a wrong password get one answer in one time; a session cookie changes nothing unless our own page sent it;
 * whoever is not named in `permissions.ts` may not.
 */
export { type DemoAccount, type DemoDepartment, demoDepartments, demoOffices } from './demo.ts'
export type { Department } from './department.ts'
export { DirectoryError, type DirectoryErrorCode } from './errors.ts'
export { directoryProblems } from './http/problems.ts'
export { HOLDER_COOKIE, SESSION_COOKIE } from './operations/authenticate.ts'
export type { HolderFacts } from './operations/holder-login.ts'
export type { NewAccount, NewApiKey } from './operations/make-accounts.ts'
export type { DemoAccess } from './operations/make-demo-accounts.ts'
export type { OidcOptions } from './operations/openid-provider.ts'
export {
  COMPANY_ROLE,
  HOLDER_ROLE,
  mayRoles,
  PERMISSIONS,
  type Permission,
  POWERS,
  type Power,
  powersOf,
  ROLE_NAMES,
  ROLES,
  type Role,
} from './permissions.ts'
export { createDirectory, type Directory, type DirectoryOptions, type HolderLoginOptions } from './service.ts'
export type { Holder } from './store/holder-sessions.ts'
export type { FormerHolder, PeopleQuery, Person } from './store/people.ts'
