import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import { createRateLimit, publicRoute, type RouteSet } from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import {
  createGatherer,
  type EvidenceSource,
  findSubject,
  type StatementVerification,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
  verifyStatementText,
} from '../index.ts'
import { VerifierError } from './errors.ts'
import { verifierProblems } from './problems.ts'
import { reportSchema } from './report-schema.ts'

/** Work that each further verification of the allowance pays for. */
const MS_EACH = 100
const MAX_PDF_BYTES = 64 * 1024 * 1024

export interface VerifierRoutesOptions {
  /** A function where the roots may change: asked at every verification. What is prepared for a policy is kept with it. */
  readonly policy: ValidationPolicy | (() => ValidationPolicy)
  readonly source: EvidenceSource
  readonly clock: Clock
  readonly limits?: {
    /** Verifications at once from one address; default 60. */
    readonly burst?: number
    /** Further verifications a second from one address; default 2. */
    readonly perSecond?: number
    /** Verifications under way at the same time; default 8. Documents are held in memory. */
    readonly concurrent?: number
    /** Work on one document that its request has paid for, in milliseconds; default 500. Beyond it, 100 cost one verification more. */
    readonly paidMs?: number
    readonly gatherTimeoutMs?: number
  }
}

/** The routes of the public check. */
export function createVerifierRoutes({ policy, source, clock, limits = {} }: VerifierRoutesOptions): RouteSet {
  const policyNow = typeof policy === 'function' ? policy : () => policy
  const { burst = 60, perSecond = 2, concurrent = 8, paidMs = 500, gatherTimeoutMs = 3000 } = limits
  const gather = createGatherer(source, { timeoutMs: gatherTimeoutMs })
  let underWay = 0

  const rateLimit = createRateLimit({ capacity: burst, refillPerSecond: perSecond, clock })

  /** Reading and judging hold the event loop: whoever sends what takes long may send the less. */
  const charged = async <T>(address: string, work: () => T | Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      rateLimit.charge(address, (performance.now() - startedAt - paidMs) / MS_EACH)
    }
  }
  const verifyPdf = async (bytes: Uint8Array, address: string): Promise<VerificationReport> => {
    const evidence = await gather(await charged(address, () => findSubject(bytes)))
    return charged(address, () => verifyDocument({ name: 'document.pdf', bytes }, evidence, policyNow(), clock.now()))
  }
  const verifyText = async (text: string): Promise<StatementVerification> =>
    verifyStatementText(text, await gather({ identifier: null, statementText: text }), policyNow(), clock.now())

  const verifications = publicRoute({
    method: 'post',
    path: '/api/verifications',
    permission: 'public',
    summary: 'Verify a document or the text of a QR code',
    tag: 'Verification',
    body: z.object({ statement: z.string().min(1).max(4096) }).strict(),
    rawBody: { mediaTypes: ['application/pdf', 'application/octet-stream'], maxBytes: MAX_PDF_BYTES },
    rateLimit,
    answers: { 200: { description: 'The report; a bad document is a verdict', schema: reportSchema } },
    problems: Object.keys(verifierProblems),
    async handle({ body, bytes, clientAddress }) {
      if (underWay >= concurrent) {
        throw new VerifierError('VERIFICATION_BUSY', 'too many verifications are under way', { retryAfterSeconds: 2 })
      }
      if (bytes?.length === 0)
        throw new VerifierError('VERIFICATION_INPUT_MISSING', 'expected a PDF or the text of a QR code')
      underWay++
      try {
        const report = bytes ? await verifyPdf(bytes, clientAddress) : await verifyText(body.statement)
        return { status: 200, json: report, headers: { 'Cache-Control': 'no-store' } }
      } finally {
        underWay--
      }
    },
  })
  return { routes: [verifications], problems: verifierProblems }
}
