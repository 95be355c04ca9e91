import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Handle } from 'pkcs11js'
import { KeyStoreError } from './errors.ts'
import { returnValueOf, toOutage, toRefusal, WrongSignature } from './pkcs11-faults.ts'
import type { Library } from './pkcs11-library.ts'
import type { TokenPlace } from './pkcs11-protocol.ts'

const LONGEST_PAUSE_MS = 250

/** A login that stands: what was opened since the module was last initialised. */
export interface Connection {
  readonly generation: number
  readonly slot: Handle
  /** Keeps the login while no other session is open; searches run in it. */
  readonly session: Handle
  readonly free: Handle[]
  readonly keys: Map<string, Handle>
}

/**
 * One token: logs in once, hands out one session for each call in flight, and connects anew when the token was lost. A refused PIN is
 * remembered and not tried again while the file says the same: trying is what locks a token.
 */
export class Token {
  readonly #library: Library
  /** The last caller's: another PIN file counts from the next login. */
  place: Required<TokenPlace>
  #connection: Connection | undefined
  #refusedPin: string | undefined
  /** True once a call gave up: calls then try but do not wait, until one succeeds. */
  #isDown = false
  #limit: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(library: Library, place: Required<TokenPlace>) {
    this.#library = library
    this.place = place
    this.#limit = place.maxSessions
  }

  /** Runs `work` with a session of its own, again after reconnecting when the token was lost meanwhile. */
  async run<T>(work: (connection: Connection, session: Handle) => Promise<T>, isReadOnly = true): Promise<T> {
    while (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    try {
      return await this.#runPatiently(() => this.#runOnce(work, isReadOnly), !isReadOnly)
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #runPatiently<T>(work: () => Promise<T>, mayTakeLong: boolean): Promise<T> {
    const { label, retryForMs } = this.place
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
    }, retryForMs)
    try {
      for (let tries = 1; ; tries++) {
        const seen = this.#library.generation
        try {
          const result = await this.#library.use(work, mayTakeLong)
          this.#isDown = false
          return result
        } catch (error) {
          const refusal = toRefusal(error, label)
          if (refusal !== undefined) throw refusal
          const isHopeless = isLate || this.#isDown || error instanceof WrongSignature
          if (tries > 1 && isHopeless) {
            this.#isDown = true
            throw toOutage(error, label)
          }
          if (tries > 1) await delay(Math.min(25 * 2 ** tries, LONGEST_PAUSE_MS))
          if (this.#mayShareSessions(error)) continue
          await this.#library.restart(seen)
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** A token out of sessions is no lost token: fewer calls at once will do. */
  #mayShareSessions(error: unknown): boolean {
    if (returnValueOf(error) !== 'CKR_SESSION_COUNT' || this.#limit === 1) return false
    this.#limit--
    return true
  }

  async #runOnce<T>(work: (connection: Connection, session: Handle) => Promise<T>, isReadOnly: boolean): Promise<T> {
    const { functions, constants } = this.#library
    const connection = this.#connect()
    const { slot, free } = connection
    const flags = constants.CKF_SERIAL_SESSION | (isReadOnly ? 0 : constants.CKF_RW_SESSION)
    const session = (isReadOnly ? free.pop() : undefined) ?? functions.C_OpenSession(slot, flags)
    let isSound = false
    try {
      const result = await work(connection, session)
      isSound = isReadOnly
      return result
    } finally {
      // What failed in a session may have left an operation open in it.
      if (isSound) free.push(session)
      else closeQuietly(() => functions.C_CloseSession(session))
    }
  }

  #connect(): Connection {
    const { functions, constants, generation } = this.#library
    if (this.#connection?.generation === generation) return this.#connection
    const slot = this.#findSlot()
    const session = functions.C_OpenSession(slot, constants.CKF_SERIAL_SESSION)
    try {
      this.#login(slot, session)
    } catch (error) {
      closeQuietly(() => functions.C_CloseSession(session))
      throw error
    }
    this.#connection = { generation, slot, session, free: [], keys: new Map() }
    return this.#connection
  }

  /** Throws `KEY_TOKEN_UNAVAILABLE` when no token of this label is there, `KEY_TOKEN_UNUSABLE` when two are. */
  #findSlot(): Handle {
    const { functions } = this.#library
    const { label } = this.place
    const slots = functions.C_GetSlotList(true).filter((slot) => {
      // The label has 32 octets, padded with blanks (PKCS #11 v2.40 §3.2), and is no text but octets to pkcs11js where it is not ASCII.
      const told = functions.C_GetTokenInfo(slot).label.replace(/[ \0]+$/, '')
      return told === label || Buffer.from(told, 'latin1').toString('utf8') === label
    })
    if (slots[0] === undefined) throw new KeyStoreError('KEY_TOKEN_UNAVAILABLE', `there is no token ${label}`)
    if (slots.length > 1) throw new KeyStoreError('KEY_TOKEN_UNUSABLE', `several tokens are called ${label}`)
    return slots[0]
  }

  #login(slot: Handle, session: Handle): void {
    const { functions, constants } = this.#library
    const { label } = this.place
    const pin = this.#readPin()
    const digest = createHash('sha256').update(pin).digest('hex')
    if (digest === this.#refusedPin)
      throw new KeyStoreError('KEY_PIN_WRONG', `token ${label} has refused this PIN before: it is not tried again`)
    const { flags } = functions.C_GetTokenInfo(slot)
    if (flags & constants.CKF_USER_PIN_FINAL_TRY)
      throw new KeyStoreError('KEY_PIN_LOCKED', `token ${label} has one try left before it locks: log in by hand first`)
    try {
      functions.C_Login(session, constants.CKU_USER, pin)
    } catch (error) {
      if (returnValueOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return
      if (toRefusal(error, label)) this.#refusedPin = digest
      throw error
    }
  }

  #readPin(): string {
    try {
      const text = readFileSync(this.place.pinFile, 'utf8').replace(/\r?\n$/, '')
      if (text.length > 0 && text.length <= 1024) return text
    } catch (cause) {
      throw new KeyStoreError('KEY_PIN_UNREADABLE', 'the file of the PIN cannot be read', { cause })
    }
    throw new KeyStoreError('KEY_PIN_UNREADABLE', 'the file of the PIN is empty or no PIN')
  }
}

/** A session of a token that is gone cannot be closed, and need not be. */
function closeQuietly(close: () => void): void {
  try {
    close()
  } catch {}
}
