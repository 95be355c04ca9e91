// The real rooms joined as in one process, for tests that follow a licence from request to register. Time stands until it is moved.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operatorServices, revocationOf, timestamperOf } from '../../bin/pki-ports.ts'
import { mayRoles } from '../../directory/index.ts'
import { createKeyStore, createOutwardKey } from '../../key-store/index.ts'
import { creditCodeCheckCharacter } from '../../licence-format/index.ts'
import {
  createLicenceService,
  type DepartmentFact,
  type ForeignJudge,
  type Judge,
  type LicenceService,
  type People,
  type Renderer,
  type Reseals,
  type Sealer,
  type Trust,
} from '../../licence-service/index.ts'
import { createPkiService, type PkiService } from '../../pki-service/index.ts'
import type { Metrics } from '../../platform/http/index.ts'
import {
  type Blobs,
  createBlobs,
  createLog,
  type Database,
  type GuardedAsk,
  type Principal,
  systemIds,
} from '../../platform/index.ts'
import {
  createSealService,
  type RevocationSource,
  type SealService,
  type SealServiceDeps,
  type Timestamper,
} from '../../seal-service/index.ts'
import { glyphOutline } from '../../templates/fonts/index.ts'
import { describeTemplate, type FontSet, findTemplate, listTemplates, openFonts } from '../../templates/index.ts'

const fonts = openFonts()

const creditCode = (start: string): string => start + creditCodeCheckCharacter(start)

/** Two departments of a made-up city: the first issues every type, the second one of them. */
export const departments = [
  {
    code: creditCode('11330199MB0000001'),
    name: { zh: '云汀市市场监督管理局', en: 'Yunting Market Regulation Bureau' },
  },
  { code: creditCode('11330199MB0000002'), name: { zh: '云汀市民政局', en: 'Yunting Civil Affairs Bureau' } },
] as const

/** A clerk of a department. */
const clerkOf = (department: { readonly code: string }): Principal => ({
  id: `clerk-${department.code}`,
  name: '王科员',
  kind: 'person',
  departmentCode: department.code,
  roles: ['issuer'],
})

export const clerk = clerkOf(departments[0])
export const otherClerk = clerkOf(departments[1])

export interface TestClock {
  now(): Date
  set(instant: string): void
  advance(milliseconds: number): void
}

function createTestClock(start = '2026-11-21T08:00:00Z'): TestClock {
  let now = Date.parse(start)
  return {
    now: () => new Date(now),
    set: (instant) => {
      now = Date.parse(instant)
    },
    advance: (milliseconds) => {
      now += milliseconds
    },
  }
}

/** Where the services' deps may be wrapped, to break them. */
export interface Wraps {
  readonly database?: (database: Database) => Database
  readonly blobs?: (blobs: Blobs) => Blobs
  readonly sealer?: (sealer: Sealer) => Sealer
  readonly trust?: (trust: Trust) => Trust
  readonly judge?: Judge
  readonly judgeForeign?: ForeignJudge
  readonly render?: Renderer
  readonly people?: People
  /** Other fonts, as a later version may bring them. */
  readonly fonts?: (fonts: FontSet) => FontSet
  readonly metrics?: Metrics
  /** How files of other systems are fetched. */
  readonly askOutside?: GuardedAsk
  readonly reseals?: Reseals
  /** What the directory says of departments, the two of this city when left out. */
  readonly departments?: () => readonly DepartmentFact[]
  /** A process that only works batches off. */
  readonly batchWork?: { readonly isWorker: boolean; readonly atOnce: number }
  readonly timestamper?: (timestamper: Timestamper) => Timestamper
  readonly revocation?: (source: RevocationSource) => RevocationSource
  /** What else the seal service is given. */
  readonly sealDeps?: (pki: PkiService) => Partial<SealServiceDeps>
  /** The seal service's own database. */
  readonly sealDatabase?: (database: Database) => Database
}

export interface House {
  readonly clock: TestClock
  readonly database: Database
  readonly folder: string
  readonly blobs: Blobs
  readonly pki: PkiService
  readonly seals: SealService
  readonly licences: LicenceService
  readonly logLines: string[]
  /** Another process on the same database and folder; `wraps` break its licence service only. */
  reopen(wraps?: Wraps): Promise<House>
  /** Stops the services; the first house of a folder also closes the database and removes the folder. */
  close(): Promise<void>
}

/** Rights as the roles of a principal give them; a security key is never asked for. */
const peopleByRoles: People = {
  isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
  mayNow: async ({ roles }, permission) => mayRoles(roles, permission),
  requireStepUp: async () => undefined,
}

/** Brings the rooms up on an empty database. The house closes it. */
export async function openHouse(database: Database, wraps: Wraps = {}, clock = createTestClock()): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-house-'))
  const house = await open(database, folder, wraps, clock)
  return {
    ...house,
    async close() {
      await house.close()
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function open(database: Database, folder: string, wraps: Wraps, clock: TestClock): Promise<House> {
  const baseUrl = 'https://licence.example.test'
  const logLines: string[] = []
  const log = createLog({ level: 'debug', write: (line) => logLines.push(line) })
  const stores = await Promise.all(
    ['pki', 'seal', 'licence'].map((name) =>
      createKeyStore({ folder: join(folder, 'keys', name), passphrase: 'test' }),
    ),
  )
  const [pkiKeys, sealKeys, licenceKeys] = stores as [
    (typeof stores)[number],
    (typeof stores)[number],
    (typeof stores)[number],
  ]
  const common = { database, clock, ids: systemIds, baseUrl }
  const pki = createPkiService({ ...common, keyStore: pkiKeys })
  await pki.start()
  const { faces } = await fonts
  const outlines = (codePoint: number) => glyphOutline(faces['serif-regular'], codePoint)
  const timestamper = timestamperOf(pki, clock)
  const revocation = revocationOf(pki)
  const seals = createSealService({
    ...common,
    database: wraps.sealDatabase?.(database) ?? database,
    keyStore: sealKeys,
    certifier: pki,
    timestamper: wraps.timestamper?.(timestamper) ?? timestamper,
    revocation: wraps.revocation?.(revocation) ?? revocation,
    crossCertificates: () => pki.crossCertificates(),
    outlines,
    ...wraps.sealDeps?.(pki),
  })
  await seals.start()
  const typeCodes = listTemplates().map(({ typeCode }) => typeCode)
  const assigned = departments.map(({ code, name }, index) => ({
    code,
    name: name.zh,
    typeCodes: index === 0 ? typeCodes : typeCodes.slice(0, 1),
  }))
  const made = await seals.makeDemoSeals(assigned)
  const blobs = createBlobs({ folder: join(folder, 'documents') })
  const trust: Trust = { anchors: () => ({ trustAnchors: pki.anchors() }), crls: () => pki.crls() }
  const licences = createLicenceService({
    ...common,
    database: wraps.database?.(database) ?? database,
    blobs: wraps.blobs?.(blobs) ?? blobs,
    keys: { wrapping: licenceKeys.wrappingKey('data-keys'), mac: licenceKeys.macKey('search') },
    outwardKey: createOutwardKey({ keyStore: licenceKeys, clock }),
    sealer: wraps.sealer?.(seals) ?? seals,
    reseals: wraps.reseals ?? seals.ledger,
    listSigner: pki.listSigner,
    facts: {
      departments: async () => wraps.departments?.() ?? departments,
      services: async () => [...(await seals.publicKeys()), { departmentCode: null, services: operatorServices(pki) }],
      sealTypes: async (departmentCode, sealId) =>
        (await seals.seals(departmentCode)).find(({ id }) => id === sealId)?.typeCodes,
    },
    ...(wraps.judge && { judge: wraps.judge }),
    ...(wraps.judgeForeign && { judgeForeign: wraps.judgeForeign }),
    ...(wraps.render && { render: wraps.render }),
    ...(wraps.askOutside && { askOutside: wraps.askOutside }),
    people: wraps.people ?? peopleByRoles,
    ...(wraps.batchWork && { batchWork: wraps.batchWork }),
    trust: wraps.trust?.(trust) ?? trust,
    log,
    fonts: wraps.fonts?.(await fonts) ?? (await fonts),
    ...(wraps.metrics && { metrics: wraps.metrics }),
  })
  await licences.start()
  await licences.assignTypes(
    { id: 'system', kind: 'system', departmentCode: departments[0].code },
    assigned.flatMap(({ code, typeCodes }) =>
      typeCodes.map((typeCode) => ({
        typeCode,
        departmentCode: code,
        sealId: made.find((seal) => seal.departmentCode === code)!.id,
      })),
    ),
  )
  const close = async () => {
    await licences.close()
    for (const store of stores) store.close()
  }
  const reopen = (again: Wraps = {}) => open(database, folder, again, clock)
  return { clock, database, folder, blobs, pki, seals, licences, logLines, reopen, close }
}

export const businessLicence = '11100000MB0143028R001'

/** Valid data of a made-up holder, as the catalogue gives them. */
export const exampleOf = (typeCode: string = businessLicence): Record<string, unknown> => ({
  ...describeTemplate(findTemplate(typeCode)!).example,
})
