import type { Route } from '../../platform/http/index.ts'
import type { Subscription } from '../domain/subscription.ts'
import type { Deps } from '../operations/deps.ts'
import { listGivenUp, listSubscriptions, replay, subscribe, unsubscribe } from '../operations/subscriptions.ts'
import { type AccessPlace, type AccessRow, listAccessesBy } from '../store/accesses.ts'
import { cursorInvalid, pageOf } from './administration-routes.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const permission = 'subscriptions:administer' as const
const tag = 'Sharing subscriptions'

/** Who fetched what, for auditors, and what departments are told of licences they rely on. */
export const createRecordRoutes = (deps: Deps): Route[] => [
  accessRoute(deps),
  jwksRoute(deps),
  ...subscriptionRoutes(deps),
]

const accessRoute = (deps: Deps): Route =>
  defineRoute({
    method: 'get',
    path: '/api/sharing/accesses',
    permission: 'accesses:read',
    summary: 'What departments in the own range fetched and checked, answered or refused, newest first',
    tag: 'Sharing administration',
    query: schemas.page,
    answers: { 200: { description: 'The accesses', schema: schemas.pageOf(schemas.accessAnswer) } },
    problems: ['SHARING_CURSOR_INVALID'],
    async handle({ principal, query: { limit, cursor } }) {
      const codes = await deps.departments.codesWithin(principal.departmentCode)
      const before = cursor === undefined ? undefined : parsePlace(cursor)
      const rows = await listAccessesBy(deps.database, codes, before, limit + 1)
      const shown = await Promise.all(rows.map(async (row) => ({ row, reason: await deps.accesses.reasonOf(row) })))
      const toItem = ({ row, reason }: (typeof shown)[number]) => toAccess(row, reason)
      return { status: 200, json: pageOf(shown, limit, toItem, ({ row }) => formatPlace(row)) }
    },
  })

function toAccess(row: AccessRow, reason: { purpose: string; legalBasis: string | null } | null) {
  const { access: _, keyMonth: __, sealedReason: ___, ...told } = row
  return { ...told, purpose: reason?.purpose ?? null, legalBasis: reason?.legalBasis ?? null }
}

const formatPlace = ({ at, access }: AccessPlace): string =>
  Buffer.from(`${at.getTime()}.${access}`).toString('base64url')

function parsePlace(cursor: string): AccessPlace {
  const [, at, access] = /^(\d{1,15})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (at === undefined || access === undefined) throw cursorInvalid()
  return { at: new Date(Number(at)), access: BigInt(access) }
}

const jwksRoute = (deps: Deps): Route =>
  defineRoute({
    method: 'get',
    path: '/api/sharing/jwks.json',
    permission: 'public',
    summary: 'Public keys (RFC 7517) with which changes of licences are signed, old ones too',
    tag,
    answers: { 200: { description: 'The keys', contentType: 'application/json' } },
    handle: async () => ({
      status: 200,
      json: await deps.outwardKey.jwks(),
      headers: { 'Cache-Control': 'public, max-age=300' },
    }),
  })

const subscriptionRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/sharing/subscriptions',
    permission,
    summary: 'Subscriptions of the own department',
    tag,
    answers: { 200: { description: 'The subscriptions', schema: schemas.pageOf(schemas.standingAnswer) } },
    async handle({ principal }) {
      const all = await listSubscriptions(deps, principal)
      const items = all.map((one) => ({ ...toSubscription(one), waiting: one.waiting, givenUp: one.givenUp.length }))
      return { status: 200, json: { items, next: null } }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/sharing/subscriptions',
    permission,
    summary:
      'Be told of changes of the licences that the own department fetched: signed, in the order of each licence; https only',
    tag,
    idempotent: true,
    body: schemas.subscriptionBody,
    answers: { 201: { description: 'The subscription', schema: schemas.subscriptionAnswer } },
    problems: ['SUBSCRIPTION_ADDRESS_REFUSED', 'SUBSCRIPTION_TOO_MANY', 'IDEMPOTENCY_KEY_REUSED'],
    async handle({ principal, body: { fromPosition, ...wish }, idempotency }) {
      const from = fromPosition === undefined ? undefined : BigInt(fromPosition)
      const made = await subscribe(deps, principal, { ...wish, fromPosition: from }, idempotency!)
      return { status: 201, json: toSubscription(made) }
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/api/sharing/subscriptions/{subscriptionId}',
    permission,
    summary: 'End a subscription; what waits is not sent any more',
    tag,
    params: schemas.subscriptionParams,
    answers: { 204: { description: 'Ended' } },
    problems: ['SUBSCRIPTION_NOT_FOUND'],
    async handle({ principal, params }) {
      await unsubscribe(deps, principal, params.subscriptionId)
      return { status: 204 }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/sharing/subscriptions/{subscriptionId}/replays',
    permission,
    summary: 'Send everything from a position on once more, with the same ids; also what was given up',
    tag,
    params: schemas.subscriptionParams,
    body: schemas.replayBody,
    answers: { 202: { description: 'It is being sent' } },
    problems: ['SUBSCRIPTION_NOT_FOUND'],
    async handle({ principal, params, body }) {
      await replay(deps, principal, params.subscriptionId, BigInt(body.fromPosition))
      return { status: 202 }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/api/sharing/subscriptions/{subscriptionId}/given-up',
    permission,
    summary: 'Changes that were given up after all attempts, oldest first, 100 at most',
    tag,
    params: schemas.subscriptionParams,
    answers: { 200: { description: 'What was given up', schema: schemas.givenUpAnswer } },
    problems: ['SUBSCRIPTION_NOT_FOUND'],
    async handle({ principal, params }) {
      const items = await listGivenUp(deps, principal, params.subscriptionId)
      return { status: 200, json: { items: items.map((one) => ({ ...one, position: String(one.position) })) } }
    },
  }),
]

const toSubscription = ({ id, address, topics, createdAt, madeOut }: Subscription) => ({
  ...{ id, address, topics, createdAt },
  position: String(madeOut),
})
