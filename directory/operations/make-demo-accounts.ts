import { type DemoAccount, type DemoDepartment, demoAccountsOf, demoDepartments, demoOffices } from '../demo.ts'
import type { Department } from '../department.ts'
import { DirectoryError } from '../errors.ts'
import { listUsernames } from '../store/accounts.ts'
import { departmentsWithDemoKey } from '../store/api-keys.ts'
import { listDepartments } from '../store/departments.ts'
import { placeDepartment } from './administer-departments.ts'
import type { Deps } from './deps.ts'
import { makeAccount, makeApiKey } from './make-accounts.ts'

export interface DemoAccess {
  /** All demo accounts, made now or before; their passwords are public. */
  readonly accounts: readonly DemoAccount[]
  /** Keys made by this very call; they cannot be shown again. */
  readonly newApiKeys: readonly { readonly departmentCode: string; readonly key: string }[]
}

/** Makes the demo departments or brings their names up to date. Throws DEMO_ACCOUNTS_IN_PRODUCTION. */
export async function makeDemoDepartments(deps: Deps): Promise<void> {
  if (deps.isProduction)
    throw new DirectoryError('DEMO_ACCOUNTS_IN_PRODUCTION', 'the demonstration is never made in production')
  const known = new Map((await listDepartments(deps.database)).map((department) => [department.code, department]))
  for (const department of [...demoOffices, ...demoDepartments])
    if (!isAsTold(known.get(department.code), department)) await placeDepartment(deps, department)
}

/** What a department acts for is told of some only; of the others it may have been changed. */
function isAsTold(known: Department | undefined, told: DemoDepartment): boolean {
  return (
    known !== undefined &&
    known.name.zh === told.name.zh &&
    known.name.en === told.name.en &&
    known.areaCode === told.areaCode &&
    known.parentCode === told.parentCode &&
    (told.actsForCode === undefined || known.actsForCode === told.actsForCode)
  )
}

/**
 * Makes what a newcomer needs and is not there yet: the departments, an account of each role in each, an API key for each issuing one.
 * Throws DEMO_ACCOUNTS_IN_PRODUCTION.
 */
export async function makeDemoAccounts(deps: Deps): Promise<DemoAccess> {
  await makeDemoDepartments(deps)
  const accounts = [...demoDepartments, ...demoOffices].flatMap(demoAccountsOf)
  const known = await listUsernames(deps.database)
  await Promise.all(
    accounts
      .filter(({ username }) => !known.has(username))
      .map((account) => makeAccount(deps, account, { isDemo: true })),
  )
  const haveKey = await departmentsWithDemoKey(deps.database)
  const newApiKeys: { departmentCode: string; key: string }[] = []
  for (const { code, stem } of demoDepartments.filter(({ code }) => !haveKey.has(code))) {
    const key = await makeApiKey(
      deps,
      { name: `demo ${stem}`, departmentCode: code, roles: ['issuer'], expiresAt: null },
      { isDemo: true },
    )
    newApiKeys.push({ departmentCode: code, key })
  }
  return { accounts, newApiKeys }
}
