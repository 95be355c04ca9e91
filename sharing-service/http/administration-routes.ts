import type { Route } from '../../platform/http/index.ts'
import type { Agreement } from '../domain/agreement.ts'
import { SharingError } from '../errors.ts'
import { decideProposal, endNow, getOwn, propose } from '../operations/agreements.ts'
import { codesActedFor } from '../operations/coverage.ts'
import type { Deps } from '../operations/deps.ts'
import { savePrefillMap } from '../operations/prefill-maps.ts'
import { listAgreements } from '../store/agreements.ts'
import { endMatter, insertMatter, listMatters, type Matter } from '../store/matters.ts'
import { findPrefillMap, listPrefillMaps, type PrefillMap } from '../store/prefill-maps.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Sharing administration'
const permission = 'sharing:administer' as const

/** Matters, agreements and maps of forms, each of the own department. */
export const createAdministrationRoutes = (deps: Deps): Route[] => [
  ...matterRoutes(deps),
  ...agreementRoutes(deps),
  ...prefillMapRoutes(deps),
]

const matterRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/sharing/matters',
    permission,
    summary: 'Matters (事项) of the own department for which it fetches licences, by code',
    tag,
    query: schemas.page,
    answers: { 200: { description: 'The matters', schema: schemas.pageOf(schemas.matterAnswer) } },
    async handle({ principal, query: { limit, cursor = '' } }) {
      const rows = await listMatters(deps.database, principal.departmentCode, cursor, limit + 1)
      return { status: 200, json: pageOf(rows, limit, toMatter, ({ matterCode }) => matterCode) }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/sharing/matters',
    permission,
    summary: 'Add a matter; machines named here need not name it in calls of the GB/T 36906 addresses',
    tag,
    body: schemas.matterBody,
    answers: { 201: { description: 'The matter', schema: schemas.matterAnswer } },
    problems: ['MATTER_EXISTS'],
    async handle({ principal, body }) {
      const { id: createdBy, departmentCode } = principal
      const matter: Matter = { ...body, departmentCode, createdBy, createdAt: deps.clock.now() }
      if (!(await insertMatter(deps.database, matter)))
        throw new SharingError('MATTER_EXISTS', 'the department has, or had, a matter of this code')
      return { status: 201, json: toMatter(matter) }
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/api/sharing/matters/{matterCode}',
    permission,
    summary: 'End a matter: nothing is fetched for it any more',
    tag,
    params: schemas.matterParams,
    answers: { 204: { description: 'Ended' } },
    problems: ['MATTER_UNKNOWN'],
    async handle({ principal, params }) {
      const key = { departmentCode: principal.departmentCode, matterCode: params.matterCode }
      if (!(await endMatter(deps.database, key, principal.id, deps.clock.now())))
        throw new SharingError('MATTER_UNKNOWN', 'the department has no matter with this code')
      return { status: 204 }
    },
  }),
]

const agreementRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/sharing/agreements',
    permission,
    summary: 'Agreements that the own department, or one merged into it, gives or takes, newest first',
    tag,
    query: schemas.page,
    answers: { 200: { description: 'The agreements', schema: schemas.pageOf(schemas.agreementAnswer) } },
    problems: ['SHARING_CURSOR_INVALID'],
    async handle({ principal, query: { limit, cursor = null } }) {
      if (cursor !== null && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) throw cursorInvalid()
      const own = await codesActedFor(deps, principal.departmentCode)
      const rows = await listAgreements(deps.database, own, cursor, limit + 1)
      return { status: 200, json: pageOf(rows, limit, toAgreement, ({ id }) => id) }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/sharing/agreements',
    permission,
    summary:
      'Offer licences of a type that the own department, or one below it, issues; nothing is given before it is accepted',
    tag,
    idempotent: true,
    body: schemas.agreementBody,
    answers: { 201: { description: 'The proposal', schema: schemas.agreementAnswer } },
    problems: ['AGREEMENT_INVALID', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, body, idempotency }) => ({
      status: 201,
      json: toAgreement(await propose(deps, principal, body, idempotency!)),
    }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/sharing/agreements/{agreementId}',
    permission,
    summary: 'An agreement of the own department',
    tag,
    params: schemas.agreementParams,
    answers: { 200: { description: 'The agreement', schema: schemas.agreementAnswer } },
    problems: ['AGREEMENT_NOT_FOUND'],
    handle: async ({ principal, params }) => ({
      status: 200,
      json: toAgreement(await getOwn(deps, principal, params.agreementId)),
    }),
  }),
  ...(['acceptances', 'refusals', 'endings'] as const).map((act) =>
    defineRoute({
      method: 'post',
      path: `/api/sharing/agreements/{agreementId}/${act}`,
      permission,
      summary: {
        acceptances: 'Accept what another department offers',
        refusals: 'Refuse it',
        endings: 'End an agreement at once, or take an offer back; either side may',
      }[act],
      tag,
      params: schemas.agreementParams,
      answers: { 200: { description: 'The agreement', schema: schemas.agreementAnswer } },
      problems: ['AGREEMENT_NOT_FOUND', 'AGREEMENT_STATE_REFUSED'],
      async handle({ principal, params: { agreementId } }) {
        const agreement =
          act === 'endings'
            ? await endNow(deps, principal, agreementId)
            : await decideProposal(deps, principal, agreementId, act === 'acceptances' ? 'accepted' : 'refused')
        return { status: 200, json: toAgreement(agreement) }
      },
    }),
  ),
]

const prefillMapRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/sharing/prefill-maps',
    permission,
    summary: 'Forms of the own department with the fields that licences fill, by form code',
    tag,
    query: schemas.page,
    answers: { 200: { description: 'The newest version of each', schema: schemas.pageOf(schemas.prefillMapAnswer) } },
    async handle({ principal, query: { limit, cursor = '' } }) {
      const rows = await listPrefillMaps(deps.database, principal.departmentCode, cursor, limit + 1)
      return { status: 200, json: pageOf(rows, limit, toMap, ({ formCode }) => formCode) }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/sharing/prefill-maps/{formCode}',
    permission,
    summary: 'The map of a form',
    tag,
    params: schemas.formParams,
    answers: { 200: { description: 'The newest version', schema: schemas.prefillMapAnswer } },
    problems: ['PREFILL_MAP_NOT_FOUND'],
    async handle({ principal, params }) {
      const map = await findPrefillMap(deps.database, principal.departmentCode, params.formCode)
      if (!map) throw new SharingError('PREFILL_MAP_NOT_FOUND', 'the department has no map for this form')
      return { status: 200, json: toMap(map) }
    },
  }),
  defineRoute({
    method: 'put',
    path: '/api/sharing/prefill-maps/{formCode}',
    permission,
    summary: 'Say which field of which type fills which field of a form: another version',
    tag,
    params: schemas.formParams,
    body: schemas.prefillMapBody,
    answers: { 200: { description: 'The version that counts now', schema: schemas.prefillMapAnswer } },
    problems: ['PREFILL_MAP_INVALID'],
    handle: async ({ principal, params, body }) => ({
      status: 200,
      json: toMap(await savePrefillMap(deps, principal, { ...params, ...body })),
    }),
  }),
]

/** A page of rows that were read one further than it holds. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): { items: Item[]; next: string | null } {
  const page = rows.slice(0, limit)
  return { items: page.map(toItem), next: rows.length > limit ? cursorOf(page.at(-1)!) : null }
}

export const cursorInvalid = () => new SharingError('SHARING_CURSOR_INVALID', 'the cursor is not one this list gave')

const toMatter = ({ matterCode, name, clientIds, createdAt }: Matter) => ({ matterCode, name, clientIds, createdAt })
const toMap = ({ formCode, version, fields, madeAt }: PrefillMap) => ({ formCode, version, fields, madeAt })
/** Who of the other side proposed or decided is not told. */
const toAgreement = ({ proposedBy: _, decidedBy: __, endedBy: ___, ...agreement }: Agreement) => agreement
