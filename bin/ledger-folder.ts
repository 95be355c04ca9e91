// The ledger's heads in the data folder: outside the database, so that whoever rules that alone cannot cut the chain's end off unseen.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeptWitness, LedgerWitness } from '../seal-service/index.ts'

const HEAD = 'head.txt'
const CHECKPOINT = /^checkpoint-\d+(-[0-9a-f]{8})?\.txt$/
const SET_ASIDE = /^contradicted-head-[0-9a-f]{16}\.txt$/

/** Where a data folder keeps them. */
export const ledgerFolderOf = (dataDir: string): string => join(dataDir, 'ledger')

/** Keeps heads as files, each written whole and for good: a stop at any moment leaves the old one or the new one. */
export function createLedgerFolder(folder: string): LedgerWitness {
  const write = async (name: string, text: string) => {
    await mkdir(folder, { recursive: true })
    const temporary = join(folder, `.new-${randomBytes(8).toString('hex')}`)
    try {
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, join(folder, name))
      await syncFolder(folder)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }
  return {
    readHead: () => readText(join(folder, HEAD)),
    writeHead: (head) => write(HEAD, head),
    async keepCheckpoint(number, statement) {
      const name = `checkpoint-${String(number).padStart(5, '0')}`
      const there = await readText(join(folder, `${name}.txt`))
      if (there === statement) return
      const other = createHash('sha256').update(statement).digest('hex').slice(0, 8)
      await write(there === null ? `${name}.txt` : `${name}-${other}.txt`, statement)
    },
    async setHeadAside() {
      const head = await readText(join(folder, HEAD))
      if (head === null) return
      const name = createHash('sha256').update(head).digest('hex').slice(0, 16)
      await rename(join(folder, HEAD), join(folder, `contradicted-head-${name}.txt`))
      await syncFolder(folder)
    },
  }
}

/** Everything that was kept in such a folder; a folder that is not there holds nothing. */
export async function readLedgerFolder(folder: string): Promise<KeptWitness> {
  const names = (await readdir(folder).catch(() => [])).sort()
  const read = async (wanted: RegExp) =>
    Promise.all(
      names.filter((name) => wanted.test(name)).map(async (name) => (await readText(join(folder, name))) ?? ''),
    )
  return {
    head: await readText(join(folder, HEAD)),
    setAside: await read(SET_ASIDE),
    checkpoints: await read(CHECKPOINT),
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
