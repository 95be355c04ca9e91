import type { ContentRisk } from '../../../pades/read/index.ts'
import type { SealMark } from '../../../pades/write/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { ALL_DOCUMENTS } from '../../domain/authorisation.ts'
import { type DocumentTerms, toMillimetres } from '../../domain/document-order.ts'
import type { Seal } from '../../domain/seal.ts'
import type { Caller } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import type { DocumentAccess } from '../../store/document-accesses.ts'
import type { DocumentRecord } from '../../store/documents.ts'
import type { PersonalSeal } from '../../store/personal-seals.ts'
import { findSeal } from '../../store/seals.ts'
import { watchRefusals } from '../outward/watch-refusals.ts'
import {
  type BatchView,
  type DocumentReader,
  forgetDocument,
  listDocuments,
  readBatch,
  readDocumentRecord,
  readSealedDocument,
  readWithAccesses,
  sealWaiting,
  takeDocumentBatch,
} from './document-batches.ts'
import { endPersonalSeal, givePersonalSeal, listPersonalSeals, readPersonalSeal } from './personal-seals.ts'
import { marksOfEach, readDocument } from './place-marks.ts'
import { type SealedUpload, sealUploaded, type UploadOrder } from './seal-uploaded.ts'

/** Where a seal will stand, in millimetres as shown from the lower left corner of the page. */
export interface ShownMark {
  /** From 1. */
  readonly page: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Shares of the width of which a straddle seal shows this page's. */
  readonly strip: readonly [number, number] | null
}

/** A document before it is sealed. */
export interface DocumentPreview {
  readonly pages: readonly { readonly width: number; readonly height: number }[]
  readonly signatures: number
  readonly docMdp: 1 | 2 | 3 | null
  readonly emptyFields: readonly string[]
  readonly risks: readonly Pick<ContentRisk, 'kind' | 'page' | 'detail'>[]
  /** Of each place asked for: its marks, or why there are none. */
  readonly places: readonly (
    | { readonly marks: readonly ShownMark[] }
    | { readonly code: string; readonly detail: string }
  )[]
}

/** Official documents that are no licence, and the seals of persons. */
export interface DocumentDesk {
  /** Seals one uploaded document. A repeat (caller and key) is answered alike. Throws as `sealUploaded`. */
  seal(caller: Caller, upload: Omit<UploadOrder, 'isBatch' | 'isPersonal'>): Promise<SealedUpload>
  /** Signs one with the caller's own seal, who has just confirmed that he is there. */
  signPersonally(caller: Caller, upload: Omit<UploadOrder, 'isBatch' | 'isPersonal'>): Promise<SealedUpload>
  /** Takes up to 200 documents, which are sealed in the background. */
  takeBatch(caller: Caller, upload: Omit<UploadOrder, 'isBatch' | 'isPersonal'>): Promise<BatchView>
  readBatch(departmentCode: string, orderId: string): Promise<BatchView>
  /** Where a seal would stand. Nothing is recorded and nothing signed. Throws `SEAL_DOCUMENT_REFUSED`. */
  preview(
    caller: Caller,
    asked: { readonly sealId: string; readonly places: DocumentTerms['places']; readonly pdf: Uint8Array },
  ): Promise<DocumentPreview>
  /** Documents of a seal of the department, newest first. */
  list(departmentCode: string, sealId: string): Promise<readonly DocumentRecord[]>
  read(departmentCode: string, documentId: string): Promise<DocumentRecord>
  /** The same with who was handed it or removed it. */
  readWithAccesses(
    departmentCode: string,
    documentId: string,
  ): Promise<{ readonly document: DocumentRecord; readonly accesses: readonly DocumentAccess[] }>
  /** A sealed document that is kept: for whoever handed it in, the seal's keeper and whoever may seal the like; on record. */
  content(reader: DocumentReader, documentId: string): Promise<SealedUpload>
  /** Removes one; by the same people, on record. */
  forget(reader: DocumentReader, documentId: string): Promise<void>
  /**
   * Seals what waits in batches; to be called every few seconds, by any number of processes. Returns how many came to an end. A call
   * while one is under way is that one.
   */
  sealWaiting(signal?: AbortSignal): Promise<number>
  givePersonalSeal(
    caller: Caller,
    given: { readonly sealId: string; readonly accountId: string; readonly accountName: string },
  ): Promise<PersonalSeal>
  endPersonalSeal(caller: Caller, sealId: string): Promise<void>
  /** Whose own a seal of the department is. */
  personOf(caller: Caller, sealId: string): Promise<PersonalSeal | undefined>
  personalSeals(caller: Caller): Promise<Seal[]>
}

export function createDocumentDesk(shop: Workshop): DocumentDesk {
  let working: Promise<number> | undefined
  const watched = <Result>(
    caller: Caller,
    { sealId, terms }: Pick<UploadOrder, 'sealId' | 'terms'>,
    work: () => Promise<Result>,
  ) => watchRefusals(shop, caller, [{ sealId, typeCode: terms.templateCode ?? ALL_DOCUMENTS }], work)
  return {
    seal: (caller, upload) => watched(caller, upload, () => sealUploaded(shop, caller, { ...upload, isBatch: false })),
    signPersonally: (caller, upload) =>
      watched(caller, upload, () => sealUploaded(shop, caller, { ...upload, isBatch: false, isPersonal: true })),
    takeBatch: (caller, upload) =>
      watched(caller, upload, () => takeDocumentBatch(shop, caller, { ...upload, isBatch: true })),
    readBatch: (departmentCode, orderId) => readBatch(shop, departmentCode, orderId),
    preview: (caller, asked) => preview(shop, caller, asked),
    async list(departmentCode, sealId) {
      await findOwn(shop, departmentCode, sealId)
      return listDocuments(shop, sealId)
    },
    read: (departmentCode, documentId) => readDocumentRecord(shop, departmentCode, documentId),
    readWithAccesses: (departmentCode, documentId) => readWithAccesses(shop, departmentCode, documentId),
    content: (reader, documentId) => readSealedDocument(shop, reader, documentId),
    forget: (reader, documentId) => forgetDocument(shop, reader, documentId),
    sealWaiting(signal) {
      working ??= sealWaiting(shop, signal).finally(() => {
        working = undefined
      })
      return working
    },
    givePersonalSeal: (caller, given) => givePersonalSeal(shop, caller, given),
    endPersonalSeal: (caller, sealId) => endPersonalSeal(shop, caller, sealId),
    personOf: (caller, sealId) => readPersonalSeal(shop, caller, sealId),
    personalSeals: (caller) => listPersonalSeals(shop, caller),
  }
}

async function findOwn(shop: Workshop, departmentCode: string | null, sealId: string): Promise<Seal> {
  const seal = await findSeal(shop.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  if (seal.departmentCode !== departmentCode)
    throw new SealError('SEAL_NOT_YOURS', `seal ${sealId} belongs to another department`)
  return seal
}

async function preview(
  shop: Workshop,
  { departmentCode }: Caller,
  { sealId, places, pdf }: Parameters<DocumentDesk['preview']>[1],
): Promise<DocumentPreview> {
  const open = await shop.openSeals(await findOwn(shop, departmentCode, sealId))
  if (pdf.length > shop.maxDocumentBytes)
    throw new SealError('SEAL_DOCUMENT_TOO_LARGE', `a document has at most ${shop.maxDocumentBytes} octets`)
  const read = readDocument(pdf)
  const size = { width: open.size, height: open.height }
  return {
    pages: read.pages.map(({ width, height }) => ({ width: toMillimetres(width), height: toMillimetres(height) })),
    signatures: read.signatures,
    docMdp: read.docMdp,
    emptyFields: read.emptyFields,
    risks: read.risks.map(({ kind, page, detail }) => ({ kind, page, detail })),
    places: marksOfEach(pdf, read, places, size).map((marks) =>
      marks instanceof SealError
        ? { code: marks.faults?.[0]?.code ?? marks.code, detail: marks.message }
        : { marks: marks.map(toShownMark) },
    ),
  }
}

const toShownMark = ({ page, x, y, width, height, strip }: SealMark): ShownMark => ({
  page: page + 1,
  x: toMillimetres(x),
  y: toMillimetres(y),
  width: toMillimetres(width),
  height: toMillimetres(height),
  strip: strip ?? null,
})
