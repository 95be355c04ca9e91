// The record of calls. Why something was fetched is a sentence that may name the holder: it is sealed under a key of its month.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { WrappingKey } from '../../key-store/index.ts'
import { dayOf } from '../../licence-format/index.ts'
import type { Clock, Database, Ids } from '../../platform/index.ts'
import { type AccessKind, type AccessRow, insertAccess, keyOfMonth } from '../store/accesses.ts'
import type { FetchCaller } from './caller.ts'

/** Why somebody fetches. */
export interface Reason {
  readonly purpose: string
  readonly legalBasis: string | null
}

export interface NewAccess {
  readonly what: AccessKind
  readonly caller: FetchCaller
  readonly matterCode: string
  readonly reason: Reason
  readonly typeCode: string | null
  readonly identifier: string | null
  /** Keyed hashes of the holders' codes, in hexadecimal. */
  readonly holderKeys: readonly string[]
  readonly fields: readonly string[]
  readonly answer: string
  readonly agreementId: string | null
}

export interface AccessLog {
  /** Resolves once the call is on record; only then may its answer leave. */
  record(access: NewAccess): Promise<void>
  /** Why, as it was said; null once the month's key is gone. */
  reasonOf(row: Pick<AccessRow, 'keyMonth' | 'sealedReason' | 'departmentCode'>): Promise<Reason | null>
}

const NONCE_LENGTH = 12
const TAG_LENGTH = 16

export function createAccessLog(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly wrapping: WrappingKey
}): AccessLog {
  const { database, clock, ids, wrapping } = deps
  const keys = new Map<string, Promise<Uint8Array | null>>()
  const read = async (month: string, make: boolean): Promise<Uint8Array | null> => {
    const scope = Buffer.from(`accesses ${month}`)
    const wrapped = await keyOfMonth(database, month, make ? wrapping.wrap(ids.bytes(32), scope) : null)
    return wrapped && wrapping.unwrap(wrapped, scope)
  }
  const keyOf = async (month: string, make: boolean): Promise<Uint8Array | null> => {
    const known = keys.get(month) ?? read(month, make)
    keys.set(month, known)
    const key = await known.catch((error: unknown) => {
      keys.delete(month)
      throw error
    })
    if (key === null) keys.delete(month)
    return key
  }
  return {
    async record({ caller, reason, holderKeys, ...access }) {
      const at = clock.now()
      const keyMonth = `${dayOf(at).slice(0, 7)}-01`
      const key = (await keyOf(keyMonth, true))!
      const sealedReason = seal(key, caller.departmentCode, JSON.stringify(reason), ids.bytes(NONCE_LENGTH))
      const { id: callerId, kind: callerKind, departmentCode } = caller
      await insertAccess(
        database,
        { ...access, at, keyMonth, sealedReason, callerId, callerKind, departmentCode },
        holderKeys,
      )
    },
    async reasonOf({ keyMonth, sealedReason, departmentCode }) {
      const key = await keyOf(keyMonth, false)
      if (key === null) return null
      const { purpose, legalBasis } = JSON.parse(open(key, departmentCode, sealedReason)) as Reason
      return { purpose, legalBasis }
    },
  }
}

/** nonce ‖ ciphertext ‖ tag (AES-256-GCM), bound to the department that said it. */
function seal(key: Uint8Array, departmentCode: string, text: string, nonce: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(departmentCode))
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function open(key: Uint8Array, departmentCode: string, sealed: Uint8Array): string {
  const nonce = sealed.subarray(0, NONCE_LENGTH)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH })
    .setAAD(Buffer.from(departmentCode))
    .setAuthTag(sealed.subarray(-TAG_LENGTH))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()]).toString()
}
