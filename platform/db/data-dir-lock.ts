import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PlatformError } from '../errors.ts'

const SQLITE_BUSY = 5

/**
 * One process per folder. The lock is the operating system's, held through SQLite on `<folder>.lock`, so it ends with the process,
 * also after SIGKILL; a pid file would outlive it. Not for network shares. Returns the release; throws DATA_FOLDER_IN_USE.
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(dirname(folder), { recursive: true })
  const lock = new DatabaseSync(`${folder}.lock`, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw new PlatformError(
      'DATA_FOLDER_IN_USE',
      `the data folder ${folder} is in use by another process: end that one first, or name another folder by DATA_DIR`,
      { cause: error },
    )
  }
  let held = true
  return () => {
    if (held) lock.close()
    held = false
  }
}
