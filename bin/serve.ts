// What `npm start` serves. Order: lock, database, keys, services → what was left half done → listen.
import { setTimeout as delay } from 'node:timers/promises'
import { demoDepartments, demoOffices, ROLE_NAMES, type Role } from '../directory/index.ts'
import { createMetrics, listen } from '../platform/http/index.ts'
import { type Config, createLog, privateAddresses, systemClock, systemIds } from '../platform/index.ts'
import { anchorsByPurpose } from '../verifier/index.ts'
import { makeDemonstration, mintExamples } from './demonstration.ts'
import { asPortRefusal } from './free-port.ts'
import { createHouseApp } from './house-app.ts'
import { openOtherCities } from './other-cities.ts'
import { startSealJobs } from './seal-jobs.ts'
import { startSharingJobs } from './sharing-jobs.ts'
import { trustFolderOf, writeTrustFolder } from './trust-folder.ts'
import { type House, type HouseOptions, openHouse } from './wire.ts'

/** What comes round begins once whoever waits for the house has been answered: the first questions would stand in line behind it. */
const FIRST_ROUND_AFTER_MS = 200
const TRUST_EVERY_MS = 15_000
const CRLS_EVERY_MS = 3_600_000
const ANSWERS_EVERY_MS = 10_000
const SEAL_CLOCK_EVERY_MS = 60_000
const DOCUMENTS_EVERY_MS = 2_000
const LOGS_EVERY_MS = 24 * 3_600_000
const OTHER_CITIES_EVERY_MS = 15 * 60_000
const signals = ['SIGINT', 'SIGTERM'] as const

/** What a newcomer reads on the terminal. */
function welcome(address: string, access: Awaited<ReturnType<House['directory']['makeDemoAccounts']>>): string {
  const roleOf = ({ roles }: { roles: readonly Role[] }) => roles.map((role) => ROLE_NAMES[role].zh).join('、')
  const of = (code: string) => access.accounts.filter(({ departmentCode }) => departmentCode === code)
  // The same accounts in every issuing department are told once.
  const [first] = demoDepartments
  const everywhere = first
    ? of(first.code).map((account) => `${account.username.slice(first.stem.length + 1)} ${roleOf(account)}`)
    : []
  const accounts = [
    ...demoDepartments.map(({ stem, name }) => `    ${`${stem}-…`.padEnd(20)} ${name.zh}`),
    `      … ${everywhere.slice(0, 3).join(' · ')} ·`,
    `        ${everywhere.slice(3).join(' · ')}`,
    ...demoOffices.flatMap(({ code, name }) =>
      of(code).map((account) => `    ${account.username.padEnd(20)} ${name.zh} ${roleOf(account)}`),
    ),
  ]
  const nameOf = (code: string) => demoDepartments.find((department) => department.code === code)?.name.zh ?? code
  const keys = access.newApiKeys.map(({ departmentCode, key }) => `    ${key}  ${nameOf(departmentCode)}`)
  return [
    '',
    `  Zhengyin 证印   ${address}/`,
    `    verify 核验    ${address}/verify`,
    `    issue 制证     ${address}/issue`,
    `    seals 印章     ${address}/seals`,
    `    wallet 证照夹  ${address}/wallet`,
    `    API            ${address}/docs`,
    '',
    '  Demo accounts 演示账号 (password 密码: demo- + name, demo-market-issuer):',
    ...accounts,
    ...(keys.length ? ['', '  API keys of the demo departments, shown this once:', ...keys] : []),
    '',
    '  For trial only: TEST certificates, embedded database. Stop with Ctrl-C.',
    '',
  ].join('\n')
}

/**
 * Opens the house on a database and stores of keys whose opening has begun, listens, and does what comes round again and again until a signal ends it.
 * Throws what `openHouse` throws; `fail` is told what goes wrong while it stops.
 */
export async function serve(
  config: Config,
  begun: Required<Pick<HouseOptions, 'database' | 'keyStores'>>,
  fail: (error: unknown) => void,
): Promise<void> {
  const log = createLog({ level: config.logLevel })
  const common = {
    ...config,
    batchWork: { isWorker: false, atOnce: config.batchAtOnce ?? 1 },
    ...{ clock: systemClock, ids: systemIds, log, metrics: createMetrics({ process: true }) },
  }
  const cities = await openOtherCities({ ...common, privateAddresses: privateAddresses() })
  const house = await openHouse({ ...common, ...begun })
  const access = config.isProduction ? undefined : await house.directory.makeDemoAccounts()
  if (access) await makeDemonstration(house)
  const listening = await listen(createHouseApp(house, { ...common, cities }), config).catch((error: unknown) => {
    throw asPortRefusal(error, config)
  })
  log.info('listening', { host: listening.host, port: listening.port, baseUrl: config.baseUrl })
  // People and their cookies belong at the public address; a port the system chose is known only now.
  if (access) process.stdout.write(welcome(config.port === 0 ? listening.url : config.baseUrl, access))

  const stopping = new AbortController()
  const mayBegin = delay(FIRST_ROUND_AFTER_MS, true, { signal: stopping.signal }).catch(() => false)
  const repeat = (everyMs: number, what: string, work: () => Promise<unknown>) => {
    const attempt = () => work().catch((error: unknown) => log.error(`${what} failed; it is tried again`, { error }))
    const timer = setInterval(attempt, everyMs)
    return { first: mayBegin.then((may) => may && attempt()), stop: () => clearInterval(timer) }
  }
  const examples = access
    ? mayBegin
        .then(async (may) => {
          if (!may) return
          await house.warm()
          await mintExamples(house)
        })
        .catch((error: unknown) => log.error('the examples are not complete', { error }))
    : undefined
  const trust = repeat(TRUST_EVERY_MS, 'writing the trust folder', async () =>
    writeTrustFolder(trustFolderOf(config.dataDir), await house.trustMaterial()),
  )
  const crls = repeat(CRLS_EVERY_MS, 'refreshing signers and CRLs', async () => {
    await house.pki.rotateSigners()
    await house.pki.refreshCrls()
  })
  const answers = repeat(ANSWERS_EVERY_MS, 'refreshing the OCSP answers', () => house.pki.refreshAnswers())
  const outside = repeat(ANSWERS_EVERY_MS, 'reading what authorities outside say', () => house.seals.outside.refresh())
  const lists = repeat(OTHER_CITIES_EVERY_MS, 'reading the trust lists of other cities', () =>
    cities.refresh(anchorsByPurpose(house.roots())),
  )

  const sealClock = repeat(SEAL_CLOCK_EVERY_MS, "taking the steps of seals' lives whose time has come", () =>
    house.seals.life.runClock(),
  )
  const sealWaiting = () => house.seals.documents.sealWaiting(stopping.signal)
  const documents = repeat(DOCUMENTS_EVERY_MS, 'sealing the documents that wait', sealWaiting)
  const sealJobs = startSealJobs(house.seals, repeat)
  const sharingJobs = startSharingJobs(house.sharing, repeat)
  const logs = repeat(LOGS_EVERY_MS, 'forgetting old logins', () => house.directory.sweepLogs())

  const stop = async () => {
    log.info('stopping')
    trust.stop()
    crls.stop()
    answers.stop()
    outside.stop()
    lists.stop()
    sealClock.stop()
    logs.stop()
    documents.stop()
    stopping.abort()
    await listening.stop()
    await sealWaiting()
    await sealJobs.stop()
    await sharingJobs.stop()
    await Promise.allSettled([
      examples,
      trust.first,
      crls.first,
      answers.first,
      outside.first,
      lists.first,
      sealClock.first,
      logs.first,
    ])
    await house.close()
  }
  const stopOnce = () => {
    for (const signal of signals) process.off(signal, stopOnce)
    stop().catch(fail)
  }
  for (const signal of signals) process.once(signal, stopOnce)
}
