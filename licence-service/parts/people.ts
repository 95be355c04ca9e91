import { disputeRoutes } from '../http/disputes.ts'
import { walletRoutes } from '../http/wallet.ts'
import type { CreatePart } from '../operations/part.ts'

/** Holders and what is kept of them: their wallet, who read what, figures, disputes, erasure. */
export const createPeoplePart: CreatePart = (deps) => ({ routes: [...walletRoutes(deps), ...disputeRoutes(deps)] })
