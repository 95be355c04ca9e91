// A batch followed through its HTTP interface, by people of the right roles.
import { setTimeout as delay } from 'node:timers/promises'
import { mayRoles } from '../../../directory/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, type Database, type Principal, systemIds } from '../../../platform/index.ts'
import { clerk, type House, openHouse, otherClerk, type Wraps } from '../../support/service.ts'

const reviewer: Principal = { ...clerk, id: 'reviewer', name: '审核员', roles: ['licence-reviewer'] }
const allRounder: Principal = { ...clerk, id: 'all-rounder', roles: ['issuer', 'licence-reviewer'] }
const otherReviewer: Principal = { ...otherClerk, id: 'other-reviewer', roles: ['licence-reviewer'] }
const editor: Principal = { ...clerk, id: 'editor', roles: ['catalogue-editor'] }
const machine: Principal = { ...reviewer, id: 'client:reviewer', kind: 'machine' }
const people: Readonly<Record<string, Principal>> = {
  clerk,
  otherClerk,
  reviewer,
  otherReviewer,
  allRounder,
  editor,
  machine,
}
export type Person = keyof typeof people

const authority: Authority = {
  authenticate: async ({ headers }) => people[String(headers['x-test-person'])],
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
}

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect and fail where it is not
  readonly json: any
  readonly bytes: Uint8Array
}

export interface Ask {
  readonly by?: Person
  readonly body?: unknown
  readonly bytes?: Uint8Array | string
  readonly type?: string
  readonly key?: string
}

export interface BatchDesk {
  readonly house: House
  ask(method: string, path: string, what?: Ask): Promise<Reply>
  /** Takes a file and answers the batch's number. */
  take(bytes: Uint8Array | string, typeCode: string, what?: Ask): Promise<string>
  /** Waits until the batch is in one of these states. */
  until(batchId: string, ...states: readonly string[]): Promise<Reply['json']>
  /** From a file to a check that is done, mapped as the columns say. */
  takeChecked(bytes: Uint8Array | string, typeCode: string, map?: object): Promise<Reply['json']>
  /** Samples drawn, looked at and approved by a second person, and the batch started. */
  start(batchId: string): Promise<void>
  close(): Promise<void>
}

export async function openDesk(database: Database, wraps: Wraps = {}): Promise<BatchDesk> {
  const house = await openHouse(database, wraps)
  return deskOf(house, () => house.close())
}

/** A desk on a house that somebody else closes. */
async function deskOf(house: House, close: () => Promise<void>): Promise<BatchDesk> {
  const app = createApp({
    routeSets: [house.licences.routes],
    authority,
    ids: systemIds,
    log: createLog({ level: 'warn', write: (line) => house.logLines.push(line) }),
    baseUrl: 'https://licence.example.test',
    isProduction: false,
    api: { title: 'Licences', version: '1' },
  })
  const server: Listening = await listen(app, { host: '127.0.0.1', port: 0 })
  const ask: BatchDesk['ask'] = async (method, path, { by = 'clerk', body, bytes, type, key } = {}) => {
    const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(server.url + path, {
      method,
      headers: {
        'x-test-person': by,
        'idempotency-key': key ?? crypto.randomUUID(),
        ...(content !== undefined && {
          'content-type': type ?? (bytes === undefined ? 'application/json' : 'application/octet-stream'),
        }),
      },
      ...(content !== undefined && { body: content as NonNullable<RequestInit['body']> }),
    })
    const answer = new Uint8Array(await response.arrayBuffer())
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, bytes: answer, json: isJson ? JSON.parse(Buffer.from(answer).toString()) : null }
  }
  const must = async (reply: Promise<Reply>): Promise<Reply['json']> => {
    const { status, json } = await reply
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(json)}\n${house.logLines.slice(-3).join('\n')}`)
    return json
  }
  const until: BatchDesk['until'] = async (batchId, ...states) => {
    for (let tries = 0; tries < 500; tries++) {
      const batch = await must(ask('GET', `/api/batches/${batchId}`))
      if (states.includes(batch.state)) return batch
      await delay(40)
    }
    const batch = await must(ask('GET', `/api/batches/${batchId}`))
    throw new Error(`the batch stays ${JSON.stringify(batch)}\n${house.logLines.slice(-5).join('\n')}`)
  }
  const take: BatchDesk['take'] = async (bytes, typeCode, what = {}) => {
    const path = `/api/batches?typeCode=${typeCode}&title=${encodeURIComponent('换证')}`
    return (await must(ask('POST', path, { ...what, bytes }))).batchId
  }
  return {
    house,
    ask,
    take,
    until,
    async takeChecked(bytes, typeCode, map = {}) {
      const batchId = await take(bytes, typeCode)
      const { suggested } = await must(ask('GET', `/api/batches/${batchId}/mappings`))
      await must(ask('PUT', `/api/batches/${batchId}/mapping`, { body: { mapping: suggested, ...map } }))
      await must(ask('POST', `/api/batches/${batchId}/checks`))
      return until(batchId, 'checked', 'mapped', 'uploaded')
    },
    async start(batchId) {
      await must(ask('POST', `/api/batches/${batchId}/samples`, { body: {} }))
      const { items } = await must(ask('GET', `/api/batches/${batchId}/samples`, { by: 'reviewer' }))
      for (const { row } of items)
        await must(ask('POST', `/api/batches/${batchId}/samples/${row}/previews`, { by: 'reviewer' }))
      await must(
        ask('POST', `/api/batches/${batchId}/samples/approvals`, { by: 'reviewer', body: { decision: 'approve' } }),
      )
      await must(ask('POST', `/api/batches/${batchId}/starts`))
    },
    async close() {
      await server.stop()
      await close()
    },
  }
}
