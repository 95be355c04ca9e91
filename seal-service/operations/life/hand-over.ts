import { isSqlError, type Transaction, UNIQUE_VIOLATION } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { type Seal, sealActions } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { insertFiling } from '../../store/filings.ts'
import { lockSeal, recordKeeper } from '../../store/seals.ts'
import { makeEseals } from '../make-eseals.ts'
import { act, type Call, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'
import { takeStep } from './take-step.ts'

/** Files a made seal with the publisher (备案) and keeps its number. Throws `SEAL_FILING_PENDING`, `SEAL_FILING_REFUSED`. */
export function fileSeal(shop: Workshop, call: Call): Promise<LifeAnswer> {
  return act(shop, call, async ({ seal }) => {
    await makeEseals(shop, seal, call.principal.id)
    const { recordNumber } = await shop.publisher.release(seal)
    return async ({ tx, at }) => {
      await insertFiling(tx, { sealId: seal.id, kind: 'release', recordNumber, callerId: call.principal.id, at })
      return { reason: null, detail: { recordNumber } }
    }
  })
}

/** Hands a seal to a named keeper of its owner, the first time or after it was collected. Throws `SEAL_KEEPER_UNKNOWN`. */
export function handOver(
  shop: Workshop,
  call: Call,
  request: RequestFor<'issue'> | RequestFor<'return'>,
): Promise<LifeAnswer> {
  return act(shop, call, async ({ seal }) => {
    const keepers = await shop.people.keepersOf(seal.departmentCode)
    const keeper = keepers.find(({ id }) => id === request.keeperId)
    if (keeper === undefined) throw new SealError('SEAL_KEEPER_UNKNOWN', 'the owner has no keeper of this account')
    return async ({ tx }) => {
      await recordKeeper(tx, seal.id, keeper)
      const reason = request.action === 'return' ? request.reason : null
      return { reason, detail: { keeperId: keeper.id, keeperName: keeper.name } }
    }
  })
}

/**
 * The keeper takes the seal over: it is in use, its issuers may use it, and the seal that it takes the place of ends. Throws
 * `SEAL_CERTIFICATE_EXPIRED`, `SEAL_NAME_TAKEN`.
 */
export async function acceptSeal(shop: Workshop, call: Call): Promise<LifeAnswer> {
  try {
    return await act(shop, call, async () => async ({ tx, seal, at }) => {
      if (seal.validUntil !== null && seal.validUntil <= at)
        throw new SealError('SEAL_CERTIFICATE_EXPIRED', `the certificate of seal ${seal.id} has come to its end`)
      if (seal.replaces !== null && seal.acceptedAt === null) await replace(tx, seal, call, at)
      return { reason: null }
    })
  } catch (error) {
    if (!isSqlError(error, UNIQUE_VIOLATION)) throw error
    throw new SealError('SEAL_NAME_TAKEN', 'the department has another seal of this name or number', { cause: error })
  }
}

/** One that has ended by itself meanwhile stays as it is. */
async function replace(tx: Transaction, successor: Seal, call: Call, at: Date): Promise<void> {
  const predecessor = (await lockSeal(tx, successor.replaces!))!
  if (!Object.hasOwn(sealActions.replace.moves, predecessor.state)) return
  await takeStep(tx, predecessor, {
    action: 'replace',
    reason: null,
    caller: { id: call.principal.id, name: call.principal.name, departmentCode: call.principal.departmentCode },
    at,
    detail: { successor: successor.id },
  })
}
