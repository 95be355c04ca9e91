// `set-up`: departments with their seals, licence types and people, from a file; and `api-key`: a key for a machine of one.
import { type Department, powersOf, ROLES, type Role } from '../../directory/index.ts'
import { isCreditCode } from '../../licence-format/index.ts'
import { createLog, loadConfig, type Principal, systemClock, systemIds } from '../../platform/index.ts'
import { findTemplate } from '../../templates/index.ts'
import { callerPath, readCallerFile } from '../caller-path.ts'
import { openPrompts, type Prompts } from '../ceremony/prompts.ts'
import { CommandError } from '../errors.ts'
import { type House, openHouse } from '../wire.ts'

interface Account {
  readonly username: string
  readonly name: string
  readonly roles: readonly Role[]
}

interface DepartmentPlan extends Department {
  readonly types: readonly string[]
  /** Null: none; whoever needs one later applies for it. */
  readonly seal: {
    readonly ringText?: string
    readonly lowerText?: string
    readonly keyAlgorithm?: 'ec-p256' | 'rsa-3072'
    readonly certificate?: 'own' | 'outside'
  } | null
  readonly accounts: readonly Account[]
}

/** Who acts for a department at the command line. */
export const commandLineCaller = (departmentCode: string): Principal => ({
  id: 'system:command-line',
  name: 'Command line',
  kind: 'system',
  departmentCode,
  roles: ['issuer'],
})

/** Makes what the file names and is not there yet; a password is asked for each new account. May be repeated. */
export async function setUp(file: string): Promise<void> {
  const plans = parsePlans((await readCallerFile(file)).toString('utf8'), callerPath(file))
  await withHouse(async (house) => {
    const prompts = openPrompts()
    try {
      for (const plan of plans) await setUpDepartment(house, prompts, plan)
    } finally {
      prompts.close()
    }
  })
}

/** Prints the text of a new API key, which is never shown again. */
export async function makeApiKey(options: { department: string; name: string; role: string }): Promise<void> {
  const role = ROLES.find((known) => known === options.role)
  if (role === undefined) throw new CommandError('ANSWER_REFUSED', `--role: expected one of ${ROLES.join(', ')}`)
  await withHouse(async (house) => {
    console.log(
      await house.directory.makeApiKey({
        name: options.name,
        departmentCode: options.department,
        roles: [role],
        expiresAt: null,
      }),
    )
  })
}

async function withHouse(work: (house: House) => Promise<void>): Promise<void> {
  const house = await openHouse({
    ...loadConfig(),
    clock: systemClock,
    ids: systemIds,
    log: createLog({ level: 'warn' }),
  })
  try {
    await work(house)
  } finally {
    await house.close()
  }
}

async function setUpDepartment(house: House, prompts: Prompts, plan: DepartmentPlan): Promise<void> {
  const { code, name } = plan
  await house.directory.saveDepartment(plan)
  console.log(`department ${code} ${name.zh}`)
  if (plan.seal !== null) await equip(house, plan, plan.seal)
  await setUpAccounts(house, prompts, plan)
}

async function equip(
  house: House,
  { code, name, types }: DepartmentPlan,
  wished: NonNullable<DepartmentPlan['seal']>,
): Promise<void> {
  const caller = commandLineCaller(code)
  const [seal] = await house.seals.equipDepartments(
    [{ code, name: name.zh, typeCodes: types, seal: wished }],
    caller.id,
  )
  console.log(`  seal ${seal!.id} ${seal!.name} (${seal!.state})`)
  await house.licences.assignTypes(
    caller,
    types.map((typeCode) => ({ typeCode, departmentCode: code, sealId: seal!.id })),
  )
  for (const type of types) console.log(`  issues ${type} ${findTemplate(type)!.name.zh}`)
}

async function setUpAccounts(house: House, prompts: Prompts, { code, accounts }: DepartmentPlan): Promise<void> {
  const known = await house.directory.usernames()
  for (const { username, name: person, roles } of accounts) {
    if (!known.has(username)) {
      const password = await askPassword(prompts, username)
      await house.directory.makeAccount({ username, name: person, roles, departmentCode: code, password })
    }
    console.log(`  account ${username} (${roles.join(', ')})`)
  }
}

const SHORTEST_PASSWORD = 12

async function askPassword(prompts: Prompts, username: string): Promise<string> {
  for (;;) {
    const password = await prompts.ask(`口令（不显示） Password of ${username}, not shown`, {
      isSecret: true,
      check: (text) =>
        text.length < SHORTEST_PASSWORD
          ? `至少 ${SHORTEST_PASSWORD} 个字符 expected at least ${SHORTEST_PASSWORD} characters`
          : undefined,
    })
    if ((await prompts.ask('再次输入 The same again', { isSecret: true })) === password) return password
    if (!prompts.isInteractive)
      throw new CommandError('ANSWER_REFUSED', `${username}：两次输入不同 password of ${username}: the two differ`)
    prompts.tell('  两次输入不同，请重来 the two differ; once more')
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown, longest = 100): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longest

/** Reads the file and names every fault of it at once. Throws SETUP_FILE_INVALID. */
function parsePlans(text: string, path: string): DepartmentPlan[] {
  const faults: { pointer: string; code: string; detail: string }[] = []
  const expect = (isRight: boolean, pointer: string, detail: string) => {
    if (!isRight) faults.push({ pointer, code: 'INVALID', detail })
  }
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (cause) {
    throw new CommandError('SETUP_FILE_INVALID', `${path} is no JSON`, { cause })
  }
  const departments = isRecord(file) && Array.isArray(file['departments']) ? file['departments'] : []
  expect(departments.length > 0, '/departments', 'a list of departments')
  for (const [i, department] of departments.entries()) checkDepartment(department, `/departments/${i}`, expect)
  if (faults.length > 0)
    throw new CommandError('SETUP_FILE_INVALID', `${faults.length} fault(s) in ${path}`, { faults })
  return departments.map((department) => {
    const { types = [] } = department
    return { parentCode: null, types, seal: types.length > 0 ? {} : null, accounts: [], ...department }
  })
}

type Expect = (isRight: boolean, pointer: string, detail: string) => void

function checkDepartment(department: unknown, at: string, expect: Expect): void {
  if (!isRecord(department)) {
    expect(false, at, 'a department')
    return
  }
  const { code, name, areaCode, parentCode, actsForCode, types = [], seal, accounts, ...rest } = department
  for (const member of Object.keys(rest)) expect(false, `${at}/${member}`, 'a member that is known')
  expect(isText(code) && isCreditCode(code), `${at}/code`, 'a unified social credit code (GB 32100)')
  expect(isRecord(name) && isText(name['zh']) && isText(name['en']), `${at}/name`, 'zh and en')
  const isArea = isText(areaCode) && /^\d{6}(\d{3})?$/.test(areaCode)
  expect(isArea, `${at}/areaCode`, 'six digits (GB/T 2260), or nine for a town')
  expect(parentCode == null || (isText(parentCode) && isCreditCode(parentCode)), `${at}/parentCode`, 'a code or null')
  const isActing = actsForCode == null || (isText(actsForCode) && isCreditCode(actsForCode))
  expect(isActing, `${at}/actsForCode`, 'a code or null')
  const isTypes = Array.isArray(types) && types.every((type) => isText(type) && findTemplate(type) !== undefined)
  expect(isTypes, `${at}/types`, 'licence types as the command example lists them')
  checkSeal(seal, `${at}/seal`, expect)
  if (accounts !== undefined && !Array.isArray(accounts)) expect(false, `${at}/accounts`, 'a list of accounts')
  for (const [i, account] of (Array.isArray(accounts) ? accounts : []).entries()) {
    const { username, name: person, roles } = isRecord(account) ? account : {}
    const isKnown = Array.isArray(roles) && roles.length > 0 && roles.every((role) => ROLES.includes(role as Role))
    expect(!isKnown || powersOf(roles).length <= 1, `${at}/accounts/${i}/roles`, 'roles of one power')
    const isRight = isText(username) && /^[a-z0-9._-]{3,64}$/.test(username) && isText(person) && isKnown
    expect(isRight, `${at}/accounts/${i}`, `username (a-z 0-9 . _ -), name and roles (${ROLES.join(', ')})`)
  }
}

function checkSeal(seal: unknown, at: string, expect: Expect): void {
  if (seal === undefined) return
  const { ringText, lowerText, keyAlgorithm, certificate, ...rest } = isRecord(seal) ? seal : { unknown: true }
  expect(Object.keys(rest).length === 0, at, 'ringText, lowerText, keyAlgorithm, certificate')
  expect(ringText === undefined || isText(ringText), `${at}/ringText`, 'a text')
  expect(lowerText === undefined || isText(lowerText), `${at}/lowerText`, 'a text')
  const isAlgorithm = keyAlgorithm === undefined || keyAlgorithm === 'ec-p256' || keyAlgorithm === 'rsa-3072'
  expect(isAlgorithm, `${at}/keyAlgorithm`, 'ec-p256 or rsa-3072')
  const isSource = certificate === undefined || certificate === 'own' || certificate === 'outside'
  expect(isSource, `${at}/certificate`, 'own or outside')
}
