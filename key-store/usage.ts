import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** How often a key signed. */
export interface KeyUsage {
  /** Signatures counted for certain. */
  readonly signatures: number
  /** At most so many more were made and not counted: by processes that were killed between two entries, or still run. */
  readonly mayMiss: number
}

/** After so many uses an entry is written at once, otherwise after a second. */
const ENTRY_AFTER = 256
const ENTRY_AFTER_MS = 1000
const SYNC_AFTER = 16

/**
 * Counts the uses of one key: exactly in memory, in a file by entries that are only added (`+256`), so that several processes may count.
 * A process says `open` at its first use and `closed` after its last entry: what stands open was killed, or runs.
 */
export class UsageCounter {
  readonly #path: string
  #hasOpened = false
  #pending = 0
  #sinceSync = 0
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string, name: string) {
    this.#path = join(folder, `${name}.uses`)
  }

  /** One signature more. Never throws: a full disk must not stop what is already signed; the count then waits in memory. */
  count(): void {
    if (!this.#hasOpened) this.#hasOpened = this.#add('open')
    this.#pending++
    if (this.#pending % ENTRY_AFTER === 0) this.flush()
    else if (this.#timer === undefined) this.#timer = setTimeout(() => this.flush(), ENTRY_AFTER_MS).unref()
  }

  /** Writes what was counted and not yet written. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending > 0 && this.#add(`+${this.#pending}`, ++this.#sinceSync % SYNC_AFTER === 0)) this.#pending = 0
  }

  read(): KeyUsage {
    let [signatures, open] = [this.#pending, this.#hasOpened ? -1 : 0]
    for (const line of readEntries(this.#path)) {
      if (/^\+\d{1,9}$/.test(line)) signatures += Number(line)
      else if (line === 'open') open++
      else if (line === 'closed') open--
    }
    return { signatures, mayMiss: Math.max(0, open) * (ENTRY_AFTER - 1) }
  }

  close(): void {
    this.flush()
    if (this.#hasOpened) this.#add('closed', true)
    this.#hasOpened = false
  }

  #add(entry: string, mustSync = false): boolean {
    try {
      const file = openSync(this.#path, 'a', 0o600)
      try {
        writeSync(file, `${entry}\n`)
        if (mustSync) fdatasyncSync(file)
      } finally {
        closeSync(file)
      }
      return true
    } catch {
      return false
    }
  }
}

function readEntries(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n')
  } catch {
    return []
  }
}
