import { dayOf } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { codesActedFor } from '../../domain/department-range.ts'
import { afterWorkingDays } from '../../domain/working-days.ts'
import { LicenceError } from '../../errors.ts'
import {
  closeDispute,
  type DisputeRow,
  type DisputeState,
  findDispute,
  insertDispute,
  listOpenDisputes,
  listRaised,
  lockDispute,
} from '../../store/disputes.ts'
import { findLicence, findLicences, type LicenceRow, lockLicence } from '../../store/licences.ts'
import { recordAudit } from '../../store/register.ts'
import { cursorInstant, cursorUuid } from '../cursor.ts'
import type { Deps } from '../deps.ts'
import { requireSame } from '../require-same.ts'
import { openBox } from '../sealed-content.ts'
import { uuidOf } from '../wallet/agents.ts'
import { actingHolder, heldLicence } from '../wallet/holder.ts'

/** A department answers within so many working days. */
const ANSWER_WITHIN_WORKING_DAYS = 10
const MOST_RAISED = 200

export interface NewDispute {
  readonly identifier: string
  /** A field of its type; left out: the licence as a whole. */
  readonly field?: string | undefined
  /** What is wrong, and what it should say. */
  readonly words: string
}

/** Which licence and what of it a dispute is about, as people call them. */
export interface DisputedMatter {
  readonly typeName: { readonly zh: string; readonly en: string }
  readonly number: string
  /** Null: the licence as a whole. */
  readonly field: { readonly zh: string; readonly en: string } | null
  /** The next version, once there is one. */
  readonly replacedBy: string | null
}

/** A dispute as both sides see it; the words are null once the licence's data were erased. */
export interface DisputeView {
  readonly dispute: string
  readonly identifier: string
  readonly field: string | null
  /** Null for another department that raised it: it is told no more than it named. */
  readonly about: DisputedMatter | null
  readonly words: string | null
  readonly raisedByKind: DisputeRow['raisedByKind']
  readonly raisedAt: Date
  readonly answerUntil: string
  readonly isLate: boolean
  readonly state: DisputeState
  readonly answer: string | null
  readonly answeredAt: Date | null
  readonly correctedBy: string | null
}

/**
 * A holder, or somebody who acts for them, disputes what their licence says.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ERASED, AGENT_SCOPE_EXCEEDED, DISPUTE_FIELD_UNKNOWN, DISPUTE_OPEN, IDEMPOTENCY_KEY_REUSED
 */
export async function disputeAsHolder(
  deps: Deps,
  principal: Principal,
  { agency, ...dispute }: NewDispute & { readonly agency?: string | undefined },
  key: string,
): Promise<DisputeView> {
  const holder = await actingHolder(deps, principal, 'dispute', agency)
  return raise(deps, principal, 'holder', await heldLicence(deps, holder, dispute.identifier), dispute, key)
}

/**
 * A department that relies on a licence of another one disputes what it says.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_ERASED, DISPUTE_FIELD_UNKNOWN, DISPUTE_OPEN, IDEMPOTENCY_KEY_REUSED
 */
export async function disputeAsDepartment(
  deps: Deps,
  principal: Principal,
  dispute: NewDispute,
  key: string,
): Promise<DisputeView> {
  const row = await findLicence(deps.database, dispute.identifier)
  if (!row || row.state === 'prepared' || row.state === 'rejected')
    throw new LicenceError('LICENCE_NOT_FOUND', 'there is no licence with this identifier')
  return raise(deps, principal, 'department', row, dispute, key)
}

async function raise(
  deps: Deps,
  principal: Principal,
  raisedByKind: DisputeRow['raisedByKind'],
  row: LicenceRow,
  { field, words }: NewDispute,
  key: string,
): Promise<DisputeView> {
  const { identifier, departmentCode } = row
  const fields = deps.templates.version(row.typeCode, row.templateVersion)?.definition.fields
  if (field !== undefined && !fields?.some(({ name }) => name === field))
    throw new LicenceError('DISPUTE_FIELD_UNKNOWN', 'licences of this type have no such field')
  const raisedBy = raisedByKind === 'department' ? principal.departmentCode : principal.id
  const dispute = uuidOf('dispute', raisedBy, key)
  const raisedAt = deps.clock.now()
  const answerUntil = afterWorkingDays(raisedAt, ANSWER_WITHIN_WORKING_DAYS)
  return deps.database.transaction(async (tx) => {
    // Held: an erasure at the same moment closes it, or is seen here.
    const sealedWords = openBox(deps, (await lockLicence(tx, identifier))!).seal('dispute', Buffer.from(words))
    const before = await findDispute(tx, dispute)
    if (before) {
      const view = shownTo(raisedByKind, viewOf(deps, before, before.identifier === identifier ? row : undefined))
      requireSame(
        { identifier: view.identifier, field: view.field, words: view.words },
        { identifier, field: field ?? null, words },
      )
      return view
    }
    const isNew = await insertDispute(tx, {
      ...{ dispute, identifier, departmentCode, field: field ?? null, sealedWords },
      ...{ raisedBy, raisedByKind, raisedAt, answerUntil },
    })
    if (!isNew) throw new LicenceError('DISPUTE_OPEN', 'a dispute of yours about this waits for an answer')
    await recordAudit(tx, principal, raisedAt, [{ action: 'dispute', identifier, detail: dispute }])
    return shownTo(raisedByKind, viewOf(deps, (await findDispute(tx, dispute))!, row))
  })
}

const shownTo = (raisedByKind: DisputeRow['raisedByKind'], view: DisputeView): DisputeView =>
  raisedByKind === 'holder' ? view : { ...view, about: null }

/**
 * What the caller raised about their own licences, or about those of whom they act for, latest first.
 * @throws LicenceError AGENT_SCOPE_EXCEEDED
 */
export async function listRaisedDisputes(deps: Deps, principal: Principal, agency?: string): Promise<DisputeView[]> {
  const holder = await actingHolder(deps, principal, 'dispute', agency)
  return viewsOf(deps, await listRaised(deps.database, principal.id, holder, MOST_RAISED))
}

/**
 * Open disputes about licences of the caller's department, those that are due first.
 * @throws LicenceError LICENCE_CURSOR_INVALID
 */
export async function listDisputes(
  deps: Deps,
  principal: Principal,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: DisputeView[]; next: string | null }> {
  const after = cursor === undefined ? null : parseCursor(cursor)
  const rows = await listOpenDisputes(deps.database, [...(await codesOf(deps, principal))], after, limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: await viewsOf(deps, page),
    next: rows.length > page.length && last ? `${last.answerUntil}.${last.dispute}` : null,
  }
}

/** Throws LICENCE_CURSOR_INVALID. */
function parseCursor(cursor: string): { answerUntil: string; dispute: string } {
  const [, day, dispute] = /^([1-9]\d{3}-\d\d-\d\d)\.(.{36})$/.exec(cursor) ?? []
  return { answerUntil: cursorInstant(day).toISOString().slice(0, 10), dispute: cursorUuid(dispute) }
}

export interface DisputeAnswer {
  readonly words: string
  /** The version that says it right; left out: the dispute is not accepted. */
  readonly correctedBy?: string | undefined
}

/**
 * Answers a dispute about a licence of the caller's department: not accepted, or put right by a later version of the licence, which is on
 * the register by now. Nobody answers twice. Where the licence's data were erased, nothing is left to keep the words under.
 * @throws LicenceError DISPUTE_NOT_FOUND, DISPUTE_ANSWERED, DISPUTE_CORRECTION_MISSING
 */
export async function answerDispute(
  deps: Deps,
  principal: Principal,
  dispute: string,
  { words, correctedBy }: DisputeAnswer,
): Promise<DisputeView> {
  const codes = await codesOf(deps, principal)
  const answeredAt = deps.clock.now()
  return deps.database.transaction(async (tx) => {
    const found = await lockDispute(tx, dispute)
    if (!found || !codes.has(found.departmentCode))
      throw new LicenceError('DISPUTE_NOT_FOUND', 'there is no such dispute about a licence of the department')
    if (found.state !== 'open') throw new LicenceError('DISPUTE_ANSWERED', 'this dispute has its answer')
    const row = (await findLicence(tx, found.identifier))!
    if (correctedBy !== undefined) {
      const successor = await findLicence(tx, correctedBy)
      if (successor?.replaces !== row.identifier || row.replacedBy !== correctedBy)
        throw new LicenceError('DISPUTE_CORRECTION_MISSING', 'correct the licence first, then name the new version')
    }
    await closeDispute(tx, {
      dispute,
      state: correctedBy === undefined ? 'refused' : 'corrected',
      sealedAnswer: row.wrappedDataKey ? openBox(deps, row).seal('dispute', Buffer.from(words)) : null,
      answeredAt,
      answeredBy: principal.id,
      correctedBy: correctedBy ?? null,
    })
    await recordAudit(tx, principal, answeredAt, [
      { action: 'answer-dispute', identifier: row.identifier, detail: dispute },
    ])
    return viewOf(deps, (await findDispute(tx, dispute))!, row)
  })
}

const codesOf = async (deps: Deps, { departmentCode }: Principal): Promise<ReadonlySet<string>> =>
  codesActedFor(await deps.facts.departments(), departmentCode, deps.clock.now())

async function viewsOf(deps: Deps, rows: readonly DisputeRow[]): Promise<DisputeView[]> {
  const licences = await findLicences(
    deps.database,
    rows.map(({ identifier }) => identifier),
  )
  const byIdentifier = new Map(licences.map((row) => [row.identifier, row]))
  return rows.map((row) => viewOf(deps, row, byIdentifier.get(row.identifier)))
}

function viewOf(deps: Deps, found: DisputeRow, licence: LicenceRow | undefined): DisputeView {
  const box = licence?.wrappedDataKey ? openBox(deps, licence) : undefined
  const open = (sealed: Uint8Array | null) =>
    sealed && box ? Buffer.from(box.open('dispute', sealed)).toString() : null
  const { dispute, identifier, field, raisedByKind, raisedAt, answerUntil, state, answeredAt, correctedBy } = found
  const today = dayOf(deps.clock.now())
  return {
    ...{ dispute, identifier, field, raisedByKind, raisedAt, answerUntil, state, answeredAt, correctedBy },
    about: licence ? matterOf(deps, licence, field) : null,
    words: open(found.sealedWords),
    isLate: state === 'open' && answerUntil < today,
    answer: open(found.sealedAnswer),
  }
}

function matterOf(deps: Deps, licence: LicenceRow, field: string | null): DisputedMatter {
  const { typeCode, templateVersion, printedNumber: number, replacedBy } = licence
  const fields = deps.templates.version(typeCode, templateVersion)?.definition.fields ?? []
  const label = fields.find(({ name }) => name === field)?.label
  return {
    typeName: deps.templates.entry(typeCode)?.name ?? { zh: typeCode, en: typeCode },
    number,
    field: field === null ? null : (label ?? { zh: field, en: field }),
    replacedBy,
  }
}
