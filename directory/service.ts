import type { Authority, RouteSet } from '../platform/http/index.ts'
import { type Clock, type Database, type Ids, migrate, packagePath } from '../platform/index.ts'
import type { Department } from './department.ts'
import { DirectoryError } from './errors.ts'
import { directoryRoutes } from './http/routes.ts'
import { authenticate } from './operations/authenticate.ts'
import type { Deps } from './operations/deps.ts'
import { makeAccount, makeApiKey, type NewAccount, type NewApiKey } from './operations/make-accounts.ts'
import { type DemoAccess, makeDemoAccounts, makeDemoDepartments } from './operations/make-demo-accounts.ts'
import { mayRoles } from './permissions.ts'
import { disableAccount, hasDemoAccess, listUsernames } from './store/accounts.ts'
import { revokeApiKey } from './store/api-keys.ts'
import { findDepartment, listDepartments, saveDepartment } from './store/departments.ts'

export interface DirectoryOptions {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  /** An `https:` address makes the session cookie Secure. */
  readonly baseUrl: string
  /** Production refuses demo accounts, also those made before. */
  readonly isProduction: boolean
}

/** The `authority` of the app, and everything about departments and accounts. */
export interface Directory extends Authority {
  /** Brings the schema up to date. Throws DEMO_ACCOUNTS_IN_PRODUCTION, and what `migrate` throws. */
  start(): Promise<void>
  departments(): Promise<Department[]>
  department(code: string): Promise<Department | undefined>
  saveDepartment(department: Department): Promise<void>
  /** Throws ACCOUNT_INVALID with all faults, ACCOUNT_EXISTS, DEPARTMENT_NOT_FOUND. */
  makeAccount(account: NewAccount): Promise<string>
  /** Every user name there is, of closed accounts too: none is given twice. */
  usernames(): Promise<ReadonlySet<string>>
  /** Closes the account and ends its sessions; false when there is none open of this name. */
  disableAccount(username: string): Promise<boolean>
  /** Returns the key's text, which is never shown again. Throws DEPARTMENT_NOT_FOUND. */
  makeApiKey(key: NewApiKey): Promise<string>
  /** By the ten characters after `zhengyin_`; false when there is none in use. */
  revokeApiKey(prefix: string): Promise<boolean>
  /** Makes what is missing of the demo departments' accounts and keys. Throws DEMO_ACCOUNTS_IN_PRODUCTION. */
  makeDemoAccounts(): Promise<DemoAccess>
  /** The departments alone, without anyone to log in. Throws DEMO_ACCOUNTS_IN_PRODUCTION. */
  makeDemoDepartments(): Promise<void>
  /** `/api/sessions`, `/api/sessions/current`, `/api/departments`. */
  readonly routes: RouteSet
}

export function createDirectory(options: DirectoryOptions): Directory {
  const { database, clock, ids, isProduction } = options
  const deps: Deps = { database, clock, ids, isProduction }
  return {
    async start() {
      await migrate(database, { schema: 'directory', folder: packagePath('directory', 'store', 'migrations') })
      if (isProduction && (await hasDemoAccess(database))) {
        throw new DirectoryError(
          'DEMO_ACCOUNTS_IN_PRODUCTION',
          'this database has demo accounts, whose passwords everyone knows',
        )
      }
    },
    authenticate: (request) => authenticate(deps, request),
    isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
    departments: () => listDepartments(database),
    department: (code) => findDepartment(database, code),
    saveDepartment: (department) => saveDepartment(database, department),
    makeAccount: (account) => makeAccount(deps, account),
    usernames: () => listUsernames(database),
    disableAccount: (username) => disableAccount(database, username, clock.now()),
    makeApiKey: (key) => makeApiKey(deps, key),
    revokeApiKey: (prefix) => revokeApiKey(database, prefix, clock.now()),
    makeDemoAccounts: () => makeDemoAccounts(deps),
    makeDemoDepartments: () => makeDemoDepartments(deps),
    routes: directoryRoutes(deps, { isSecure: options.baseUrl.startsWith('https:') }),
  }
}
