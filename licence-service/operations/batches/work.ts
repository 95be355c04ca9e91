// The loop that works batches off: the same in the server and in any number of worker processes.
import type { Principal } from '../../../platform/index.ts'
import { KEPT_DAYS, LEASE_MS, type Phase } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import { leaseChunk, releaseChunk } from '../../store/batch-chunks.ts'
import {
  findBatch,
  forgetBatches,
  haltBatch,
  isAnythingDue,
  lockBatch,
  moveBatch,
  wakeWaiting,
} from '../../store/batches.ts'
import type { Deps } from '../deps.ts'
import type { IssueRequest } from '../issue-licences.ts'
import type { IssueOutcome } from '../issue-outcome.ts'
import type { Within } from '../part.ts'
import { checkChunk } from './check-chunk.ts'
import { mintChunk } from './mint-chunk.ts'
import { readNextBatch } from './read-rows.ts'
import { rollBackChunk } from './roll-back-chunk.ts'

/** Where a chunk is worked on. */
export interface Workplace {
  /** Of this process and this loop: what a lease is held by. */
  readonly worker: string
  readonly groupRows: number
  readonly within: Within
  issue(caller: Principal, requests: readonly IssueRequest[]): Promise<IssueOutcome[]>
  /** Asked between groups: whether the work at hand is to be given back. */
  isStopping(): boolean
}

/** A worker says every three seconds that it is there. */
const SILENT_MS = 15_000
/** How long a chunk that met a fault of ours is left alone. */
const AFTER_FAULT_MS = 10_000

/** Works on until nothing is due or it is told to stop; answers whether anything was done. */
export async function workBatches(deps: Deps, place: Workplace): Promise<boolean> {
  let isAny = false
  while (!place.isStopping() && (await isAnythingDue(deps.database))) {
    await wakeWaiting(deps.database, deps.clock.now())
    const isRead = await readNextBatch(deps, place.worker, place.isStopping)
    const isWorked = !place.isStopping() && (await workChunk(deps, place))
    if (!isRead && !isWorked) break
    isAny = true
  }
  return isAny
}

async function workChunk(deps: Deps, place: Workplace): Promise<boolean> {
  const now = deps.clock.now()
  const chunk = await leaseChunk(deps.database, place.worker, {
    now,
    until: new Date(now.getTime() + LEASE_MS),
    silentSince: new Date(now.getTime() - SILENT_MS),
  })
  const batch = chunk && (await findBatch(deps.database, chunk.batchId))
  if (!chunk || !batch) return false
  try {
    if (chunk.phase === 'check') await checkChunk(deps, batch, chunk, place.worker)
    else if (chunk.phase === 'mint') await mintChunk(deps, batch, chunk, place)
    else await rollBackChunk(deps, batch, chunk, place)
  } catch (error) {
    await releaseChunk(deps.database, chunk, place.worker, new Date(now.getTime() + AFTER_FAULT_MS))
    if (!(error instanceof LicenceError)) throw error
    await stopAfterFault(deps, batch.batchId, chunk.phase, error.code)
  }
  return true
}

/** The type is gone, or what the batch said was destroyed: no chunk of it can go on. One that somebody stopped stays as it is. */
async function stopAfterFault(deps: Deps, batchId: string, phase: Phase, note: string): Promise<void> {
  const at = deps.clock.now()
  if (phase !== 'check') return haltBatch(deps.database, batchId, { note, at, resumeAt: null })
  await deps.database.transaction(async (tx) => {
    if ((await lockBatch(tx, batchId))?.state === 'checking')
      await moveBatch(tx, batchId, { state: 'mapped', at, phase: null, note })
  })
}

/** Destroys what ended batches said of their holders, once it was kept long enough; answers how many. */
export function forgetOldBatches(deps: Deps): Promise<number> {
  const before = new Date(deps.clock.now().getTime() - KEPT_DAYS * 24 * 3_600_000)
  return deps.database.transaction((tx) => forgetBatches(tx, before, 20))
}
