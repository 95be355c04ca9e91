import { batchRoutes } from '../http/batches.ts'
import { forgetOldBatches, type Workplace, workBatches } from '../operations/batches/work.ts'
import type { Deps } from '../operations/deps.ts'
import type { CreatePart, Job, Within } from '../operations/part.ts'
import { isWorkerHere, sayWorkerIsGone, sayWorkerIsHere } from '../store/batches.ts'

const LOOK_EVERY_MS = 500
const FORGET_EVERY_MS = 6 * 3_600_000
const HERE_EVERY_MS = 3_000
/** A worker that did not say for so long that it is here has gone. */
const GONE_AFTER_MS = 10_000
/** Small groups in the server: a single request waits for one at most. */
const ROWS_IN_SERVER = 50
const ROWS_IN_WORKER = 200

/** Batches: their routes, and the work on them, in the server and in worker processes alike. */
export const createBatchesPart: CreatePart = (deps, within) => {
  const { isWorker = false, atOnce = 1 } = deps.batchWork ?? {}
  const process = deps.ids.uuid()
  const work = async (stopping: AbortSignal) => {
    if (!(await mayWork(deps, within, isWorker))) return
    const places = Array.from({ length: atOnce }, (_, index): Workplace => {
      const isStopping = () => stopping.aborted || (!isWorker && within.isBusy())
      return {
        worker: `${process}:${index}`,
        groupRows: isWorker ? ROWS_IN_WORKER : ROWS_IN_SERVER,
        within,
        issue: within.issueInBatch,
        isStopping,
      }
    })
    await Promise.all(places.map((place) => workBatches(deps, place)))
  }
  const sayHere = () => sayWorkerIsHere(deps.database, process, deps.clock.now())
  const jobs: Job[] = [
    { what: 'working on batches', everyMs: LOOK_EVERY_MS, inWorkers: true, work },
    { what: 'forgetting old batches', everyMs: FORGET_EVERY_MS, work: () => forgetOldBatches(deps) },
  ]
  if (isWorker)
    jobs.push({ what: 'telling that a worker is here', everyMs: HERE_EVERY_MS, inWorkers: true, work: sayHere })
  return {
    routes: batchRoutes(deps),
    jobs,
    ...(isWorker && { start: sayHere, stop: () => sayWorkerIsGone(deps.database, process) }),
  }
}

/** The server leaves batches to workers while there are some, and to later while somebody waits for a licence. */
async function mayWork(deps: Deps, within: Within, isWorker: boolean): Promise<boolean> {
  if (isWorker) return true
  if (within.isBusy()) return false
  return !(await isWorkerHere(deps.database, new Date(deps.clock.now().getTime() - GONE_AFTER_MS)))
}
