// Batches of documents: kept when they come in, sealed a few at a time, by whichever process takes them; a restart goes on where it was.
import type { Workshop } from '../../dependencies.ts'
import { type Caller, decideKeptDocument } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { findStandingAuthorisations } from '../../store/authorisations.ts'
import { type DocumentAccess, insertDocumentAccess, listDocumentAccesses } from '../../store/document-accesses.ts'
import {
  type DocumentOrder,
  type DocumentRecord,
  findDocument,
  findOrder,
  findWaiting,
  forgetExpired,
  forgetKept,
  holdBatch,
  listDocumentsOfOrder,
  listDocumentsOfSeal,
  recordAttempts,
  recordRefused,
  takeBatch,
} from '../../store/documents.ts'
import { findSeal } from '../../store/seals.ts'
import { blobsOf, readKept } from './kept-documents.ts'
import { sealRecorded, takeOrder, type UploadOrder } from './seal-uploaded.ts'

/** How far a batch is. */
export interface BatchView {
  readonly order: DocumentOrder
  readonly documents: readonly DocumentRecord[]
}

/** Documents that are sealed in one round. */
const roundSize = 10
const roundBytes = 64 << 20
/** How long a batch belongs to the process that took it, renewed with each round; and how long it rests where nothing came to an end. */
const heldForMs = 60_000
/** A document that failed so often through no fault of its own is given up. */
const mostAttempts = 5

/** Takes a batch of documents; it is worked off by `sealWaiting`. Throws as `sealUploaded`, but for what is wrong with single documents. */
export async function takeDocumentBatch(shop: Workshop, caller: Caller, upload: UploadOrder): Promise<BatchView> {
  blobsOf(shop)
  const { order, documents } = await takeOrder(shop, caller, { ...upload, isBatch: true })
  return { order, documents }
}

/** Throws `SEAL_DOCUMENT_NOT_FOUND` for one of another department. */
export async function readBatch(shop: Workshop, departmentCode: string, orderId: string): Promise<BatchView> {
  const order = await findOrder(shop.database, orderId)
  if (order === undefined || order.departmentCode !== departmentCode) throw notFound()
  return { order, documents: await listDocumentsOfOrder(shop.database, orderId) }
}

/** Throws `SEAL_DOCUMENT_NOT_FOUND` for one of another department. */
export async function readDocumentRecord(
  shop: Workshop,
  departmentCode: string | null,
  documentId: string,
): Promise<DocumentRecord> {
  const document = await findDocument(shop.database, documentId)
  if (document === undefined || document.departmentCode !== departmentCode) throw notFound()
  return document
}

export const listDocuments = (shop: Workshop, sealId: string): Promise<DocumentRecord[]> =>
  listDocumentsOfSeal(shop.database, sealId)

/** Who asks for a document that is kept. */
export type DocumentReader = Caller & { readonly name?: string }

/**
 * The sealed document, with the reader on record. Throws as `readDocumentRecord`; `SEAL_DOCUMENT_NOT_KEPT` where it is not here, not yet or
 * not any more; `SEAL_NOT_AUTHORISED`, `SEAL_ROLE_MISSING` or `SEAL_PERSONAL` for whoever neither handed it in nor keeps the seal nor may
 * seal the like.
 */
export async function readSealedDocument(
  shop: Workshop,
  reader: DocumentReader,
  documentId: string,
): Promise<{ readonly document: DocumentRecord; readonly pdf: Uint8Array }> {
  const document = await findForReader(shop, reader, documentId)
  if (document.state !== 'sealed' || document.kept === null)
    throw new SealError('SEAL_DOCUMENT_NOT_KEPT', `this document is ${document.state}, and not kept here`)
  const pdf = await readKept(shop, documentId, document.kept)
  await insertDocumentAccess(shop.database, toAccess(shop, reader, documentId, 'read'))
  return { document, pdf }
}

/** Removes a sealed document that is kept, with who did it on record; its own record stays. Throws as `readSealedDocument`, but for one not kept. */
export async function forgetDocument(shop: Workshop, reader: DocumentReader, documentId: string): Promise<void> {
  await findForReader(shop, reader, documentId)
  const digest = await shop.database.transaction(async (tx) => {
    const gone = await forgetKept(tx, documentId)
    if (gone !== undefined) await insertDocumentAccess(tx, toAccess(shop, reader, documentId, 'removed'))
    return gone
  })
  if (digest !== undefined) await blobsOf(shop).remove(digest)
}

/** A document with who was handed it or removed it, newest first. Throws as `readDocumentRecord`. */
export async function readWithAccesses(
  shop: Workshop,
  departmentCode: string,
  documentId: string,
): Promise<{ readonly document: DocumentRecord; readonly accesses: readonly DocumentAccess[] }> {
  const document = await readDocumentRecord(shop, departmentCode, documentId)
  return { document, accesses: await listDocumentAccesses(shop.database, documentId) }
}

async function findForReader(shop: Workshop, reader: DocumentReader, documentId: string): Promise<DocumentRecord> {
  const document = await readDocumentRecord(shop, reader.departmentCode, documentId)
  const [order, seal, standing] = await Promise.all([
    findOrder(shop.database, document.orderId),
    findSeal(shop.database, document.sealId),
    findStandingAuthorisations(shop.database, [document.sealId]),
  ])
  const kept = { handedInBy: order!.caller.id, purpose: document.purpose }
  decideKeptDocument(reader, kept, seal!, { standing, grants: [], at: shop.clock.now() })
  return document
}

const toAccess = (
  { clock }: Workshop,
  { id, name }: DocumentReader,
  documentId: string,
  what: DocumentAccess['what'],
): DocumentAccess => ({ documentId, what, callerId: id, callerName: name ?? null, at: clock.now() })

/**
 * Seals what waits, batch by batch, until nothing waits or `signal` says stop, and forgets what nobody fetched in time. Returns how many
 * documents came to an end. Any number of processes may do so at once.
 */
export async function sealWaiting(shop: Workshop, signal?: AbortSignal): Promise<number> {
  if (shop.blobs === undefined) return 0
  await forgetUnfetched(shop)
  let done = 0
  while (signal?.aborted !== true) {
    const at = shop.clock.now()
    const order = await shop.database.transaction((tx) => takeBatch(tx, at, new Date(at.getTime() + heldForMs)))
    if (order === undefined) return done
    done += await workOff(shop, order, signal)
  }
  return done
}

/** Goes once through what waits of a batch. What still waits then rests for a while. */
async function workOff(shop: Workshop, order: DocumentOrder, signal: AbortSignal | undefined): Promise<number> {
  const waiting = await findWaiting(shop.database, order.id)
  const hold = () => holdBatch(shop.database, order.id, new Date(shop.clock.now().getTime() + heldForMs))
  let done = 0
  for (const round of roundsOf(waiting)) {
    if (signal?.aborted === true) break
    await hold()
    done += await workRound(shop, order, round)
  }
  if (done === waiting.length || signal?.aborted === true) await holdBatch(shop.database, order.id, null)
  else await hold()
  return done
}

/** A few documents at a time, and of large ones fewer. */
function roundsOf(documents: readonly DocumentRecord[]): DocumentRecord[][] {
  const rounds: DocumentRecord[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const document of documents) {
    if (bytes + document.sizeBytes > roundBytes || rounds.at(-1)!.length === roundSize) {
      rounds.push([])
      bytes = 0
    }
    rounds.at(-1)!.push(document)
    bytes += document.sizeBytes
  }
  return rounds
}

/** A round that is refused as a whole is tried one by one, so that one document's refusal is its own. Returns how many ended. */
async function workRound(shop: Workshop, order: DocumentOrder, documents: readonly DocumentRecord[]): Promise<number> {
  try {
    const seal = await findSeal(shop.database, order.sealId)
    const recorded = await Promise.all(
      documents.map(async (document) => ({ document, pdf: await readKept(shop, document.id, document.kept!) })),
    )
    await sealRecorded(shop, order, seal!, recorded)
    return documents.length
  } catch (error) {
    if (documents.length > 1) {
      let ended = 0
      for (const document of documents) ended += await workRound(shop, order, [document])
      return ended
    }
    return failed(shop, documents[0]!, error)
  }
}

/** For these a document waits: a second person decides, or the next minute has room. */
const waitingCodes: ReadonlySet<string> = new Set(['SEAL_SECOND_PERSON_AWAITED', 'SEAL_RATE_EXCEEDED'])

/** Refusals end a document, but for those it waits for; everything else is tried again a few times. */
async function failed(shop: Workshop, document: DocumentRecord, error: unknown): Promise<number> {
  const isRefusal = error instanceof SealError
  if (isRefusal && waitingCodes.has(error.code)) return 0
  if (!isRefusal && document.attempts + 1 < mostAttempts) {
    shop.log?.warn('a document could not be sealed, and is tried again', { documentId: document.id, error })
    await recordAttempts(shop.database, [document.id])
    return 0
  }
  if (!isRefusal) shop.log?.error('a document could not be sealed', { documentId: document.id, error })
  const refusal = isRefusal
    ? { code: error.code, detail: error.message }
    : { code: 'INTERNAL_ERROR', detail: 'it failed again and again' }
  await shop.database.transaction((tx) => recordRefused(tx, document.id, refusal, shop.clock.now()))
  if (document.kept !== null) await shop.blobs?.remove(document.kept.blobDigest)
  return 1
}

async function forgetUnfetched(shop: Workshop): Promise<void> {
  const digests = await shop.database.transaction((tx) => forgetExpired(tx, shop.clock.now()))
  for (const digest of digests) await shop.blobs?.remove(digest)
}

const notFound = (): SealError => new SealError('SEAL_DOCUMENT_NOT_FOUND', 'there is no such document for you')
