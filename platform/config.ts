import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { type Fault, PlatformError } from './errors.ts'
import type { LogLevel } from './log.ts'
import type { PrivateAddresses } from './public-address.ts'

/** Keys that may be made inside the token: of seals, of QR statements, of the PKI's own names. */
const tokenKeys = ['seals', 'statements', 'authorities'] as const
type TokenKeys = (typeof tokenKeys)[number]

/** A PKCS #11 token beside the key files. The PIN itself is no setting: it would stand in the environment. */
export interface TokenConfig {
  /** PKCS11_MODULE, path of the vendor's library. */
  readonly module: string
  /** PKCS11_TOKEN_LABEL. */
  readonly label: string
  /** PKCS11_PIN_FILE, a file that holds the user PIN. */
  readonly pinFile: string
  /** PKCS11_KEYS, which new keys are made in it: seals (default), statements, authorities, with commas between. */
  readonly keys: readonly TokenKeys[]
}

/** A publisher with which what is made here is filed (国家统一电子印章状态发布系统). Its secrets stand in a file, not in the environment. */
export interface FilingConfig {
  /** FILING_URL, up to `/shared`; https in production. */
  readonly url: string
  /** FILING_APP_KEY. */
  readonly appKey: string
  /** FILING_USERNAME. */
  readonly username: string
  /** FILING_SECRETS, a JSON file with `secret`, `password` and `salt`. */
  readonly secretsFile: string
  /** FILING_CERTIFICATE, a file with the certificate of the key `filing`. Required in production. */
  readonly certificateFile?: string
  /** FILING_PEER, a file with the certificate of the only one who may answer; absent: whichever signs rightly. */
  readonly peerFile?: string
}

/** An OpenID provider by which people log in. */
export interface OidcConfig {
  /** OIDC_ISSUER; https in production. */
  readonly issuer: string
  /** OIDC_CLIENT_ID. */
  readonly clientId: string
  /** OIDC_CLIENT_SECRET, or else OIDC_CLIENT_KEY, a file with a private key (PEM, PKCS #8) for private_key_jwt. */
  readonly clientSecret?: string
  readonly clientKey?: string
  /** OIDC_USERNAME_CLAIM: the claim of the ID token that holds the user name; absent: only linked accounts log in. */
  readonly usernameClaim?: string
  /** OIDC_LABEL: what the login page calls the provider. */
  readonly label?: string
}

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
  /** PASSWORD_LOGIN, on (default) or off: whether people may log in with a password. Off needs OIDC_ISSUER. */
  readonly passwordLogin: boolean
  /** SESSION_IDLE_MINUTES, default 30: how long after its last use a person's session ends; 1 to 720. */
  readonly sessionIdleMinutes: number
  /** LOGS_KEPT_DAYS, default 365: how long logins stay on record; 180 at least. */
  readonly logsKeptDays: number
  /** RESULTS_KEPT_MINUTES, default 15: how long results of verifications that are answered later wait to be fetched. */
  readonly resultsKeptMinutes: number
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

type Environment = Readonly<Record<string, string | undefined>>

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']
const SHORTEST_PASSPHRASE = 20

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
  const settings = new Settings(environment)
  const isProduction = environment['NODE_ENV'] === 'production'
  const port = settings.wholeNumber('PORT', 8080, 65_535)
  const databaseUrl = settings.url('DATABASE_URL', ['postgres:', 'postgresql:'], isProduction)
  const token = settings.token()
  const filing = settings.filing(isProduction)
  const oidc = settings.oidc(isProduction)
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
    passwordLogin: settings.passwordLogin(),
    sessionIdleMinutes: settings.between('SESSION_IDLE_MINUTES', 1, 30, 720),
    logsKeptDays: settings.between('LOGS_KEPT_DAYS', 180, 365, 36_500),
    resultsKeptMinutes: settings.resultsKept(),
  }
  const passphrase = settings.passphrase(isProduction)
  settings.refuseFaults()
  return Object.freeze({ ...config, passphrase: passphrase ?? trialSecret(config.dataDir) })
}

/** As `loadConfig`, for the process that only verifies. It needs TRUST_ANCHORS. */
export function loadVerifierConfig(environment: Environment = process.env): VerifierConfig {
  const settings = new Settings(environment)
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

class Settings {
  readonly #environment: Environment
  readonly #faults: Fault[] = []

  constructor(environment: Environment) {
    this.#environment = environment
  }

  text(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined
  }

  wholeNumber(name: string, byDefault: number, most: number): number {
    const text = this.text(name)
    if (text === undefined) return byDefault
    if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text)
    this.#fault(name, `expected a whole number from 0 to ${most}`)
    return byDefault
  }

  choice<T extends string>(name: string, choices: readonly T[], byDefault: T): T {
    const text = this.text(name)
    const chosen = choices.find((choice) => choice === text)
    if (text !== undefined && chosen === undefined) this.#fault(name, `expected one of ${choices.join(', ')}`)
    return chosen ?? byDefault
  }

  url(name: string, protocols: readonly string[], isRequired: boolean): string | undefined {
    const text = this.text(name)
    const expected = `an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`
    if (text === undefined) {
      if (isRequired) this.#fault(name, `required in production: ${expected}`)
      return undefined
    }
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
    this.#fault(name, `expected ${expected}`)
    return undefined
  }

  baseUrl(isProduction: boolean): string | undefined {
    return this.origin('BASE_URL', isProduction ? ['https:'] : ['http:', 'https:'], isProduction)
  }

  origin(name: string, protocols: readonly string[], isRequired: boolean): string | undefined {
    const text = this.url(name, protocols, isRequired)
    if (text === undefined) return undefined
    const { origin, pathname, search, hash, username } = new URL(text)
    if (pathname !== '/' || search || hash || username)
      this.#fault(name, 'expected scheme and host only, without a path')
    return origin
  }

  /** Required, with commas between. */
  list(name: string): string[] {
    const parts = (this.text(name) ?? '').split(',').map((part) => part.trim())
    const given = parts.filter((part) => part !== '')
    if (given.length === 0) this.#fault(name, 'required')
    return given
  }

  between(name: string, least: number, byDefault: number, most: number): number {
    const number = this.wholeNumber(name, byDefault, most)
    if (number < least) this.#fault(name, `expected a whole number from ${least} to ${most}`)
    return number
  }

  /** Numbers of days by name: `one=5,other=15`. */
  days(name: string): Readonly<Record<string, number>> | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const pairs = text.split(',').map((part) => /^\s*([a-z-]{1,40})\s*=\s*([1-9]\d{0,3})\s*$/.exec(part))
    if (pairs.includes(null)) this.#fault(name, 'expected names with days, such as one=5,other=15')
    return Object.fromEntries(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1]!, Number(pair[2])]])))
  }

  resultsKept(): number {
    return this.between('RESULTS_KEPT_MINUTES', 1, 15, 1440)
  }

  passphrase(isProduction: boolean): string | undefined {
    const text = this.text('KEY_PASSPHRASE')
    if (text === undefined && isProduction) this.#fault('KEY_PASSPHRASE', 'required in production')
    if (text !== undefined && text.length < SHORTEST_PASSPHRASE) {
      this.#fault('KEY_PASSPHRASE', `expected at least ${SHORTEST_PASSPHRASE} characters`)
    }
    return text
  }

  /** Without the provider nobody could log in at all. */
  passwordLogin(): boolean {
    const isOn = this.choice('PASSWORD_LOGIN', ['on', 'off'], 'on') === 'on'
    if (!isOn && !this.text('OIDC_ISSUER')) this.#fault('PASSWORD_LOGIN', 'off only where OIDC_ISSUER is given')
    return isOn
  }

  /** A provider with its client, and one way for the client to prove itself; or nothing of it. */
  oidc(isProduction: boolean): OidcConfig | undefined {
    const names = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_CLIENT_KEY'] as const
    const others = ['OIDC_USERNAME_CLAIM', 'OIDC_LABEL'] as const
    if (![...names, ...others].some((name) => this.text(name))) return undefined
    const issuer = this.url('OIDC_ISSUER', isProduction ? ['https:'] : ['https:', 'http:'], false)
    const clientId = this.text('OIDC_CLIENT_ID')
    const [clientSecret, clientKey] = [this.text('OIDC_CLIENT_SECRET'), this.text('OIDC_CLIENT_KEY')]
    if (!this.text('OIDC_ISSUER')) this.#fault('OIDC_ISSUER', 'required where another OIDC setting is given')
    if (!clientId) this.#fault('OIDC_CLIENT_ID', 'required where another OIDC setting is given')
    if ((clientSecret === undefined) === (clientKey === undefined))
      this.#fault('OIDC_CLIENT_SECRET', 'expected this or OIDC_CLIENT_KEY, one of the two')
    if (issuer === undefined || clientId === undefined) return undefined
    const [usernameClaim, label] = others.map((name) => this.text(name))
    return {
      issuer,
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(clientKey === undefined ? {} : { clientKey: resolve(callerFolder(this.#environment), clientKey) }),
      ...(usernameClaim === undefined ? {} : { usernameClaim }),
      ...(label === undefined ? {} : { label }),
    }
  }

  /** All three or none: a house that should sign in a token must not quietly sign from files. */
  token(): TokenConfig | undefined {
    const names = ['PKCS11_MODULE', 'PKCS11_TOKEN_LABEL', 'PKCS11_PIN_FILE'] as const
    const [module, label, pinFile] = names.map((name) => this.text(name))
    const listed = this.text('PKCS11_KEYS')
    if (!module && !label && !pinFile && !listed) return undefined
    for (const name of names) if (!this.text(name)) this.#fault(name, 'required where another PKCS11 setting is given')
    const keys = (listed ?? 'seals').split(',').map((word) => word.trim())
    if (!keys.every((word) => tokenKeys.some((known) => known === word)))
      this.#fault('PKCS11_KEYS', `expected some of ${tokenKeys.join(', ')}, with commas between`)
    if (!module || !label || !pinFile) return undefined
    const inCallerFolder = (path: string) => resolve(callerFolder(this.#environment), path)
    return { module: inCallerFolder(module), label, pinFile: inCallerFolder(pinFile), keys: keys as TokenKeys[] }
  }

  /** All or none: who means to file must not quietly file nowhere. */
  filing(isProduction: boolean): FilingConfig | undefined {
    const needed = ['FILING_URL', 'FILING_APP_KEY', 'FILING_USERNAME', 'FILING_SECRETS'] as const
    const [, appKey, username, secrets] = needed.map((name) => this.text(name))
    const [certificate, peer] = [this.text('FILING_CERTIFICATE'), this.text('FILING_PEER')]
    if (!needed.some((name) => this.text(name)) && !certificate && !peer) return undefined
    for (const name of needed) if (!this.text(name)) this.#fault(name, 'required where another FILING setting is given')
    if (isProduction && !certificate) this.#fault('FILING_CERTIFICATE', 'required in production')
    const url = this.url('FILING_URL', isProduction ? ['https:'] : ['http:', 'https:'], false)
    if (!url || !appKey || !username || !secrets) return undefined
    const inCallerFolder = (path: string) => resolve(callerFolder(this.#environment), path)
    return {
      url,
      appKey,
      username,
      secretsFile: inCallerFolder(secrets),
      ...(certificate && { certificateFile: inCallerFolder(certificate) }),
      ...(peer && { peerFile: inCallerFolder(peer) }),
    }
  }

  refuseFaults(): void {
    if (this.#faults.length === 0) return
    const list = this.#faults.map(({ pointer }) => pointer.slice(1)).join(', ')
    throw new PlatformError('CONFIG_INVALID', `wrong settings: ${list}`, { faults: this.#faults })
  }

  /** Both or neither: a key without what opens it is a mistake. */
  receiptKey(inCallerFolder: (path: string) => string): VerifierConfig['receiptKey'] {
    const [file, passphraseFile] = ['RECEIPT_KEY', 'RECEIPT_PASSPHRASE_FILE'].map((name) => this.text(name))
    if (file !== undefined && passphraseFile !== undefined)
      return { file: inCallerFolder(file), passphraseFile: inCallerFolder(passphraseFile) }
    if (file !== undefined) this.#fault('RECEIPT_PASSPHRASE_FILE', 'is needed beside RECEIPT_KEY')
    if (passphraseFile !== undefined) this.#fault('RECEIPT_KEY', 'is needed beside RECEIPT_PASSPHRASE_FILE')
    return undefined
  }

  #fault(name: string, detail: string): void {
    this.#faults.push({ pointer: `/${name}`, code: this.text(name) === undefined ? 'MISSING' : 'INVALID', detail })
  }
}
