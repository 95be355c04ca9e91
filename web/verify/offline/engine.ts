// Verification on this device: the verifier library on the kept lists. Nothing here touches the network or the screen.
import {
  type Evidence,
  type LiveStatus,
  NO_EVIDENCE,
  type ValidationPolicy,
  verifyDocument,
  verifyStatementText,
} from '../../../verifier/index.ts'
import type { VerificationReport } from '../../kit/api-types.ts'
import { clockBehindReport } from './clock-verdict.ts'
import { isClockBehind, type KeptLists } from './lists.ts'

export interface Engine {
  checkDocument(name: string, bytes: Uint8Array, now: Date, live?: LiveStatus | null): Promise<VerificationReport>
  checkStatement(text: string, now: Date, live?: LiveStatus | null): Promise<VerificationReport>
}

/** Without lists everything that needs one stays undecided. With a clock that is behind them nothing is judged at all. */
export function createEngine(lists: KeptLists | null): Engine {
  // One policy object for all: what is prepared for it (paths, parsed lists) is kept with it.
  const policy: ValidationPolicy = { trustAnchors: lists?.anchors ?? [] }
  const evidenceWith = (live: LiveStatus | null): Evidence =>
    lists
      ? { crls: lists.crls, trustList: lists.trustList, statusLists: lists.statusLists, live }
      : { ...NO_EVIDENCE, live }
  const refusal = (now: Date) => (lists && isClockBehind(now, lists.memory) ? clockBehindReport(now) : null)
  return {
    checkDocument: async (name, bytes, now, live = null) =>
      refusal(now) ?? verifyDocument({ name, bytes }, evidenceWith(live), policy, now),
    checkStatement: async (text, now, live = null) =>
      refusal(now) ?? verifyStatementText(text, evidenceWith(live), policy, now),
  }
}
