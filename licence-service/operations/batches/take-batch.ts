// What comes in: a file, rows through the API, a ZIP of photos and scans.
import { createHash } from 'node:crypto'
import { canonicalJson } from '../../../licence-format/index.ts'
import type { Principal, Transaction } from '../../../platform/index.ts'
import type { LicenceDefinition } from '../../../templates/index.ts'
import { afterAct, type Mapping } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'
import {
  insertFile,
  insertPictures,
  type NewBatchPicture,
  nextFile,
  partMac,
  pictureTotals,
} from '../../store/batch-files.ts'
import {
  type BatchRow,
  findBatch,
  findBatchByKey,
  insertBatch,
  listMappings,
  lockBatch,
  moveBatch,
} from '../../store/batches.ts'
import { recordAudit } from '../../store/register.ts'
import { listAssignments } from '../../store/type-assignments.ts'
import type { Deps } from '../deps.ts'
import { actedFor } from '../life/life-facts.ts'
import { keyedHash } from '../sealed-content.ts'
import {
  beginningsOf,
  createBatchBox,
  namePlace,
  openBatchBox,
  pictureMac,
  picturePlace,
  putFile,
} from './batch-box.ts'
import { fileFault } from './file-fault.ts'
import { suggestMapping } from './mapping.ts'
import { kindOf, openSource } from './open-source.ts'
import { readPictureZip } from './read-pictures.ts'

export interface BatchOrder {
  /** Idempotency key, within the department. */
  readonly key: string
  readonly typeCode: string
  readonly title: string
  /** Left out: rows come through the API. */
  readonly file?: Uint8Array | undefined
}

/** Pictures of a batch, all its ZIP files together. */
const MOST_PICTURES = 200_000
const MOST_PICTURE_TOTAL = 8 * 2 ** 30
const PUT_TOGETHER = 32
const BYTES_TOGETHER = 32 << 20
/** What the file of the upload is called within its batch: no idempotency key is empty. */
const FIRST_PART = ''

/** A batch that the department has in hand, or nothing is there. Throws BATCH_NOT_FOUND. */
export async function batchOf(deps: Deps, caller: Principal, batchId: string): Promise<BatchRow> {
  return batchInHand(await findBatch(deps.database, batchId), await actedFor(deps, caller))
}

/** The batch, if it is of one of these departments. Throws BATCH_NOT_FOUND. */
export function batchInHand(batch: BatchRow | undefined, acted: ReadonlySet<string>): BatchRow {
  if (!batch || !acted.has(batch.departmentCode))
    throw new LicenceError('BATCH_NOT_FOUND', 'the department has no such batch')
  return batch
}

/** Throws LICENCE_TYPE_NOT_ASSIGNED for an act towards licences with a batch of a department that was merged: that one issues none. */
export function requireMinting({ departmentCode }: BatchRow, caller: Principal): void {
  if (departmentCode !== caller.departmentCode)
    throw new LicenceError('LICENCE_TYPE_NOT_ASSIGNED', 'the department of this batch was merged: it mints no more')
}

/** The definition of a type that the department may issue. Throws LICENCE_TYPE_UNKNOWN, LICENCE_TYPE_NOT_ASSIGNED. */
export async function definitionFor(deps: Deps, departmentCode: string, typeCode: string): Promise<LicenceDefinition> {
  const template = deps.templates.current(typeCode)
  if (template?.definition.body)
    throw new LicenceError(
      'LICENCE_BODY_MISSING',
      'licences on uploaded documents are issued one by one, each on its own',
    )
  if (!template) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  const assignments = await listAssignments(deps.database)
  const mayIssue = assignments.some(
    (one) => one.departmentCode === departmentCode && one.typeCode === typeCode && !one.endedAt,
  )
  if (!mayIssue)
    throw new LicenceError('LICENCE_TYPE_NOT_ASSIGNED', 'this department may not issue licences of this type')
  return template.definition
}

/**
 * Takes a file, sealed under a key of the batch's own, and answers the batch; the same key again answers the first one.
 * @throws LicenceError BATCH_FILE_INVALID, LICENCE_TYPE_UNKNOWN, LICENCE_TYPE_NOT_ASSIGNED, IDEMPOTENCY_KEY_REUSED
 */
export async function takeBatch(deps: Deps, caller: Principal, order: BatchOrder): Promise<BatchRow> {
  const definition = await definitionFor(deps, caller.departmentCode, order.typeCode)
  const uploadMac = macOf(deps, order)
  const known = await findBatchByKey(deps.database, caller.departmentCode, order.key)
  if (known) return repeated(known, uploadMac)
  const kind = order.file ? kindOf(order.file) : 'jsonl'
  const columns = order.file ? (await openSource(kind, () => [order.file!], {})).columns : []
  const batchId = deps.ids.uuid()
  const { box, wrapped } = createBatchBox(deps, batchId)
  const blobs = order.file ? await putFile(deps, box, FIRST_PART, order.file) : []
  const at = deps.clock.now()
  const isTaken = await deps.database.transaction(async (tx) => {
    const isNew = await insertBatch(tx, {
      ...{ batchId, departmentCode: caller.departmentCode, typeCode: order.typeCode, title: order.title, kind },
      ...{ state: kind === 'jsonl' ? 'mapped' : 'uploaded', at, uploadKey: order.key, uploadMac },
      ...{ uploadedBy: plain(caller), columns, wrappedDataKey: wrapped },
      mapping: kind === 'jsonl' ? suggestMapping(definition, []) : null,
    })
    if (isNew && blobs.length > 0) await insertFile(tx, batchId, { number: 0, part: FIRST_PART, mac: uploadMac, blobs })
    if (isNew) await recordAudit(tx, caller, at, [{ action: 'take batch', identifier: batchId }])
    return isNew
  })
  if (isTaken) return (await findBatch(deps.database, batchId))!
  return repeated((await findBatchByKey(deps.database, caller.departmentCode, order.key))!, uploadMac)
}

/** Whoever is on record is so without what a request alone knows of them. */
export const plain = ({ id, name, kind, departmentCode, roles }: Principal): Principal => {
  return { id, name, kind, departmentCode, roles }
}

function macOf(deps: Deps, { typeCode, title, file }: BatchOrder): Uint8Array {
  const fileDigest = file === undefined ? null : createHash('sha256').update(file).digest('hex')
  return keyedHash(deps, 'batch-upload', canonicalJson({ typeCode, title, fileDigest }))
}

function repeated(batch: BatchRow, uploadMac: Uint8Array): BatchRow {
  if (!Buffer.from(batch.uploadMac).equals(uploadMac))
    throw new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with another body')
  return batch
}

/** What the file's columns become by themselves, and what the department used before. */
export async function mappingsFor(
  deps: Deps,
  batch: BatchRow,
): Promise<{
  suggested: Mapping
  remembered: { name: string; mapping: Mapping; usedAt: Date }[]
}> {
  const template = deps.templates.current(batch.typeCode)
  return {
    suggested: template ? suggestMapping(template.definition, batch.columns) : { columns: [] },
    remembered: await listMappings(deps.database, batch.departmentCode, batch.typeCode),
  }
}

/**
 * Adds rows to a batch of JSON objects that has not been started. The same key again adds nothing.
 * @throws LicenceError BATCH_NOT_FOUND, LICENCE_TYPE_NOT_ASSIGNED, BATCH_STATE_REFUSED, BATCH_FILE_INVALID (a batch of another kind),
 *   IDEMPOTENCY_KEY_REUSED
 */
export async function addRows(
  deps: Deps,
  caller: Principal,
  { batchId, key, rows }: { batchId: string; key: string; rows: readonly Readonly<Record<string, unknown>>[] },
): Promise<BatchRow> {
  const batch = await batchOf(deps, caller, batchId)
  requireMinting(batch, caller)
  if (batch.kind !== 'jsonl') throw fileFault('FILE_KIND_UNKNOWN')
  const bytes = Buffer.from(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)
  const mac = keyedHash(deps, 'batch-rows', bytes)
  const blobs = await putFile(deps, openBatchBox(deps, batch), key, bytes)
  await addTo(deps, caller, batchId, async (tx) => {
    const known = await partMac(tx, batchId, key)
    if (known && !Buffer.from(known).equals(mac))
      throw new LicenceError('IDEMPOTENCY_KEY_REUSED', 'this key was used with other rows')
    if (!known) await insertFile(tx, batchId, { number: await nextFile(tx, batchId), part: key, mac, blobs })
  })
  return batchOf(deps, caller, batchId)
}

/** Something more for a batch that may still grow; a check that was done before no longer counts. */
async function addTo(
  deps: Deps,
  caller: Principal,
  batchId: string,
  add: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const batch = (await lockBatch(tx, batchId))!
    afterAct(batch.state, 'add')
    await add(tx)
    const state = batch.mapping ? 'mapped' : 'uploaded'
    const at = deps.clock.now()
    if (batch.state !== state) await moveBatch(tx, batchId, { state, at })
    await recordAudit(tx, caller, at, [{ action: 'add to batch', identifier: batchId }])
  })
}

function refuseTooMuch({ count, bytes }: { readonly count: number; readonly bytes: number }): void {
  if (count > MOST_PICTURES) throw fileFault('TOO_MANY_ENTRIES')
  if (bytes > MOST_PICTURE_TOTAL) throw fileFault('TOO_LARGE_UNPACKED')
}

/**
 * Takes a ZIP of photos and scans, which rows name by their files; answers how many it held.
 * @throws LicenceError BATCH_NOT_FOUND, LICENCE_TYPE_NOT_ASSIGNED, BATCH_STATE_REFUSED, BATCH_FILE_INVALID
 */
export async function addPictures(deps: Deps, caller: Principal, batchId: string, zip: Uint8Array): Promise<number> {
  const batch = await batchOf(deps, caller, batchId)
  requireMinting(batch, caller)
  afterAct(batch.state, 'add')
  const box = openBatchBox(deps, batch)
  const total = await pictureTotals(deps.database, batchId)
  const stored: NewBatchPicture[] = []
  let waiting: { picture: Omit<NewBatchPicture, 'blob'>; sealed: Uint8Array }[] = []
  let waitingBytes = 0
  const put = async () => {
    const blobs = await deps.blobs.putMany(waiting.map(({ sealed }) => sealed))
    stored.push(...waiting.map(({ picture }, index) => ({ ...picture, blob: blobs[index]! })))
    waiting = []
    waitingBytes = 0
  }
  for await (const { name, bytes } of readPictureZip(zip)) {
    total.count++
    total.bytes += bytes.length
    refuseTooMuch(total)
    const mac = pictureMac(deps, batchId, name)
    const sealedName = box.sealBytes(namePlace(mac), Buffer.from(name))
    const picture = { mac, ...beginningsOf(deps, batchId, name), sealedName, bytes: bytes.length }
    waiting.push({ picture, sealed: box.sealBytes(picturePlace(mac), bytes) })
    waitingBytes += bytes.length
    if (waiting.length >= PUT_TOGETHER || waitingBytes >= BYTES_TOGETHER) await put()
  }
  if (waiting.length > 0) await put()
  if (stored.length === 0) throw fileFault('FILE_EMPTY')
  await addTo(deps, caller, batchId, async (tx) => {
    // Others may have come meanwhile: under the batch's lock the sum is what it is.
    const there = await pictureTotals(tx, batchId)
    refuseTooMuch({
      count: there.count + stored.length,
      bytes: there.bytes + stored.reduce((sum, { bytes }) => sum + bytes, 0),
    })
    await insertPictures(tx, batchId, stored)
  })
  return stored.length
}
