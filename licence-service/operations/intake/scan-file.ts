import { examineScan } from '../../domain/scan.ts'
import type { Deps } from '../deps.ts'
import { judgeForeign } from '../verify-new.ts'

/** What kind of scan a file is, or why it is none. A PDF is one that the verifier's own reader, made for hostile bytes, takes for one. */
export async function examineScanFile(deps: Deps, bytes: Uint8Array): Promise<ReturnType<typeof examineScan>> {
  const examined = examineScan(bytes)
  if ('fault' in examined || examined.mediaType !== 'application/pdf') return examined
  const report = await judgeForeign(deps, 'scan', bytes)
  const isUnreadable =
    report === 'too-costly' || report.findings.some(({ check, outcome }) => check === 'format' && outcome === 'failed')
  return isUnreadable ? { fault: 'SCAN_PDF_UNREADABLE' } : examined
}
