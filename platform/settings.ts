import { resolve } from 'node:path'
import { type Fault, PlatformError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export const SHORTEST_PASSPHRASE = 20

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

/** A store that speaks S3. Its key stands in a file, not in the environment. */
export interface S3Config {
  /** BLOBS_S3_URL, address with the bucket and perhaps a prefix, without a slash at its end; https in production. */
  readonly url: string
  /** BLOBS_S3_REGION, default us-east-1, which stores with one region take. */
  readonly region: string
  /** BLOBS_S3_KEY_FILE, a JSON file with `accessKeyId` and `secretAccessKey`. */
  readonly keyFile: string
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

/** Reads settings one by one and keeps every fault, to refuse all at once. */
export class Settings {
  readonly #environment: Environment
  readonly #callerFolder: string
  readonly #faults: Fault[] = []

  /** `callerFolder`: where paths begin. */
  constructor(environment: Environment, callerFolder: string) {
    this.#environment = environment
    this.#callerFolder = callerFolder
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

  /** A provider with its client, and one way for the client to prove itself; or nothing of it. Its settings begin with `prefix`. */
  oidc(isProduction: boolean, prefix: 'OIDC' | 'HOLDER_OIDC' = 'OIDC'): OidcConfig | undefined {
    const nameOf = (end: string) => `${prefix}_${end}`
    const others = [nameOf('USERNAME_CLAIM'), nameOf('LABEL')]
    const names = ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'CLIENT_KEY'].map(nameOf)
    if (![...names, ...others].some((name) => this.text(name))) return undefined
    const issuer = this.url(nameOf('ISSUER'), isProduction ? ['https:'] : ['https:', 'http:'], false)
    const [, clientId, clientSecret, clientKey] = names.map((name) => this.text(name))
    if (!this.text(nameOf('ISSUER'))) this.#fault(nameOf('ISSUER'), `required where another ${prefix} setting is given`)
    if (!clientId) this.#fault(nameOf('CLIENT_ID'), `required where another ${prefix} setting is given`)
    if ((clientSecret === undefined) === (clientKey === undefined))
      this.#fault(nameOf('CLIENT_SECRET'), `expected this or ${nameOf('CLIENT_KEY')}, one of the two`)
    if (issuer === undefined || clientId === undefined) return undefined
    const [usernameClaim, label] = others.map((name) => this.text(name))
    return {
      issuer,
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(clientKey === undefined ? {} : { clientKey: resolve(this.#callerFolder, clientKey) }),
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
    const inCallerFolder = (path: string) => resolve(this.#callerFolder, path)
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
    const inCallerFolder = (path: string) => resolve(this.#callerFolder, path)
    return {
      url,
      appKey,
      username,
      secretsFile: inCallerFolder(secrets),
      ...(certificate && { certificateFile: inCallerFolder(certificate) }),
      ...(peer && { peerFile: inCallerFolder(peer) }),
    }
  }

  /** Address and key, or neither: who means to keep files elsewhere must not quietly keep them here. */
  blobsS3(isProduction: boolean): S3Config | undefined {
    const needed = ['BLOBS_S3_URL', 'BLOBS_S3_KEY_FILE'] as const
    const region = this.text('BLOBS_S3_REGION')
    if (!needed.some((name) => this.text(name)) && !region) return undefined
    for (const name of needed)
      if (!this.text(name)) this.#fault(name, 'required where another BLOBS_S3 setting is given')
    const url = this.url('BLOBS_S3_URL', isProduction ? ['https:'] : ['http:', 'https:'], false)
    if (url && !/^https?:\/\/[\w.:-]+(?:\/[\w.-]+)+\/?$/.test(url))
      this.#fault('BLOBS_S3_URL', 'expected an address that ends in a bucket and perhaps a prefix, without credentials')
    if (region && !/^[a-z0-9-]{1,40}$/.test(region)) this.#fault('BLOBS_S3_REGION', 'expected a name such as us-east-1')
    const keyFile = this.text('BLOBS_S3_KEY_FILE')
    if (!url || !keyFile) return undefined
    return { url: url.replace(/\/$/, ''), region: region ?? 'us-east-1', keyFile: resolve(this.#callerFolder, keyFile) }
  }

  refuseFaults(): void {
    if (this.#faults.length === 0) return
    const list = this.#faults.map(({ pointer }) => pointer.slice(1)).join(', ')
    throw new PlatformError('CONFIG_INVALID', `wrong settings: ${list}`, { faults: this.#faults })
  }

  /** Both or neither: a key without what opens it is a mistake. */
  receiptKey(
    inCallerFolder: (path: string) => string,
  ): { readonly file: string; readonly passphraseFile: string } | undefined {
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
