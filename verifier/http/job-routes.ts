import { z } from 'zod'
import {
  type Answer,
  type Arrival,
  type Authority,
  createRateLimit,
  publicRoute,
  type Route,
} from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import { departmentOf } from './callers.ts'
import type { Jobs, JobView } from './jobs.ts'
import { jobSchema } from './report-schema.ts'

/** Asking how far it is: more often than verifying, and cheap. */
const LOOKS = { capacity: 120, refillPerSecond: 5 }
const AGAIN_AFTER_SECONDS = '1'
const NO_STORE = { 'Cache-Control': 'no-store' }
const tag = 'Verification'
const params = z.strictObject({ id: z.string().max(100) })
const problems = ['VERIFICATION_NOT_FOUND']

const progressOf = ({ id, state, total, done, expiresAt }: JobView) => ({
  id,
  state,
  total,
  done,
  expiresAt: expiresAt?.toISOString() ?? null,
})

/** 202: where and when to ask. */
export const accepted = (job: JobView): Answer => ({
  status: 202,
  json: progressOf(job),
  headers: {
    ...NO_STORE,
    Location: `/api/verifications/${job.id}`,
    'Retry-After': AGAIN_AFTER_SECONDS,
    'Preference-Applied': 'respond-async',
  },
})

/** The results are JSON already: put together as text, they are not built a second time. */
const found = (job: JobView): Answer => {
  const head = JSON.stringify(progressOf(job)).slice(0, -1)
  return {
    status: 200,
    bytes: `${head},"results":${job.results === null ? 'null' : `[${job.results.join(',')}]`}}`,
    contentType: 'application/json',
    headers: { ...NO_STORE, ...(job.results === null ? { 'Retry-After': AGAIN_AFTER_SECONDS } : {}) },
  }
}

/** The routes of verifications that are answered later. Their id is the secret; what a department sent, only its account fetches. */
export function createJobRoutes(jobs: Jobs, clock: Clock, authority: Authority | undefined): Route[] {
  const rateLimit = createRateLimit({ ...LOOKS, clock })
  const admit = (arrival: Arrival) => departmentOf(arrival, authority)
  const shared = {
    path: '/api/verifications/{id}',
    permission: 'public',
    tag,
    params,
    rateLimit,
    admit,
    problems,
  } as const
  return [
    publicRoute({
      ...shared,
      method: 'get',
      summary: 'How far a verification is that is answered later, and its results',
      answers: { 200: { description: 'Progress; with the results once all are there', schema: jobSchema } },
      handle: ({ params: { id }, admitted }) => found(jobs.find(id, admitted)),
    }),
    publicRoute({
      ...shared,
      method: 'delete',
      summary: 'Stop and forget a verification that is answered later',
      answers: { 204: { description: 'It is forgotten' } },
      handle: ({ params: { id }, admitted }) => {
        jobs.forget(id, admitted)
        return { status: 204, headers: NO_STORE }
      },
    }),
  ]
}
