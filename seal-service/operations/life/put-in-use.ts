import type { Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import { insertFiling } from '../../store/filings.ts'
import { findSeal, recordKeeper } from '../../store/seals.ts'
import { takeStep } from './take-step.ts'

/**
 * Files, issues and accepts a made seal at once, as the operator's set-up and the demonstration do for what nobody applied for; the record
 * names the same steps. Whoever does it keeps the seal. May be broken off and begun again; of two at once one does it.
 */
export async function putInUse(shop: Workshop, seal: Seal, callerId: string): Promise<Seal> {
  if (seal.state !== 'made') return seal
  const { recordNumber } = await shop.publisher.release(seal)
  const caller = { id: callerId }
  await shop.database.transaction(async (tx) => {
    const at = shop.clock.now()
    const step = { caller, reason: null, at }
    const filed = await takeStep(tx, seal, { ...step, action: 'file', detail: { recordNumber } })
    if (filed === undefined) return
    await insertFiling(tx, { sealId: seal.id, kind: 'release', recordNumber, callerId, at })
    await recordKeeper(tx, seal.id, { id: callerId, name: callerId })
    const issued = await takeStep(tx, filed, { ...step, action: 'issue', detail: { keeperId: callerId } })
    await takeStep(tx, issued!, { ...step, action: 'accept' })
  })
  return (await findSeal(shop.database, seal.id))!
}
