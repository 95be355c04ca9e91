import type { Queryable } from '../../../platform/index.ts'
import { insertSealEvent, type SealEvent } from '../../store/seals.ts'

/**
 * Writes an event of a seal, in the transaction of what it tells: with the state that the seal is in, which no other transaction changes
 * before this one ends. The only way to write one. Throws `Error` where there is no such seal.
 */
export function recordEvent(tx: Queryable, event: SealEvent): Promise<void> {
  return insertSealEvent(tx, event)
}
