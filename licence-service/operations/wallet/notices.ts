import type { Principal } from '../../../platform/index.ts'
import { LicenceError } from '../../errors.ts'
import { lastSeenNotice, markNoticesSeen, noticesOfHolder } from '../../store/wallet.ts'
import type { Deps } from '../deps.ts'
import { holderMacOf } from './holder.ts'

/** Something that happened to a licence of the holder's. */
export interface Notice {
  /** Number of the register entry, as text. */
  readonly notice: string
  readonly identifier: string
  readonly event: string
  readonly effectiveAt: Date
  readonly recordedAt: Date
  readonly related: string | null
  readonly isNew: boolean
}

const NUMBER = /^[1-9]\d{0,17}$/

/**
 * What happened to the holder's licences, newest first.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listNotices(
  deps: Deps,
  principal: Principal,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: Notice[]; next: string | null }> {
  const mac = holderMacOf(principal)
  const before = cursor === undefined ? null : numberOf(cursor)
  const seen = await lastSeenNotice(deps.database, mac)
  const rows = await noticesOfHolder(deps.database, mac, before, limit + 1)
  const items = rows.slice(0, limit).map(({ entry, identifier, event, effectiveAt, recordedAt, related }) => ({
    notice: entry.toString(),
    ...{ identifier, event, effectiveAt, recordedAt, related },
    isNew: entry > seen,
  }))
  return { items, next: rows.length > items.length ? items.at(-1)!.notice : null }
}

/**
 * The holder has read what happened up to a notice of theirs.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function seeNotices(deps: Deps, principal: Principal, upTo: string): Promise<void> {
  await markNoticesSeen(deps.database, holderMacOf(principal), numberOf(upTo), deps.clock.now())
}

function numberOf(text: string): bigint {
  if (!NUMBER.test(text)) throw new LicenceError('LICENCE_CURSOR_INVALID', 'this is no number that a list gave')
  return BigInt(text)
}
