import { z } from 'zod'
import { type Answer, type Authority, publicRoute, type RouteSet } from '../../platform/http/index.ts'
import type { Clock, Ids, Log } from '../../platform/index.ts'
import type { EvidenceSource, ValidationPolicy } from '../index.ts'
import { ADDRESS_LIMITS, type Caller, type CallerLimits, createCallers, DEPARTMENT_LIMITS } from './callers.ts'
import type { DigestLookup } from './check-digest.ts'
import { createChecker, type Item } from './check-item.ts'
import { type ReportWriters, requireFormat, writeAnswer } from './formats.ts'
import { createGate } from './gate.ts'
import { accepted, createJobRoutes } from './job-routes.ts'
import { createJobs, JOB_LIMITS, type JobLimits } from './jobs.ts'
import { type Judge, judgeInThisThread } from './judge.ts'
import { verifierProblems } from './problems.ts'
import { acceptedSchema, digestSchema, reportSchema } from './report-schema.ts'
import {
  FORM_TYPE,
  MAX_FORM_BYTES,
  MAX_JSON_BYTES,
  MAX_PDF_BYTES,
  PDF_TYPES,
  prefersLater,
  readRequest,
  requestBody,
  requestQuery,
  wantedFormat,
} from './requests.ts'

export interface VerifierRoutesOptions {
  /** A function where the roots may change: asked at every verification. What is prepared for a policy is kept with it. */
  readonly policy: ValidationPolicy | (() => ValidationPolicy)
  readonly source: EvidenceSource
  /** Where the register is asked for a document by its digest; left out: digests are asked about with their identifier only. */
  readonly byDigest?: DigestLookup
  /** Who judges documents; default: this thread. */
  readonly judge?: Judge
  /** Who knows API keys; left out: every caller is known by address alone. */
  readonly authority?: Authority
  /** Reports as something else than JSON. */
  readonly writers?: ReportWriters
  readonly clock: Clock
  readonly ids: Pick<Ids, 'bytes'>
  readonly log?: Log
  readonly limits?: VerifierLimits
}

export interface VerifierLimits {
  /** Requests at once from one address; default 60. */
  readonly burst?: number
  /** Further requests a second from one address; default 2. */
  readonly perSecond?: number
  /** Verifications a day from one address; default 5,000. */
  readonly perDay?: number
  /** The account of a department; default 600, 50 a second, 200,000 a day. */
  readonly department?: Partial<CallerLimits>
  /** Verifications under way at the same time; default 8. Documents are held in memory. */
  readonly concurrent?: number
  /** Those that wait for one of these; default 64. */
  readonly waiting?: number
  /** Work on one document that its request has paid for, in milliseconds; default 500. Beyond it, 100 cost one request more. */
  readonly paidMs?: number
  readonly gatherTimeoutMs?: number
  readonly jobs?: Partial<JobLimits>
}

export interface VerifierRoutes extends RouteSet {
  /** Forgets what is still to be fetched. */
  close(): void
}

/** The routes of the public check. */
export function createVerifierRoutes(options: VerifierRoutesOptions): VerifierRoutes {
  const { policy, source, byDigest, authority, clock, ids, log, writers = {}, limits = {} } = options
  const { concurrent = 8, waiting = 64, paidMs = 500, gatherTimeoutMs = 3000 } = limits
  const judge = options.judge ?? judgeInThisThread
  const check = createChecker({
    policy,
    source,
    ...(byDigest && { byDigest }),
    judge,
    clock,
    gatherTimeoutMs,
    ...(log && { log }),
  })
  const { burst, perSecond, perDay } = { ...ADDRESS_LIMITS, ...limits }
  const address = { ...ADDRESS_LIMITS, burst, perSecond, perDay }
  const department = { ...DEPARTMENT_LIMITS, ...limits.department }
  const admit = createCallers({ clock, ...(authority && { authority }), address, department })
  const gate = createGate({ concurrent, waiting })
  const jobLimits = { ...JOB_LIMITS, ...limits.jobs }
  const jobs = createJobs({ check, clock, randomBytes: ids.bytes, limits: jobLimits, ...(log && { log }) })

  /** Reading and judging keep a processor busy: whoever sends what takes long may send the less. */
  const checkNow = (item: Item, caller: Caller, signal: AbortSignal) =>
    gate.pass(async () => {
      const checked = await check(item, caller, signal)
      caller.chargeWork(checked.ms - paidMs)
      return checked
    }, signal)

  const post = publicRoute({
    method: 'post',
    path: '/api/verifications',
    permission: 'public',
    summary: 'Verify a document, the text of a QR code, a digest; or up to 1,000 of them, answered later',
    tag: 'Verification',
    query: requestQuery,
    body: requestBody,
    maxBodyBytes: MAX_JSON_BYTES,
    rawBody: {
      mediaTypes: [...PDF_TYPES, FORM_TYPE],
      maxBytes: MAX_PDF_BYTES,
      maxBytesOf: { [FORM_TYPE]: MAX_FORM_BYTES },
    },
    admit,
    answers: {
      200: {
        description: 'The report; a bad document is a verdict. Of a digest, what the register says of it',
        schema: z.union([reportSchema, digestSchema]),
      },
      202: { description: 'A batch, or Prefer: respond-async: Location says where to ask', schema: acceptedSchema },
    },
    problems: Object.keys(verifierProblems),
    async handle({ body, bytes, query, headers, admitted: caller, signal }): Promise<Answer> {
      const { items, isBatch } = readRequest({ body, bytes, query, contentType: headers['content-type'] ?? '' })
      const isLater = isBatch || prefersLater(headers)
      const format = isLater ? (query?.format ?? 'json') : wantedFormat(query?.format, headers)
      requireFormat(format, isLater ? 'digest' : items[0]!.kind, writers)
      caller.takeOfDay(items.length)
      if (isLater) return accepted(jobs.start(caller, items))
      return writeAnswer(format, await checkNow(items[0]!, caller, signal), items[0]!, writers)
    },
  })
  return { routes: [post, ...createJobRoutes(jobs, clock, authority)], problems: verifierProblems, close: jobs.close }
}
