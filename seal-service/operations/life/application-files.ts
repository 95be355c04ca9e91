import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { plusDays } from '../../domain/life-deadlines.ts'
import { SealError } from '../../errors.ts'
import {
  type ApplicationFileRecord,
  type FileMediaType,
  findApplicationFiles,
  insertApplicationFile,
  measureApplicationFiles,
} from '../../store/application-files.ts'
import { listApplications } from '../../store/applications.ts'
import { findSealInSight } from './life-facts.ts'

export const applicationFileTypes = ['application/pdf', 'image/png', 'image/jpeg'] as const
/** Longest supporting document, in octets. */
export const LONGEST_APPLICATION_FILE = 10 * 1024 * 1024
/** What one department may hand in within a day. */
const MOST_PER_DAY = { count: 500, bytes: 512 * 1024 * 1024 }
const NONCE = 12
const TAG = 16

export type HandedFile = Pick<ApplicationFileRecord, 'digest' | 'name' | 'mediaType' | 'sizeBytes'>

/**
 * Keeps a supporting document for applications of the caller's department; a repeat changes nothing. It is enciphered under a key of its
 * own, since it may show people's papers. Throws `SEAL_FILE_REFUSED`, `SEAL_FILES_UNAVAILABLE`.
 */
export async function handInFile(
  shop: Workshop,
  principal: Principal,
  file: { readonly bytes: Uint8Array; readonly mediaType: FileMediaType; readonly name: string },
): Promise<HandedFile> {
  const { bytes, mediaType, name } = file
  const { departmentCode } = principal
  if (!(await shop.people.mayNow(principal, 'seals:apply')))
    throw new SealError('SEAL_ROLE_MISSING', 'to hand in a document needs seals:apply')
  if (bytes.length === 0 || bytes.length > LONGEST_APPLICATION_FILE)
    throw new SealError('SEAL_FILE_REFUSED', `expected 1 to ${LONGEST_APPLICATION_FILE} octets, got ${bytes.length}`)
  if (!beginsAs(mediaType, bytes)) throw new SealError('SEAL_FILE_REFUSED', `this is no ${mediaType}`)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const [known] = await findApplicationFiles(shop.database, departmentCode, [digest])
  if (known !== undefined) return toHanded(known)
  const at = shop.clock.now()
  const today = await measureApplicationFiles(shop.database, departmentCode, plusDays(at, -1))
  if (today.count >= MOST_PER_DAY.count || today.bytes + bytes.length > MOST_PER_DAY.bytes)
    throw new SealError('SEAL_FILE_REFUSED', 'the department has handed in too much within a day')
  const blobs = openBlobs(shop)
  const key = shop.ids.bytes(32)
  const context = contextOf(departmentCode, digest)
  const wrappedKey = wrapping(shop).wrap(key, context)
  const blobDigest = await blobs.put(encipher(key, shop.ids.bytes(NONCE), bytes, context))
  key.fill(0)
  const record: ApplicationFileRecord = {
    ...{ digest, departmentCode, blobDigest, wrappedKey, name, mediaType, at },
    sizeBytes: bytes.length,
    uploadedBy: principal.id,
  }
  await insertApplicationFile(shop.database, record)
  return toHanded(record)
}

/**
 * A document of the seal's application, whichever version names it, for whoever may see the seal and takes part in its life. Throws
 * `SEAL_NOT_FOUND`, `SEAL_FILE_NOT_FOUND`, `SEAL_ROLE_MISSING`.
 */
export async function readApplicationFile(
  shop: Workshop,
  principal: Principal,
  sealId: string,
  digest: string,
): Promise<HandedFile & { readonly bytes: Uint8Array }> {
  const seal = await findSealInSight(shop, principal, sealId)
  const permissions = ['seals:apply', 'seals:review', 'seals:make', 'audit:read']
  if (!permissions.some((permission) => shop.people.isPermitted(principal, permission)))
    throw new SealError('SEAL_ROLE_MISSING', 'the papers are for those who apply, review, make and audit')
  const versions = await listApplications(shop.database, sealId)
  const isNamed = versions.some(({ form }) => form.files.some((file) => file.digest === digest))
  const [record] = isNamed ? await findApplicationFiles(shop.database, seal.departmentCode, [digest]) : []
  if (record === undefined) throw new SealError('SEAL_FILE_NOT_FOUND', 'the application names no such document')
  const context = contextOf(seal.departmentCode, digest)
  const key = wrapping(shop).unwrap(record.wrappedKey, context)
  const bytes = decipher(key, await openBlobs(shop).get(record.blobDigest), context)
  return { ...toHanded(record), bytes }
}

const toHanded = ({ digest, name, mediaType, sizeBytes }: ApplicationFileRecord): HandedFile => ({
  ...{ digest, name, mediaType, sizeBytes },
})

const wrapping = ({ keyStore }: Workshop) => keyStore.wrappingKey('application-files')
const contextOf = (departmentCode: string, digest: string): Buffer => Buffer.from(`${departmentCode} ${digest}`)

function openBlobs({ blobs }: Workshop) {
  if (blobs === undefined) throw new SealError('SEAL_FILES_UNAVAILABLE', 'no place for documents is configured')
  return blobs
}

function beginsAs(mediaType: FileMediaType, bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1024))
  if (mediaType === 'image/png') return head.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))
  if (mediaType === 'image/jpeg') return head.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))
  return head.includes('%PDF-')
}

function encipher(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, context: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(context)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decipher(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array {
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  cipher.setAAD(context)
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG))
  return Buffer.concat([cipher.update(sealed.subarray(NONCE, sealed.length - TAG)), cipher.final()])
}
