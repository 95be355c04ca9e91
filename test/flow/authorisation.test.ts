// The authorisation matrix: every route of /openapi.json × every role × the own department, another one, and the one above. New routes are
// taken in by themselves; a permission that the table below does not know fails, and so does a route whose sample body does not fit.
import fc from 'fast-check'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoOffices, PERMISSIONS, type Permission, ROLES, type Role } from '../../directory/index.ts'
import { businessLicence, exampleOf, type Reply, type RunningHouse, startHouse } from '../support/running-house.ts'

const seals: readonly Role[] = [
  'seal-applicant',
  'seal-reviewer',
  'seal-maker',
  'seal-keeper',
  'issuer',
  'seal-user',
  'seal-approver',
]

/** Who may what, written down a second time: the directory's own table is held against this one. */
const GRANTED: Readonly<Record<Permission, readonly Role[]>> = {
  'licences:read': ['issuer', 'licence-reviewer', 'viewer'],
  'licences:issue': ['issuer'],
  'licences:change': ['issuer'],
  'licences:review': ['licence-reviewer'],
  'licences:collect': ['issuer'],
  'licences:erase': ['licence-reviewer'],
  'licences:fetch': ['licence-user'],
  'copies:make': ['issuer'],
  'copies:read': ['issuer', 'licence-user'],
  'approvals:submit': ['issuer'],
  'batches:run': ['issuer'],
  'catalogue:read': ['catalogue-editor', 'licence-reviewer'],
  'catalogue:edit': ['catalogue-editor'],
  'catalogue:review': ['licence-reviewer'],
  'templates:draw': ['catalogue-editor'],
  'templates:review': ['licence-reviewer'],
  'sharing:administer': ['licence-reviewer'],
  'subscriptions:administer': ['licence-reviewer'],
  'accesses:read': ['auditor'],
  'statistics:read': ['issuer', 'licence-reviewer', 'viewer', 'auditor'],
  'holder-links:create': ['issuer'],
  'seals:read': [...seals, 'viewer', 'auditor'],
  'seals:apply': ['seal-applicant'],
  'seals:draw': ['seal-applicant', 'seal-reviewer', 'seal-maker'],
  'seals:review': ['seal-reviewer'],
  'seals:make': ['seal-maker'],
  'seals:keep': ['seal-keeper'],
  'seals:report-lost': ['seal-applicant', 'seal-keeper'],
  'seals:use': ['seal-user', 'issuer'],
  'seals:approve-use': ['seal-approver'],
  'seal-ledger:read': ['seal-keeper', 'auditor'],
  'audit:read': ['auditor'],
  'seal-webhooks:administer': ['seal-keeper', 'auditor'],
  'seal-warnings:handle': ['seal-reviewer', 'seal-keeper', 'auditor'],
  'supervision:set': ['auditor'],
  'people:read': [...seals, 'licence-reviewer', 'auditor', 'administrator'],
  'directory:administer': ['administrator'],
  // Holders are no accounts: no role, key or client has it.
  'wallet:use': [],
}

/** Steps of a seal's life: one route, and a permission each. */
const STEPS: Readonly<Record<string, readonly Role[]>> = {
  abandon: ['seal-applicant'],
  'ask-for-more': ['seal-reviewer'],
  reject: ['seal-reviewer'],
  approve: ['seal-reviewer'],
  draw: ['seal-maker'],
  'approve-picture': ['seal-reviewer', 'seal-applicant'],
  wait: ['seal-maker'],
  make: ['seal-maker'],
  file: ['seal-maker'],
  issue: ['seal-maker'],
  accept: ['seal-keeper'],
  decline: ['seal-keeper'],
  suspend: ['seal-reviewer', 'seal-keeper'],
  restore: ['seal-reviewer'],
  'report-lost': ['seal-applicant', 'seal-keeper'],
  recover: ['seal-reviewer'],
  collect: ['seal-reviewer'],
  return: ['seal-reviewer'],
  renew: ['seal-maker'],
  revoke: ['seal-reviewer'],
  withdraw: ['seal-reviewer'],
  cancel: ['seal-reviewer'],
  'drop-ending': ['seal-reviewer'],
  'order-destruction': ['seal-reviewer'],
  'order-types': ['seal-applicant'],
  'change-types': ['seal-reviewer'],
  'refuse-types': ['seal-reviewer'],
  destroy: ['seal-maker'],
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
  readonly minimum?: number
}

interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly permission: string
  readonly isIdempotent: boolean
  readonly parameters: readonly { in: string; name: string; schema: Schema; required?: boolean }[]
  readonly body: Schema | undefined
  readonly rawType: string | undefined
}

let running: RunningHouse
let operations: Operation[]
/** What a path may name, of the market department. */
let ours: Record<string, unknown>
const [office] = demoOffices.map(({ code }) => code) as [string]
type Place = 'own' | 'other' | 'above'
const keys: Record<Place, Record<string, string>> = { own: {}, other: {}, above: {} }
let codes: Record<Place, string>
let sent = 0

// biome-ignore lint/suspicious/noExplicitAny: a document read as it is served
function operationsOf(document: any): Operation[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const parameters: Operation['parameters'] = operation.parameters ?? []
      const content: Record<string, { schema: Schema }> = operation.requestBody?.content ?? {}
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        permission: operation['x-permission'] ?? 'public',
        isIdempotent: parameters.some(({ name }) => name.toLowerCase() === 'idempotency-key'),
        parameters,
        body: content['application/json']?.schema,
        rawType: Object.keys(content).find((type) => type !== 'application/json'),
      }
    }),
  )
}

/** The least that fits a schema; members whose names are known get what leads somewhere. */
function sampleOf(schema: Schema, name = ''): unknown {
  if (name in ours) return ours[name]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const variants = schema.anyOf ?? schema.oneOf
  if (variants) return sampleOf(variants.find(({ type }) => type !== 'null') ?? variants[0]!, name)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => sampleOf(one, name)))
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((member) => [member, sampleOf(schema.properties?.[member] ?? {}, member)]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}))
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return textOf(schema)
  }
}

function textOf({ format, pattern, minLength }: Schema): string {
  if (format === 'date-time') return running.clock.now().toISOString()
  if (format === 'date') return running.clock.now().toISOString().slice(0, 10)
  if (format === 'uuid') return crypto.randomUUID()
  if (format === 'uri') return 'https://relying.example/events'
  if (pattern) return fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 1, seed: 4 })[0]!
  return 'x'.repeat(Math.max(8, minLength ?? 0))
}

/** Asks a route about our objects with a body that fits, or about nothing with a body that is none. */
function ask(operation: Operation, key: string | undefined, about: 'ours' | 'nothing'): Promise<Reply> {
  running.clock.advance(1000)
  const isOurs = about === 'ours'
  const inPlace = (place: string) => operation.parameters.filter((parameter) => parameter.in === place)
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { schema } = inPlace('path').find((parameter) => parameter.name === name)!
    return encodeURIComponent(isOurs ? String(sampleOf(schema, name)) : nowhere(name))
  })
  const search = new URLSearchParams(
    inPlace('query')
      .filter(({ required }) => isOurs && required)
      .map(({ name, schema }) => [name, String(sampleOf(schema, name))]),
  )
  const common = { method: operation.method, ...(key && { key }), once: `matrix-${++sent}` }
  const url = search.size > 0 ? `${path}?${search}` : path
  if (operation.method === 'GET') return running.call(url, common)
  if (isOurs && operation.rawType && !operation.body)
    return running.call(url, { ...common, bytes: '%PDF-1.7', headers: { 'content-type': operation.rawType } })
  if (!operation.body) return running.call(url, common)
  return running.call(url, { ...common, body: isOurs ? sampleOf(operation.body) : [] })
}

const nowhere = (name: string): string =>
  ({ identifier: '1.2.156.3005.2.00', typeCode: businessLicence, prefix: 'AAAAAAAAAA', code: '11330199MB33099995' })[
    name
  ] ?? '00000000-0000-7000-8000-000000000000'

beforeAll(async () => {
  running = await startHouse()
  const { directory } = running.house
  const [market, housing] = await Promise.all(
    ['市场监督管理局', '住房和城乡建设局'].map(
      async (name) => (await directory.departments()).find((one) => one.name.zh === `云汀市${name}`)!.code,
    ),
  )
  codes = { own: market!, other: housing!, above: office }
  for (const place of ['own', 'other', 'above'] as const)
    for (const role of ROLES)
      keys[place][role] = await directory.makeApiKey({
        name: `${place} ${role}`,
        departmentCode: codes[place],
        roles: [role],
        expiresAt: null,
      })
  ours = { code: codes.own, departmentCode: codes.own }
  operations = operationsOf((await running.call('/openapi.json')).json)
  ours = { ...ours, ...(await makeObjects()) }
})
afterAll(() => running?.close())

/** One of each thing of the market department that a path can name. */
async function makeObjects(): Promise<Record<string, unknown>> {
  const by = (role: Role) => keys.own[role]!
  const issued = await running.call('/api/licences', {
    key: by('issuer'),
    once: 'matrix-licence',
    body: { typeCode: businessLicence, data: exampleOf(businessLicence) },
  })
  const listed = await running.call('/api/seals', { key: by('issuer') })
  const people = await running.call('/api/accounts?q=market-viewer', { key: by('administrator') })
  const jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)
  const client = await running.call('/api/machine-clients', {
    key: by('administrator'),
    body: { name: 'x', departmentCode: codes.own, roles: ['viewer'], keys: [jwk] },
  })
  const unused = { name: 'unused', departmentCode: codes.own, roles: ['viewer'] as const, expiresAt: null }
  const prefix = (await running.house.directory.makeApiKey(unused)).split('_')[1]!
  const table = { typeCode: businessLicence, title: 'x' }
  const batch = await running.call('/api/batches', { key: by('issuer'), once: 'matrix-batch', body: table })
  const objects = {
    identifier: issued.json.identifier,
    batchId: batch.json.batchId,
    sealId: listed.json.items[0].id,
    typeCode: businessLicence,
    accountId: people.json.items[0].id,
    clientId: client.json.clientId,
    prefix,
  }
  for (const [name, value] of Object.entries(objects)) if (typeof value !== 'string') throw new Error(`no ${name}`)
  return { ...objects, password: 'a password that fits', keys: [jwk] }
}

const isGranted = ({ permission }: Operation, role: Role) =>
  permission === 'authenticated' || GRANTED[permission as Permission].includes(role)

describe('the table of permissions', () => {
  it('names every permission that the directory grants or a route asks for, and none beside', () => {
    expect(Object.keys(GRANTED).sort()).toEqual([...PERMISSIONS].sort())
    const asked = new Set(operations.map(({ permission }) => permission))
    const known = ['public', 'authenticated', ...Object.keys(GRANTED)]
    expect([...asked].filter((permission) => !known.includes(permission))).toEqual([])
  })
})

describe('every route', () => {
  it('asks whoever is not logged in who they are', async () => {
    for (const operation of operations.filter(({ permission }) => permission !== 'public')) {
      const { status, json } = await ask(operation, undefined, 'nothing')
      expect([operation.name, status, json?.code]).toEqual([operation.name, 401, 'AUTHENTICATION_REQUIRED'])
    }
  })

  it.each(ROLES)(
    'lets the role %s in exactly where the table says so',
    async (role) => {
      for (const operation of operations.filter(({ permission }) => permission !== 'public')) {
        const { status, json } = await ask(operation, keys.own[role], 'nothing')
        const isRefused = status === 403 && json?.code === 'PERMISSION_DENIED'
        expect([operation.name, isRefused]).toEqual([operation.name, !isGranted(operation, role)])
        expect([operation.name, status < 500]).toEqual([operation.name, true])
      }
    },
    120_000,
  )
})

/** Things of a department that a path can name. */
const OF_DEPARTMENTS = ['identifier', 'sealId', 'accountId', 'clientId', 'prefix', 'code', 'batchId']

describe('every route that names a thing of a department', () => {
  const naming = () =>
    operations.filter(
      ({ path, permission }) => permission !== 'public' && OF_DEPARTMENTS.some((name) => path.includes(`{${name}}`)),
    )

  it.each(ROLES)(
    'refuses the role %s of another department, whatever it may do in its own',
    async (role) => {
      expect(naming().length).toBeGreaterThan(20)
      const reached: object[] = []
      for (const operation of naming().filter((one) => isGranted(one, role))) {
        const { status, json, text } = await ask(operation, keys.other[role], 'ours')
        if (status !== 403 && status !== 404) reached.push({ route: operation.name, status, json })
        expect(text).not.toContain(String(exampleOf(businessLicence)['name']))
      }
      expect(reached).toEqual([])
    },
    120_000,
  )

  it('answers somebody of the own department where it only reads, so what is refused to others is there', async () => {
    const empty: string[] = []
    for (const operation of naming().filter((one) => one.method === 'GET' && one.permission !== 'wallet:use')) {
      const roles = ROLES.filter((role) => isGranted(operation, role))
      const statuses: number[] = []
      for (const role of roles) statuses.push((await ask(operation, keys.own[role], 'ours')).status)
      if (statuses.every((status) => status === 403 || status === 404)) empty.push(operation.name)
    }
    expect(empty.filter((name) => name.split('{').length === 2)).toEqual([])
  }, 120_000)
})

describe('from above', () => {
  it('a seal is seen by those whose role reaches below, and by no other', async () => {
    const reaching: readonly Role[] = ['seal-reviewer', 'seal-maker', 'auditor']
    for (const role of GRANTED['seals:read']) {
      const { status } = await running.call(`/api/seals/${ours['sealId']}`, { key: keys.above[role]! })
      expect([role, status]).toEqual([role, reaching.includes(role) ? 200 : 404])
    }
    const path = `/api/accounts/${ours['accountId']}`
    expect((await running.call(path, { key: keys.above['administrator']! })).status).toBe(200)
  })
})

describe('every step of a seal', () => {
  const step = (action: string, key: string) => {
    const { body, ...operation } = operations.find(({ name }) => name === 'POST /api/seals/{sealId}/actions')!
    const variants = body?.oneOf ?? body?.anyOf ?? []
    const variant = variants.find(({ properties }) => {
      const { const: only, enum: some } = properties?.['action'] ?? {}
      return only === action || some?.includes(action)
    })
    if (!variant) throw new Error(`no step ${action}`)
    return ask({ ...operation, body: variant }, key, 'ours')
  }

  it('is in the table, and none beside', () => {
    const { body } = operations.find(({ name }) => name === 'POST /api/seals/{sealId}/actions')!
    const offered = (body?.oneOf ?? body?.anyOf ?? []).map(({ properties }) => {
      const { const: only, enum: some } = properties?.['action'] ?? {}
      return only ?? some?.[0]
    })
    expect(offered.sort()).toEqual(Object.keys(STEPS).sort())
  })

  it.each(Object.keys(STEPS))(
    '%s is refused to every role that has another power, and to other departments',
    async (action) => {
      for (const role of ROLES) {
        const foreign = await step(action, keys.other[role]!)
        expect([role, foreign.status]).toEqual([role, expect.toBeOneOf([403, 404])])
        if (STEPS[action]!.includes(role)) continue
        const own = await step(action, keys.own[role]!)
        expect([role, own.status, own.json?.code]).toEqual([
          role,
          403,
          expect.toBeOneOf(['SEAL_ROLE_MISSING', 'PERMISSION_DENIED']),
        ])
      }
    },
  )

  it.each(Object.keys(STEPS))('%s is let through to its rules for those in the table', async (action) => {
    for (const role of STEPS[action]!) {
      const { status, json } = await step(action, keys.own[role]!)
      expect([role, json?.code]).not.toEqual([role, 'SEAL_ROLE_MISSING'])
      expect([role, json?.code]).not.toEqual([role, 'REQUEST_INVALID'])
      expect(status).toBeLessThan(500)
    }
  })
})
