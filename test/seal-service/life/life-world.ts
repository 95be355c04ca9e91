// A seal service with the people of two departments and of the seal centre above them, as tests of the life of seals need them.
import { randomUUID } from 'node:crypto'
import { mayRoles } from '../../../directory/index.ts'
import { createBlobs, type Database, PlatformError, type Principal } from '../../../platform/index.ts'
import type { SealApplication } from '../../../seal-service/domain/seal-application.ts'
import type { ActRequest, People, SealService, SealServiceDeps } from '../../../seal-service/index.ts'
import type { Departments } from '../../../seal-service/ports/departments.ts'
import { makeFolder } from '../../pki-service/world.ts'
import { civil, createSealWorld, market, type SealWorld } from '../world.ts'

export const centre = '11330199MB3301394C'

const person = (id: string, departmentCode: string, ...roles: string[]): Principal => ({
  ...{ id, name: `${id} 某`, kind: 'person', departmentCode, roles },
})

export const people = {
  applicant: person('applicant', market.code, 'seal-applicant'),
  colleague: person('colleague', market.code, 'seal-applicant'),
  reviewer: person('reviewer', centre, 'seal-reviewer'),
  reviewer2: person('reviewer2', centre, 'seal-reviewer'),
  maker: person('maker', centre, 'seal-maker'),
  maker2: person('maker2', centre, 'seal-maker'),
  keeper: person('keeper', market.code, 'seal-keeper'),
  keeper2: person('keeper2', market.code, 'seal-keeper'),
  /** Holds every role of the power, so that only the rule of four eyes stops them. */
  everything: person('everything', market.code, 'seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper'),
  viewer: person('viewer', market.code, 'viewer'),
  issuer: person('issuer', market.code, 'issuer'),
  auditor: person('auditor', centre, 'auditor'),
  otherApplicant: person('other-applicant', civil.code, 'seal-applicant'),
  otherReviewer: person('other-reviewer', civil.code, 'seal-reviewer'),
  otherMaker: person('other-maker', civil.code, 'seal-maker'),
  otherKeeper: person('other-keeper', civil.code, 'seal-keeper'),
} as const

export interface LifeWorld {
  readonly world: SealWorld
  readonly service: SealService
  /** Accounts that were closed, or lost their role, since they logged in. */
  readonly gone: Set<string>
  /** Departments that were closed, with whoever took over. */
  readonly closed: Map<string, { closedAt: Date; successorCode: string | null }>
  /** Accounts that have not confirmed with their security key. */
  readonly unconfirmed: Set<string>
  another(changed?: Partial<SealServiceDeps>): SealService
  apply(changed?: Partial<SealApplication>, who?: Principal): Promise<string>
  act(who: Principal, sealId: string, request: ActRequest, key?: string): ReturnType<SealService['life']['act']>
  /** Takes a new seal on to a state, by the people whose work it is. */
  bring(
    state: 'applied' | 'approved' | 'made' | 'filed' | 'issued' | 'active',
    changed?: Partial<SealApplication>,
  ): Promise<string>
  approve(sealId: string, who?: Principal): ReturnType<SealService['life']['act']>
  drawAndApprove(sealId: string): Promise<void>
  stateOf(sealId: string): Promise<string>
  actionsOf(sealId: string): Promise<string[]>
  close(): Promise<void>
}

let count = 0

export function formOf(changed: Partial<SealApplication> = {}): SealApplication {
  return {
    name: `云汀市市场监督管理局专用章${++count}`,
    nameEn: null,
    kindCode: '11',
    picture: {
      ...{ shape: 'round', diameterMm: 42, ringText: '云汀市市场监督管理局', ringTextEn: null },
      ...{ centre: 'star', lowerText: '业务专用章', code: null },
    },
    ...{ keyAlgorithm: 'ec-p256', certificate: 'own', typeCodes: [...market.typeCodes] },
    ...{ physicalSealNumber: null, replaces: null, reason: '业务需要', legalBasis: null, files: [] },
    ...changed,
  }
}

export const once = (key: string = randomUUID(), text = key) => ({
  key,
  requestDigest: new Uint8Array(Buffer.alloc(32, text)),
})

export async function createLifeWorld(
  database: Database,
  { withoutEseals = false, ...changed }: Partial<SealServiceDeps> & { readonly withoutEseals?: boolean } = {},
): Promise<LifeWorld> {
  const world = await createSealWorld(database)
  const [gone, unconfirmed] = [new Set<string>(), new Set<string>()]
  const closed: LifeWorld['closed'] = new Map()
  const everyone = Object.values(people)
  const port: People = {
    isPermitted: ({ roles }, permission) => mayRoles(roles, permission),
    mayNow: async ({ id, roles }, permission) => !gone.has(id) && mayRoles(roles, permission),
    async requireStepUp({ id }) {
      if (unconfirmed.has(id)) throw new PlatformError('STEP_UP_REQUIRED', 'confirm with your security key')
    },
    keepersOf: async (code) =>
      everyone.filter(
        ({ id, departmentCode, roles }) => departmentCode === code && roles.includes('seal-keeper') && !gone.has(id),
      ),
    department: async (code) => {
      const name = { [market.code]: market.name, [civil.code]: civil.name }[code]
      return name === undefined ? undefined : { name, closedAt: null, successorCode: null, ...closed.get(code) }
    },
    closedDepartments: async () => new Map([...closed].map(([code, facts]) => [code, { name: code, ...facts }])),
  }
  const tree: Departments = {
    isWithin: async (ancestor, code) => ancestor === code || ancestor === centre,
    codesWithin: async (ancestor) => (ancestor === centre ? [centre, market.code, civil.code] : [ancestor]),
  }
  const blobs = createBlobs({ folder: makeFolder() })
  const noMaker: object = withoutEseals ? { sealMaker: undefined } : {}
  const another: LifeWorld['another'] = (more = {}) =>
    world.another({ people: port, departments: tree, blobs, ...noMaker, ...changed, ...more })
  const service = another()
  await service.start()
  const { life } = service
  const act: LifeWorld['act'] = (who, sealId, request, key) =>
    life.act(who, sealId, request, key ? once(key) : undefined)
  const apply: LifeWorld['apply'] = async (more = {}, who = people.applicant) =>
    (await life.apply(who, formOf(more), once())).id
  const approve: LifeWorld['approve'] = async (sealId, who = people.reviewer) => {
    const { application } = await life.read(people.reviewer, sealId)
    const applicationDigest = Buffer.from(application!.digest).toString('hex')
    return act(who, sealId, { action: 'approve', applicationDigest })
  }
  const drawAndApprove = async (sealId: string) => {
    await act(people.maker, sealId, { action: 'draw' })
    const { picture } = await life.read(people.maker, sealId)
    const pictureDigest = Buffer.from(picture!.digest).toString('hex')
    await act(people.reviewer, sealId, { action: 'approve-picture', pictureDigest })
  }
  const steps: readonly [Parameters<LifeWorld['bring']>[0], (sealId: string) => Promise<unknown>][] = [
    ['approved', (id) => approve(id)],
    [
      'made',
      async (id) => {
        await drawAndApprove(id)
        await act(people.maker, id, { action: 'make' })
      },
    ],
    ['filed', (id) => act(people.maker, id, { action: 'file' })],
    ['issued', (id) => act(people.maker, id, { action: 'issue', keeperId: people.keeper.id })],
    ['active', (id) => act(people.keeper, id, { action: 'accept' })],
  ]
  return {
    ...{ world, service, gone, closed, unconfirmed, another, apply, act, approve, drawAndApprove },
    async bring(state, more) {
      const sealId = await apply(more)
      for (const [reached, step] of state === 'applied' ? [] : steps) {
        await step(sealId)
        if (reached === state) break
      }
      return sealId
    },
    stateOf: async (sealId) =>
      (await database.query<{ state: string }>('select state from seal.seals where id = $1', [sealId]))[0]!.state,
    actionsOf: async (sealId) =>
      (
        await database.query<{ action: string }>('select action from seal.seal_events where seal_id = $1 order by id', [
          sealId,
        ])
      ).map(({ action }) => action),
    close: () => world.close(),
  }
}
