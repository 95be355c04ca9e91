// A house whose catalogue is asked over HTTP, by people of the market department and of another one.
import { mayRoles, type Role } from '../../directory/index.ts'
import { creditCodeCheckCharacter } from '../../licence-format/index.ts'
import type { TypeEntry } from '../../licence-service/domain/type-entry.ts'
import { type Authority, createApp, listen } from '../../platform/http/index.ts'
import { createLog, type Principal, systemIds } from '../../platform/index.ts'
import type { Engine } from '../support/engines.ts'
import { clerk, departments, type House, openHouse, otherClerk } from '../support/service.ts'

const person = (id: string, roles: readonly Role[], of: Principal = clerk): Principal => ({ ...of, id, roles })

export const people = {
  clerk,
  otherClerk,
  editor: person('editor', ['catalogue-editor']),
  reviewer: person('reviewer', ['licence-reviewer']),
  machine: { ...person('client:reviewer', ['licence-reviewer']), kind: 'machine' },
  both: person('both', ['catalogue-editor', 'licence-reviewer']),
  stranger: person('stranger', ['catalogue-editor', 'licence-reviewer'], otherClerk),
} satisfies Record<string, Principal>

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
export type Answer = { readonly status: number; readonly json: any; readonly bytes: Uint8Array }

export interface Desk {
  readonly house: House
  /** Octets are sent as a PDF, everything else as JSON; `once`: the Idempotency-Key. */
  call(who: keyof typeof people, method: string, path: string, body?: unknown, once?: string): Promise<Answer>
  close(): Promise<void>
}

export const openDesk = async (engine: Engine): Promise<Desk> => openDeskOf(await openHouse(await engine.open()))

/** A desk of a house, another process of one too; closing it closes the house. */
export async function openDeskOf(house: House): Promise<Desk> {
  const known: Record<string, Principal> = people
  const authority: Authority = {
    authenticate: async ({ headers }) => known[String(headers['x-test-person'])],
    isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  }
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
    house,
    async call(who, method, path, body, once) {
      const isPdf = body instanceof Uint8Array
      const mediaType = isPdf ? 'application/pdf' : 'application/json'
      const response = await fetch(server.url + path, {
        method,
        headers: {
          'x-test-person': who,
          ...(body === undefined ? {} : { 'content-type': mediaType }),
          ...(once === undefined ? {} : { 'idempotency-key': once }),
        },
        ...(body === undefined ? {} : { body: isPdf ? Buffer.from(body) : JSON.stringify(body) }),
      })
      const bytes = new Uint8Array(await response.arrayBuffer())
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, bytes, json: isJson ? JSON.parse(Buffer.from(bytes).toString()) : undefined }
    },
    async close() {
      await server.stop()
      await house.close()
    },
  }
}

const authorityCode = departments[0].code

/** A type that the market department defines itself. */
export const parkingPermit = `${authorityCode}101`
export const parkingEntry: TypeEntry = {
  name: { zh: '临时停车许可证', en: 'Temporary parking permit' },
  category: 'licence',
  definedBy: { code: authorityCode, name: departments[0].name, level: 'prefectural' },
  items: [{ code: '330199-0001', name: '临时停车许可' }],
  holders: ['organisation'],
  validityRanges: ['1年'],
  issuingAuthority: '云汀市市场监督管理局',
  issuerLevels: ['prefectural'],
  sharing: {
    class: 'conditional',
    condition: '执法检查',
    legalBasis: '《云汀市停车条例》第三条',
    fields: ['holderName'],
  },
  secondPerson: ['revoke'],
  renewalDays: 30,
  statusWords: { suspended: { code: '02', zh: '暂扣' } },
  uniqueBy: 'nothing',
  body: 'template',
  retention: { archiveAfterDays: 365, eraseAfterDays: null },
}

export const creditCode = (start: string): string => start + creditCodeCheckCharacter(start)

/** Writes, reviews and publishes an entry; answers the digest. */
export async function publishType(
  desk: Desk,
  typeCode: string,
  entry: TypeEntry,
  replaces: string | null = null,
): Promise<string> {
  const drafted = await desk.call('editor', 'PUT', `/api/catalogue/${typeCode}/draft`, { entry, replaces })
  const { entryDigest } = drafted.json
  await desk.call('reviewer', 'POST', `/api/catalogue/${typeCode}/reviews`, { entryDigest })
  await desk.call('reviewer', 'POST', `/api/catalogue/${typeCode}/publications`, { entryDigest })
  return entryDigest
}

/** Draws, reviews and publishes a template; answers the digest. */
export async function publishTemplate(
  desk: Desk,
  typeCode: string,
  definition: unknown,
  replaces: string | null,
): Promise<string> {
  const drawn = await desk.call('editor', 'PUT', `/api/templates/${typeCode}/draft`, { definition, replaces })
  const { definitionDigest } = drawn.json
  await desk.call('reviewer', 'POST', `/api/templates/${typeCode}/reviews`, { definitionDigest })
  await desk.call('reviewer', 'POST', `/api/templates/${typeCode}/publications`, { definitionDigest })
  return definitionDigest
}
