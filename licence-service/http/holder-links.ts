import { createRateLimit, type Route } from '../../platform/http/index.ts'
import { qrSvg } from '../../templates/draw/index.ts'
import { LicenceError } from '../errors.ts'
import type { Deps } from '../operations/deps.ts'
import { createHolderLink, openHolderLink, readHolderDocument, readHolderLink } from '../operations/holder-links.ts'
import { json, pdf } from './answers.ts'
import { fullIdentifier } from './licences.ts'
import { defineRoute } from './permissions.ts'
import * as schemas from './schemas.ts'

const tag = 'Holder links'

/** The holder's way to a licence. The token is all that a holder has; a reader of logs never sees it (routes are logged, not paths). */
export function holderLinkRoutes(deps: Deps): Route[] {
  const rateLimit = createRateLimit({ capacity: 60, refillPerSecond: 1, clock: deps.clock })
  return [
    defineRoute({
      method: 'post',
      path: '/api/licences/{identifier}/holder-links',
      permission: 'holder-links:create',
      summary: 'Makes an expiring link for the holder',
      tag,
      idempotent: true,
      params: schemas.identifierParams,
      answers: { 201: { description: 'The link, also as a QR code', schema: schemas.createdLinkAnswer } },
      problems: ['LICENCE_NOT_FOUND', 'LICENCE_NOT_ISSUED', 'LICENCE_ERASED'],
      handle: async ({ principal, params, idempotency }) => {
        const identifier = fullIdentifier(params.identifier)
        const link = await createHolderLink(deps, principal, identifier, idempotency!.key)
        return json(201, { ...link, qrSvg: qrSvg(link.url) })
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/holder-links/{token}',
      permission: 'public',
      summary: 'What a link leads to, before anything is proved',
      tag,
      rateLimit,
      params: schemas.tokenParams,
      answers: { 200: { description: 'The link', schema: schemas.seenLinkAnswer } },
      problems: ['HOLDER_LINK_NOT_FOUND', 'HOLDER_LINK_EXPIRED'],
      handle: async ({ params }) => json(200, await readHolderLink(deps, params.token)),
    }),
    defineRoute({
      method: 'post',
      path: '/api/holder-links/{token}/openings',
      permission: 'public',
      summary: 'Opens a link with the last six characters of the identity number or credit code',
      tag,
      rateLimit,
      params: schemas.tokenParams,
      body: schemas.openingBody,
      answers: { 200: { description: 'The licence', schema: schemas.openedAnswer } },
      problems: [
        'HOLDER_LINK_NOT_FOUND',
        'HOLDER_LINK_EXPIRED',
        'HOLDER_LINK_LOCKED',
        'HOLDER_LINK_TOO_SOON',
        'HOLDER_LINK_WRONG_CHARACTERS',
      ],
      handle: async ({ params, body }) => {
        const { accessToken, expiresAt, licence } = await openHolderLink(deps, params.token, body.lastSix)
        return json(200, { accessToken, expiresAt, licence })
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/holder-links/{token}/document',
      permission: 'public',
      summary: 'The sealed PDF, with the access token of an opening as bearer',
      tag,
      rateLimit,
      params: schemas.tokenParams,
      answers: { 200: { description: 'The sealed PDF', contentType: 'application/pdf' } },
      problems: ['HOLDER_LINK_NOT_FOUND', 'HOLDER_LINK_ACCESS_REFUSED'],
      handle: async ({ params, headers }) => {
        const bearer = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(headers.authorization ?? '')?.[1]
        if (!bearer) throw new LicenceError('HOLDER_LINK_ACCESS_REFUSED', 'open the link again')
        const document = await readHolderDocument(deps, params.token, bearer)
        return pdf(document.pdf, document.identifier)
      },
    }),
  ]
}
