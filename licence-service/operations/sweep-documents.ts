import { sweepBlobs } from '../../platform/index.ts'
import { isBatchBlob } from '../store/batch-files.ts'
import { isWaitingBlob } from '../store/bodies.ts'
import { isCopyBlobWanted } from '../store/copies.ts'
import { isBlobWanted } from '../store/licences.ts'
import { isScanBlob } from '../store/scans.ts'
import type { Deps } from './deps.ts'

/** Far longer than any licence takes between its blob and its row. */
const ORPHAN_AGE_MS = 24 * 3_600_000

/** Removes documents and pictures that a crash left without a licence; answers how many. */
export const sweepDocuments = (deps: Deps): Promise<number> =>
  sweepBlobs(deps.blobs, {
    olderThan: new Date(deps.clock.now().getTime() - ORPHAN_AGE_MS),
    isWanted: async (digest) =>
      (await isBlobWanted(deps.database, digest)) ||
      (await isCopyBlobWanted(deps.database, digest)) ||
      (await isBatchBlob(deps.database, digest)) ||
      (await isScanBlob(deps.database, digest)) ||
      (await isWaitingBlob(deps.database, digest)),
  })
