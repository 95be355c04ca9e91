import { disputeRoutes } from '../http/disputes.ts'
import { erasureRoutes } from '../http/erasures.ts'
import { readRoutes } from '../http/reads.ts'
import { statisticsRoutes } from '../http/statistics.ts'
import { walletRoutes } from '../http/wallet.ts'
import { keepTime } from '../operations/erasure/retention.ts'
import { foldHolders } from '../operations/fold-holders.ts'
import type { CreatePart } from '../operations/part.ts'
import { foldAllFigures, measureCompleteness } from '../operations/statistics/measure.ts'

/** Holders and what is kept of them: their wallet, who read what, figures, disputes, erasure. */
export const createPeoplePart: CreatePart = (deps) => ({
  routes: [
    ...walletRoutes(deps),
    ...disputeRoutes(deps),
    ...statisticsRoutes(deps),
    ...erasureRoutes(deps),
    ...readRoutes(deps),
  ],
  start: () => keepTime(deps),
  jobs: [
    { what: 'adding up figures', everyMs: 2_000, work: (stopping) => foldAllFigures(deps, stopping) },
    { what: 'hashing codes of holders anew', everyMs: 10_000, work: (stopping) => foldHolders(deps, stopping) },
    { what: 'measuring completeness', everyMs: 3_600_000, work: (stopping) => measureCompleteness(deps, stopping) },
    { what: 'keeping what is kept and no longer', everyMs: 3_600_000, work: () => keepTime(deps) },
  ],
})
