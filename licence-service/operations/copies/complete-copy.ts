import { createHash } from 'node:crypto'
import { copyStatusAt, parseLicenceData, toStatementClaims } from '../../../licence-format/index.ts'
import type { Principal, Queryable } from '../../../platform/index.ts'
import { TemplateError } from '../../../templates/index.ts'
import { placeStateOf } from '../../domain/copy.ts'
import { LicenceError } from '../../errors.ts'
import { sealerRefusals } from '../../ports/sealer.ts'
import { type CopyRow, findCopy, listPreparedCopies, putCopyInForce, rejectPreparedCopy } from '../../store/copies.ts'
import { findLicence, type LicenceRow, lockLicence } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import { recordAudit } from '../../store/register.ts'
import { markPlaces } from '../../store/status-lists.ts'
import { drawPages } from '../bodies/dress-body.ts'
import type { Deps } from '../deps.ts'
import { asOfNow } from '../life/due-orders.ts'
import { loadPictures } from '../load-prepared.ts'
import { openBox } from '../sealed-content.ts'
import { judgeNew } from '../verify-new.ts'
import { boxOf, describeCopy } from './describe-copy.ts'
import type { MadeCopy } from './make-copy.ts'
import { notInForce } from './prepare-copy.ts'

/**
 * Carries a copy on record through to its document, or answers what became of it. A refusal ends it; an outage leaves it prepared, and
 * the same key, or the clock, takes it up again. Steps already done repeat to the same bytes.
 */
export async function completeCopy(deps: Deps, row: CopyRow): Promise<MadeCopy> {
  if (row.state === 'rejected') throw refused(row.refusalCode)
  if (row.documentBlob === null && row.state !== 'prepared') throw notInForce()
  if (row.state === 'prepared') await carryThrough(deps, row)
  const done = (await findCopy(deps.database, row.copyId))!
  if (done.documentBlob === null) throw done.state === 'rejected' ? refused(done.refusalCode) : notInForce()
  return describeCopy(deps, done, await statusOfCopy(deps, done))
}

const refused = (code: string | null) =>
  new LicenceError('COPY_REFUSED', `the copy could not be made (${code ?? 'unknown'}): ask anew with another key`)

/** The status of a copy now, as its makers see it. */
export async function statusOfCopy(deps: Deps, row: CopyRow): Promise<MadeCopy['status']> {
  if (row.state === 'prepared') return 'pending'
  if (row.state === 'rejected') return 'rejected'
  const now = deps.clock.now()
  const onRecord = (await findLicence(deps.database, row.identifier))!
  const original = (await asOfNow(deps.database, [onRecord], now))[0]!
  const facts = { validFrom: original.validFrom, validUntil: original.validUntil, expiresAt: row.expiresAt }
  return copyStatusAt(placeStateOf(row.state, original.state), facts, now)
}

async function carryThrough(deps: Deps, row: CopyRow): Promise<void> {
  try {
    await sealCopy(deps, row)
  } catch (error) {
    const code = finalCode(error)
    if (code === undefined) throw error
    await rejectCopy(deps, row, code)
    throw error
  }
}

/** Why asking again cannot help; undefined where it can. */
function finalCode(error: unknown): string | undefined {
  if (error instanceof TemplateError) return error.code
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined
  if (String(code).startsWith('LICENCE_BODY_') && typeof code === 'string') return code
  if (code === 'LICENCE_REJECTED' || code === 'LICENCE_TYPE_UNKNOWN' || code === 'LICENCE_ERASED') return code
  return sealerRefusals.find((refusal) => refusal === code)
}

/** Whoever asked has shown that they may; the seal is used by the issuer's own leave for copies. */
const issuerOf = ({ departmentCode }: CopyRow): Principal => ({
  ...{ id: 'system:copies', name: '', kind: 'system' },
  departmentCode,
  roles: ['issuer'],
})

async function sealCopy(deps: Deps, row: CopyRow): Promise<void> {
  const box = boxOf(deps, row)
  const original = (await findLicence(deps.database, row.identifier))!
  const { pdf, sealCentre, unsignedDigest, statementText, isUploaded } = await drawCopy(deps, row, original)
  const { identifier, typeCode, sealId, copyId } = row
  const order = {
    identifier,
    typeCode,
    sealId,
    copyId,
    unsignedDigest,
    pdf,
    place: sealCentre,
    isUploaded,
    level: 'B-LT',
  } as const
  const [sealed] = await deps.sealer.sealDocuments(issuerOf(row), [order])
  const [judged] = await judgeNew(deps, [{ identifier, unsealed: pdf, sealed: sealed!.pdf }])
  if (!judged!.ok) throw judged!.error
  const [documentBlob] = await deps.blobs.putMany([box.seal('document', sealed!.pdf)])
  const sealedStatement = box.seal('statement', Buffer.from(statementText))
  const { sealedDigest } = judged!
  await deps.database.transaction(async (tx) => {
    // What ends the original has ended this copy too, before or after.
    await lockLicence(tx, identifier)
    const finished = { sealedStatement, documentBlob: documentBlob!, unsignedDigest, sealedDigest }
    if (!(await putCopyInForce(tx, copyId, finished))) return
    await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
    await recordOutcome(deps, tx, row, 'copy')
    await recordAudit(tx, makerOf(row), deps.clock.now(), [{ action: 'make-copy', identifier, detail: copyId }])
  })
}

const makerOf = ({ maker, makerDepartment }: CopyRow) =>
  ({ id: maker, kind: 'system', departmentCode: makerDepartment }) as const

/** Tells the holder what became of it, once that is known. In copies from before, the asking was recorded. */
async function recordOutcome(deps: Deps, tx: Queryable, row: CopyRow, what: 'copy' | 'copy-refused'): Promise<void> {
  const { identifier, maker, makerDepartment, makerKind, makerMatter } = row
  if (makerKind === null) return
  const matter = makerMatter === null ? {} : { matterCode: makerMatter }
  const reader = { id: maker, kind: makerKind, departmentCode: makerDepartment, ...matter }
  await recordRead(tx, { at: deps.clock.now(), reader, identifier, what })
}

async function drawCopy(deps: Deps, row: CopyRow, original: LicenceRow) {
  const { identifier, typeCode, templateVersion, statusList, statusPlace, madeAt } = row
  if (!deps.templates.version(typeCode, templateVersion)) await deps.templates.refresh()
  if (!deps.templates.version(typeCode, templateVersion))
    throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'the version of the template this licence was made with is gone')
  const licenceJson = boxOf(deps, row).open('data', row.sealedData)
  const dataDigest = createHash('sha256').update(licenceJson).digest()
  const data = parseLicenceData(licenceJson)
  const claims = toStatementClaims(data, { dataDigest, statusList, statusPlace, issuedAt: madeAt })
  const [statement] = await deps.sealer.signStatements(issuerOf(row), [{ identifier, claims }])
  const statementText = statement!.text
  const pictures = await loadPictures(deps, original, openBox(deps, original))
  const page = { typeCode, data, licenceJson, dataDigest, statementText, pictures, createdAt: madeAt }
  const [drawn] = await drawPages(deps, [page])
  if (!drawn!.ok) throw drawn!.error
  return { ...drawn!, statementText, isUploaded: data.body !== undefined }
}

async function rejectCopy(deps: Deps, row: CopyRow, code: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    if (!(await rejectPreparedCopy(tx, row.copyId, code))) return
    await markPlaces(tx, [{ list: row.statusList, place: row.statusPlace }])
    await recordOutcome(deps, tx, row, 'copy-refused')
    const detail = `${row.copyId} ${code}`
    await recordAudit(tx, makerOf(row), deps.clock.now(), [
      { action: 'reject-copy', identifier: row.identifier, detail },
    ])
  })
}

const RESUME_AFTER_MS = 60_000
const RESUMED_TOGETHER = 50

/** Takes up copies that a crash or an outage left prepared; one that has run out meanwhile is rejected. Answers how many were made. */
export async function resumeCopies(deps: Deps, stopping: AbortSignal): Promise<number> {
  const now = deps.clock.now()
  let made = 0
  for (const row of await listPreparedCopies(
    deps.database,
    new Date(now.getTime() - RESUME_AFTER_MS),
    RESUMED_TOGETHER,
  )) {
    if (stopping.aborted) break
    if (row.expiresAt <= now) {
      await rejectCopy(deps, row, 'COPY_EXPIRY_REFUSED')
      continue
    }
    try {
      await completeCopy(deps, row)
      made++
    } catch (error) {
      deps.log.warn('a copy is not made yet', { error, identifier: row.identifier })
    }
  }
  return made
}
