import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createKeyStore, type KeyStore } from '../../key-store/index.ts'
import { createPkiService, type PkiService, type PkiServiceDeps } from '../../pki-service/index.ts'
import { type Clock, type Database, systemIds } from '../../platform/index.ts'

/** A clock that moves only when it is told to. */
export interface HandClock extends Clock {
  advance(ms: number): void
}

export function createHandClock(start = new Date('2026-11-21T08:00:00.250Z')): HandClock {
  let time = start.getTime()
  return {
    now: () => new Date(time),
    advance(ms) {
      time += ms
    },
  }
}

const folders: string[] = []
// Registered before the hooks of whoever imports this, and so run after them.
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder of one's own, gone after the suite. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-test-'))
  folders.push(folder)
  return folder
}

export interface PkiWorld {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly clock: HandClock
  readonly pki: PkiService
  /** A second service on the same database and keys, as another process would be. */
  another(changed?: Partial<PkiServiceDeps>): PkiService
  /** What is on record, to compare. */
  dump(): Promise<unknown>
  close(): Promise<void>
}

export const baseUrl = 'http://localhost:8080'

/** A PKI service on a database, not started. */
export async function createPkiWorld(database: Database, clock: HandClock = createHandClock()): Promise<PkiWorld> {
  const keyStore = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
  const another: PkiWorld['another'] = (changed = {}) =>
    createPkiService({ database, keyStore, clock, ids: systemIds, baseUrl, ...changed })
  return {
    database,
    keyStore,
    clock,
    pki: another(),
    another,
    dump: () =>
      Promise.all(
        ['certificates', 'crls', 'key_uses'].map((table) =>
          database.query(`select to_jsonb(t) as row from pki.${table} t order by to_jsonb(t)::text`),
        ),
      ),
    async close() {
      keyStore.close()
      await database.close()
    },
  }
}
