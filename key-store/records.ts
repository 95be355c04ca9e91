import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readTextFile, writeNewFile } from './durable-file.ts'
import { type FileKind, readSigningKey, writePrivateKey } from './encrypted-file.ts'
import { KeyStoreError } from './errors.ts'

/** Who did it and why: stands in the record, so no personal data of holders. */
export interface KeyAct {
  readonly by: string
  readonly reason: string
}

export type KeyEvent = 'opened' | 'made' | 'found' | 'imported' | 'exported' | 'rotated' | 'destroyed'

/** One line of a store's history. */
export interface KeyRecord {
  /** 1, 2, 3 … without a gap. */
  readonly number: number
  /** SHA-256 of the record before, hex; null for the first. */
  readonly previous: string | null
  /** ISO 8601; null where the store was given no clock. */
  readonly at: string | null
  readonly event: KeyEvent
  /** The key's name; absent in `opened`. */
  readonly name?: string
  readonly kinds?: readonly FileKind[]
  /** SHA-256 of its SubjectPublicKeyInfo, hex; in `opened` the records' own public key, base64. */
  readonly publicKey?: string
  readonly by?: string
  readonly reason?: string
  /** `rotated`: the next key and from when on it signs. */
  readonly next?: string
  readonly signsFrom?: string
}

type NewRecord = Omit<KeyRecord, 'number' | 'previous' | 'at'>

export type KeyState = 'unknown' | 'present' | 'destroyed'

const FOLDER = 'records'
const LONGEST_TEXT = 500
const recordName = 'store'
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const fileOf = (number: number): string => `${String(number).padStart(8, '0')}.json`

/** Throws `TypeError` unless the act says who and why, briefly and on one line. */
export function checkAct({ by, reason }: KeyAct): KeyAct {
  for (const text of [by, reason])
    if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT || /\p{Cc}/u.test(text))
      throw new TypeError('expected who does it and why, each on one line of at most 500 characters')
  return { by, reason }
}

/**
 * What happened to the keys of one store: one file a record, each naming the digest of the one before and signed by the store's own key,
 * made at the first record. A file's name can be taken once, so two processes never write the same number.
 */
export class Records {
  readonly #folder: string
  readonly #keyFolder: string
  readonly #storeKey: Uint8Array
  readonly #clock: { now(): Date } | undefined
  readonly #known: KeyRecord[] = []
  readonly #states = new Map<string, KeyState>()
  #last: string | null = null
  #key: KeyObject | undefined

  constructor(keyFolder: string, storeKey: Uint8Array, clock?: { now(): Date }) {
    this.#keyFolder = keyFolder
    this.#folder = join(keyFolder, FOLDER)
    this.#storeKey = storeKey
    this.#clock = clock
  }

  /** All records as far as they were written by now; not verified. Throws `KEY_RECORDS_DAMAGED`. */
  read(): readonly KeyRecord[] {
    for (;;) {
      const number = this.#known.length + 1
      const text = readTextFile(this.#folder, fileOf(number))
      if (text === undefined) break
      this.#learn(parseRecord(text, number).record, text)
    }
    if (this.#known.length === 0 && this.#files().length > 0)
      throw new KeyStoreError('KEY_RECORDS_DAMAGED', 'the first record is missing')
    return this.#known
  }

  /** Every record, its signature, number and place in the chain verified. Throws `KEY_RECORDS_DAMAGED`. */
  verify(): readonly KeyRecord[] {
    const count = this.read().length
    if (this.#files().length !== count)
      throw new KeyStoreError('KEY_RECORDS_DAMAGED', `record ${count + 1} is missing, or a file is there that is none`)
    const publicKey = count === 0 ? undefined : createPublicKey(this.#openKey())
    let previous: string | null = null
    return this.#known.map((known, index) => {
      const text = readTextFile(this.#folder, fileOf(index + 1)) ?? ''
      const { record, body, signature } = parseRecord(text, index + 1)
      if (record.previous !== previous || !verify('sha256', Buffer.from(body), publicKey!, signature))
        throw new KeyStoreError('KEY_RECORDS_DAMAGED', `record ${index + 1} is not what this store wrote`)
      previous = sha256(text)
      return known
    })
  }

  /** Whether a key of this name and kind was made or destroyed. */
  stateOf(name: string, kind: FileKind): KeyState {
    this.read()
    return this.#states.get(`${kind}|${name}`) ?? 'unknown'
  }

  /** Writes a record durably. Throws `KEY_STORE_UNAVAILABLE`, `KEY_RECORDS_DAMAGED`. */
  append(entry: NewRecord): KeyRecord {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const key = this.#openKey()
    if (this.read().length === 0 && entry.event !== 'opened') {
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
      this.append({ event: 'opened', publicKey: spki.toString('base64') })
    }
    for (;;) {
      const number = this.read().length + 1
      if (entry.event === 'opened' && number > 1) return this.#known[0]!
      const record: KeyRecord = { number, previous: this.#last, at: this.#clock?.now().toISOString() ?? null, ...entry }
      const body = JSON.stringify(record)
      const signature = sign('sha256', Buffer.from(body), key).toString('base64')
      const text = `${body}\n${signature}\n`
      if (!writeNewFile(this.#folder, fileOf(number), text)) continue
      this.#learn(record, text)
      return record
    }
  }

  close(): void {
    this.#key = undefined
  }

  #learn(record: KeyRecord, text: string): void {
    this.#known.push(record)
    this.#last = sha256(text)
    for (const kind of record.kinds ?? [])
      this.#states.set(`${kind}|${record.name}`, record.event === 'destroyed' ? 'destroyed' : 'present')
    if (record.next !== undefined) this.#states.set(`signing|${record.next}`, 'present')
  }

  #files(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => !name.startsWith('.'))
    } catch {
      return []
    }
  }

  #readKey(): KeyObject | undefined {
    const stored = readSigningKey(this.#keyFolder, this.#storeKey, recordName, 'record')
    return stored?.place === 'file' ? stored.privateKey : undefined
  }

  #openKey(): KeyObject {
    this.#key ??= this.#readKey()
    if (this.#key !== undefined) return this.#key
    if (this.#files().length > 0)
      throw new KeyStoreError('KEY_LOST', "the key of the store's records is gone, but the records are there")
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const isOurs = writePrivateKey(this.#keyFolder, this.#storeKey, recordName, privateKey, { kind: 'record' })
    this.#key = isOurs ? privateKey : this.#readKey()
    return this.#key!
  }
}

function parseRecord(text: string, number: number): { record: KeyRecord; body: string; signature: Buffer } {
  try {
    const [body, signature, rest] = text.split('\n')
    const record = JSON.parse(body!) as KeyRecord
    if (record.number === number && signature && rest === '')
      return { record, body: body!, signature: Buffer.from(signature, 'base64') }
  } catch (cause) {
    throw new KeyStoreError('KEY_RECORDS_DAMAGED', `record ${number} cannot be read`, { cause })
  }
  throw new KeyStoreError('KEY_RECORDS_DAMAGED', `record ${number} is no record of this number`)
}
