// The folders that travel between the machines of a ceremony: read whole, only ever added to, written durably.
import { type FileHandle, link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { callerPath } from '../caller-path.ts'
import { CommandError } from '../errors.ts'

const LARGEST_FILE = 16 << 20
const MOST_FILES = 2000

/** Every file of a folder that the caller named; hidden ones and folders inside are left out. Throws FOLDER_UNREADABLE. */
export async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const path = callerPath(folder)
  const unreadable = (cause?: unknown) => new CommandError('FOLDER_UNREADABLE', `${folder} cannot be read`, { cause })
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(cause)
  })
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name)
  if (names.length > MOST_FILES) throw unreadable()
  const files = new Map<string, Uint8Array>()
  for (const name of names.sort()) {
    if ((await stat(join(path, name))).size > LARGEST_FILE) throw unreadable()
    files.set(name, new Uint8Array(await readFile(join(path, name))))
  }
  return files
}

/** Refuses a folder that holds something already: FOLDER_NOT_EMPTY. */
export async function expectEmpty(folder: string): Promise<void> {
  const names = await readdir(callerPath(folder)).catch(() => [])
  if (names.length > 0) throw new CommandError('FOLDER_NOT_EMPTY', `${folder} holds files already: name a new folder`)
}

/**
 * Adds files to a folder, each whole and for good: temporary file, fsync, link to its name. A name that is taken is refused
 * (FILE_EXISTS), and nothing is ever replaced. `mode` 0600 for what is secret.
 */
export async function addFiles(folder: string, files: ReadonlyMap<string, Uint8Array>, mode = 0o644): Promise<void> {
  const path = callerPath(folder)
  await mkdir(path, { recursive: true, ...(mode === 0o600 && { mode: 0o700 }) })
  const taken = new Set(await readdir(path))
  for (const name of files.keys()) {
    if (taken.has(name)) throw new CommandError('FILE_EXISTS', `${name} is in ${folder} already`)
  }
  for (const [name, bytes] of files) {
    const temporary = join(path, `.${name}.new`)
    await rm(temporary, { force: true })
    await withHandle(await open(temporary, 'wx', mode), async (file) => {
      await file.writeFile(bytes)
      await file.sync()
    })
    await link(temporary, join(path, name))
    await rm(temporary)
  }
  await withHandle(await open(path, 'r'), (handle) => handle.sync())
}

async function withHandle(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}
