// Which bytes are signed, and what came after them? The reader of `pades` found the facts; here they become findings.
import type { PdfSignature } from '../../pades/read/index.ts'
import { finding } from '../messages.ts'
import type { ChangeReport, Finding } from '../report.ts'
import { shown } from '../shown.ts'

/** Byte range and padding of one signature. A bad range is told by the integrity check. */
export function checkCoverage(signature: PdfSignature): Finding[] {
  if (signature.byteRange === 'bad') return []
  const padding = signature.paddingIsZero ? [] : [finding('coverage', 'info', 'PADDING_NOT_ZERO')]
  return [finding('coverage', 'passed', 'BYTE_RANGE_OK'), ...padding]
}

/** What was added after one signature. */
export function checkLaterChanges(signature: PdfSignature): Finding {
  const { laterChanges, findings, byteRangeFault } = signature
  switch (laterChanges) {
    case 'none':
      return finding('later-changes', 'passed', 'NOTHING_ADDED')
    case 'permitted':
      return finding('later-changes', 'passed', 'LATER_CHANGES_PERMITTED')
    case 'not-permitted':
      return finding('later-changes', 'failed', 'LATER_CHANGES_FORBIDDEN')
    default: {
      const change = findings.find(({ verdict }) => verdict === 'undecided')
      const detail = change?.detail ?? byteRangeFault ?? 'unknown'
      return finding('later-changes', 'undecided', 'LATER_CHANGES_UNDECIDED', { detail })
    }
  }
}

/** A document may hold a million changes, of which nobody reads more than the first. */
const MOST_CHANGES = 200

/** The later changes one by one, those that are not permitted first. */
export function reportChanges({ findings }: PdfSignature): ChangeReport[] {
  const rank = { 'not-permitted': 0, undecided: 1, permitted: 2 }
  return findings
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict])
    .slice(0, MOST_CHANGES)
    .map((change) => ({ ...change, detail: shown(change.detail) }))
}
