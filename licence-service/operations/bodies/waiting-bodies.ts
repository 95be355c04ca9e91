// Documents that are handed in before they are issued: looked at as strictly as what is uploaded to be sealed, kept under keys of their own.
import { createHash } from 'node:crypto'
import type { LicenceData } from '../../../licence-format/index.ts'
import { dressDocument, type InspectedPdf, inspectPdf, PadesError } from '../../../pades/write/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import {
  BODY_KEPT_FOR_ORDERS_MS,
  BODY_KEPT_MS,
  type BodyRequest,
  bodyRefused,
  isSealField,
  MOST_BODY_BYTES,
  MOST_BODY_PAGES,
  MOST_WAITING_BYTES,
} from '../../domain/body.ts'
import { LicenceError } from '../../errors.ts'
import {
  findWaitingBody,
  forgetWaitingBodies,
  forgetWaitingBody,
  keepWaitingBody,
  lockWaitingBodies,
  putWaitingBody,
  waitingBytes,
} from '../../store/bodies.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { createBox, keyedHash, openBox } from '../sealed-content.ts'

export interface BodyView {
  readonly digest: string
  readonly bytes: number
  /** Millimetres, as shown. */
  readonly pages: readonly { readonly width: number; readonly height: number }[]
  /** What hides something or prepares a deception: for whoever issues it to look at. */
  readonly risks: readonly { readonly kind: string; readonly page: number | null; readonly detail: string }[]
  readonly forgottenAt: Date
}

/**
 * Takes a document in. The same again is the one that is there.
 * @throws LicenceError LICENCE_BODY_REFUSED, the fault naming why by the code of `pades`; LICENCE_BODIES_TOO_MANY
 */
export async function takeBody(deps: Deps, caller: Principal, pdf: Uint8Array): Promise<BodyView> {
  const addedAt = deps.clock.now()
  const inspected = inspectBody(pdf, addedAt)
  const digest = createHash('sha256').update(pdf).digest('hex')
  const { departmentCode } = caller
  const digestMac = macOf(deps, digest)
  const forgottenAt = new Date(addedAt.getTime() + BODY_KEPT_MS)
  const kept = await keepWaitingBody(deps.database, departmentCode, digestMac, forgottenAt)
  if (kept) return { digest, bytes: pdf.length, ...toFacts(inspected), forgottenAt: kept }
  await requireRoom(deps.database, departmentCode, pdf.length)
  const { box, wrapped } = createBox(deps, boxNameOf(departmentCode, digestMac))
  const [blob] = await deps.blobs.putMany([box.seal('document', pdf)])
  const row = await deps.database.transaction(async (tx) => {
    await lockWaitingBodies(tx, departmentCode)
    await requireRoom(tx, departmentCode, pdf.length)
    const put = await putWaitingBody(tx, {
      ...{ departmentCode, digestMac, bytes: pdf.length, wrappedDataKey: wrapped, blob: blob! },
      ...{ addedBy: caller.id, addedAt, forgottenAt },
    })
    const detail = Buffer.from(digestMac).toString('hex')
    if (put.blob === blob) await recordAudit(tx, caller, addedAt, [{ action: 'add-body', identifier: null, detail }])
    return put
  })
  return { digest, bytes: pdf.length, ...toFacts(inspected), forgottenAt: row.forgottenAt }
}

async function requireRoom(db: Queryable, departmentCode: string, bytes: number): Promise<void> {
  if ((await waitingBytes(db, departmentCode)) + bytes > MOST_WAITING_BYTES)
    throw new LicenceError('LICENCE_BODIES_TOO_MANY', 'too many documents of this department wait to be issued')
}

/**
 * The octets of a document that waits, as they were handed in.
 * @throws LicenceError LICENCE_BODY_NOT_FOUND, LICENCE_CONTENT_DAMAGED
 */
export async function openWaitingBody(deps: Deps, departmentCode: string, digest: string): Promise<Uint8Array> {
  const digestMac = macOf(deps, digest)
  const row = await findWaitingBody(deps.database, departmentCode, digestMac)
  if (!row || row.forgottenAt <= deps.clock.now())
    throw new LicenceError('LICENCE_BODY_NOT_FOUND', 'no such document waits in this department: hand it in first')
  const { wrappedDataKey, blob } = row
  const box = openBox(deps, { identifier: boxNameOf(departmentCode, digestMac), wrappedDataKey })
  return box.open('document', await deps.blobs.get(blob))
}

/** Forgets what nobody issued in time; answers how many. */
export const forgetBodies = (deps: Deps): Promise<number> =>
  deps.database.transaction((tx) => forgetWaitingBodies(tx, deps.clock.now()))

/** A document that an order or a case names is kept until long after that can stand. */
export async function keepBody(
  deps: Deps,
  tx: Queryable,
  departmentCode: string,
  body: BodyRequest | undefined,
): Promise<void> {
  if (!body) return
  const until = new Date(deps.clock.now().getTime() + BODY_KEPT_FOR_ORDERS_MS)
  await keepWaitingBody(tx, departmentCode, macOf(deps, body.digest), until)
}

/** Of a licence whose personal data are erased: what was handed in for it says the same. */
export const forgetBodyOf = (
  deps: Deps,
  tx: Queryable,
  departmentCodes: readonly string[],
  { body }: Pick<LicenceData, 'body'>,
): Promise<void> | undefined => body && forgetWaitingBody(tx, departmentCodes, macOf(deps, body.digest))

const macOf = (deps: Deps, digest: string): Uint8Array => keyedHash(deps, 'body', digest)

const boxNameOf = (departmentCode: string, digestMac: Uint8Array) =>
  `body ${departmentCode} ${Buffer.from(digestMac).toString('hex')}`

/**
 * Reads a document, and tries what is added to it later but the QR code, whose place the type says.
 * @throws LicenceError LICENCE_BODY_REFUSED
 */
function inspectBody(pdf: Uint8Array, modifiedAt: Date): InspectedPdf {
  if (pdf.length > MOST_BODY_BYTES)
    throw bodyRefused('TOO_LARGE', `a document has at most ${MOST_BODY_BYTES >> 20} MiB`)
  const inspected = readBody(pdf)
  if (inspected.pages.length === 0) throw bodyRefused('NO_PAGES', 'the document has no pages')
  if (inspected.pages.length > MOST_BODY_PAGES)
    throw bodyRefused('TOO_MANY_PAGES', `a document has at most ${MOST_BODY_PAGES} pages`)
  refusing(() => dressDocument(pdf, { pictures: [], files: [], xmp: new Uint8Array(), modifiedAt, isSealField }))
  return inspected
}

/** A document as `inspectPdf` reads it. @throws LicenceError LICENCE_BODY_REFUSED */
export function readBody(pdf: Uint8Array): InspectedPdf {
  if (!Buffer.from(pdf.buffer, pdf.byteOffset, Math.min(pdf.length, 5)).equals(Buffer.from('%PDF-')))
    throw bodyRefused('PADES_NOT_A_PDF', 'the file is no PDF')
  return refusing(() => inspectPdf(pdf))
}

function refusing<Value>(work: () => Value): Value {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof PadesError)) throw cause
    throw bodyRefused(cause.code, cause.message, cause)
  }
}

const MM_PER_POINT = 25.4 / 72
export const toMillimetres = (points: number): number => Math.round(points * MM_PER_POINT * 100) / 100
export const toPoints = (millimetres: number): number => millimetres / MM_PER_POINT

/** As people measure: pages in millimetres. */
export const toFacts = ({ pages, risks }: InspectedPdf): Pick<BodyView, 'pages' | 'risks'> => ({
  pages: pages.map(({ width, height }) => ({ width: toMillimetres(width), height: toMillimetres(height) })),
  risks: risks.map(({ kind, page, detail }) => ({ kind, page, detail })),
})
