import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { PublishedStatus } from '../../ports/national-status-system.ts'
import { findEseal } from '../../store/eseals.ts'
import { type FilingOrder, listFilingOrders } from '../../store/filing-orders.ts'
import { findSealInSight } from '../life/life-facts.ts'

/** A filed seal as a file: what was told of it, its numbers, and the SESeal itself. */
export interface FilingExport {
  readonly sealId: string
  readonly name: string
  readonly departmentCode: string
  readonly state: string
  readonly filings: readonly FilingOrder[]
  /** SESeal, DER, by layout; those that were made. */
  readonly eseals: Readonly<Partial<Record<'V5' | 'V4', Uint8Array>>>
  /** What the publisher says of it now; null where nobody was asked. */
  readonly published: PublishedStatus | null
}

/**
 * The filing record of a seal in the caller's sight. `asks`: the publisher is asked how the seal stands there. Throws `SEAL_NOT_FOUND`,
 * for seals out of sight too, and where the publisher is asked `UPSTREAM_UNAVAILABLE`, `SEAL_FILING_REFUSED`.
 */
export async function exportFiling(
  shop: Workshop,
  principal: Principal,
  { sealId, asks }: { readonly sealId: string; readonly asks: boolean },
): Promise<FilingExport> {
  const { database, statusSystem } = shop
  const seal = await findSealInSight(shop, principal, sealId)
  const [v5, v4] = [await findEseal(database, sealId, 'V5'), await findEseal(database, sealId, 'V4')]
  return {
    sealId,
    name: seal.name,
    departmentCode: seal.departmentCode,
    state: seal.state,
    filings: await listFilingOrders(database, sealId),
    eseals: { ...(v5 && { V5: v5.eseal }), ...(v4 && { V4: v4.eseal }) },
    published: asks && statusSystem ? await statusSystem.publicStatus(seal) : null,
  }
}
