/** What may be wrong with a ledger (docs/operations/ledger.md). */
export type LedgerFaultCode =
  | 'ROW_CHANGED'
  | 'ROW_REMOVED'
  | 'ROW_NOT_LINKED'
  | 'ROW_OVERDUE'
  | 'LINK_CHANGED'
  | 'LINK_MOVED'
  | 'LINK_REMOVED'
  | 'CHAIN_BROKEN'
  | 'CHAIN_CUT'
  | 'CHAIN_END_CHANGED'
  | 'HEAD_FORGED'
  | 'HEAD_OF_ANOTHER_CHAIN'
  | 'HEAD_CONTRADICTED'
  | 'HEAD_MISSING'
  | 'CHECKPOINT_FORGED'
  | 'CHECKPOINT_OF_ANOTHER_CHAIN'
  | 'CHECKPOINT_CONTRADICTED'
  | 'CHECKPOINT_REMOVED'
  | 'STATE_CHANGED'
  | 'TABLE_MISSING'
  | 'GUARD_OFF'

export interface LedgerFault {
  readonly code: LedgerFaultCode
  /** Number of the link. */
  readonly sequence?: number
  readonly table?: string
  /** Primary key of the row, a JSON array of texts. */
  readonly key?: string
  readonly detail: string
}

/** Collects faults: names the first ones, counts all. */
export interface Faults {
  add(fault: LedgerFault): void
  /** Counts so many more of a kind without naming them. */
  more(code: LedgerFaultCode, count: number): void
  count(): number
  report(): {
    readonly faultCount: number
    readonly faultsByCode: Readonly<Record<string, number>>
    readonly faults: readonly LedgerFault[]
  }
}

export function createFaults(mostNamed: number): Faults {
  const named: LedgerFault[] = []
  const counts = new Map<string, number>()
  const count = () => [...counts.values()].reduce((sum, one) => sum + one, 0)
  const more = (code: LedgerFaultCode, many: number) => {
    if (many > 0) counts.set(code, (counts.get(code) ?? 0) + many)
  }
  return {
    add(fault) {
      more(fault.code, 1)
      if (named.length < mostNamed) named.push(fault)
    },
    more,
    count,
    report: () => ({ faultCount: count(), faultsByCode: Object.fromEntries(counts), faults: named }),
  }
}
