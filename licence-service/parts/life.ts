import { actRoutes } from '../http/acts.ts'
import { carryOutDue } from '../operations/life/carry-out.ts'
import type { CreatePart } from '../operations/part.ts'

/** Well within the ten seconds in which an order that is due is carried out. */
const CARRY_OUT_EVERY_MS = 5_000

export const createLifePart: CreatePart = (deps, within) => ({
  routes: actRoutes(deps, within),
  jobs: [
    {
      what: 'carrying out orders',
      everyMs: CARRY_OUT_EVERY_MS,
      work: (stopping) => carryOutDue(deps, within, stopping),
    },
  ],
})
