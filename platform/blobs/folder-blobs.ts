import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, opendir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlatformError } from '../errors.ts'
import type { BlobEntry, Blobs } from './blobs.ts'
import { DIGEST, sha256 } from './digest.ts'

/** A write returns when its octets are on disk, as after `fdatasync`: one step less for each of many files. */
const DURABLE_NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC
const NO_SPACE = ['ENOSPC', 'EDQUOT']
/** Files in flight at once in `putMany`: enough for the disk to join their syncs, few enough for its file handles. */
const GROUP = 200

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

/**
 * Blobs as files `<folder>/ab/<digest>`: few folders, since every new one costs more syncs than a file. A file gets its name only after
 * its content is on disk, and a put resolves only after the name is, so a crash leaves whole files or stray ones in
 * `<folder>/incoming`, never half a blob under its digest.
 */
export function createBlobs(options: { readonly folder: string }): Blobs {
  const incoming = join(options.folder, 'incoming')
  const pathOf = (digest: string): string => {
    if (!DIGEST.test(digest)) throw new TypeError('a blob digest is 64 hexadecimal characters in lower case')
    return join(options.folder, digest.slice(0, 2), digest)
  }
  const madeFolders = new Map<string, Promise<void>>()

  /** Whoever else needs the folder waits for the same syncs. */
  function ensureFolder(folder: string): Promise<void> {
    let made = madeFolders.get(folder)
    if (made === undefined) {
      made = makeFolder(folder)
      madeFolders.set(folder, made)
      made.catch(() => madeFolders.delete(folder))
    }
    return made
  }

  /** Brings the content to its place, in the stead of what may be there: a put anew mends it and makes it young; the folder still has to be synced. */
  async function place(bytes: Uint8Array): Promise<string> {
    const digest = sha256(bytes)
    const path = pathOf(digest)
    await ensureFolder(incoming)
    await ensureFolder(dirname(path))
    const temporary = join(incoming, randomUUID())
    try {
      await writeFile(temporary, bytes, { flag: DURABLE_NEW_FILE, mode: 0o600 })
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    return digest
  }

  async function putGroup(group: readonly Uint8Array[]): Promise<string[]> {
    const outcomes = await Promise.allSettled(group.map(place))
    const digests = outcomes.map((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value
      throw translate(outcome.reason)
    })
    const folders = new Set(digests.map((digest) => dirname(pathOf(digest))))
    await Promise.all([...folders].map(syncFolder)).catch((error: unknown) => {
      throw translate(error)
    })
    return digests
  }

  async function putMany(many: readonly Uint8Array[]): Promise<string[]> {
    const digests: string[] = []
    for (let from = 0; from < many.length; from += GROUP)
      digests.push(...(await putGroup(many.slice(from, from + GROUP))))
    return digests
  }

  return {
    put: async (bytes) => (await putMany([bytes]))[0]!,
    putMany,
    async get(digest) {
      const bytes = await readIfThere(pathOf(digest))
      if (!bytes) throw new PlatformError('BLOB_NOT_FOUND', `there is no blob ${digest}`)
      if (sha256(bytes) !== digest)
        throw new PlatformError('BLOB_DAMAGED', `the stored bytes of blob ${digest} have another digest`)
      return bytes
    },
    has: async (digest) => (await statIfThere(pathOf(digest))) !== undefined,
    async remove(digest) {
      await rm(pathOf(digest), { force: true })
    },
    list: () => listFolder(options.folder),
  }
}

/** A new folder's own name lives in its parent: every parent up to the first that was there before is synced. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let child = folder; child.length >= first.length; child = dirname(child)) await syncFolder(dirname(child))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const buffer = await readFile(path)
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function statIfThere(path: string): Promise<{ readonly mtime: Date } | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function* listFolder(folder: string): AsyncIterable<BlobEntry> {
  for (const inner of await foldersIn(folder)) {
    for await (const { name } of await opendir(join(folder, inner))) {
      const found = DIGEST.test(name) ? await statIfThere(join(folder, inner, name)) : undefined
      if (found) yield { digest: name, storedAt: found.mtime }
    }
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function translate(error: unknown): unknown {
  if (!NO_SPACE.includes(String(codeOf(error)))) return error
  return new PlatformError('BLOB_STORE_FULL', 'there is no space left for documents', {
    cause: error,
    retryAfterSeconds: 60,
  })
}
