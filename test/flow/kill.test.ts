// A server killed while it mints, a database that goes away, a disk that is full: what was acknowledged is there and whole, nothing is
// doubled, and what was not can be asked for again. TEST_LONG=1 kills more often.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { findPostgres, startScratchPostgres } from '../../tools/scratch-postgres.ts'
import { businessLicence, exampleOf, type Reply } from '../support/running-house.ts'
import { apiKeyIn, launchServer, type ServerProcess } from '../support/server-process.ts'

const ROUNDS = process.env['TEST_LONG'] ? 25 : 2
/** For what hangs: a round takes some twenty seconds. */
const LIMIT_MS = 600_000 + ROUNDS * 60_000
const data = exampleOf(businessLicence)

const cleanUps: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-kill-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function launch(folder: string, settings?: Record<string, string>): Promise<ServerProcess> {
  const server = await launchServer(folder, settings)
  cleanUps.push(() => server.kill())
  return server
}

let count = 0
const newKey = () => `kill-${++count}`

const mint = (server: ServerProcess, key: string, once: string): Promise<Reply> =>
  server.call('/api/licences', { key, once, body: { typeCode: businessLicence, data } })

/** The verdict on a document, once the lists say what the register says. */
async function verdictOn(server: ServerProcess, pdf: Uint8Array): Promise<string> {
  for (let tries = 0; ; tries++) {
    const reply = await server.call('/api/verifications', {
      bytes: pdf,
      headers: { 'content-type': 'application/pdf' },
    })
    if (reply.json?.verdict === 'accepted' || tries === 40) return reply.json?.verdict ?? reply.text
    await delay(500)
  }
}

interface Listed {
  readonly identifier: string
  readonly number: string
  readonly status: string
}

async function allListed(server: ServerProcess, key: string): Promise<Listed[]> {
  const items: Listed[] = []
  for (let cursor = ''; ; ) {
    const { json } = await server.call(`/api/licences?limit=200&typeCode=${businessLicence}${cursor}`, { key })
    items.push(...json.items)
    if (json.next === null) return items
    cursor = `&cursor=${json.next}`
  }
}

/** The demonstration mints its example beside the first licence asked for; what is broken off afterwards is not that. */
async function exampleIsMinted(server: ServerProcess, key: string): Promise<void> {
  while ((await allListed(server, key)).filter(({ status }) => status === 'in force').length < 2) await delay(50)
}

/** Everything that was asked for is there once, everything acknowledged is answered as it was. */
async function expectWhole(
  server: ServerProcess,
  key: string,
  asked: ReadonlySet<string>,
  acknowledged: ReadonlyMap<string, unknown>,
): Promise<void> {
  const answers = new Map<string, { identifier: string; number: string }>()
  for (const once of asked) {
    const reply = await mint(server, key, once)
    expect({ once, status: reply.status, code: reply.json?.code }).toEqual({ once, status: 201, code: undefined })
    if (acknowledged.has(once)) expect(reply.json).toEqual(acknowledged.get(once))
    answers.set(once, reply.json)
  }
  const minted = [...answers.values()]
  expect(new Set(minted.map(({ identifier }) => identifier)).size).toBe(asked.size)
  expect(new Set(minted.map(({ number }) => number)).size).toBe(asked.size)
  const listed = await allListed(server, key)
  expect(new Set(listed.map(({ status }) => status))).toEqual(new Set(['in force']))
  const known = new Set(minted.map(({ identifier }) => identifier))
  // The example of the demonstration is the one licence nobody here asked for.
  expect(listed.filter(({ identifier }) => !known.has(identifier)).length).toBeLessThanOrEqual(1)
  expect(listed.filter(({ identifier }) => known.has(identifier))).toHaveLength(asked.size)
  const documents = new Map<string, Uint8Array>()
  for (const { identifier } of minted) {
    const document = await server.call(`/api/licences/${identifier}/document`, { key })
    expect(document.headers.get('content-type')).toBe('application/pdf')
    documents.set(identifier, document.bytes)
  }
  const seen = [...documents].filter((_, index) => index % Math.ceil(documents.size / 8) === 0)
  for (const [identifier, pdf] of seen)
    expect({ identifier, verdict: await verdictOn(server, pdf) }).toEqual({ identifier, verdict: 'accepted' })
}

const expectNothingPersonal = (log: string): void => {
  for (const name of ['name', 'creditCode', 'legalRepresentative', 'address'])
    expect(log.includes(String(data[name]))).toBe(false)
}

describe('a server killed at any moment while it mints', () => {
  const killAgainAndAgain = async (settings?: Record<string, string>) => {
    const folder = newFolder()
    let server = await launch(folder, settings)
    const key = await apiKeyIn(server, 'market')
    const asked = new Set<string>()
    const acknowledged = new Map<string, unknown>()
    for (let round = 0; round < ROUNDS; round++) {
      let isOver = false
      const worker = async () => {
        while (!isOver) {
          const once = newKey()
          asked.add(once)
          const reply = await mint(server, key, once).catch(() => undefined)
          if (reply?.status === 201) acknowledged.set(once, reply.json)
          else if (reply) expect(reply.json?.code).toMatch(/INTERRUPTED|UNAVAILABLE|UNKNOWN/)
        }
      }
      const workers = [worker(), worker(), worker()]
      const enough = acknowledged.size + 1 + Math.floor(Math.random() * 6)
      for (let tries = 0; acknowledged.size < enough && tries < 2000; tries++) await delay(10)
      await delay(Math.random() * 60)
      isOver = true
      await server.kill()
      await Promise.all(workers)
      expectNothingPersonal(server.log())
      server = await launch(folder, settings)
      expect((await allListed(server, key)).filter(({ status }) => status !== 'in force')).toEqual([])
    }
    expect(acknowledged.size).toBeGreaterThan(0)
    await expectWhole(server, key, asked, acknowledged)
    await server.kill('SIGTERM')
  }

  it('loses nothing it acknowledged and doubles nothing, on the embedded database', () => killAgainAndAgain(), LIMIT_MS)

  it.skipIf(!findPostgres())(
    'loses nothing it acknowledged and doubles nothing, on PostgreSQL',
    async () => {
      const postgres = (await startScratchPostgres())!
      cleanUps.push(() => postgres.stop())
      await killAgainAndAgain({ DATABASE_URL: postgres.url })
    },
    LIMIT_MS,
  )
})

describe('a database that goes away', () => {
  it.skipIf(!findPostgres())(
    'is an outage with a code, over without a restart, and leaves nothing half done',
    async () => {
      const postgres = (await startScratchPostgres())!
      cleanUps.push(() => postgres.stop())
      const server = await launch(newFolder(), { DATABASE_URL: postgres.url })
      const key = await apiKeyIn(server, 'market')
      const asked = new Set<string>()
      const acknowledged = new Map<string, unknown>()
      const first = newKey()
      asked.add(first)
      acknowledged.set(first, (await mint(server, key, first)).json)
      await exampleIsMinted(server, key)
      for (let round = 0; round < 2; round++) {
        const minting = Array.from({ length: 12 }, async (_, index) => {
          const once = newKey()
          asked.add(once)
          await delay(index * 15)
          const reply = await mint(server, key, once)
          if (reply.status === 201) acknowledged.set(once, reply.json)
          else {
            expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
            expect([reply.status, reply.json.code]).toEqual([
              503,
              expect.stringMatching(/^DATABASE_UNAVAILABLE$|^DATABASE_OUTCOME_UNKNOWN$|^LICENCE_ISSUANCE_INTERRUPTED$/),
            ])
            expect(reply.json).not.toHaveProperty('detail')
          }
        })
        await delay(80)
        postgres.crash()
        await Promise.all(minting)
        for (const path of ['/api/catalogue', '/api/licences', `/status-lists/0`, '/trust-list', '/api/departments']) {
          const reply = await server.call(path, { key })
          expect([path, reply.status, reply.json?.code]).toEqual([path, 503, 'DATABASE_UNAVAILABLE'])
          expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
          expect(reply.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1:|postgres/)
        }
        const ready = await server.call('/readyz')
        expect([ready.status, ready.json.checks.database]).toEqual([503, 'failed'])
        expect((await server.call('/healthz')).status).toBe(200)
        postgres.start()
        for (let tries = 0; (await server.call('/readyz')).status !== 200; tries++) {
          expect(tries).toBeLessThan(100)
          await delay(100)
        }
      }
      await expectWhole(server, key, asked, acknowledged)
      expectNothingPersonal(server.log())
      expect(server.log().includes(key.slice(25))).toBe(false)
      await server.kill('SIGTERM')
    },
    300_000,
  )
})

/** A file system of its own that is soon full; undefined where mounting is not permitted. */
function mountSmall(folder: string, size: string): ((size: string) => void) | undefined {
  mkdirSync(folder, { recursive: true })
  const mount = (...options: string[]) => spawnSync('mount', [...options, folder], { stdio: 'ignore' }).status === 0
  if (process.platform !== 'linux' || !mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs')) {
    console.log('skipped: mounting a small file system is not permitted')
    return undefined
  }
  cleanUps.push(() => spawnSync('umount', [folder], { stdio: 'ignore' }))
  return (larger) => expect(mount('-o', `remount,size=${larger}`)).toBe(true)
}

describe('a full disk', () => {
  it('is said so with a code, and the same key completes the licence once there is room', async () => {
    const folder = newFolder()
    const grow = mountSmall(join(folder, 'documents'), '1m')
    if (!grow) return
    const server = await launch(folder)
    const key = await apiKeyIn(server, 'market')
    const asked = new Set<string>()
    const acknowledged = new Map<string, unknown>()
    let full: Reply | undefined
    while (!full && asked.size < 200) {
      const once = newKey()
      asked.add(once)
      const reply = await mint(server, key, once)
      if (reply.status === 201) acknowledged.set(once, reply.json)
      else full = reply
    }
    expect([full?.status, full?.json.code]).toEqual([507, 'BLOB_STORE_FULL'])
    expect(full!.text).not.toContain(folder)
    const pending = (await allListed(server, key)).filter(({ status }) => status === 'pending')
    expect(pending.length).toBeGreaterThan(0)
    for (const { identifier } of pending)
      expect((await server.call(`/api/licences/${identifier}/status`)).json.status).toBe('unknown')
    grow('64m')
    // The example of the demonstration may have met the full disk too; the next start completes it.
    await server.kill('SIGTERM')
    const again = await launch(folder)
    await expectWhole(again, key, asked, acknowledged)
    expectNothingPersonal(server.log() + again.log())
    await again.kill('SIGTERM')
  }, 300_000)

  it('under the embedded database is an outage with a code, over when there is room', async () => {
    const folder = newFolder()
    if (!mountSmall(folder, '80m')) return
    const server = await launch(folder)
    const key = await apiKeyIn(server, 'market')
    const asked = new Set<string>([newKey()])
    const acknowledged = new Map<string, unknown>()
    for (const once of asked) acknowledged.set(once, (await mint(server, key, once)).json)
    await exampleIsMinted(server, key)
    const filling = join(folder, 'filling')
    for (const size of [1 << 20, 1 << 12])
      try {
        for (;;) writeFileSync(filling, Buffer.alloc(size), { flag: 'a' })
      } catch {}
    for (let n = 0; n < 8; n++) {
      const once = newKey()
      asked.add(once)
      const reply = await mint(server, key, once)
      if (reply.status === 201) acknowledged.set(once, reply.json)
      else expect(reply.json.code).toMatch(/^BLOB_STORE_FULL$|^DATABASE_UNAVAILABLE$|^DATABASE_OUTCOME_UNKNOWN$/)
    }
    expect(acknowledged.size).toBeLessThan(asked.size)
    rmSync(filling)
    await expectWhole(server, key, asked, acknowledged)
    await server.kill('SIGTERM')
  }, 300_000)
})
