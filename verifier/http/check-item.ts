import type { Clock, Log } from '../../platform/index.ts'
import {
  createGatherer,
  type Evidence,
  type EvidenceSource,
  type Question,
  type StatementVerification,
  type ValidationPolicy,
  type VerificationReport,
  verifyStatementText,
} from '../index.ts'
import type { Caller } from './callers.ts'
import { checkDigest, type DigestAnswer, type DigestLookup, type DigestQuestion } from './check-digest.ts'
import type { Judge } from './judge.ts'

/** One thing to verify. */
export type Item =
  | {
      readonly kind: 'document'
      readonly name: string
      readonly bytes: Uint8Array
      readonly question?: Question
    }
  | { readonly kind: 'statement'; readonly text: string; readonly question?: Pick<Question, 'inForceAt'> }
  | ({ readonly kind: 'digest' } & DigestQuestion)

/** By what a thing was judged. */
interface JudgedBy {
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
  /** Work that the judging took a thread. */
  readonly ms: number
}

/** What came of it. */
export type Checked =
  | ({ readonly kind: 'document'; readonly answer: VerificationReport } & JudgedBy)
  | ({ readonly kind: 'statement'; readonly answer: StatementVerification } & JudgedBy)
  | { readonly kind: 'digest'; readonly answer: DigestAnswer; readonly ms: number }

export interface CheckerOptions {
  readonly policy: ValidationPolicy | (() => ValidationPolicy)
  readonly source: EvidenceSource
  readonly byDigest?: DigestLookup
  readonly judge: Judge
  readonly clock: Clock
  readonly gatherTimeoutMs: number
  readonly log?: Log
}

export type Checker = (item: Item, caller: Caller, signal: AbortSignal) => Promise<Checked>

/** Codes by which a caller learns nothing but that a guess was wrong. */
const GUESSED: ReadonlySet<string> = new Set([
  'REGISTER_UNKNOWN',
  'REGISTER_DISAGREES',
  'STATEMENT_FORGED',
  'STATEMENT_KEY_UNKNOWN',
])

/**
 * Verifies one thing: evidence is gathered here, documents are judged by `judge`. Whoever guessed too often has documents judged without
 * the register's word, and digests refused. Throws VERIFICATION_TOO_COSTLY, VERIFICATION_REGISTER_UNAVAILABLE, RATE_LIMITED.
 */
export function createChecker({
  policy,
  source,
  byDigest,
  judge,
  clock,
  gatherTimeoutMs,
  log,
}: CheckerOptions): Checker {
  const currentPolicy = typeof policy === 'function' ? policy : () => policy
  const { licenceStatus, copyStatus: _copies, ...withoutRegister } = source
  const gatherers = {
    all: createGatherer(source, { timeoutMs: gatherTimeoutMs }),
    withoutRegister: createGatherer(withoutRegister, { timeoutMs: gatherTimeoutMs }),
  }
  const gathererFor = (caller: Caller) => (caller.mayGuess() ? gatherers.all : gatherers.withoutRegister)
  /** What was believed of lists is remembered beside the answer, which does not wait for it. */
  const remember = async ({ lists }: Pick<VerificationReport, 'lists'>) => {
    try {
      await source.remember?.(lists)
    } catch (error) {
      log?.error('the lists that were seen could not be remembered', { error })
    }
  }
  const countGuess = (caller: Caller, findings: VerificationReport['findings']) => {
    if (findings.some(({ code }) => GUESSED.has(code))) caller.chargeGuess()
  }

  return async (item, caller, signal) => {
    const at = clock.now()
    if (item.kind === 'digest') {
      caller.requireGuess()
      const sources = { ...(licenceStatus && { licenceStatus }), ...(byDigest && { byDigest }) }
      const answer = await checkDigest(item, sources, { timeoutMs: gatherTimeoutMs, now: at })
      if (answer.status === 'unknown') caller.chargeGuess()
      return { kind: 'digest', answer, ms: 0 }
    }
    const policyNow = currentPolicy()
    if (item.kind === 'statement') {
      const evidence = await gathererFor(caller)({ identifier: null, statementText: item.text })
      const answer = await verifyStatementText(item.text, evidence, policyNow, at, item.question)
      countGuess(caller, answer.findings)
      void remember(answer)
      return { kind: 'statement', answer, evidence, policy: policyNow, at, ms: 0 }
    }
    const subject = await judge.findSubject(item.bytes, signal)
    const evidence = await gathererFor(caller)(subject.value)
    const { name, bytes, question = {} } = item
    const judged = await judge.verify({ name, bytes }, { evidence, policy: policyNow, at, question }, signal)
    countGuess(caller, judged.value.findings)
    void remember(judged.value)
    return { kind: 'document', answer: judged.value, evidence, policy: policyNow, at, ms: subject.ms + judged.ms }
  }
}
