// What belongs to a holder is kept under a data key of the licence's own (AES-256-GCM), and that key wrapped by the key store:
// destroying the wrapped key erases every copy, in the database, among the documents and in backups.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { LicenceError } from '../errors.ts'
import type { Deps } from './deps.ts'

/** What a sealed value is; bound into it, so that no value can stand in another's place. */
export type ContentKind =
  | 'data'
  | 'case'
  | 'statement'
  | 'picture'
  | 'document'
  | 'scan'
  | 'reason'
  | 'legal-basis'
  | 'order'
  | 'names'
  | 'dispute'

const NONCE_LENGTH = 12
const TAG_LENGTH = 16

const associatedData = (kind: ContentKind, identifier: string) => Buffer.from(`${kind}\n${identifier}`)

/** Seals bytes: nonce ‖ ciphertext ‖ tag. `nonce` is 12 random bytes, never used twice with one key. */
function sealContent(
  key: KeyObject,
  kind: ContentKind,
  identifier: string,
  bytes: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(kind, identifier))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens what `sealContent` made.
 * @throws LicenceError LICENCE_CONTENT_DAMAGED when it is anything else, or stands where it does not belong.
 */
function openContent(key: KeyObject, kind: ContentKind, identifier: string, sealed: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_LENGTH), {
      authTagLength: TAG_LENGTH,
    })
      .setAAD(associatedData(kind, identifier))
      .setAuthTag(sealed.subarray(-TAG_LENGTH))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()])
  } catch (cause) {
    throw new LicenceError('LICENCE_CONTENT_DAMAGED', `the stored ${kind} of ${identifier} cannot be opened`, { cause })
  }
}

/** Seals and opens for one licence. */
export interface ContentBox {
  seal(kind: ContentKind, bytes: Uint8Array): Uint8Array
  open(kind: ContentKind, sealed: Uint8Array): Uint8Array
}

function boxFor(deps: Pick<Deps, 'ids'>, dataKey: Uint8Array, identifier: string): ContentBox {
  // Node takes three times as long for a key that is bare bytes.
  const key = createSecretKey(dataKey)
  return {
    seal: (kind, bytes) => sealContent(key, kind, identifier, bytes, deps.ids.bytes(NONCE_LENGTH)),
    open: (kind, sealed) => openContent(key, kind, identifier, sealed),
  }
}

/** A box with a new data key; `wrapped` is what the row keeps of the key. */
export function createBox(
  deps: Pick<Deps, 'ids' | 'keys'>,
  identifier: string,
): { box: ContentBox; wrapped: Uint8Array } {
  const key = deps.ids.bytes(32)
  return { box: boxFor(deps, key, identifier), wrapped: deps.keys.wrapping.wrap(key, Buffer.from(identifier)) }
}

/**
 * The box of a licence on record.
 * @throws LicenceError LICENCE_ERASED when its data key was destroyed.
 */
export function openBox(
  deps: Pick<Deps, 'ids' | 'keys'>,
  row: { identifier: string; wrappedDataKey: Uint8Array | null },
): ContentBox {
  if (!row.wrappedDataKey)
    throw new LicenceError('LICENCE_ERASED', 'the personal data of this licence have been erased')
  return boxFor(deps, deps.keys.wrapping.unwrap(row.wrappedDataKey, Buffer.from(row.identifier)), row.identifier)
}

/** A keyed hash to find or compare by; `purpose` keeps one use from serving another. */
export const keyedHash = (
  deps: { readonly keys: Pick<Deps['keys'], 'mac'> },
  purpose: string,
  value: string | Uint8Array,
): Uint8Array =>
  deps.keys.mac.mac(
    Buffer.concat([Buffer.from(`${purpose}\n`), typeof value === 'string' ? Buffer.from(value) : value]),
  )
