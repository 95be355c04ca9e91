// Time stamps that contradict each other (EN 319 102-1 §5.5.4, TIMESTAMP_ORDER_FAILURE): what lies inside cannot be younger.
import { finding } from '../messages.ts'
import { CLOCK_TOLERANCE_MS } from '../policy.ts'
import type { Finding } from '../report.ts'
import type { JudgedStamp } from './time-stamp.ts'

/** `madeAfter`: the proven time of what the signature signs; `provenAt`: of the signature. Clocks of authorities may differ a little. */
export function findOrderFault(
  stamps: readonly JudgedStamp[],
  covering: readonly { readonly judged: JudgedStamp }[],
  provenAt: Date | null,
  madeAfter: Date | null,
): Finding | null {
  const isAfter = (inner: Date | null, outer: Date | null) =>
    inner !== null && outer !== null && inner.getTime() > outer.getTime() + CLOCK_TOLERANCE_MS
  const outermost = covering[0]?.judged.provenAt ?? null
  const isContradicted =
    stamps.some(({ madeAfter: inner }) => isAfter(inner, outermost)) || isAfter(madeAfter, provenAt)
  return isContradicted ? finding('time-stamp', 'undecided', 'TIME_STAMP_ORDER_WRONG') : null
}
