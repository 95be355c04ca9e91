import { type CopyFacts, canonicalJson } from '../../../licence-format/index.ts'
import type { DepartmentStatus } from '../../domain/validity.ts'
import { LicenceError } from '../../errors.ts'
import { findCopyByKey } from '../../store/copies.ts'
import type { Deps } from '../deps.ts'
import { keyedHash } from '../sealed-content.ts'
import { completeCopy } from './complete-copy.ts'
import { prepareCopy } from './prepare-copy.ts'

/** Who has a copy made. */
export interface CopyMaker {
  readonly id: string
  readonly kind: 'person' | 'machine' | 'system'
  readonly departmentCode: string
  /** Where another department fetches it for a matter of its own. */
  readonly matterCode?: string | undefined
}

/** A copy of a licence for one purpose (加注件), as it is asked for. */
export interface CopyOrder {
  /** Full identifier of the original. */
  readonly identifier: string
  /** What it may be used for, and by whom, as the copy will say. */
  readonly purpose: string
  readonly recipient: { readonly name: string; readonly code?: string | undefined }
  readonly expiresAt: Date
  /** Names of the fields it carries; whatever else the licence says stays out of it. */
  readonly fields: readonly string[]
  /** Idempotency key, within the maker's department: one key makes one copy. */
  readonly key: string
}

export interface MadeCopy {
  readonly copyId: string
  readonly identifier: string
  readonly facts: CopyFacts
  readonly fields: readonly string[]
  readonly status: DepartmentStatus
  readonly dataDigest: string
  readonly sealedDigest: string
}

/**
 * Makes a copy, sealed by the department that issued the licence under its leave for copies, with a status place of its own. Whoever calls
 * has decided that the maker may have it. The intent is on record before anything is signed; a repeat of the key answers the same copy, or
 * makes it ready where a crash or an outage left it.
 * @throws LicenceError LICENCE_NOT_FOUND, COPY_ORIGINAL_NOT_IN_FORCE, COPY_FIELDS_REFUSED, COPY_EXPIRY_REFUSED, COPY_WORDS_REFUSED,
 *   COPY_REFUSED, IDEMPOTENCY_KEY_REUSED, LICENCE_ERASED; TemplateError; what the seal service refuses or puts off
 */
export async function makeCopy(deps: Deps, maker: CopyMaker, order: CopyOrder): Promise<MadeCopy> {
  const requestMac = macOf(deps, order)
  const known = await findCopyByKey(deps.database, maker.departmentCode, order.key)
  const row = known ?? (await prepareCopy(deps, maker, order, requestMac))
  if (!Buffer.from(requestMac).equals(row.requestMac))
    throw new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another request')
  return completeCopy(deps, row)
}

function macOf(deps: Deps, { identifier, purpose, recipient, expiresAt, fields }: CopyOrder): Uint8Array {
  const { name, code = null } = recipient
  const request = { identifier, purpose, recipient: { name, code }, expiresAt: expiresAt.toISOString(), fields }
  return keyedHash(deps, 'copy', canonicalJson(request))
}
