// A directory on one engine behind its real HTTP door, with the demonstration's departments and accounts.

import type { Role } from '../../directory/index.ts'
import {
  createDirectory,
  type Directory,
  type DirectoryOptions,
  demoDepartments,
  demoOffices,
} from '../../directory/index.ts'
import { createApp, type Listening, listen, type RouteSet } from '../../platform/http/index.ts'
import type { Database } from '../../platform/index.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { testIds } from '../support/ids.ts'
import { testLog } from '../support/log.ts'
import { type Reply, type Send, send } from '../support/running-house.ts'

export const [office, centre] = demoOffices.map(({ code }) => code) as [string, string]
export const [market, housing, civil] = demoDepartments.map(({ code }) => code) as [string, string, string]

export interface ServedDirectory {
  readonly directory: Directory
  readonly clock: TestClock
  readonly url: string
  readonly logged: () => string
  call(path: string, options?: Send): Promise<Reply>
  /** A cookie header's worth of a fresh session; the password of demo accounts is known. */
  logIn(username: string, password?: string): Promise<Record<string, string>>
  /** An API key of a department with these roles. */
  keyOf(departmentCode: string, ...roles: Role[]): Promise<string>
  close(): Promise<void>
}

let served = 0

export async function serveDirectory(
  database: Database,
  options: Partial<DirectoryOptions> & { extra?: RouteSet; clock?: TestClock; noAccounts?: boolean } = {},
): Promise<ServedDirectory> {
  const { extra, noAccounts, ...rest } = options
  const clock = options.clock ?? testClock()
  const ids = testIds(`served-${++served}`)
  const baseUrl = options.baseUrl ?? 'http://127.0.0.1'
  const directory = createDirectory({ database, ids, baseUrl, isProduction: false, ...rest, clock })
  await directory.start()
  if (!noAccounts) await directory.makeDemoAccounts()
  const { log, text } = testLog()
  const app = createApp({
    routeSets: [directory.routes, ...(extra ? [extra] : [])],
    authority: directory,
    ids,
    log,
    baseUrl,
    isProduction: rest.isProduction ?? false,
  })
  const server: Listening = await listen(app, { host: '127.0.0.1', port: 0 })
  const call = (path: string, what?: Send) => send(server.url + path, what)
  return {
    directory,
    clock,
    url: server.url,
    logged: text,
    call,
    async logIn(username, password = `demo-${username}`) {
      clock.advance(10_000)
      const { status, headers } = await call('/api/sessions', { body: { username, password } })
      if (status !== 201) throw new Error(`login of ${username}: ${status}`)
      return { cookie: headers.get('set-cookie')!.split(';')[0]!, 'sec-fetch-site': 'same-origin' }
    },
    keyOf: (departmentCode, ...roles) =>
      directory.makeApiKey({ name: roles.join('+'), departmentCode, roles, expiresAt: null }),
    close: () => server.stop(),
  }
}
