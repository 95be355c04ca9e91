import type { Queryable } from '../../platform/index.ts'
import { notAhead } from '../domain/register-entry.ts'
import { LicenceError } from '../errors.ts'
import { answersOf, storeAnswers } from '../store/idempotency.ts'
import { changeState, lockLicence, markInForce } from '../store/licences.ts'
import { appendEntries, type NewRegisterEntry, recordAudit } from '../store/register.ts'
import { type ListPlace, markPlaces } from '../store/status-lists.ts'
import type { VerifiedLicence } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import { type IssuedLicence, type IssueOutcome, outcomeOf, type StoredAnswer } from './issue-outcome.ts'
import { mayFollow, recordSuccession } from './life/record-succession.ts'
import type { PreparedLicence } from './prepare-licences.ts'

/** Steps 7 and 8: the documents are stored, then TX-B: now the licences exist. */
export async function registerLicences(
  deps: Deps,
  verified: readonly VerifiedLicence[],
): Promise<Map<string, IssueOutcome>> {
  const outcomes = new Map<string, IssueOutcome>()
  if (verified.length === 0) return outcomes
  const blobs = await deps.blobs.putMany(
    verified.map(({ licence, sealedPdf }) => licence.box.seal('document', sealedPdf)),
  )
  const documents = new Map(verified.map(({ licence }, index) => [licence.identifier, blobs[index]!]))
  const { registered, overtaken } = await deps.database.transaction((tx) =>
    recordInForce(deps, tx, verified, documents),
  )
  deps.count('issued', registered.size)
  for (const { licence, ...one } of verified)
    if (registered.has(licence.identifier))
      outcomes.set(licence.identifier, { ok: true, licence: answerFor({ licence, ...one }) })
    else if (overtaken.has(licence.identifier)) {
      const message = 'the licence to be replaced changed its state meanwhile'
      outcomes.set(
        licence.identifier,
        await rejectLicence(deps, licence, new LicenceError('LICENCE_TRANSITION_REFUSED', message)),
      )
    } else outcomes.set(licence.identifier, await outcomeOnRecord(deps, licence))
  return outcomes
}

async function recordInForce(
  deps: Deps,
  tx: Queryable,
  verified: readonly VerifiedLicence[],
  documents: ReadonlyMap<string, string>,
): Promise<{ registered: Set<string>; overtaken: Set<string> }> {
  const now = deps.clock.now()
  const overtaken = new Set<string>()
  for (const { licence } of verified) {
    const old = licence.replaces === null ? undefined : await lockLicence(tx, licence.replaces)
    if (old && old.replacedBy !== licence.identifier && !(await mayFollow(tx, old, licence)))
      overtaken.add(licence.identifier)
  }
  const may = verified.filter(({ licence }) => !overtaken.has(licence.identifier))
  const registered = new Set(
    await markInForce(
      tx,
      may.map(({ licence, statementText, unsignedDigest, sealedDigest, level, archive }) => ({
        identifier: licence.identifier,
        sealedStatement: licence.box.seal('statement', Buffer.from(statementText)),
        documentBlob: documents.get(licence.identifier)!,
        unsignedDigest,
        sealedDigest,
        level,
        archiveUntil: archive?.until ?? null,
        archiveScheme: archive?.scheme ?? null,
      })),
    ),
  )
  const done = may.filter(({ licence }) => registered.has(licence.identifier))
  if (done.length === 0) return { registered, overtaken }
  const places = done.map(({ licence }) => placeOf(licence))
  const entries: NewRegisterEntry[] = []
  for (const one of done) {
    const begun = entryFor(one, now)
    if (one.licence.replaces === null) entries.push(begun)
    else {
      const succession = await recordSuccession(tx, one.licence, begun)
      entries.push(...succession.entries)
      places.push(placeOf(succession.old))
    }
  }
  await appendEntries(tx, entries)
  await storeAnswers(
    tx,
    done.map((one) => ({ identifier: one.licence.identifier, answer: { issued: answerFor(one) } })),
  )
  await recordAudit(
    tx,
    done[0]!.licence.caller,
    now,
    entries.map(({ event, identifier }) => ({ action: event, identifier })),
  )
  await markPlaces(tx, places)
  return { registered, overtaken }
}

const placeOf = ({ statusList, statusPlace }: Pick<PreparedLicence, 'statusList' | 'statusPlace'>): ListPlace => ({
  list: statusList,
  place: statusPlace,
})

const entryFor = ({ licence, sealedDigest }: VerifiedLicence, now: Date): NewRegisterEntry => ({
  identifier: licence.identifier,
  event: 'enter into force',
  state: 'in force',
  sealedReason: null,
  effectiveAt: notAhead(licence.supersedesFrom ?? now, now),
  recordedAt: now,
  recordedBy: licence.caller.id,
  departmentCode: licence.departmentCode,
  dataDigest: licence.dataDigest,
  sealedDigest,
  related: licence.replaces,
})

const answerFor = ({ licence, sealedDigest }: Pick<VerifiedLicence, 'licence' | 'sealedDigest'>): IssuedLicence => ({
  identifier: licence.identifier,
  number: licence.printedNumber,
  status: 'in force',
  dataDigest: licence.dataDigest,
  sealedDigest,
})

/** Ends a licence that must not exist: recorded, answered, and never published. */
export async function rejectLicence(deps: Deps, licence: PreparedLicence, error: Error): Promise<IssueOutcome> {
  const code = (error as Error & { code?: string }).code ?? 'LICENCE_REJECTED'
  const answer: StoredAnswer = { refused: { code, message: error.message } }
  const now = deps.clock.now()
  const { identifier, departmentCode, dataDigest, replaces } = licence
  const rejected = await deps.database.transaction(async (tx) => {
    if (!(await changeState(tx, identifier, 'prepared', 'rejected'))) return false
    const entry = { identifier, departmentCode, dataDigest, sealedDigest: null, sealedReason: null, related: replaces }
    await appendEntries(tx, [
      {
        ...entry,
        event: 'reject',
        state: 'rejected',
        effectiveAt: now,
        recordedAt: now,
        recordedBy: licence.caller.id,
      },
    ])
    await storeAnswers(tx, [{ identifier, answer }])
    await recordAudit(tx, licence.caller, now, [{ action: 'reject', identifier, detail: code }])
    await markPlaces(tx, [placeOf(licence)])
    return true
  })
  if (!rejected) return outcomeOnRecord(deps, licence)
  deps.count('rejected', 1)
  deps.log.error('a licence was rejected before it was registered', { alarm: 'licence-rejected', identifier, error })
  return { ok: false, ended: true, error }
}

/** Somebody else carried the licence through first: what they recorded is the answer. */
async function outcomeOnRecord(deps: Deps, { identifier }: PreparedLicence): Promise<IssueOutcome> {
  const [answer] = await answersOf(deps.database, identifier)
  if (answer) return outcomeOf(answer as StoredAnswer)
  return {
    ok: false,
    error: new LicenceError('LICENCE_ISSUANCE_INTERRUPTED', 'the licence is not yet on the register: ask again', {
      retryAfterSeconds: 1,
    }),
  }
}
