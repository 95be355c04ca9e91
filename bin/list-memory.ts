// What was seen of signed lists, in a folder that outlives the process. Each sighting is a file of its own whose name orders it: processes
// beside each other lose nothing of one another, and a crash leaves at most one file too many.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareSeen, type ListMemory, rememberLists, type SeenList, type UsedList } from '../verifier/index.ts'
import { unlessMissing } from './unless-missing.ts'

/** Where a data folder keeps it. */
export const listMemoryOf = (dataDir: string): string => join(dataDir, 'seen-lists')

export interface ListMemoryStore {
  current(): ListMemory
  /** Keeps what rose above all that was seen. Rejects where the folder cannot be written; the next call tries again. */
  remember(lists: readonly UsedList[]): Promise<void>
}

interface Sighting extends SeenList {
  readonly key: string
}

const FILE = /^[0-9a-f]{64}-[0-9a-f]{16}\.json$/

/**
 * Opens the memory in a folder that need not exist yet. A file that is damaged is passed over: the others still count. What cannot be read
 * is told: without its memory a verifier would take older lists again.
 */
export async function openListMemory(folder: string): Promise<ListMemoryStore> {
  let memory = await readMemory(folder)
  let written = memory
  return {
    current: () => memory,
    async remember(lists) {
      memory = rememberLists(memory, lists)
      const due = memory
      if (due === written) return
      await mkdir(folder, { recursive: true, mode: 0o700 })
      for (const [key, seen] of Object.entries(due)) {
        if (written[key] !== seen) await writeSighting(folder, { key, ...seen })
      }
      written = due
    },
  }
}

async function readMemory(folder: string): Promise<ListMemory> {
  const names = ((await unlessMissing(readdir(folder))) ?? []).filter((name) => FILE.test(name))
  const sightings = await Promise.all(names.map(async (name) => readSighting(await readText(join(folder, name)))))
  const memory = new Map<string, SeenList>()
  for (const sighting of sightings) {
    if (!sighting) continue
    const { key, ...seen } = sighting
    const known = memory.get(key)
    if (!known || compareSeen(seen, known) > 0) memory.set(key, seen)
  }
  return Object.fromEntries(memory)
}

/** Null for a file that another process took away meanwhile: it wrote a higher one first. */
const readText = (path: string): Promise<string | null> => unlessMissing(readFile(path, 'utf8'))

function readSighting(text: string | null): Sighting | null {
  if (text === null || text.length > 4096) return null
  try {
    const { key, sequence, issuedAt } = JSON.parse(text) as Record<string, unknown>
    if (typeof key !== 'string' || typeof issuedAt !== 'string' || Number.isNaN(Date.parse(issuedAt))) return null
    return { key, sequence: Number.isSafeInteger(sequence) ? (sequence as number) : null, issuedAt }
  } catch {
    return null
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

async function writeSighting(folder: string, sighting: Sighting): Promise<void> {
  const list = digestOf(sighting.key)
  const text = JSON.stringify(sighting)
  const name = `${list}-${digestOf(text).slice(0, 16)}.json`
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}.new`)
  await writeFile(temporary, text, { flush: true, mode: 0o600 })
  await rename(temporary, join(folder, name))
  await removeLower(folder, list, sighting)
}

/** What is lower than what was just kept is of no use any more. */
async function removeLower(folder: string, list: string, kept: Sighting): Promise<void> {
  const names = (await readdir(folder)).filter((name) => FILE.test(name) && name.startsWith(list))
  for (const name of names) {
    const other = readSighting(await readText(join(folder, name)))
    if (other && compareSeen(other, kept) < 0) await rm(join(folder, name), { force: true })
  }
}
