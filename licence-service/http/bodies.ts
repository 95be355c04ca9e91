import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import { MOST_BODY_BYTES } from '../domain/body.ts'
import { takeBody } from '../operations/bodies/waiting-bodies.ts'
import type { Deps } from '../operations/deps.ts'
import { json } from './answers.ts'
import { defineRoute } from './permissions.ts'
import { instant } from './schemas.ts'

const view = z.object({
  digest: z.string().describe('SHA-256 (hex): names the document in POST /api/licences'),
  bytes: z.number(),
  pages: z.array(z.object({ width: z.number(), height: z.number() })).describe('Millimetres, as shown'),
  risks: z
    .array(z.object({ kind: z.string(), page: z.number().nullable(), detail: z.string() }))
    .describe('What hides something, or could show something else later: to be looked at before it is issued'),
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
    rawBody: { mediaTypes: ['application/pdf', 'application/octet-stream'], maxBytes: MOST_BODY_BYTES },
    answers: { 201: { description: 'The document as it was read', schema: view } },
    problems: ['LICENCE_BODY_REFUSED', 'LICENCE_BODIES_TOO_MANY'],
    handle: async ({ principal, bytes }) => json(201, await takeBody(deps, principal, bytes!)),
  }),
]
