import type { Database, Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { AffectedUse } from '../../store/affected.ts'
import { listUsesLinkedAfter, type UsePlace, type UseRecord } from '../../store/use-records.ts'
import { type AffectedPage, type AffectedSearch, exportAffectedUses, listAffectedUses } from './affected-uses.ts'
import { checkLedger, type LedgerCheckOptions, type LedgerReport } from './check-ledger.ts'
import { createSequencer, type LinkedRows } from './link-rows.ts'
import { readStampSlice } from './read-stamps.ts'
import { type CompromiseAnswer, type CompromiseReport, reportCompromise } from './report-compromise.ts'
import {
  giveUpItem,
  listResealItems,
  type Reseal,
  type ResealedItem,
  type ResealItem,
  type ResealOrder,
  readReseal,
  reportResealed,
  startReseal,
} from './reseal.ts'
import { exportUses, searchUses, type UseSearch } from './search-uses.ts'

interface Page<Place> {
  readonly after: Place | null
  readonly limit: number
}

/** The record of uses: its chain, who used what, and what a compromise puts in doubt. */
export interface LedgerDesk {
  /** Links what waits and signs where the chain ends; to be called every second. Calls while one runs share it. */
  link(): Promise<LinkedRows>
  /** Reads stamp times of older sealings, a slice; how many. To be called beside `link` until it answers 0. */
  readStamps(): Promise<number>
  /** Links what waits for the last time, with a checkpoint; nothing is linked after it. */
  stop(): Promise<LinkedRows>
  /** Recomputes the whole ledger. */
  check(options: LedgerCheckOptions): Promise<LedgerReport>
  /** Uses in the order in which they were linked, behind a link: a feed without gaps. */
  usesLinkedAfter(sequence: number, most: number): Promise<UseRecord[]>
  search(
    principal: Principal,
    search: UseSearch,
    page: Page<UsePlace>,
  ): Promise<{ readonly uses: readonly UseRecord[]; readonly next: UsePlace | null }>
  export(principal: Principal, search: UseSearch): Promise<AsyncIterable<readonly UseRecord[]>>
  reportCompromise(principal: Principal, report: CompromiseReport): Promise<CompromiseAnswer>
  affected(principal: Principal, search: AffectedSearch, page: Page<string>): Promise<AffectedPage>
  exportAffected(principal: Principal, search: AffectedSearch): Promise<AsyncIterable<readonly AffectedUse[]>>
  /** Begins to seal anew what is in doubt; a repeat answers the one that runs. */
  startReseal(principal: Principal, order: ResealOrder): Promise<Reseal>
  reseal(principal: Principal, resealId: string): Promise<Reseal>
  resealItems(
    principal: Principal,
    resealId: string,
    page: Page<string>,
  ): Promise<{ items: readonly ResealItem[]; next: string | null }>
  /** What took the place of a document in doubt: its new sealing is looked up on record. */
  reportResealed(principal: Principal, done: ResealedItem): Promise<Reseal>
  giveUp(principal: Principal, item: { resealId: string; useId: string; reason: string }): Promise<Reseal>
}

export function createLedgerDesk(shop: Workshop): LedgerDesk {
  const sequencer = createSequencer(shop)
  const database: Database = shop.database
  return {
    link: () => sequencer.link(),
    readStamps: () => readStampSlice(shop),
    stop: () => sequencer.stop(),
    check: (options) => checkLedger(database, options),
    usesLinkedAfter: (sequence, most) => listUsesLinkedAfter(database, sequence, most),
    search: (principal, search, page) => searchUses(shop, principal, search, page),
    export: (principal, search) => exportUses(shop, principal, search),
    reportCompromise: (principal, report) => reportCompromise(shop, principal, report),
    affected: (principal, search, page) => listAffectedUses(shop, principal, search, page),
    exportAffected: (principal, search) => exportAffectedUses(shop, principal, search),
    startReseal: (principal, order) => startReseal(shop, principal, order),
    reseal: (principal, resealId) => readReseal(shop, principal, resealId),
    resealItems: (principal, resealId, page) => listResealItems(shop, principal, resealId, page),
    reportResealed: (principal, done) => reportResealed(shop, principal, done),
    giveUp: (principal, item) => giveUpItem(shop, principal, item),
  }
}
