// Documents after their issue: raised to the level they were asked for, and given another archive time stamp before the last one ends.
import type { Queryable } from '../../platform/index.ts'
import { isAtLeast, type Level, reachedLevel, renewalHorizon } from '../domain/level.ts'
import { LicenceError } from '../errors.ts'
import type { Judgement } from '../ports/judge.ts'
import type { LevelledDocument } from '../ports/sealer.ts'
import { archiveSchemes, type LicenceRow, listArchiveDue, listBelowTarget, replaceDocument } from '../store/licences.ts'
import { recordAudit } from '../store/register.ts'
import { tellShortfall } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import { openDocument } from './read-licence.ts'
import { openBox } from './sealed-content.ts'
import { gatherEvidence, judge } from './verify-new.ts'

/** Documents that go through together: one round of revocation data serves them. */
const GROUP = 50

/** Failures in a row after which groups are no longer split: it is not one document that is at fault, but whoever stamps or answers. */
const MOST_FAILURES = 32

/** Who acts when nobody asked. */
const SYSTEM = { id: 'system:archive', kind: 'system' } as const

export interface RaiseOutcome {
  /** Documents that got what was due. */
  readonly done: number
  /** Documents that are still due: what they need could not be had. */
  readonly left: number
}

/** Raises every document that is below its target level (EN 319 142-1, 6); doing one twice at once is safe, only idle. */
export const raiseToTarget = (deps: Deps): Promise<RaiseOutcome> =>
  throughAll(
    deps,
    'raised',
    (after) => listBelowTarget(deps.database, after, GROUP),
    ({ level, targetLevel }) => ({ level: level!, target: targetLevel }),
  )

/**
 * Gives another archive time stamp to every document whose last one ends within a year: by its certificate, or by the table of algorithms,
 * which may have changed since.
 */
export async function renewArchives(deps: Deps): Promise<RaiseOutcome> {
  const horizon = renewalHorizon(deps.clock.now())
  const ending = (await archiveSchemes(deps.database)).filter((scheme) => deps.sealer.endOfScheme(scheme) <= horizon)
  return throughAll(
    deps,
    'renewed',
    (after) => listArchiveDue(deps.database, horizon, ending, after, GROUP),
    () => ({ level: 'B-LTA', target: 'B-LTA' }),
  )
}

interface Step {
  readonly level: Level
  readonly target: Level
}

async function throughAll(
  deps: Deps,
  what: 'raised' | 'renewed',
  list: (after: bigint) => Promise<LicenceRow[]>,
  stepOf: (row: LicenceRow) => Step,
): Promise<RaiseOutcome> {
  let done = 0
  let left = 0
  let after = 0n
  const patience: Patience = { left: MOST_FAILURES }
  for (;;) {
    const rows = await list(after)
    if (rows.length === 0) {
      if (done > 0) deps.count(what, done)
      return { done, left }
    }
    after = rows.at(-1)!.sequence
    const finished = await attempt(deps, what, rows, stepOf, patience)
    done += finished
    left += rows.length - finished
  }
}

/** Failed attempts that may still follow each other before groups are left as they are. */
interface Patience {
  left: number
}

/** One damaged document, or one about which nobody answers, must not keep the others: a group that fails is tried in halves. */
async function attempt(
  deps: Deps,
  what: 'raised' | 'renewed',
  rows: readonly LicenceRow[],
  stepOf: (row: LicenceRow) => Step,
  patience: Patience,
): Promise<number> {
  try {
    const done = await augmentGroup(deps, what, rows, stepOf)
    patience.left = done > 0 ? MOST_FAILURES : patience.left - 1
    return done
  } catch (error) {
    patience.left--
    if (rows.length === 1) {
      deps.log.error('a document could not be raised', { error, identifier: rows[0]!.identifier })
      return 0
    }
    if (patience.left <= 0) return 0
    const middle = rows.length >> 1
    const done = await attempt(deps, what, rows.slice(0, middle), stepOf, patience)
    return done + (await attempt(deps, what, rows.slice(middle), stepOf, patience))
  }
}

interface Opened {
  readonly row: LicenceRow
  readonly pdf: Uint8Array
  readonly step: Step
}

async function augmentGroup(
  deps: Deps,
  what: 'raised' | 'renewed',
  rows: readonly LicenceRow[],
  stepOf: (row: LicenceRow) => Step,
): Promise<number> {
  // An erased licence has no document that could be opened, for ever.
  const readable = rows.filter(({ wrappedDataKey }) => wrappedDataKey !== null)
  const opened: Opened[] = await Promise.all(
    readable.map(async (row) => ({ row, pdf: await openDocument(deps, row), step: stepOf(row) })),
  )
  const augmented = await deps.sealer.augmentDocuments(
    opened.map(({ row, pdf, step }) => ({ identifier: row.identifier, pdf, ...step })),
  )
  tellShortfall(deps, augmented)
  const [{ shortfall = null } = {}] = augmented
  const isStuck = augmented.every((document, index) => document.pdf.length === opened[index]!.pdf.length)
  if (augmented.length > 1 && shortfall !== null && isStuck) throw shortfall
  const evidence = await gatherEvidence(deps)
  const grown = augmented
    .map((document, index) => ({ document, one: opened[index]! }))
    .filter(({ document, one }) => document.pdf.length > one.pdf.length)
  const reports = await judge(
    deps,
    grown.map(({ document }) => document),
    evidence,
  )
  const finished: { opened: Opened; document: LevelledDocument; level: Level }[] = []
  for (const [index, { document, one }] of grown.entries()) {
    const level = checkAugmented(one, document, reports[index]!, what)
    // What does not verify higher than before must not grow a little every minute.
    if (what === 'renewed' || level !== one.step.level) finished.push({ opened: one, document, level })
    else deps.log.error('a document was raised but does not verify higher', { identifier: one.row.identifier, level })
  }
  if (finished.length === 0) return 0
  const blobs = await deps.blobs.putMany(
    finished.map(({ opened: { row }, document }) => openBox(deps, row).seal('document', document.pdf)),
  )
  await deps.database.transaction(async (tx) => {
    for (const [index, one] of finished.entries()) await record(deps, tx, what, one, blobs[index]!)
  })
  return finished.filter(({ opened: { row, step }, level }) =>
    what === 'renewed' ? true : isAtLeast(level, row.targetLevel) && isAtLeast(level, step.target),
  ).length
}

/** The document must be the one on the register with something appended, its seals as good as before, and its level not lower. */
function checkAugmented(
  { row, pdf, step }: Opened,
  document: LevelledDocument,
  report: Judgement,
  what: 'raised' | 'renewed',
): Level {
  const refuse = (what: string) => new LicenceError('LICENCE_CONTENT_DAMAGED', `the raised document ${what}`)
  if (Buffer.compare(document.pdf.subarray(0, pdf.length), pdf) !== 0) throw refuse('does not begin with the old one')
  const seals = report.signatures.filter(({ type }) => type === 'signature')
  if (seals.at(-1)?.signedDigest !== row.sealedDigest) throw refuse('does not hold the seal on record')
  if (report.documentChangedAfterSeal) throw refuse('was changed after its seal')
  if (report.signatures.some(({ integrity }) => integrity !== 'intact')) throw refuse('holds a broken signature')
  // The older stamps alone would keep the level for now, and nobody would ask for another before they end.
  const newest = report.signatures.at(-1)!
  if (what === 'renewed' && !(newest.type === 'document-time-stamp' && newest.indication === 'TOTAL-PASSED'))
    throw refuse('has a time stamp that proves nothing')
  const level = reachedLevel(report.signatures)
  if (!isAtLeast(level, step.level)) throw refuse(`verifies at ${level} only`)
  return level
}

async function record(
  deps: Deps,
  tx: Queryable,
  what: 'raised' | 'renewed',
  { opened: { row }, document, level }: { opened: Opened; document: LevelledDocument; level: Level },
  blob: string,
): Promise<void> {
  const { archive } = document
  const changed = await replaceDocument(tx, row.identifier, row.documentBlob!, {
    documentBlob: blob,
    level,
    archiveUntil: archive?.until ?? row.archiveUntil,
    archiveScheme: archive?.scheme ?? row.archiveScheme,
  })
  // Another process was quicker: its document stands, ours is swept.
  if (!changed) return
  const actor = { ...SYSTEM, departmentCode: row.departmentCode }
  await recordAudit(tx, actor, deps.clock.now(), [{ action: what, identifier: row.identifier, detail: level }])
}
