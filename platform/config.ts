import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { PlatformError } from './errors.ts'
import type { LogLevel } from './log.ts'
import type { PrivateAddresses } from './public-address.ts'
import {
  type Environment,
  type FilingConfig,
  type OidcConfig,
  type S3Config,
  Settings,
  SHORTEST_PASSPHRASE,
  type TokenConfig,
} from './settings.ts'

export type { FilingConfig, OidcConfig, S3Config, TokenConfig } from './settings.ts'

/** All settings, read once from the environment. An empty variable counts as absent. */
export interface Config {
  /** NODE_ENV=production: refuses the embedded database, default secrets and demonstration material. */
  readonly isProduction: boolean
  /** HOST, default 127.0.0.1: whoever wants to be reached from outside says so. */
  readonly host: string
  /** PORT, default 8080; 0 takes any free one. */
  readonly port: number
  /** BASE_URL, the address people and QR codes use, without a slash at its end. Default http://localhost:PORT; required and https in production. */
  readonly baseUrl: string
  /** DATA_DIR, default ./data of the caller's folder. */
  readonly dataDir: string
  /** DATABASE_URL, PostgreSQL; absent: the embedded engine. Required in production. */
  readonly databaseUrl?: string
  /** KEY_PASSPHRASE, which opens the key files. Required in production; else made at the first start and kept in DATA_DIR/secret. */
  readonly passphrase: string
  /** PKCS11_MODULE, PKCS11_TOKEN_LABEL, PKCS11_PIN_FILE, PKCS11_KEYS; absent: every key lives in a file. */
  readonly token?: TokenConfig
  /** BLOBS_S3_URL, BLOBS_S3_REGION and BLOBS_S3_KEY_FILE: documents lie in a store that speaks S3; absent: in DATA_DIR. */
  readonly blobsS3?: S3Config
  /** FILING_URL and the others of its kind; absent: nothing is filed but here. */
  readonly filing?: FilingConfig
  /** SM2_SEALS, on or off (default): an SM2 signature (GB/T 35275) beside each seal of a document. */
  readonly sm2Seals: boolean
  /** LOG_LEVEL: debug, info (default in production), warn (default otherwise: a newcomer reads the terminal), error, silent. */
  readonly logLevel: LogLevel
  /** TSA_URL, a time-stamping authority (RFC 3161) outside; absent: the house's own. */
  readonly tsaUrl?: string
  /** TSA_ROOTS, a file with the roots that may stand above its time stamps; absent: only the house's own may. */
  readonly tsaRoots?: string
  /** SEAL_DEADLINES: within how many days a state should be left, by its name; absent: the usual ones. */
  readonly sealDeadlines?: Readonly<Record<string, number>>
  /** OPERATOR_CODE, the unified social credit code of whoever runs this house, for what it signs itself; absent: what its list CA names. */
  readonly operatorCode?: string
  /** OPERATOR_NAME, the name that belongs to the code; absent: the organisation that the list CA names. */
  readonly operatorName?: string
  /** WORKERS, threads that draw and judge licences beside the server's own; default: one less than there are processors, 0: none. */
  readonly workers: number
  /** TRUSTED_PROXIES, default 0: reverse proxies in front, whose X-Forwarded-For is believed. */
  readonly trustedProxies: number
  /** OIDC_ISSUER, OIDC_CLIENT_ID and so on; absent: people log in with passwords alone. */
  readonly oidc?: OidcConfig
  /** HOLDER_OIDC_ISSUER and so on, as OIDC_ISSUER: by which holders of licences log in; absent: in a demonstration by word alone, else not. */
  readonly holderOidc?: OidcConfig
  /** HOLDER_ASSURANCE_LEAST, 0 to 4, default 3: how well that provider must have identified a holder (the end of `acr`). */
  readonly holderAssuranceLeast?: number
  /** PASSWORD_LOGIN, on (default) or off: whether people may log in with a password. Off needs OIDC_ISSUER. */
  readonly passwordLogin: boolean
  /** SESSION_IDLE_MINUTES, default 30: how long after its last use a person's session ends; 1 to 720. */
  readonly sessionIdleMinutes: number
  /** LOGS_KEPT_DAYS, default 365: how long logins stay on record; 180 at least. */
  readonly logsKeptDays: number
  /** SHARING_ACCESS_KEPT_DAYS, default 1095: how long it stays on record which department fetched what; 180 at least. */
  readonly sharingAccessKeptDays: number
  /** RESULTS_KEPT_MINUTES, default 15: how long results of verifications that are answered later wait to be fetched. */
  readonly resultsKeptMinutes: number
  /** BATCH_AT_ONCE, chunks of batches worked on at once, 1 to 16; absent: 1 in the server, in a worker process 2, or 1 on two cores. */
  readonly batchAtOnce?: number
}

/** Settings of the process that verifies and does nothing else: no key, no database, no data folder. */
export interface VerifierConfig
  extends Pick<
    Config,
    'isProduction' | 'host' | 'port' | 'baseUrl' | 'logLevel' | 'workers' | 'trustedProxies' | 'resultsKeptMinutes'
  > {
  /** TRUST_ANCHORS, required: trust folders, or files with roots (PEM or DER), with commas between. */
  readonly trustAnchors: readonly string[]
  /** TRUST_LISTS, address or file of the trust list; absent: that of the trust folder, else the register's. */
  readonly trustList?: string
  /** RECEIPT_KEY, a PKCS #12 file with the key that signs receipts, and RECEIPT_PASSPHRASE_FILE, which opens it; absent: none are signed. */
  readonly receiptKey?: { readonly file: string; readonly passphraseFile: string }
  /** TSA_URL, a time-stamping authority (RFC 3161) that stamps receipts; absent: they carry no stamp. */
  readonly tsaUrl?: string
  /** LICENCE_STATUS_URL, where the register answers, scheme and host only; absent: nobody is asked. */
  readonly statusUrl?: string
}

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** The folder in which the command was typed: npm runs scripts in the package's and keeps the caller's in INIT_CWD. */
export function callerFolder(environment: Environment = process.env): string {
  return environment['INIT_CWD'] || process.cwd()
}

/** DATA_DIR, default ./data of the caller's folder; for commands that only look into it and need no other setting. */
export function dataFolder(environment: Environment = process.env): string {
  return resolve(callerFolder(environment), environment['DATA_DIR']?.trim() || 'data')
}

/**
 * PRIVATE_ADDRESSES: whether addresses in trust lists and certificates may lead to this machine or a private network: refuse (default in production),
 * loopback (default otherwise, where a newcomer's own server is), allow. Anything else counts as refuse.
 */
export function privateAddresses(environment: Environment = process.env): PrivateAddresses {
  const text = environment['PRIVATE_ADDRESSES']?.trim()
  if (text) return text === 'loopback' || text === 'allow' ? text : 'refuse'
  return environment['NODE_ENV'] === 'production' ? 'refuse' : 'loopback'
}

/**
 * Reads, checks and freezes the settings; makes DATA_DIR/secret where KEY_PASSPHRASE is absent and may be.
 * Throws CONFIG_INVALID with every fault at once, by the variable's name, never its value.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const settings = new Settings(environment, callerFolder(environment))
  const isProduction = environment['NODE_ENV'] === 'production'
  const port = settings.wholeNumber('PORT', 8080, 65_535)
  const databaseUrl = settings.url('DATABASE_URL', ['postgres:', 'postgresql:'], isProduction)
  const token = settings.token()
  const filing = settings.filing(isProduction)
  const blobsS3 = settings.blobsS3(isProduction)
  const oidc = settings.oidc(isProduction)
  const holderOidc = settings.oidc(isProduction, 'HOLDER_OIDC')
  const tsaUrl = settings.url('TSA_URL', ['http:', 'https:'], false)
  const tsaRoots = settings.text('TSA_ROOTS')
  const operatorCode = settings.text('OPERATOR_CODE')
  const operatorName = settings.text('OPERATOR_NAME')
  const sealDeadlines = settings.days('SEAL_DEADLINES')
  const config = {
    isProduction,
    host: settings.text('HOST') ?? '127.0.0.1',
    port,
    baseUrl: settings.baseUrl(isProduction) ?? `http://localhost:${port}`,
    dataDir: dataFolder(environment),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(token === undefined ? {} : { token }),
    ...(filing === undefined ? {} : { filing }),
    ...(blobsS3 === undefined ? {} : { blobsS3 }),
    ...(tsaUrl === undefined ? {} : { tsaUrl }),
    ...(tsaRoots === undefined ? {} : { tsaRoots: resolve(callerFolder(environment), tsaRoots) }),
    ...(operatorCode === undefined ? {} : { operatorCode }),
    ...(operatorName === undefined ? {} : { operatorName }),
    ...(sealDeadlines === undefined ? {} : { sealDeadlines }),
    sm2Seals: settings.choice('SM2_SEALS', ['on', 'off'], 'off') === 'on',
    logLevel: settings.choice('LOG_LEVEL', LOG_LEVELS, isProduction ? 'info' : 'warn'),
    workers: settings.wholeNumber('WORKERS', Math.max(0, availableParallelism() - 1), 256),
    trustedProxies: settings.wholeNumber('TRUSTED_PROXIES', 0, 16),
    ...(oidc === undefined ? {} : { oidc }),
    ...(holderOidc === undefined ? {} : { holderOidc }),
    ...(settings.text('HOLDER_ASSURANCE_LEAST') === undefined
      ? {}
      : { holderAssuranceLeast: settings.wholeNumber('HOLDER_ASSURANCE_LEAST', 3, 4) }),
    passwordLogin: settings.passwordLogin(),
    sessionIdleMinutes: settings.between('SESSION_IDLE_MINUTES', 1, 30, 720),
    logsKeptDays: settings.between('LOGS_KEPT_DAYS', 180, 365, 36_500),
    sharingAccessKeptDays: settings.between('SHARING_ACCESS_KEPT_DAYS', 180, 1_095, 36_500),
    resultsKeptMinutes: settings.resultsKept(),
    ...(settings.text('BATCH_AT_ONCE') !== undefined && { batchAtOnce: settings.between('BATCH_AT_ONCE', 1, 1, 16) }),
  }
  const passphrase = settings.passphrase(isProduction)
  settings.refuseFaults()
  return Object.freeze({ ...config, passphrase: passphrase ?? trialSecret(config.dataDir) })
}

/** As `loadConfig`, for the process that only verifies. It needs TRUST_ANCHORS. */
export function loadVerifierConfig(environment: Environment = process.env): VerifierConfig {
  const settings = new Settings(environment, callerFolder(environment))
  const isProduction = environment['NODE_ENV'] === 'production'
  const port = settings.wholeNumber('PORT', 8080, 65_535)
  const inCallerFolder = (path: string) => resolve(callerFolder(environment), path)
  const trustList = settings.text('TRUST_LISTS')
  const isAddress = trustList !== undefined && /^https?:/i.test(trustList)
  if (isAddress) settings.url('TRUST_LISTS', ['http:', 'https:'], false)
  const statusUrl = settings.origin('LICENCE_STATUS_URL', ['http:', 'https:'], false)
  const tsaUrl = settings.url('TSA_URL', ['http:', 'https:'], false)
  const receiptKey = settings.receiptKey(inCallerFolder)
  const config: VerifierConfig = {
    isProduction,
    host: settings.text('HOST') ?? '127.0.0.1',
    port,
    baseUrl: settings.baseUrl(isProduction) ?? `http://localhost:${port}`,
    trustAnchors: settings.list('TRUST_ANCHORS').map(inCallerFolder),
    ...(trustList === undefined ? {} : { trustList: isAddress ? trustList : inCallerFolder(trustList) }),
    ...(statusUrl === undefined ? {} : { statusUrl }),
    ...(receiptKey === undefined ? {} : { receiptKey }),
    ...(tsaUrl === undefined ? {} : { tsaUrl }),
    logLevel: settings.choice('LOG_LEVEL', LOG_LEVELS, isProduction ? 'info' : 'warn'),
    workers: settings.wholeNumber('WORKERS', availableParallelism(), 256),
    trustedProxies: settings.wholeNumber('TRUSTED_PROXIES', 0, 16),
    resultsKeptMinutes: settings.resultsKept(),
  }
  settings.refuseFaults()
  return Object.freeze(config)
}

/** A random secret of this data folder, readable by its owner only. Two first starts at once agree on one. */
function trialSecret(dataDir: string): string {
  const path = join(dataDir, 'secret')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
  }
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < SHORTEST_PASSPHRASE)
    throw new PlatformError('CONFIG_INVALID', `${path} is damaged: restore it from a backup`)
  return secret
}
