// A seal's key is not its owner's alone: the seal ends as of that time, its certificates are revoked, and what is in doubt can be listed.
import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { type Seal, type SealState, sealActions } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { countAffected } from '../../store/affected.ts'
import { insertCompromise, listCertificatesSince } from '../../store/compromises.ts'
import { findSeal } from '../../store/seals.ts'
import { findSealInSight } from '../life/life-facts.ts'
import { performAct } from '../life/perform-act.ts'
import { judgeSince } from './affected-uses.ts'

export interface CompromiseReport {
  readonly sealId: string
  /** Since when others may have signed with the key. */
  readonly since: Date
  readonly reason: string
  readonly legalBasis: string
}

export interface CompromiseAnswer {
  readonly sealId: string
  readonly since: Date
  readonly state: SealState
  readonly counts: { readonly earlier: number; readonly doubtful: number }
  /** Certificates that another authority must be asked to revoke. */
  readonly certificatesElsewhere: number
}

/**
 * Puts a compromise on record and carries it through: the seal is revoked as of `since` with all leave to use it, and its certificates by
 * the authority of the house. A seal that has ended before stays as it ended. A repeat goes on where the first was stopped. Throws
 * `SEAL_NOT_FOUND`, `SEAL_ROLE_MISSING`, STEP_UP_REQUIRED, `SEAL_COMPROMISE_TIME_REFUSED`.
 */
export async function reportCompromise(
  shop: Workshop,
  principal: Principal,
  report: CompromiseReport,
): Promise<CompromiseAnswer> {
  const { sealId, since, reason, legalBasis } = report
  const seal = await findSealInSight(shop, principal, sealId)
  await expectReviewer(shop, principal, seal)
  const at = shop.clock.now()
  if (since > at || since < seal.createdAt)
    throw new SealError('SEAL_COMPROMISE_TIME_REFUSED', 'expected a time between the making of the seal and now')
  await insertCompromise(shop.database, { sealId, since, reason, callerId: principal.id, at })
  if (Object.hasOwn(sealActions.revoke.moves, seal.state)) {
    const ending = { reasonCode: 'key-compromised', reason, legalBasis, effectiveAt: since }
    await performAct(shop, { principal, sealId }, { action: 'revoke', ...ending })
  }
  const certificatesElsewhere = await revokeCertificates(shop, sealId, since)
  const judging = await judgeSince(shop, { sealId })
  return {
    sealId,
    since: judging.since,
    state: (await findSeal(shop.database, sealId))!.state,
    counts: await countAffected(shop.database, judging),
    certificatesElsewhere,
  }
}

async function expectReviewer({ people, departments }: Workshop, principal: Principal, seal: Seal): Promise<void> {
  const isInRange = await departments.isWithin(principal.departmentCode, seal.departmentCode)
  if (!isInRange || !(await people.mayNow(principal, 'seals:review')))
    throw new SealError('SEAL_ROLE_MISSING', 'to report a compromise needs seals:review')
  await people.requireStepUp(principal)
}

async function revokeCertificates(
  { database, revokeCertificate }: Workshop,
  sealId: string,
  since: Date,
): Promise<number> {
  let elsewhere = 0
  for (const certificate of await listCertificatesSince(database, sealId, since)) {
    if (revokeCertificate === undefined || !(await revokeCertificate(certificate, since, 'keyCompromise'))) elsewhere++
  }
  return elsewhere
}
