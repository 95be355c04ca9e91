// Verification on this device: the verifier library on the kept lists. Nothing here touches the network or the screen.
import {
  anchorsByPurpose,
  createPolicySource,
  type Evidence,
  type LiveStatus,
  NO_EVIDENCE,
  type Question,
  rememberLists,
  verifyDocument,
  verifyStatementText,
} from '../../../verifier/index.ts'
import type { VerificationReport } from '../../kit/api-types.ts'
import { clockBehindReport } from './clock-verdict.ts'
import { isClockBehind, type KeptLists } from './lists.ts'

export interface Engine {
  checkDocument(name: string, bytes: Uint8Array, now: Date, asked?: Asked): Promise<VerificationReport>
  checkStatement(text: string, now: Date, asked?: Asked): Promise<VerificationReport>
}

/** The register's answer, where it was asked, and what the person asks beside. */
interface Asked {
  readonly live?: LiveStatus | null
  readonly question?: Question
}

/**
 * Judges by the lists that `current` gives at the time. Without lists everything that needs one stays undecided; with a clock that is
 * behind them nothing is judged at all.
 */
export function createEngine(current: () => KeptLists | null): Engine {
  // The same object as long as the roots are the same: what is prepared for it (paths, parsed lists) is kept with it.
  const policy = createPolicySource(() => anchorsByPurpose(current()?.roots ?? { anchors: [] }))
  const evidenceWith = (live: LiveStatus | null): Evidence => {
    const lists = current()
    if (lists === null) return { ...NO_EVIDENCE, live }
    const { crls, trustList, statusLists, seen } = lists
    return { crls, trustList, statusLists, live, memory: seen }
  }
  const refusal = (now: Date) => {
    const lists = current()
    return lists && isClockBehind(now, lists.memory) ? clockBehindReport(now) : null
  }
  return {
    checkDocument: async (name, bytes, now, { live = null, question } = {}) =>
      refusal(now) ?? verifyDocument({ name, bytes }, evidenceWith(live), policy(), now, question),
    checkStatement: async (text, now, { live = null, question } = {}) =>
      refusal(now) ?? verifyStatementText(text, evidenceWith(live), policy(), now, question),
  }
}

/** The lists with what a verdict stood on remembered: an older one is refused from now on. The same object where nothing is new. */
export function rememberSeen(lists: KeptLists, report: VerificationReport): KeptLists {
  const seen = rememberLists(lists.seen, report.lists ?? [])
  return seen === lists.seen ? lists : { ...lists, seen }
}
