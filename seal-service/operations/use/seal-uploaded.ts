// Official documents that are no licence, uploaded and sealed: decision, record and repeats as for licences.
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { prepareSeal } from '../../../pades/write/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { ALL_DOCUMENTS, type Chain } from '../../domain/authorisation.ts'
import { type DocumentTerms, documentIdentifier } from '../../domain/document-order.ts'
import type { Seal } from '../../domain/seal.ts'
import { type Caller, decideDocumentUse, type Leave, refusalOf, type SealFacts } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { findStandingAuthorisations } from '../../store/authorisations.ts'
import {
  type DocumentOrder,
  type DocumentRecord,
  findOrderByKey,
  insertOrder,
  listDocumentsOfOrder,
  recordSealed,
} from '../../store/documents.ts'
import { findPerson } from '../../store/personal-seals.ts'
import { findSeal } from '../../store/seals.ts'
import type { OpenSeal } from '../open-seals.ts'
import { type Raisable, raiseLevels } from '../raise-levels.ts'
import { readStampedCertificates } from '../read-certificates.ts'
import { type DocumentLayout, type SealedOnce, sealRound, type Task } from '../seal-round.ts'
import { fetchedWithinMs, keepDocument, readKept } from './kept-documents.ts'
import { readDocument, refusing, type SettledTerms, settleTerms } from './place-marks.ts'

export interface UploadedDocument {
  /** As its file is called; shown and told again, nothing more. */
  readonly name: string
  readonly pdf: Uint8Array
}

/** Documents of one call, all sealed on the same terms. */
export interface UploadOrder {
  readonly sealId: string
  readonly terms: DocumentTerms
  readonly documents: readonly UploadedDocument[]
  /** The caller's Idempotency-Key, and the digest of the whole request. */
  readonly key: string
  readonly requestDigest: Uint8Array
  /** Whether the documents are kept and worked off later. */
  readonly isBatch: boolean
  /** With somebody's own seal: by that account, which has just confirmed. */
  readonly isPersonal?: boolean
}

/** A document's record with its sealed bytes. */
export interface SealedUpload {
  readonly document: DocumentRecord
  readonly pdf: Uint8Array
}

const mostDocuments = 200

/**
 * Seals one uploaded document: policy, order on record, then as a licence. A repeat (caller and key) returns the same bytes up to level
 * B-T, and the very same where the document is kept.
 *
 * @throws SealError SEAL_NOT_FOUND, SEAL_NOT_YOURS, SEAL_ROLE_MISSING, SEAL_PERSONAL, SEAL_NOT_AUTHORISED and the other refusals of a use;
 *   SEAL_DOCUMENT_TOO_LARGE, SEAL_DOCUMENT_REFUSED, SEAL_PLACE_REFUSED; SEAL_REQUEST_CONFLICT: another request under this key
 */
export async function sealUploaded(shop: Workshop, caller: Caller, upload: UploadOrder): Promise<SealedUpload> {
  const { order, documents, seal } = await takeOrder(shop, caller, upload)
  const document = documents[0]!
  const pdf = upload.documents[0]!.pdf
  if (document.state === 'sealed' && document.kept !== null)
    return { document, pdf: await readKept(shop, document.id, document.kept) }
  const [sealed] = await sealRecorded(shop, order, seal, [{ document, pdf }])
  return sealed!
}

/**
 * Puts an order on record, after everything that can be refused was looked at: a document on record can be sealed. Of a batch a document
 * that cannot is on record as refused, and the others go on.
 */
export async function takeOrder(
  shop: Workshop,
  caller: Caller,
  upload: UploadOrder,
): Promise<{ readonly order: DocumentOrder; readonly documents: readonly DocumentRecord[]; readonly seal: Seal }> {
  const seal = await decideOrder(shop, caller, upload)
  const known = await findOrderByKey(shop.database, caller.id, upload.key)
  if (known !== undefined) return { ...(await repeated(shop, known, upload)), seal }
  if (upload.documents.length < 1 || upload.documents.length > mostDocuments)
    throw new SealError('SEAL_GROUP_TOO_LARGE', `1 to ${mostDocuments} documents are sealed at once`)
  const open = await openInUse(shop, seal)
  const at = shop.clock.now()
  const order: DocumentOrder = {
    id: shop.ids.uuid(),
    sealId: seal.id,
    caller: toStoredCaller(caller),
    departmentCode: seal.departmentCode,
    key: upload.key,
    requestDigest: upload.requestDigest,
    isBatch: upload.isBatch,
    createdAt: at,
  }
  const documents: DocumentRecord[] = []
  const reading = createReadingTime(shop.batchReadingMs)
  for (const [position, document] of upload.documents.entries()) {
    // Whoever waits for this thread is served between two documents.
    if (position > 0) await nextTurn()
    documents.push(await toRecord(shop, order, upload, open, document, position, reading))
  }
  if (await shop.database.transaction((tx) => insertOrder(tx, order, documents))) return { order, documents, seal }
  const first = await findOrderByKey(shop.database, caller.id, upload.key)
  return { ...(await repeated(shop, first!, upload)), seal }
}

async function repeated(shop: Workshop, order: DocumentOrder, { sealId, requestDigest }: UploadOrder) {
  if (order.sealId !== sealId || Buffer.compare(order.requestDigest, requestDigest) !== 0)
    throw new SealError('SEAL_REQUEST_CONFLICT', 'this Idempotency-Key was used with another request')
  return { order, documents: await listDocumentsOfOrder(shop.database, order.id) }
}

const toStoredCaller = ({ id, kind, departmentCode, roles }: Caller): Caller => ({
  id,
  ...(kind !== undefined && { kind }),
  departmentCode,
  roles,
})

/** May this caller put this seal on such documents? Asked on every call, repeats alike, before anything is recorded. */
async function decideOrder(shop: Workshop, caller: Caller, { sealId, terms, isPersonal }: UploadOrder): Promise<Seal> {
  const seal = await findSeal(shop.database, sealId)
  const leave: Leave = {
    standing: await findStandingAuthorisations(shop.database, [sealId]),
    grants: [],
    at: shop.clock.now(),
  }
  const person = seal && (await findPerson(shop.database, sealId))
  const owner = person?.accountId ?? (seal?.kindCode === '05' ? '' : null)
  if (isPersonal === true) allowPersonal(caller, sealId, owner, seal)
  else if (owner !== null)
    throw new SealError('SEAL_PERSONAL', `seal ${sealId} is somebody's own: that person alone signs with it`)
  else decideDocumentUse(caller, { sealId, templateCode: terms.templateCode }, seal, leave)
  return seal!
}

/** Only the person whose seal it is, in the department that owns it. */
function allowPersonal(
  caller: Caller,
  sealId: string,
  owner: string | null,
  seal: SealFacts | undefined,
): readonly Chain[] {
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  if (owner !== caller.id || caller.kind === 'machine')
    throw new SealError('SEAL_PERSONAL', `seal ${sealId} is not this caller's own`)
  if (seal.departmentCode !== caller.departmentCode)
    throw new SealError('SEAL_NOT_YOURS', `seal ${sealId} belongs to another department`)
  const refusal = refusalOf(seal)
  if (refusal !== undefined) throw refusal
  return []
}

async function openInUse(shop: Workshop, seal: Seal): Promise<OpenSeal> {
  const open = await shop.openSeals(seal)
  if (shop.clock.now() > open.notAfter)
    throw new SealError('SEAL_CERTIFICATE_EXPIRED', `the certificate of seal ${seal.id} has expired: renew it`)
  return open
}

/** What goes on record besides the terms asked for: all that a repeat is prepared from. */
interface StoredTerms extends SettledTerms {
  readonly level: DocumentTerms['level']
  readonly keep: boolean
  readonly isPersonal: boolean
  readonly templateCode: string | null
}

async function toRecord(
  shop: Workshop,
  order: DocumentOrder,
  upload: UploadOrder,
  open: OpenSeal,
  { name, pdf }: UploadedDocument,
  position: number,
  reading: ReadingTime,
): Promise<DocumentRecord> {
  const id = shop.ids.uuid()
  const { level, keep, templateCode } = upload.terms
  const record: DocumentRecord = {
    id,
    ...{ orderId: order.id, position, sealId: order.sealId, departmentCode: order.departmentCode, name },
    purpose: templateCode ?? ALL_DOCUMENTS,
    unsignedDigest: createHash('sha256').update(pdf).digest(),
    sizeBytes: Math.max(1, pdf.length),
    terms: null,
    state: 'waiting',
    stateChangedAt: order.createdAt,
    attempts: 0,
    ...{ refusal: null, useId: null, level: null, shortfall: null, kept: null },
  }
  try {
    const settled = reading.spend(() => settle(shop, upload.terms, open, pdf, `Seal-${id.slice(-12)}`))
    const terms: StoredTerms = { ...settled, level, keep, templateCode, isPersonal: upload.isPersonal === true }
    const kept = upload.isBatch ? await keepDocument(shop, id, pdf, null) : null
    return { ...record, terms, kept }
  } catch (error) {
    const isOfDocument = error instanceof SealError && refusalsOfDocuments.has(error.code)
    if (!upload.isBatch || !isOfDocument) throw error
    const refusal = { code: error.faults?.[0]?.code ?? error.code, detail: error.message }
    return { ...record, terms: {}, state: 'refused', refusal }
  }
}

/** What the documents of one order may take of this thread. */
interface ReadingTime {
  /** Does a piece of work, unless those before it have taken all there is. Throws SEAL_DOCUMENT_REFUSED. */
  spend<Result>(work: () => Result): Result
}

function createReadingTime(mostMs: number): ReadingTime {
  let spentMs = 0
  // Of the processor, not of a clock: a busy machine refuses nobody's batch.
  const now = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  return {
    spend(work) {
      const detail = 'the documents before it took too long to read: hand it in with another batch'
      if (spentMs > mostMs) {
        const fault = { pointer: '/document', code: 'PADES_LIMIT_EXCEEDED', detail }
        throw new SealError('SEAL_DOCUMENT_REFUSED', detail, { faults: [fault] })
      }
      const start = now()
      try {
        return work()
      } finally {
        spentMs += now() - start
      }
    },
  }
}

const refusalsOfDocuments: ReadonlySet<string> = new Set([
  'SEAL_DOCUMENT_REFUSED',
  'SEAL_PLACE_REFUSED',
  'SEAL_DOCUMENT_TOO_LARGE',
])

/** Reads the document and tries everything but the signature. */
function settle(
  { maxDocumentBytes, clock }: Workshop,
  terms: DocumentTerms,
  open: OpenSeal,
  pdf: Uint8Array,
  newField: string,
): SettledTerms {
  if (pdf.length > maxDocumentBytes)
    throw new SealError('SEAL_DOCUMENT_TOO_LARGE', `a document has at most ${maxDocumentBytes} octets`)
  const size = { width: open.size, height: open.height }
  const settled = settleTerms(pdf, readDocument(pdf), terms, size, newField)
  const trial = { appearance: open.appearance, name: 'trial', signedAt: clock.now(), contentsLength: 1 }
  refusing('SEAL_DOCUMENT_REFUSED', '/document', () => prepareDocument(pdf, settled, trial))
  return settled
}

const prepareDocument = (
  pdf: Uint8Array,
  { marks, field, docMdp, preparedFields, reason }: SettledTerms,
  seal: Parameters<DocumentLayout['prepare']>[1],
) =>
  prepareSeal(pdf, {
    ...seal,
    field,
    ...(marks !== null && { marks }),
    ...(docMdp !== null && { docMdp }),
    ...(preparedFields.length > 0 && { preparedFields }),
    ...(reason !== null && { reason }),
  })

/** A document on record with the bytes that were handed in. */
export interface RecordedDocument {
  readonly document: DocumentRecord
  readonly pdf: Uint8Array
}

/** An order may have waited for days: whoever lost the right meanwhile, or left, has nothing sealed any more. Throws `SEAL_ROLE_MISSING`. */
async function confirmCaller({ people }: Workshop, { caller, departmentCode }: DocumentOrder): Promise<void> {
  if (people.isUnknown === true || caller.kind === undefined) return
  const principal = { ...caller, name: caller.id, kind: caller.kind, departmentCode }
  if (!(await people.mayNow(principal, 'seals:use')))
    throw new SealError('SEAL_ROLE_MISSING', 'whoever asked for this may use seals no more')
}

/** Seals documents of one order that are on record, in one round, and records what became of them. All or nothing. */
export async function sealRecorded(
  shop: Workshop,
  order: DocumentOrder,
  seal: Seal,
  recorded: readonly RecordedDocument[],
): Promise<SealedUpload[]> {
  if (recorded.some(({ document }) => !termsOf(document).isPersonal)) await confirmCaller(shop, order)
  const open = await openInUse(shop, seal)
  const person = await findPerson(shop.database, seal.id)
  const tasks = recorded.map((one) => toTask(order.caller, seal, open, one, person?.accountId ?? null))
  const rounds = await sealRound(shop, order.caller, tasks)
  const raised = await raiseLevels(
    shop,
    recorded.map(({ document }, index) => toRaisable(termsOf(document), open, rounds[index]!)),
  )
  return Promise.all(
    recorded.map(async ({ document }, index) => {
      const { pdf, level, shortfall } = raised[index]!
      const cause = shortfall ?? rounds[index]!.shortfall
      return finish(shop, order, document, { pdf, level, useId: rounds[index]!.useId, shortfall: cause })
    }),
  )
}

const termsOf = ({ terms }: DocumentRecord): StoredTerms => terms as StoredTerms

function toTask(
  caller: Caller,
  seal: Seal,
  open: OpenSeal,
  { document, pdf }: RecordedDocument,
  owner: string | null,
): Task {
  const terms = termsOf(document)
  const { templateCode, isPersonal } = terms
  const [first] = terms.marks ?? []
  const place = { page: first?.page ?? 0, x: first?.x ?? 0, y: first?.y ?? 0 }
  const layout: DocumentLayout = {
    allow: (held, leave) =>
      isPersonal
        ? allowPersonal(caller, seal.id, owner, held)
        : decideDocumentUse(caller, { sealId: seal.id, templateCode }, held, leave),
    prepare: (bytes, appearance) => prepareDocument(bytes, terms, appearance),
  }
  return {
    ...{ seal, open, place, pdf, layout, index: 0, all: [] },
    facts: { identifier: documentIdentifier(document.id), typeCode: document.purpose, issuerCode: seal.departmentCode },
    unsignedDigest: document.unsignedDigest,
    wantsTimeStamp: terms.level !== 'B-B',
  }
}

function toRaisable({ level, field }: StoredTerms, open: OpenSeal, round: SealedOnce): Raisable {
  const { pdf, timeStamped, stamps } = round
  const reached = timeStamped ? 'B-T' : 'B-B'
  if (!timeStamped) return { pdf, level: reached, target: level, known: null }
  // Of other people's signatures on the document nothing is asked.
  const known =
    stamps === null
      ? readStampedCertificates(pdf, field)
      : { certificates: [...open.certificates, ...stamps.certificates], stampedBy: stamps.stampedBy }
  return { pdf, level: reached, target: level, known }
}

interface Outcome {
  readonly pdf: Uint8Array
  readonly level: DocumentTerms['level']
  readonly useId: string
  readonly shortfall: Error | null
}

async function finish(
  shop: Workshop,
  order: DocumentOrder,
  document: DocumentRecord,
  { pdf, level, useId, shortfall }: Outcome,
): Promise<SealedUpload> {
  const at = shop.clock.now()
  const { keep } = termsOf(document)
  const until = keep ? null : new Date(at.getTime() + fetchedWithinMs)
  const wantsBytes = document.state === 'waiting' && (keep || order.isBatch)
  const kept = wantsBytes ? await keepDocument(shop, document.id, pdf, until) : null
  const result = { useId, level, shortfall: shortfall === null ? null : shortfall.message.slice(0, 500), kept }
  const isFirst = await shop.database.transaction((tx) => recordSealed(tx, document.id, result, at))
  if (isFirst && document.kept !== null) await shop.blobs?.remove(document.kept.blobDigest)
  if (!isFirst && kept !== null) await shop.blobs?.remove(kept.blobDigest)
  return { document: { ...document, state: 'sealed', stateChangedAt: at, ...result }, pdf }
}
