import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { KeyStoreError } from './errors.ts'

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const unavailable = (what: string, cause: unknown): KeyStoreError =>
  new KeyStoreError('KEY_STORE_UNAVAILABLE', `the key store's folder did not take a ${what}`, { cause })

/**
 * Writes a new file (mode 0600) that is there whole and for good, or not at all: temporary file, fsync, link to its name, fsync of the
 * folder. Linking instead of renaming refuses to replace: `false` when the name is taken.
 */
export function writeNewFile(folder: string, name: string, text: string): boolean {
  const temporary = join(folder, `.new-${randomBytes(8).toString('hex')}`)
  try {
    writeAndSync(temporary, text)
    linkSync(temporary, join(folder, name))
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw unavailable('write', error)
  } finally {
    rmSync(temporary, { force: true })
  }
  syncFolder(folder)
  return true
}

function writeAndSync(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    const bytes = Buffer.from(text, 'utf8')
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** No file of ours comes near this size; a larger one is not read. */
const MAX_FILE_SIZE = 64 * 1024

/** Text of a file, or `undefined` when there is none. */
export function readTextFile(folder: string, name: string): string | undefined {
  let file: number
  try {
    file = openSync(join(folder, name), 'r')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw unavailable('read', error)
  }
  try {
    if (fstatSync(file).size > MAX_FILE_SIZE)
      throw new KeyStoreError('KEY_FILE_DAMAGED', `${name}: larger than a key file can be`)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/**
 * Overwrites a file with random octets and removes it; `false` when there is none. On copy-on-write and flash media the old blocks may
 * live on: what makes the key unreadable there is that its file was encrypted.
 */
export function destroyFile(folder: string, name: string): boolean {
  const path = join(folder, name)
  try {
    const file = openSync(path, 'r+')
    try {
      const { size } = fstatSync(file)
      writeSync(file, randomBytes(size), 0, size, 0)
      fsyncSync(file)
      ftruncateSync(file)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    rmSync(path)
    syncFolder(folder)
    return true
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw unavailable('removal', error)
  }
}
