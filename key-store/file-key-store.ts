import { createPublicKey, hash, type KeyObject, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parsePublicKey, type SigningKey } from '../pki/index.ts'
import { destroyFile } from './durable-file.ts'
import {
  fileKinds,
  fileName,
  hasFile,
  type KeyFileKind,
  makeSecret,
  readSecret,
  readSigningKey,
  SECRETS_FOLDER,
  type StoredKey,
  secretName,
  writePrivateKey,
  writeTokenKey,
} from './encrypted-file.ts'
import { KeyStoreError } from './errors.ts'
import { generatePrivateKey } from './generate.ts'
import type { KeyKind, KeyStore, KeyStoreOptions } from './key-store.ts'
import { type Guard, type MacKey, toMacKey, toSigningKey, toWrappingKey, type WrappingKey } from './keys.ts'
import type { TokenClient } from './pkcs11.ts'
import { readPkcs12 } from './pkcs12-read.ts'
import { writePkcs12 } from './pkcs12-write.ts'
import { checkAct, type KeyAct, type KeyRecord, Records } from './records.ts'
import { toTokenKey } from './token-key.ts'
import { type KeyUsage, UsageCounter } from './usage.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/
const TOKEN_ID_LENGTH = 16
const SHORTEST_PASSWORD = 12

/** A key in memory: the object handed out, and what makes it unusable. */
interface Opened<T> {
  readonly key: T
  readonly destroy: () => void
}

const refuse = (code: KeyStoreError['code'], message: string): never => {
  throw new KeyStoreError(code, message)
}

/** The key store of `createKeyStore`. */
export class FileKeyStore implements KeyStore {
  readonly #folder: string
  readonly #storeKey: Buffer
  readonly #token: TokenClient | undefined
  readonly #options: KeyStoreOptions
  readonly #records: Records
  readonly #signing = new Map<string, Opened<SigningKey>>()
  readonly #wrapping = new Map<string, Opened<WrappingKey>>()
  readonly #mac = new Map<string, Opened<MacKey>>()
  readonly #counters = new Map<string, UsageCounter>()
  #isOpen = true

  constructor(options: KeyStoreOptions, storeKey: Buffer, token: TokenClient | undefined) {
    this.#folder = options.folder
    this.#storeKey = storeKey
    this.#options = options
    this.#token = token
    this.#records = new Records(options.folder, storeKey, options.clock)
  }

  async generate(name: string, kind: KeyKind, { isExportable = false } = {}): Promise<SigningKey> {
    this.#checkFree(name)
    if (kind !== 'sm2' && !isExportable && this.#token !== undefined && this.#options.token!.holds(name))
      return this.#generateInToken(this.#token, name, kind)
    const privateKey = await generatePrivateKey(kind)
    this.#checkOpen()
    if (!writePrivateKey(this.#folder, this.#storeKey, name, privateKey, { isExportable })) this.#refuseTaken(name)
    this.#recordMade(name, spkiOf(privateKey))
    return this.get(name)
  }

  async importPkcs12(name: string, file: Uint8Array, password: string, act: KeyAct & { isExportable?: boolean }) {
    const { by, reason } = checkAct(act)
    const isExportable = act.isExportable ?? false
    this.#checkFree(name)
    const { privateKey, publicKey, certificates } = await readPkcs12(file, password)
    this.#checkOpen()
    if (!writePrivateKey(this.#folder, this.#storeKey, name, privateKey, { isExportable })) this.#refuseTaken(name)
    const facts = { name, kinds: ['signing'] as const, publicKey: fingerprint(publicKey) }
    this.#records.append({ event: 'imported', ...facts, by, reason })
    return { key: this.get(name), certificates }
  }

  async exportPkcs12(name: string, content: { password: string; certificates: readonly Uint8Array[] }, act: KeyAct) {
    const { by, reason } = checkAct(act)
    const { publicKey } = this.get(name)
    const stored = readSigningKey(this.#folder, this.#storeKey, name)
    if (stored?.place !== 'file' || !stored.isExportable)
      return refuse('KEY_NOT_EXPORTABLE', `key ${name} was made to stay where it is`)
    if (content.password.length < SHORTEST_PASSWORD)
      refuse('KEY_EXPORT_PASSWORD_WEAK', `expected a password of ${SHORTEST_PASSWORD} characters or more`)
    this.#records.append({ event: 'exported', name, kinds: ['signing'], publicKey: fingerprint(publicKey), by, reason })
    return writePkcs12({ privateKey: stored.privateKey, friendlyName: name, ...content })
  }

  async rotate(name: string, act: KeyAct & { signsFrom: Date; kind?: KeyKind }) {
    const { by, reason } = checkAct(act)
    const generations = this.generations(name)
    const last = this.get(generations.at(-1)!.name)
    const before = generations.at(-1)!.signsFrom
    if (before !== null && act.signsFrom <= before) throw new TypeError('the next key must sign from a later time on')
    const next = this.#freeGeneration(name, generations.length + 1)
    const key = await this.generate(next, act.kind ?? kindOf(last))
    const signsFrom = act.signsFrom.toISOString()
    this.#records.append({ event: 'rotated', name, publicKey: fingerprint(key.publicKey), next, signsFrom, by, reason })
    return { name: next, key }
  }

  /** `name-2` and so on; one that is taken, by another key or a rotation broken off, is left alone. */
  #freeGeneration(name: string, first: number): string {
    for (let number = first; ; number++) {
      const next = `${name}-${number}`
      if (!hasFile(this.#folder, next, 'signing') && this.#records.stateOf(next, 'signing') === 'unknown') return next
    }
  }

  signingAt(name: string, at: Date) {
    const generations = this.generations(name)
    const current = generations.findLast(({ signsFrom }) => signsFrom === null || signsFrom <= at)!
    return { name: current.name, key: this.get(current.name) }
  }

  generations(name: string) {
    this.#checkName(name)
    const later = this.#records.read().filter((record) => record.event === 'rotated' && record.name === name)
    return [
      { name, signsFrom: null },
      ...later.map(({ next, signsFrom }) => ({ name: next!, signsFrom: new Date(signsFrom!) })),
    ]
  }

  async #generateInToken(token: TokenClient, name: string, kind: Exclude<KeyKind, 'sm2'>): Promise<SigningKey> {
    const id = Uint8Array.from(randomBytes(TOKEN_ID_LENGTH))
    const publicKey = await token.call({ do: 'generate', id, name, kind })
    try {
      this.#checkOpen()
      const { label } = this.#options.token!
      if (!writeTokenKey(this.#folder, this.#storeKey, name, { label, id, publicKey })) this.#refuseTaken(name)
    } catch (error) {
      // Nobody knows of it, so nobody would ever remove it. Should that fail too, what went wrong first is what counts.
      await token.call({ do: 'destroy', id }).catch(() => {})
      throw error
    }
    this.#recordMade(name, publicKey)
    return this.get(name)
  }

  get(name: string): SigningKey {
    return this.#remember(this.#signing, name, () => {
      this.#refuseDestroyed(name, 'signing')
      const stored = this.#readSigning(name)
      this.#checkState(name, 'signing', stored !== undefined)
      if (stored === undefined) return refuse('KEY_NOT_FOUND', `there is no key ${name}`)
      const counter = this.#counterOf(name)
      const key = (guard: Guard) => this.#toKey(name, stored, guard, () => counter.count())
      return this.#open(name, null, key)
    })
  }

  #toKey(name: string, stored: StoredKey, guard: Guard, count: () => void): SigningKey {
    if (stored.place === 'file') return toSigningKey(stored.privateKey, guard, count)
    if (this.#token !== undefined && stored.label === this.#options.token!.label)
      return toTokenKey(stored, this.#token, guard, count)
    return refuse('KEY_TOKEN_UNAVAILABLE', `key ${name} lies in the token ${stored.label}, which is not configured`)
  }

  wrappingKey(name: string): WrappingKey {
    return this.#remember(this.#wrapping, name, () => {
      const secret = this.#openSecret(name, 'wrapping')
      return this.#open(name, secret, (guard) => toWrappingKey(secret, name, guard))
    })
  }

  macKey(name: string): MacKey {
    return this.#remember(this.#mac, name, () => {
      const secret = this.#openSecret(name, 'mac')
      return this.#open(name, secret, (guard) => toMacKey(secret, name, guard))
    })
  }

  /** Made at the first call and never again: two processes that make it at once get the same. */
  #openSecret(name: string, kind: 'wrapping' | 'mac'): Buffer {
    this.#checkState(name, kind, hasFile(this.#folder, name, kind))
    if (makeSecret(this.#folder, this.#storeKey, name, kind))
      this.#records.append({ event: 'made', name, kinds: [kind] })
    return readSecret(this.#folder, this.#storeKey, name, kind)!
  }

  list(): string[] {
    this.#checkOpen()
    const suffix = fileName('', 'signing')
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(suffix) && !file.startsWith('.'))
      .map((file) => file.slice(0, -suffix.length))
      .sort()
  }

  usage(name: string): KeyUsage {
    this.get(name)
    return this.#counterOf(name).read()
  }

  records(): readonly KeyRecord[] {
    this.#checkOpen()
    return this.#records.verify()
  }

  async destroy(name: string, act: KeyAct): Promise<KeyRecord> {
    const { by, reason } = checkAct(act)
    this.#checkName(name)
    const kinds = fileKinds.filter((kind) => hasFile(this.#folder, name, kind))
    if (kinds.length === 0) refuse('KEY_NOT_FOUND', `there is no key ${name}`)
    const stored = kinds.includes('signing') ? this.#readToDestroy(name) : undefined
    const begun = this.#records.read().findLast((record) => record.event === 'destroyed' && record.name === name)
    const isBegun = begun?.kinds !== undefined && kinds.every((kind) => begun.kinds!.includes(kind))
    // Recorded first: a key that is there though its record says destroyed is destroyed by whoever finds it.
    const record = isBegun
      ? begun
      : this.#records.append({
          ...{ event: 'destroyed', name, kinds, by, reason },
          ...(stored && { publicKey: fingerprint(publicKeyOf(stored)) }),
        })
    await this.#removeKeys(name, stored)
    return record
  }

  /** A file without its secret was made here and has lost it, or was brought from elsewhere. */
  #readSigning(name: string): StoredKey | undefined {
    try {
      return readSigningKey(this.#folder, this.#storeKey, name)
    } catch (error) {
      const isGone = error instanceof KeyStoreError && error.code === 'KEY_LOST'
      if (isGone && this.#records.stateOf(name, 'signing') === 'unknown')
        throw new KeyStoreError('KEY_FILE_DAMAGED', `key ${name} has no secret here`, { cause: error })
      throw error
    }
  }

  /** A key whose secret is destroyed already cannot be read any more; only its file is left. */
  #readToDestroy(name: string): StoredKey | undefined {
    try {
      return readSigningKey(this.#folder, this.#storeKey, name)
    } catch (error) {
      const isGone = error instanceof KeyStoreError && error.code === 'KEY_LOST'
      if (isGone && this.#records.stateOf(name, 'signing') === 'destroyed') return undefined
      throw error
    }
  }

  async #removeKeys(name: string, stored: StoredKey | undefined): Promise<void> {
    for (const known of [this.#signing, this.#wrapping, this.#mac]) {
      known.get(name)?.destroy()
      known.delete(name)
    }
    this.#counters.get(name)?.close()
    this.#counters.delete(name)
    if (stored?.place === 'token') {
      if (this.#token === undefined) refuse('KEY_TOKEN_UNAVAILABLE', `the token of key ${name} is not configured`)
      await this.#token!.call({ do: 'destroy', id: stored.id })
    }
    destroyFile(join(this.#folder, SECRETS_FOLDER), secretName(name))
    for (const kind of fileKinds) destroyFile(this.#folder, fileName(name, kind))
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#storeKey.fill(0)
    for (const known of [this.#wrapping, this.#mac, this.#signing]) {
      for (const entry of known.values()) entry.destroy()
      known.clear()
    }
    for (const counter of this.#counters.values()) counter.close()
    this.#records.close()
    this.#token?.close()
  }

  #checkOpen(): void {
    if (!this.#isOpen) refuse('KEY_STORE_CLOSED', 'the key store is closed')
  }

  #checkName(name: string): void {
    this.#checkOpen()
    if (!NAME.test(name))
      refuse('KEY_NAME_INVALID', 'a key name has 1 to 120 letters, digits, dots, hyphens and underscores')
  }

  /** A name that may be given to a new signing key. */
  #checkFree(name: string): void {
    this.#checkName(name)
    const isThere = hasFile(this.#folder, name, 'signing')
    this.#checkState(name, 'signing', isThere)
    if (isThere) this.#refuseTaken(name)
  }

  #refuseTaken(name: string): never {
    return refuse('KEY_EXISTS', `there is a key ${name} already`)
  }

  #refuseDestroyed(name: string, kind: KeyFileKind): void {
    if (this.#records.stateOf(name, kind) === 'destroyed')
      refuse('KEY_DESTROYED', `key ${name} was destroyed, and its name is not used again`)
  }

  /** Holds what is on disk against the records: what was made and is gone was lost, what was destroyed stays so. */
  #checkState(name: string, kind: KeyFileKind, isThere: boolean): void {
    this.#refuseDestroyed(name, kind)
    const state = this.#records.stateOf(name, kind)
    if (state === 'present' && !isThere)
      refuse('KEY_LOST', `key ${name} was made here and its file is gone: restore it from a backup`)
    // Made by an earlier release, or by a process that ended between the file and its record.
    if (state === 'unknown' && isThere) this.#records.append({ event: 'found', name, kinds: [kind] })
  }

  #recordMade(name: string, publicKey: Uint8Array): void {
    this.#records.append({ event: 'made', name, kinds: ['signing'], publicKey: fingerprint(publicKey) })
  }

  #counterOf(name: string): UsageCounter {
    let counter = this.#counters.get(name)
    if (counter === undefined) this.#counters.set(name, (counter = new UsageCounter(this.#folder, name)))
    return counter
  }

  #open<T>(name: string, secret: Uint8Array | null, make: (guard: Guard) => T): Opened<T> {
    let isDestroyed = false
    const guard = (): void => {
      this.#checkOpen()
      if (isDestroyed) refuse('KEY_DESTROYED', `key ${name} was destroyed`)
    }
    const key = make(guard)
    return {
      key,
      destroy() {
        isDestroyed = true
        secret?.fill(0)
      },
    }
  }

  #remember<T>(known: Map<string, Opened<T>>, name: string, make: () => Opened<T>): T {
    this.#checkName(name)
    let entry = known.get(name)
    if (entry === undefined) known.set(name, (entry = make()))
    return entry.key
  }
}

const spkiOf = (privateKey: KeyObject): Buffer => createPublicKey(privateKey).export({ type: 'spki', format: 'der' })

const publicKeyOf = (stored: StoredKey): Uint8Array =>
  stored.place === 'token' ? stored.publicKey : spkiOf(stored.privateKey)

const fingerprint = (spki: Uint8Array): string => hash('sha256', spki, 'hex')

function kindOf({ publicKey }: SigningKey): KeyKind {
  const { kind, bits } = parsePublicKey(publicKey)
  if (kind === 'rsa') return bits < 3072 ? 'rsa-2048' : 'rsa-3072'
  return kind === 'sm2' ? 'sm2' : 'ec-p256'
}
