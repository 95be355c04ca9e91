import type { Principal } from '../../platform/index.ts'
import { type Agreement, type AgreementWish, faultsOfWish } from '../domain/agreement.ts'
import { SharingError } from '../errors.ts'
import {
  decideAgreement,
  endAgreement,
  findAgreement,
  findProposed,
  insertAgreement,
  type MadeBy,
} from '../store/agreements.ts'
import { codesActedFor } from './coverage.ts'
import type { Deps } from './deps.ts'
import { requireSame } from './require-same.ts'

type Administrator = Pick<Principal, 'id' | 'departmentCode'>

/**
 * The provider offers; nothing is given before the consumer accepts. A repeat of the key gives what it made. Throws AGREEMENT_INVALID
 * with all faults, IDEMPOTENCY_KEY_REUSED.
 */
export async function propose(
  deps: Deps,
  caller: Administrator,
  wish: AgreementWish,
  madeBy: MadeBy,
): Promise<Agreement> {
  const { departments, register, database, clock, ids } = deps
  const { departmentCode: providerCode } = caller
  const known = await findProposed(database, providerCode, madeBy.key)
  if (known) {
    // Before the rules: what was sound when it was proposed may be no longer.
    requireSame(known, madeBy)
    return getOwn(deps, caller, known.id)
  }
  const [within, issuers, all] = await Promise.all([
    departments.codesWithin(providerCode),
    register.issuersOf(wish.typeCode),
    departments.departments(),
  ])
  const now = clock.now()
  const faults = faultsOfWish(wish, {
    providerCode,
    type: register.type(wish.typeCode),
    isIssuer: issuers.some((code) => code === providerCode || within.includes(code)),
    isConsumerKnown: all.some(({ code }) => code === wish.consumerCode),
    now,
  })
  if (faults.length > 0)
    throw new SharingError('AGREEMENT_INVALID', `${faults.length} fault(s) in the agreement`, { faults })
  const agreement: Agreement = {
    ...wish,
    matterCodes: [...new Set(wish.matterCodes)],
    fields: [...new Set(wish.fields)],
    id: ids.uuid(),
    providerCode,
    state: 'proposed',
    proposedBy: caller.id,
    proposedAt: now,
    ...{ decidedBy: null, decidedAt: null, endedBy: null, endedAt: null },
  }
  const made = await database.transaction((tx) => insertAgreement(tx, agreement, madeBy))
  requireSame(made, madeBy)
  return made.id === agreement.id ? agreement : getOwn(deps, caller, made.id)
}

/** Only the consumer accepts or refuses. Throws AGREEMENT_NOT_FOUND, AGREEMENT_STATE_REFUSED. */
export async function decideProposal(
  deps: Deps,
  caller: Administrator,
  id: string,
  state: 'accepted' | 'refused',
): Promise<Agreement> {
  const agreement = await getOwn(deps, caller, id)
  if (!(await codesActedFor(deps, caller.departmentCode)).includes(agreement.consumerCode)) throw notFound()
  const isDecided = await decideAgreement(deps.database, id, state, caller.id, deps.clock.now())
  if (!isDecided && (await getOwn(deps, caller, id)).state !== state) throw stateRefused()
  return getOwn(deps, caller, id)
}

/** Either side ends it, at once; the provider takes a proposal back. Throws AGREEMENT_NOT_FOUND, AGREEMENT_STATE_REFUSED. */
export async function endNow(deps: Deps, caller: Administrator, id: string): Promise<Agreement> {
  await getOwn(deps, caller, id)
  const isEnded = await endAgreement(deps.database, id, caller.id, deps.clock.now())
  const agreement = await getOwn(deps, caller, id)
  if (!isEnded && agreement.state !== 'ended') throw stateRefused()
  return agreement
}

/** An agreement between others is as absent as one that never was; those of departments that were merged into one's own are one's own. */
export async function getOwn(deps: Deps, { departmentCode }: Administrator, id: string): Promise<Agreement> {
  const agreement = await findAgreement(deps.database, id)
  const own = await codesActedFor(deps, departmentCode)
  if (!agreement || !(own.includes(agreement.providerCode) || own.includes(agreement.consumerCode))) throw notFound()
  return agreement
}

const notFound = () => new SharingError('AGREEMENT_NOT_FOUND', 'the department is no side of such an agreement')
const stateRefused = () => new SharingError('AGREEMENT_STATE_REFUSED', 'the agreement was decided or has ended before')
