// A house behind HTTP with the people that intake and scans are about.
import { mayRoles } from '../../directory/index.ts'
import { type Authority, createApp, listen } from '../../platform/http/index.ts'
import { createGuardedAsk, createLog, type Principal, systemIds } from '../../platform/index.ts'
import type { Engine } from '../support/engines.ts'
import { clerk, type House, openHouse, otherClerk, type Wraps } from '../support/service.ts'

export const oldSystem: Principal = { ...clerk, id: 'client:old', kind: 'machine' }
const people: Record<string, Principal> = {
  clerk,
  otherClerk,
  oldSystem,
  reviewer: { ...clerk, id: 'reviewer', roles: ['licence-reviewer'] },
  viewer: { ...clerk, id: 'viewer', roles: ['viewer'] },
  otherMachine: { ...oldSystem, id: 'client:other' },
  strangeMachine: { ...otherClerk, id: 'client:strange', kind: 'machine' },
}
const authority: Authority = {
  authenticate: async ({ headers }) => people[String(headers['x-test-person'])],
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
}

export interface Call {
  /** Whoever asks; the old system when left out. */
  readonly person?: string
  /** Sent as JSON; `bytes` as they are. */
  readonly body?: unknown
  readonly bytes?: Uint8Array
  /** Idempotency-Key; a fresh one when left out. */
  readonly once?: string
}

/** Files of other systems are fetched from this machine too. */
export async function openDesk(engine: Engine, wraps: Wraps = {}) {
  const askOutside = createGuardedAsk({ privateAddresses: 'loopback' })
  const house = await openHouse(await engine.open(), { askOutside, ...wraps })
  return { house, ...(await serve(house)) }
}

export async function serve(house: House) {
  const app = createApp({
    routeSets: [house.licences.routes],
    authority,
    ids: systemIds,
    log: createLog({ level: 'silent' }),
    baseUrl: 'https://licence.example.test',
    isProduction: false,
    api: { title: 'Licences', version: '1' },
  })
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  return {
    call: (path: string, call?: Call) => send(server.url + path, call),
    stop: () => server.stop(),
  }
}

async function send(url: string, { person = 'oldSystem', body, bytes, once }: Call = {}) {
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await fetch(url, {
    method: content === undefined ? 'GET' : 'POST',
    headers: {
      'x-test-person': person,
      'idempotency-key': once ?? crypto.randomUUID(),
      ...(content !== undefined && { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }),
    },
    ...(content !== undefined && { body: content as BodyInit }),
  })
  const answer = new Uint8Array(await response.arrayBuffer())
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect and fail where it is not
  const json = (isJson ? JSON.parse(Buffer.from(answer).toString()) : undefined) as any
  return { status: response.status, headers: response.headers, json, bytes: answer }
}
