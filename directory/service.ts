import type { Authority, RouteSet } from '../platform/http/index.ts'
import { type Clock, type Database, type Ids, migrate, type Principal, packagePath } from '../platform/index.ts'
import type { Department } from './department.ts'
import { LOGS_KEPT_DAYS, MINUTE_MS, plus, SESSION_IDLE_MINUTES } from './domain/limits.ts'
import { DirectoryError } from './errors.ts'
import { directoryRoutes } from './http/routes.ts'
import { placeDepartment } from './operations/administer-departments.ts'
import { lockActor } from './operations/administrator.ts'
import { authenticate } from './operations/authenticate.ts'
import type { Deps } from './operations/deps.ts'
import type { HolderLogin } from './operations/holder-login.ts'
import { makeAccount, makeApiKey, type NewAccount, type NewApiKey } from './operations/make-accounts.ts'
import { type DemoAccess, makeDemoAccounts, makeDemoDepartments } from './operations/make-demo-accounts.ts'
import { createOpenidProvider, type OidcOptions } from './operations/openid-provider.ts'
import { requireStepUp } from './operations/step-up.ts'
import { mayRoles, type Permission, type Role } from './permissions.ts'
import { findIdByUsername, hasDemoAccess, listUsernames } from './store/accounts.ts'
import { revokeApiKey } from './store/api-keys.ts'
import { listAudit, type StoredAuditEntry } from './store/audit.ts'
import { codesWithin, findDepartment, isWithin, listDepartments } from './store/departments.ts'
import { deleteHolderLoginsBefore } from './store/holder-sessions.ts'
import { deleteLoginsBefore } from './store/logins.ts'
import {
  closeAccount,
  type FormerHolder,
  listFormerHolders,
  listPeople,
  lockPerson,
  type PeopleQuery,
  type Person,
} from './store/people.ts'

export interface DirectoryOptions {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  /** An `https:` address makes the session cookie Secure. */
  readonly baseUrl: string
  /** Production refuses demo accounts, also those made before. */
  readonly isProduction: boolean
  /** Minutes after its last use that a session ends; default 30. */
  readonly sessionIdleMinutes?: number
  /** Days that logins stay on record, at least 180, which is the default. */
  readonly logsKeptDays?: number
  /** An OpenID provider by which people log in; left out: by password alone. */
  readonly oidc?: OidcOptions | undefined
  /** How holders of licences log in; left out: none does. */
  readonly holders?: HolderLoginOptions | undefined
  /** Whether people may log in with a password; default: they may. */
  readonly passwordLogin?: boolean
  /** Whether a text is a department's code, down to its check character; left out: its form is enough. */
  readonly isDepartmentCode?: (text: string) => boolean
}

/** Holders are known by what a provider says of them. */
export interface HolderLoginOptions extends Pick<HolderLogin, 'holderOf'> {
  readonly oidc?: OidcOptions | undefined
  /** How well a provider must have identified them, 1 to 4; default 3. */
  readonly leastAssurance?: number | undefined
}

const LEAST_ASSURANCE = 3

/** The `authority` of the app, and everything about departments and accounts. */
export interface Directory extends Authority {
  /** Brings the schema up to date. Throws DEMO_ACCOUNTS_IN_PRODUCTION, and what `migrate` throws. */
  start(): Promise<void>
  departments(): Promise<Department[]>
  department(code: string): Promise<Department | undefined>
  /** Adds or changes a department, anywhere in the tree. Throws DEPARTMENT_INVALID with all faults. */
  saveDepartment(department: Department): Promise<void>
  /** Whether the department `code` is `ancestorCode`, is below it, or is below what that one acts for; false where there is none. */
  isWithin(ancestorCode: string, code: string): Promise<boolean>
  /** The codes of all departments in the range of `ancestorCode`, itself included. */
  codesWithin(ancestorCode: string): Promise<string[]>
  /**
   * For dangerous acts: rejects with STEP_UP_REQUIRED unless the person proved to be there with a security key in the last five minutes.
   * Outside production those without a key pass, and machines. The route's `stepUp` asks this; operations behind a common route do so themselves.
   */
  requireStepUp(principal: Principal): Promise<void>
  /** Throws ACCOUNT_INVALID with all faults, ROLES_OF_TWO_POWERS, ACCOUNT_EXISTS, DEPARTMENT_NOT_FOUND. */
  makeAccount(account: NewAccount): Promise<string>
  /** Those who fit all that is asked, by user name; at most a thousand. */
  people(query: PeopleQuery): Promise<Person[]>
  /** Who had a role in one of these departments and has it there no more: keepers who left, and those who were moved. */
  formerHolders(role: Role, departmentCodes: readonly string[]): Promise<FormerHolder[]>
  /** Whether the account or API key may do this in its department at this moment, whatever the session knew when the request began. */
  mayNow(principal: Principal, permission: Permission): Promise<boolean>
  /** Entries of the audit about these departments after a number, in order; numbers become visible in their order. */
  auditEntries(query: {
    readonly departmentCodes: readonly string[]
    readonly after: bigint
    readonly limit: number
  }): Promise<StoredAuditEntry[]>
  /** Forgets logins a day past those that they are kept, so that the database's own clock agrees; returns how many. */
  sweepLogs(): Promise<number>
  /** Every user name there is, of closed accounts too: none is given twice. */
  usernames(): Promise<ReadonlySet<string>>
  /** Closes the account and ends its sessions; false when there is none open of this name. */
  disableAccount(username: string): Promise<boolean>
  /** Returns the key's text, which is never shown again. Throws ROLES_OF_TWO_POWERS, DEPARTMENT_NOT_FOUND. */
  makeApiKey(key: NewApiKey): Promise<string>
  /** By the ten characters after `zhengyin_`; false when there is none in use. */
  revokeApiKey(prefix: string): Promise<boolean>
  /** Makes what is missing of the demo departments' accounts and keys. Throws DEMO_ACCOUNTS_IN_PRODUCTION. */
  makeDemoAccounts(): Promise<DemoAccess>
  /** The departments alone, without anyone to log in. Throws DEMO_ACCOUNTS_IN_PRODUCTION. */
  makeDemoDepartments(): Promise<void>
  /** Sessions, departments, people, API keys. */
  readonly routes: RouteSet
}

const DAY_MS = 24 * 60 * MINUTE_MS

export function createDirectory(options: DirectoryOptions): Directory {
  const { database, clock, ids, isProduction } = options
  const { sessionIdleMinutes = SESSION_IDLE_MINUTES, logsKeptDays = LOGS_KEPT_DAYS } = options
  if (logsKeptDays < LOGS_KEPT_DAYS) throw new RangeError(`logins are kept for ${LOGS_KEPT_DAYS} days at least`)
  const deps: Deps = {
    database,
    clock,
    ids,
    isProduction,
    sessionIdleMs: sessionIdleMinutes * MINUTE_MS,
    party: { id: new URL(options.baseUrl).hostname, origin: new URL(options.baseUrl).origin },
    provider: options.oidc && createOpenidProvider(options.oidc, { now: () => clock.now(), isProduction }),
    holders: options.holders && {
      holderOf: options.holders.holderOf,
      leastAssurance: options.holders.leastAssurance ?? LEAST_ASSURANCE,
      provider:
        options.holders.oidc && createOpenidProvider(options.holders.oidc, { now: () => clock.now(), isProduction }),
    },
    passwordLogin: options.passwordLogin ?? true,
    isDepartmentCode: options.isDepartmentCode ?? ((text) => /^[0-9A-Z]{18}$/.test(text)),
  }
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
    saveDepartment: (department) => placeDepartment(deps, department),
    isWithin: (ancestorCode, code) => isWithin(database, ancestorCode, code),
    codesWithin: (ancestorCode) => codesWithin(database, ancestorCode),
    requireStepUp: (principal) => requireStepUp(deps, principal),
    makeAccount: (account) => makeAccount(deps, account),
    usernames: () => listUsernames(database),
    people: (query) => listPeople(database, query),
    formerHolders: (role, departmentCodes) => listFormerHolders(database, { role, departmentCodes }),
    mayNow: (principal, permission) =>
      database.transaction(async (tx) => {
        const now = await lockActor(deps, tx, principal, permission)
        return now?.departmentCode === principal.departmentCode
      }),
    auditEntries: (query) => listAudit(database, query),
    async sweepLogs() {
      const before = plus(clock.now(), -(logsKeptDays + 1) * DAY_MS)
      return (await deleteLoginsBefore(database, before)) + (await deleteHolderLoginsBefore(database, before))
    },
    disableAccount: (username) =>
      database.transaction(async (tx) => {
        const id = await findIdByUsername(tx, username)
        return id !== undefined && (await lockPerson(tx, id)) !== undefined && closeAccount(tx, id, clock.now())
      }),
    makeApiKey: (key) => makeApiKey(deps, key),
    revokeApiKey: (prefix) => revokeApiKey(database, prefix, clock.now()),
    makeDemoAccounts: () => makeDemoAccounts(deps),
    makeDemoDepartments: () => makeDemoDepartments(deps),
    routes: directoryRoutes(deps, { isSecure: options.baseUrl.startsWith('https:') }),
  }
}
