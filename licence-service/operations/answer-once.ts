import type { Principal, Transaction } from '../../platform/index.ts'
import { keepAnswer, takeKey } from '../store/answered-requests.ts'
import type { Deps } from './deps.ts'
import { requireSame } from './require-same.ts'

/** A caller's key and what it was sent with. */
export interface Once {
  readonly key: string
  readonly requestDigest: Uint8Array
}

/** What JSON makes of a value. */
export type AsJson<T> = T extends Date
  ? string
  : T extends readonly (infer One)[]
    ? AsJson<One>[]
    : T extends object
      ? { [Name in keyof T]: AsJson<T[Name]> }
      : T

/**
 * Acts in one transaction, once for a key of the caller's department: a repeat, however late, gets the first answer and changes nothing,
 * so that it brings back no right that ended since. What is refused leaves no key behind.
 * @throws LicenceError IDEMPOTENCY_KEY_REUSED
 */
export async function answerOnce<T>(
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  { departmentCode }: Pick<Principal, 'departmentCode'>,
  once: Once,
  act: (tx: Transaction) => Promise<T>,
): Promise<AsJson<T>> {
  const answer = await database.transaction(async (tx) => {
    const known = await takeKey(tx, departmentCode, once, clock.now())
    if (known) {
      requireSame({ digest: hexOf(known) }, { digest: hexOf(once) })
      return known.answer
    }
    const made = JSON.stringify(await act(tx))
    await keepAnswer(tx, departmentCode, once.key, made)
    return made
  })
  return JSON.parse(answer)
}

const hexOf = ({ requestDigest }: { readonly requestDigest: Uint8Array }) => Buffer.from(requestDigest).toString('hex')
