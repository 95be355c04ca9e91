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

const MAX_PDF_BYTES = 64 * 1024 * 1024

export interface VerifierRoutesOptions {
  /** Kept for the life of the routes: what is prepared for it is kept with it. */
  readonly policy: ValidationPolicy
  readonly source: EvidenceSource
  readonly clock: Clock
  readonly limits?: {
    /** Verifications at once from one address; default 60. */
    readonly burst?: number
    /** Further verifications a second from one address; default 2. */
    readonly perSecond?: number
    /** Verifications under way at the same time; default 8. Documents are held in memory. */
    readonly concurrent?: number
    readonly gatherTimeoutMs?: number
  }
}

/** The routes of the public check. */
export function createVerifierRoutes({ policy, source, clock, limits = {} }: VerifierRoutesOptions): RouteSet {
  const { burst = 60, perSecond = 2, concurrent = 8, gatherTimeoutMs = 3000 } = limits
  const gather = createGatherer(source, { timeoutMs: gatherTimeoutMs })
  let underWay = 0

  const verifyPdf = async (bytes: Uint8Array): Promise<VerificationReport> =>
    verifyDocument({ name: 'document.pdf', bytes }, await gather(findSubject(bytes)), policy, clock.now())
  const verifyText = async (text: string): Promise<StatementVerification> =>
    verifyStatementText(text, await gather({ identifier: null, statementText: text }), policy, clock.now())

  const verifications = publicRoute({
    method: 'post',
    path: '/api/verifications',
    permission: 'public',
    summary: 'Verify a document or the text of a QR code',
    tag: 'Verification',
    body: z.object({ statement: z.string().min(1).max(4096) }).strict(),
    rawBody: { mediaTypes: ['application/pdf', 'application/octet-stream'], maxBytes: MAX_PDF_BYTES },
    rateLimit: createRateLimit({ capacity: burst, refillPerSecond: perSecond, clock }),
    answers: { 200: { description: 'The report; a bad document is a verdict', schema: reportSchema } },
    problems: Object.keys(verifierProblems),
    async handle({ body, bytes }) {
      if (underWay >= concurrent) {
        throw new VerifierError('VERIFICATION_BUSY', 'too many verifications are under way', { retryAfterSeconds: 2 })
      }
      if (bytes?.length === 0)
        throw new VerifierError('VERIFICATION_INPUT_MISSING', 'expected a PDF or the text of a QR code')
      underWay++
      try {
        const report = bytes ? await verifyPdf(bytes) : await verifyText(body.statement)
        return { status: 200, json: report, headers: { 'Cache-Control': 'no-store' } }
      } finally {
        underWay--
      }
    },
  })
  return { routes: [verifications], problems: verifierProblems }
}
