import { createRateLimit, createTokenSender, type Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { readStatusList } from '../operations/publish-status-lists.ts'
import { readTrustList } from '../operations/publish-trust-list.ts'
import { readStatus, readStatusByDigest } from '../operations/read-status.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

/** Identifiers from one address that name no licence: so many at once, so many a second after that. */
const GUESSES_AT_ONCE = 30
const GUESSES_PER_SECOND = 0.2

/** The routes that need no login: status, signed lists. */
export const publicRoutes = (deps: Deps): Route[] => [...statusRoutes(deps), ...listRoutes(deps)]

/**
 * Whoever asks about licences that exist may ask as often as they like. Whoever guesses is charged for each miss, and beyond a few gets no
 * answer at all: to refuse the misses alone would tell hits from misses.
 */
function statusRoutes(deps: Deps): Route[] {
  const guesses = createRateLimit({
    capacity: GUESSES_AT_ONCE,
    refillPerSecond: GUESSES_PER_SECOND,
    clock: deps.clock,
  })
  const answer = async <Found extends { readonly status: string }>(from: string, find: () => Promise<Found>) => {
    guesses.take(from, 0)
    const found = await find()
    if (found.status === 'unknown') guesses.charge(from, 1)
    return json(200, found, { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' })
  }
  return [
    defineRoute({
      method: 'get',
      path: '/api/licences/{identifier}/status',
      permission: 'public',
      summary: 'Status of a licence, now or as of an instant, and since when; unknown identifiers answer unknown',
      tag: 'Status',
      params: schemas.identifierParams,
      query: schemas.statusQuery,
      answers: { 200: { description: 'The status', schema: schemas.statusAnswer } },
      problems: ['IDENTIFIER_MALFORMED', 'IDENTIFIER_CHECK_CHARACTER_WRONG', 'LICENCE_AS_OF_IN_FUTURE'],
      handle: ({ params, query, clientAddress }) =>
        answer(clientAddress, () => readStatus(deps, params.identifier, query.asOf)),
    }),
    defineRoute({
      method: 'get',
      path: '/api/sealed-digests/{sealedDigest}/status',
      permission: 'public',
      summary: 'Status of the licence whose sealed document has this digest; an unknown digest answers unknown',
      tag: 'Status',
      params: schemas.digestParams,
      answers: { 200: { description: 'The status', schema: schemas.digestStatusAnswer } },
      handle: ({ params, clientAddress }) =>
        answer(
          clientAddress,
          async () =>
            (await readStatusByDigest(deps, params.sealedDigest)) ?? {
              identifier: null,
              status: 'unknown',
              asOf: deps.clock.now(),
            },
        ),
    }),
  ]
}

function listRoutes(deps: Deps): Route[] {
  const send = createTokenSender()
  return [
    defineRoute({
      method: 'get',
      path: '/status-lists/{id}',
      permission: 'public',
      summary: 'A signed Token Status List',
      tag: 'Status',
      params: schemas.listParams,
      answers: { 200: { description: 'The list', contentType: 'application/statuslist+jwt' } },
      problems: ['STATUS_LIST_NOT_FOUND', 'LIST_NOT_PUBLISHED'],
      handle: async ({ params, headers }) =>
        send(await readStatusList(deps, params.id), 'application/statuslist+jwt', headers),
    }),
    defineRoute({
      method: 'get',
      path: '/trust-list',
      permission: 'public',
      summary: 'The signed trust list (ETSI TS 119 602, JSON)',
      tag: 'Status',
      answers: { 200: { description: 'The list', contentType: 'application/jwt' } },
      problems: ['LIST_NOT_PUBLISHED'],
      handle: async ({ headers }) => send(await readTrustList(deps), 'application/jwt', headers),
    }),
  ]
}
