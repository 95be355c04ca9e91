// The sharing service behind its real HTTP door with a register that tests fill: made-up types, licences and departments.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mayRoles } from '../../directory/index.ts'
import { createKeyStore } from '../../key-store/index.ts'
import type { FieldValue } from '../../licence-format/index.ts'
import { createApp, listen } from '../../platform/http/index.ts'
import { createLog, type Database, PlatformError, type Principal, systemIds } from '../../platform/index.ts'
import type { SharedType } from '../../sharing-service/domain/entitlement.ts'
import type { LicenceChange } from '../../sharing-service/domain/subscription.ts'
import { createSharingService, type LicenceRegister, type SharingService } from '../../sharing-service/index.ts'
import type { LicenceBrief } from '../../sharing-service/ports/licence-register.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { type Reply, type Send, send } from '../support/running-house.ts'

/** A made-up licence: what the register holds of it. */
export interface HeldLicence extends LicenceBrief {
  readonly values: Readonly<Record<string, FieldValue>>
}

/** What tests put into the register; read at each call. */
export interface Held {
  types: SharedType[]
  licences: HeldLicence[]
  changes: LicenceChange[]
  issuers: string[]
  /** What happens elsewhere while the register is asked. */
  meanwhile: () => Promise<unknown>
  /** Departments that were closed, or will be. */
  merged: { code: string; successorCode: string; closedAt: Date | null }[]
  /** How often the directory was asked: for all departments, and for those in the range of one. */
  asked: { departments: number; codesWithin: number }
}

export interface World {
  readonly database: Database
  readonly clock: TestClock
  readonly held: Held
  readonly sharing: SharingService
  readonly logLines: string[]
  /** Calls as somebody of a department with a role. */
  call(path: string, as: { readonly department: string; readonly role: string }, options?: Send): Promise<Reply>
  /** Another process on the same database and keys. */
  reopen(): Promise<SharingService>
  close(): Promise<void>
}

export const keyOf = (code: string): string =>
  Buffer.from(`mac of ${code}`.padEnd(32, '.')).toString('hex').slice(0, 64)

function registerOf(held: Held): LicenceRegister {
  const find = (identifier: string) => held.licences.find((one) => one.identifier === identifier)
  const briefOf = ({ values: _, ...brief }: HeldLicence): LicenceBrief => brief
  return {
    type: (typeCode) => held.types.find((one) => one.typeCode === typeCode),
    issuersOf: async () => held.issuers,
    keyOf,
    async findByHolder({ holderKey, typeCode, most }) {
      await held.meanwhile()
      return held.licences
        .filter((one) => one.typeCode === typeCode && one.holderKeys.includes(holderKey))
        .slice(0, most)
        .map(briefOf)
    },
    async find(identifier) {
      const found = find(identifier)
      return found && briefOf(found)
    },
    async open(identifier, fields) {
      await held.meanwhile()
      const found = find(identifier)
      // Deliberately more than was asked for: the service must not lean on the register.
      return found && fields.length > 0 ? found.values : undefined
    },
    checkData: async () => ({ code: 5, identifier: null }),
    async makeCopy({ fields }) {
      await held.meanwhile()
      return { copyId: 'copy', fields, pdf: new Uint8Array([37]) }
    },
    copyDocument: async () => undefined,
    changesAfter: async (position, most) => held.changes.filter((one) => one.position > position).slice(0, most),
    lastPosition: async () => held.changes.at(-1)?.position ?? 0n,
  }
}

const BASE_URL = 'http://licences.example.test'

export async function openWorld(database: Database): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-sharing-'))
  const keyStore = await createKeyStore({ folder, passphrase: 'test' })
  const clock = testClock()
  const held: Held = {
    ...{ types: [], licences: [], changes: [], issuers: [], merged: [], meanwhile: async () => undefined },
    asked: { departments: 0, codesWithin: 0 },
  }
  const logLines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => logLines.push(line) })
  const authority = {
    async authenticate({ headers }: { readonly headers: Readonly<Record<string, string | string[] | undefined>> }) {
      const said = String(headers['authorization'] ?? '').replace('Bearer ', '')
      if (said === '') return undefined
      const [department, role] = said.split('_')
      if (!role) throw new PlatformError('AUTHENTICATION_REQUIRED', 'nobody')
      const principal: Principal = {
        id: `clerk ${said}`,
        name: 'clerk',
        kind: 'machine',
        departmentCode: department!,
        roles: [role],
      }
      return principal
    },
    isPermitted: ({ roles }: Principal, permission: string) => mayRoles(roles, permission),
  }
  const open = () =>
    createSharingService({
      database,
      keyStore,
      register: registerOf(held),
      judge: {
        file: () => Promise.reject(new Error('no file is judged here')),
        statement: () => Promise.reject(new Error('no code is judged here')),
      },
      departments: {
        departments: async () => {
          held.asked.departments++
          return departments.map((code) => ({
            ...{ code, name: { zh: code, en: code } },
            ...held.merged.find((one) => one.code === code),
          }))
        },
        codesWithin: async (code) => {
          held.asked.codesWithin++
          return [code]
        },
      },
      authority,
      privateAddresses: 'loopback',
      baseUrl: BASE_URL,
      clock,
      ids: systemIds,
      log,
    })
  const sharing = open()
  await sharing.start()
  const app = createApp({
    routeSets: [sharing.routes],
    authority,
    ids: systemIds,
    log,
    baseUrl: BASE_URL,
    isProduction: false,
    readiness: {},
    trustedProxies: 0,
  })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  return {
    ...{ database, clock, held, sharing, logLines },
    call: (path, { department, role }, options) =>
      send(listening.url + path, { ...options, key: `${department}_${role}` }),
    async reopen() {
      const again = open()
      await again.start()
      return again
    },
    async close() {
      await listening.stop()
      keyStore.close()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Made-up departments; the first two issue. */
export const departments = ['A', 'B', 'C', 'D'].map((letter) => `11330199MB33099${letter}0X`) as [
  string,
  string,
  string,
  string,
]

/** A type of the first department's making. */
export const madeUpType = (
  number: number,
  sharing: SharedType['sharing'],
  shareable: readonly string[],
  all: readonly string[],
): SharedType => ({
  typeCode: `11330199MB33099A0X${String(number).padStart(3, '0')}`,
  name: { zh: `类型${number}`, en: `Type ${number}` },
  category: 'licence',
  sharing,
  legalBasis: null,
  fields: all.map((name) => ({
    name,
    label: { zh: name, en: name },
    valueType: 'text',
    isShareable: shareable.includes(name),
    isHolderCode: name === 'code',
  })),
  statusWords: {},
})
