import { cms, PkiError, tsp } from '../../../pki/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { deleteUnreadStamps, insertStampTimes, listUnreadStamps, noteUnreadStamps } from '../../store/affected.ts'

const SLICE = 500

/** When the earliest time stamp in a CMS was made (genTime); null where it holds none that can be read. */
function stampTimeOf(content: Uint8Array): Date | null {
  try {
    const tokens = cms.parseGmSignedData(content).signerInfos.flatMap(cms.findSignatureTimeStamps)
    const times = tokens.map((token) => tsp.parseToken(token).genTime.getTime())
    return times.length === 0 ? null : new Date(Math.min(...times))
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/** Reads the stamps of one more slice of sealings that were made before their times were kept; how many were read. */
export async function readStampSlice({ database }: Dependencies): Promise<number> {
  const unread = await listUnreadStamps(database, SLICE)
  if (unread.length === 0) return 0
  const stamps = unread.map(({ useId, cms: content }) => ({ useId, stampedAt: stampTimeOf(content) }))
  await database.transaction(async (tx) => {
    await insertStampTimes(tx, stamps)
    await deleteUnreadStamps(
      tx,
      stamps.map(({ useId }) => useId),
    )
  })
  return unread.length
}

/** Every sealing of this seal has its stamp on record afterwards. */
export async function readStampsOf(deps: Dependencies, sealId: string): Promise<void> {
  await noteUnreadStamps(deps.database, sealId)
  while ((await readStampSlice(deps)) > 0);
}
