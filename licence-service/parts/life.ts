import { actRoutes } from '../http/acts.ts'
import { carryOutDue } from '../operations/life/carry-out.ts'
import { archiveEnded } from '../operations/life/record-archive.ts'
import { workResealsOff } from '../operations/life/reseal.ts'
import { takeOverTypes } from '../operations/life/take-over-types.ts'
import type { CreatePart } from '../operations/part.ts'

/** Well within the ten seconds in which an order that is due is carried out. */
const CARRY_OUT_EVERY_MS = 5_000
const RESEAL_EVERY_MS = 5_000
const TAKE_OVER_EVERY_MS = 60_000
const ARCHIVE_EVERY_MS = 6 * 3_600_000

const TAKE_OVER = 'handing types of merged departments over'

export const createLifePart: CreatePart = (deps, within) => ({
  // The types go over, or the trust list tells of it, a round later where that fails: no reason for the house to stay down.
  async start() {
    await takeOverTypes(deps).catch((error: unknown) =>
      deps.log.error(`${TAKE_OVER} failed; it is tried again`, { error }),
    )
  },
  routes: actRoutes(deps, within),
  jobs: [
    {
      what: 'carrying out orders',
      everyMs: CARRY_OUT_EVERY_MS,
      work: (stopping) => carryOutDue(deps, within, stopping),
    },
    { what: TAKE_OVER, everyMs: TAKE_OVER_EVERY_MS, work: () => takeOverTypes(deps) },
    { what: 'sealing anew', everyMs: RESEAL_EVERY_MS, work: (stopping) => workResealsOff(deps, within, stopping) },
    { what: 'archiving', everyMs: ARCHIVE_EVERY_MS, work: (stopping) => archiveEnded(deps, stopping) },
  ],
})
