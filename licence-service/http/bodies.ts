import { z } from 'zod'
import { instant, type Route } from '../../platform/http/index.ts'
import { MOST_BODY_BYTES } from '../domain/body.ts'
import { tryPlaces } from '../operations/bodies/settle-body.ts'
import { takeBody } from '../operations/bodies/waiting-bodies.ts'
import type { Deps } from '../operations/deps.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'

const place = z.object({ page: z.number(), x: z.number(), y: z.number() })
const view = z.object({
  digest: z.string().describe('SHA-256 (hex): names the document in POST /api/licences'),
  bytes: z.number(),
  pages: z.array(z.object({ width: z.number(), height: z.number() })).describe('Millimetres, as shown'),
  risks: z
    .array(z.object({ kind: z.string(), page: z.number().nullable(), detail: z.string() }))
    .describe('What hides something, or could show something else later: to be looked at before it is issued'),
  places: z
    .object({ qr: place.extend({ size: z.number() }), seal: place })
    .nullable()
    .describe(
      'Where the type that was named has QR code and seal on this document; null where none was, or they have no room',
    ),
  placeFault: z
    .object({ pointer: z.string(), code: z.string(), detail: z.object({ zh: z.string(), en: z.string() }) })
    .nullable()
    .describe('Why they have no room: places are then to be said with the licence'),
  forgottenAt: instant.describe('Until when it is kept if nothing is issued on it'),
})

/** Documents handed in to be issued as licences (批文, 证明, 鉴定报告, 办事结果). */
export const bodyRoutes = (deps: Deps): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/licence-bodies',
    permission: 'licences:issue',
    summary: 'Hands in a PDF that a licence is then issued on; the same file again is the one that is there',
    tag: 'Licences',
    query: z.strictObject({ typeCode: z.string().max(40).optional().describe('Tries the places of this type') }),
    rawBody: { mediaTypes: ['application/pdf', 'application/octet-stream'], maxBytes: MOST_BODY_BYTES },
    answers: { 201: { description: 'The document as it was read', schema: view } },
    problems: ['LICENCE_BODY_REFUSED', 'LICENCE_BODY_NOT_WANTED', 'LICENCE_TYPE_UNKNOWN', 'LICENCE_BODIES_TOO_MANY'],
    handle: async ({ principal, query, bytes }) => {
      const taken = await takeBody(deps, principal, bytes!)
      return json(201, { ...taken, ...tryPlaces(deps, query.typeCode, bytes!, taken.digest) })
    },
  }),
]
