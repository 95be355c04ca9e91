// The whole house behind its real HTTP door, in this process: every room wired as in `npm start`, in memory, on a clock that tests move.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDemonstration } from '../../bin/demonstration.ts'
import { createHouseApp } from '../../bin/house-app.ts'
import { type House, openHouse } from '../../bin/wire.ts'
import { demoDepartments } from '../../directory/index.ts'
import { createMetrics, listen } from '../../platform/http/index.ts'
import { createLog, systemClock, systemIds } from '../../platform/index.ts'
import { describeTemplate, findTemplate, listTemplates } from '../../templates/index.ts'
import { type TestClock, testClock } from './clock.ts'

export type Stem = 'market' | 'housing' | 'civil' | 'transport' | 'land' | 'police' | 'labour' | 'health' | 'education'

/** What a call came to. `problem` is the body of a refusal. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect and fail where it is not
  readonly json: any
  readonly bytes: Uint8Array
}

export interface Send {
  readonly method?: string
  /** API key to send as bearer. */
  readonly key?: string
  /** Sent as JSON; `bytes` as they are. */
  readonly body?: unknown
  readonly bytes?: Uint8Array | string
  readonly headers?: Record<string, string>
  /** Idempotency-Key. */
  readonly once?: string
}

export async function send(url: string, { method, key, body, bytes, headers, once }: Send = {}): Promise<Reply> {
  // Changes and links want a key; tests that are about something else get a fresh one.
  const isChange = /\/(suspensions|restorations|revocations|holder-links)$/.test(url)
  const idempotencyKey = once ?? (isChange ? crypto.randomUUID() : undefined)
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await fetch(url, {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content !== undefined && { body: content as never }),
  })
  const answer = new Uint8Array(await response.arrayBuffer())
  const text = Buffer.from(answer).toString()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {}
  return { status: response.status, headers: response.headers, text, json, bytes: answer }
}

export interface RunningHouse {
  readonly house: House
  readonly url: string
  readonly clock: TestClock
  readonly dataDir: string
  readonly logLines: string[]
  /** API keys by department: an issuer's and a viewer's. */
  readonly issuers: Readonly<Record<Stem, string>>
  readonly viewers: Readonly<Record<Stem, string>>
  call(path: string, options?: Send): Promise<Reply>
  close(): Promise<void>
}

/** Starts it; the clock stands at the real time until it is moved, since keys and certificates begin then. */
export async function startHouse(options: { databaseUrl?: string } = {}): Promise<RunningHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zhengyin-running-'))
  const clock = testClock(systemClock.now())
  const logLines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => logLines.push(line) })
  const baseUrl = 'http://licences.example.test'
  const common = {
    dataDir,
    inMemory: true,
    ...options,
    passphrase: 'a passphrase for tests',
    baseUrl,
    isProduction: false,
    trustedProxies: 0,
    clock,
    ids: systemIds,
    log,
    metrics: createMetrics(),
  }
  const house = await openHouse(common)
  const access = await house.directory.makeDemoAccounts()
  await makeDemonstration(house)
  const listening = await listen(createHouseApp(house, common), { host: '127.0.0.1', port: 0 })
  const byStem = (keyOf: (code: string) => string | undefined) =>
    Object.fromEntries(demoDepartments.map(({ stem, code }) => [stem, keyOf(code)!])) as Record<Stem, string>
  const viewers = new Map<string, string>()
  for (const { code } of demoDepartments)
    viewers.set(
      code,
      await house.directory.makeApiKey({ name: 'viewer', departmentCode: code, roles: ['viewer'], expiresAt: null }),
    )
  return {
    house,
    url: listening.url,
    clock,
    dataDir,
    logLines,
    issuers: byStem((code) => access.newApiKeys.find(({ departmentCode }) => departmentCode === code)?.key),
    viewers: byStem((code) => viewers.get(code)),
    call: (path, what) => send(listening.url + path, what),
    async close() {
      await listening.stop()
      await house.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Type codes by their Chinese name. */
export const typeCodeOf = (name: string): string => listTemplates().find((one) => one.name.zh === name)!.typeCode

export const businessLicence = typeCodeOf('营业执照')
export const marriageCertificate = typeCodeOf('结婚证')

/** Valid data of a made-up holder, to be changed at will. */
export const exampleOf = (typeCode: string): Record<string, unknown> =>
  structuredClone(describeTemplate(findTemplate(typeCode)!).example) as Record<string, unknown>
