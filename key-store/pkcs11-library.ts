import type { PKCS11 } from 'pkcs11js'
import { KeyStoreError } from './errors.ts'

type Pkcs11 = typeof import('pkcs11js')

const STALLS_AFTER_MS = 5_000

/** The package, which is compiled at install where that is possible. Throws `KEY_PKCS11_NOT_INSTALLED`. */
async function importPackage(): Promise<Pkcs11> {
  try {
    return (await import('pkcs11js')).default as Pkcs11
  } catch (cause) {
    throw new KeyStoreError(
      'KEY_PKCS11_NOT_INSTALLED',
      'the package pkcs11js is not there: a C++ compiler, make and python3 must be installed before npm ci',
      { cause },
    )
  }
}

/**
 * One PKCS #11 module of this process, initialised once for everybody (PKCS #11 v2.40 §5.4). It is finalised and initialised anew when a
 * token was lost; `generation` then counts up, and no handle from before counts any more.
 */
export class Library {
  readonly constants: Pkcs11
  readonly functions: PKCS11
  generation = 1
  #running = 0
  #drained: (() => void) | undefined
  #restarting: Promise<void> | undefined
  #isInitialised = false
  #patience = 0
  #watchdog: NodeJS.Timeout | undefined

  private constructor(constants: Pkcs11, functions: PKCS11) {
    this.constants = constants
    this.functions = functions
  }

  /** Throws `KEY_PKCS11_NOT_INSTALLED`, `KEY_PKCS11_MODULE_UNUSABLE`. */
  static async open(path: string): Promise<Library> {
    const constants = await importPackage()
    const functions = new constants.PKCS11()
    try {
      functions.load(path)
    } catch (cause) {
      throw new KeyStoreError('KEY_PKCS11_MODULE_UNUSABLE', `${path} cannot be loaded as a PKCS #11 module`, { cause })
    }
    const library = new Library(constants, functions)
    // A module that cannot reach its device may say so here already; the first call tries again.
    library.#initialise()
    return library
  }

  /** Without CKF_OS_LOCKING_OK calls from several threads corrupt the heap. */
  #initialise(): void {
    try {
      this.functions.C_Initialize({ flags: this.constants.CKF_OS_LOCKING_OK })
      this.#isInitialised = true
    } catch {}
  }

  /**
   * Runs calls of which some are asynchronous; the module is not restarted under them. Where none of them comes back for some seconds the
   * process is given up: a thread that hangs in a library cannot be ended otherwise, and who asked asks a new process. (p11-kit's client
   * hangs now and then when its server dies under several calls.) What makes a key may take its time.
   */
  async use<T>(work: () => Promise<T>, mayTakeLong = false): Promise<T> {
    while (this.#restarting !== undefined) await this.#restarting
    this.#running++
    if (mayTakeLong) this.#patience++
    this.#watch()
    try {
      return await work()
    } finally {
      this.#running--
      if (mayTakeLong) this.#patience--
      this.#watch()
      if (this.#running === 0) this.#drained?.()
    }
  }

  #watch(): void {
    clearTimeout(this.#watchdog)
    if (this.#running > 0 && this.#patience === 0)
      this.#watchdog = setTimeout(() => process.kill(process.pid, 'SIGKILL'), STALLS_AFTER_MS)
  }

  /** Finalises and initialises the module, unless that has happened since `seen`. */
  restart(seen: number): Promise<void> {
    if (this.generation !== seen) return Promise.resolve()
    this.#restarting ??= this.#restart()
    return this.#restarting
  }

  async #restart(): Promise<void> {
    await this.close()
    this.generation++
    this.#initialise()
    this.#restarting = undefined
  }

  /** Finalises the module once nothing runs any more; a module that has fallen over may refuse even that. */
  async close(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve
      })
      this.#drained = undefined
    }
    if (!this.#isInitialised) return
    this.#isInitialised = false
    try {
      this.functions.C_Finalize()
    } catch {}
  }
}
