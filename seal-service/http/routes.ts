import { z } from 'zod'
import { type RouteSet, routeDefiner } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { EsealLayout } from '../domain/eseal.ts'
import type { Seal } from '../domain/seal.ts'
import { sealProblems } from './problems.ts'

/** What the routes ask of the service. */
export interface SealReader {
  sealPictureSvg(sealId: string): Promise<string>
  eseal(sealId: string, layout: EsealLayout): Promise<Uint8Array>
  /** Throws `SEAL_NOT_FOUND`, for seals out of the caller's sight too. */
  findInSight(principal: Principal, sealId: string): Promise<Seal>
}

const sealRoute = routeDefiner<'seals:read'>()

/** How the seals in one's sight look. Sealing itself is no route: it is asked by the licence service. */
export function createSealRoutes(service: SealReader): RouteSet {
  const picture = sealRoute({
    method: 'get',
    path: '/api/seals/{sealId}/picture.svg',
    permission: 'seals:read',
    summary: 'Picture of a made seal, at true size',
    tag: 'Seals',
    params: z.object({ sealId: z.string().max(20) }),
    answers: { 200: { description: 'The picture', contentType: 'image/svg+xml' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_NOT_MADE'],
    async handle({ principal, params }) {
      const seal = await service.findInSight(principal, params.sealId)
      return {
        status: 200,
        bytes: await service.sealPictureSvg(seal.id),
        contentType: 'image/svg+xml',
        headers: { 'Cache-Control': 'private, max-age=3600' },
      }
    },
  })
  const eseal = sealRoute({
    method: 'get',
    path: '/api/seals/{sealId}/seal.esl',
    permission: 'seals:read',
    summary: 'SESeal of a seal (GM/T 0031-2025; version 4: GB/T 38540-2020), DER',
    tag: 'Seals',
    params: z.object({ sealId: z.string().max(20) }),
    query: z.object({ version: z.enum(['5', '4']).default('5') }),
    answers: { 200: { description: 'The seal as its maker signed it', contentType: 'application/octet-stream' } },
    problems: ['SEAL_NOT_FOUND', 'SEAL_ESEAL_ABSENT'],
    async handle({ principal, params, query }) {
      const seal = await service.findInSight(principal, params.sealId)
      return {
        status: 200,
        bytes: await service.eseal(seal.id, query.version === '4' ? 'V4' : 'V5'),
        contentType: 'application/octet-stream',
        headers: {
          'Content-Disposition': `attachment; filename="${seal.id}.esl"`,
          'Cache-Control': 'private, no-cache',
        },
      }
    },
  })
  return { routes: [picture, eseal], problems: sealProblems }
}
