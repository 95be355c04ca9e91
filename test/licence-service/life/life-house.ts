// The licence service with the rooms around it, asked as over HTTP, for tests of the life of licences.
import { createHash } from 'node:crypto'
import { expect, vi } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import type { IssuedLicence } from '../../../licence-service/index.ts'
import { type Authority, createApp, listen } from '../../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../../platform/index.ts'
import type { Engine } from '../../support/engines.ts'
import {
  businessLicence,
  clerk,
  exampleOf,
  type House,
  openHouse,
  otherClerk,
  type Wraps,
} from '../../support/service.ts'
import { publishRules } from '../../support/type-rules.ts'

export const HOUR = 3_600_000
export const reviewer: Principal = { ...clerk, id: 'reviewer', roles: ['licence-reviewer'] }
export const viewer: Principal = { ...clerk, id: 'viewer', roles: ['viewer'] }
const everyone = [clerk, otherClerk, reviewer, viewer]

/** A body of `POST …/acts`, with its licence and its key. */
export interface AskedAct {
  readonly identifier: string
  readonly action: string
  readonly key?: string
  readonly [member: string]: unknown
}

export type LifeHouse = Awaited<ReturnType<typeof createLifeHouse>>

export async function createLifeHouse(engine: Engine, wraps: Wraps = {}, others: readonly Principal[] = []) {
  const house: House = await openHouse(await engine.open(), wraps)
  const people = new Map([...everyone, ...others].map((person) => [person.id, person]))
  const authority: Authority = {
    authenticate: async ({ headers }) => people.get(String(headers['x-test-person'])),
    isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  }
  const baseUrl = 'https://licence.example.test'
  const log = createLog({ level: 'silent' })
  const app = createApp({
    ...{ routeSets: [house.licences.routes], authority, ids: systemIds, log, baseUrl, isProduction: false },
    api: { title: 'Licences', version: '1' },
  })
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  let count = 0

  async function call(method: string, path: string, { person = clerk, body = undefined as unknown, key = '' } = {}) {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        'x-test-person': person.id,
        ...(key && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = response.headers.get('content-type')?.includes('json')
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      json: isJson ? JSON.parse(bytes.toString()) : null,
    }
  }

  const life = {
    house,
    call,
    example: () => exampleOf(),
    async issue(data = exampleOf(), person = clerk): Promise<IssuedLicence> {
      const request = { key: `life-${++count}`, typeCode: businessLicence, data }
      const [outcome] = await house.licences.issueLicences(person, [request])
      if (!outcome?.ok) throw new Error('not issued', { cause: outcome?.error })
      return outcome.licence
    },
    async act({ identifier, key = `act-${++count}`, ...body }: AskedAct, person = clerk) {
      const answer = await call('POST', `/api/licences/${identifier}/acts`, { person, body, key })
      return { ...answer, request: { identifier, key, ...body } }
    },
    decide: (orderId: string, what: 'approvals' | 'refusals' | 'drops', person = reviewer) =>
      call('POST', `/api/licence-orders/${orderId}/${what}`, {
        person,
        ...(what !== 'approvals' && { body: { reason: '另行处理' } }),
      }),
    async order(orderId: string) {
      const { json } = await call('GET', '/api/licence-orders')
      return json.items.find((one: { orderId: string }) => one.orderId === orderId)
    },
    next: async (identifier: string, person = clerk) =>
      (await call('GET', `/api/licences/${identifier}/next-actions`, { person })).json,
    read: async (identifier: string) => (await call('GET', `/api/licences/${identifier}`)).json,
    statusOf: async (identifier: string, asOf?: Date) => (await house.licences.readStatus(identifier, asOf)).status,
    /** Publishes the next version of the type's entry with other rules of its life, and waits until the service follows it. */
    async rule(rules: { readonly secondPerson: readonly string[]; readonly renewalDays?: number }) {
      await publishRules(house.database, businessLicence, rules, house.clock.now())
      const { identifier } = await life.issue()
      // Sealing anew is nobody's next act, guarded or not.
      const told = rules.secondPerson.filter((action) => action !== 'reseal').sort()
      await vi.waitFor(async () => expect((await life.next(identifier)).secondPerson.sort()).toEqual(told), {
        timeout: 20_000,
        interval: 200,
      })
    },
    digestOf: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex'),
    async close() {
      await server.stop()
      await house.close()
    },
  }
  return life
}
