import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Principal, Queryable, Transaction } from '../../../platform/index.ts'
import { comparePreviews } from '../../../templates/index.ts'
import { LicenceError } from '../../errors.ts'
import { recordAudit } from '../../store/register.ts'
import {
  approvedGoldens,
  countChecks,
  findCheck,
  findSpecimen,
  type GoldenRow,
  goldensOf,
  insertGolden,
  keepCheck,
  replaceGoldens,
  type SpecimenInputs,
  settleGolden,
  type TemplateCheck,
} from '../../store/template-goldens.ts'
import { lockTemplate, type TemplateRow, versionsOfTemplate } from '../../store/template-versions.ts'
import { lockType, versionsOfType } from '../../store/types.ts'
import { type Range, rangeOf, requireKeeper } from '../catalogue/keeper.ts'
import type { Deps } from '../deps.ts'
import { drawSpecimen, inputsOf } from './try-definition.ts'

/** Every proposal is kept for ever, some hundred kilobytes each. */
const MOST_PROPOSALS_A_DAY = 20

/** A specimen, and with what it was drawn. */
export interface Specimen {
  readonly inputs: SpecimenInputs
  readonly bytes: Uint8Array
}

type VersionName = Pick<TemplateRow, 'typeCode' | 'templateVersion'>

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const nameOf = ({ typeCode, templateVersion, revision }: VersionName & { readonly revision: number }): string =>
  `${typeCode} ${templateVersion} golden ${revision}`

const rowOf = (
  { typeCode, templateVersion }: VersionName,
  { inputs, bytes }: Specimen,
  rest: Pick<GoldenRow, 'revision' | 'state' | 'reason' | 'proposedBy' | 'decidedBy' | 'decidedAt'>,
): GoldenRow => ({
  ...{ typeCode, templateVersion, specimenDigest: digestOf(bytes), drawnAt: inputs.drawnAt },
  ...{ issuerCode: inputs.issuer.code, issuerName: inputs.issuer.name },
  ...rest,
})

/** What a template looks like as it is published: proposed by who drew it, approved by who published it. */
export async function firstGolden(
  tx: Queryable,
  row: TemplateRow,
  specimen: Specimen,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<void> {
  const decided = { decidedBy: by, decidedAt: at }
  const proposedBy = row.drawers[0] ?? ''
  await insertGolden(
    tx,
    rowOf(row, specimen, { revision: 1, state: 'approved', reason: '', proposedBy, ...decided }),
    specimen.bytes,
  )
}

/** How a version stands to what it must look like. */
export interface GoldenState {
  /** `none`: nothing was approved; `unchecked`: not compared yet, or not since another one was approved. */
  readonly state: 'none' | 'unchecked' | TemplateCheck['outcome']
  readonly approved: GoldenRow | undefined
  readonly proposed: GoldenRow | undefined
  readonly check: TemplateCheck | undefined
}

async function stateOf(db: Queryable, version: VersionName): Promise<GoldenState> {
  const rows = await goldensOf(db, version)
  const approved = rows.find(({ state }) => state === 'approved')
  const found = await findCheck(db, version)
  const check = found?.revision === approved?.revision ? found : undefined
  const state = approved ? (check?.outcome ?? 'unchecked') : 'none'
  return { state, approved, proposed: rows.find((row) => row.state === 'proposed'), check }
}

/** The version that new licences are made with. @throws LicenceError LICENCE_TYPE_UNKNOWN, TYPE_NOT_YOURS, TEMPLATE_STATE_REFUSED */
async function publishedVersion(deps: Deps, caller: Principal, typeCode: string): Promise<TemplateRow> {
  const types = await versionsOfType(deps.database, typeCode)
  await requireKeeper(deps.database, await rangeOf(deps, caller), types, { above: true })
  return requirePublished(await versionsOfTemplate(deps.database, typeCode))
}

function requirePublished(versions: readonly TemplateRow[]): TemplateRow {
  const row = versions.find(({ state }) => state === 'published')
  if (!row) throw new LicenceError('TEMPLATE_STATE_REFUSED', 'no version of this template is published')
  return row
}

/** The version in force and how it stands to its golden specimen. @throws LicenceError as `publishedVersion` */
export async function readGolden(
  deps: Deps,
  caller: Principal,
  typeCode: string,
): Promise<GoldenState & { readonly templateVersion: number }> {
  const version = await publishedVersion(deps, caller, typeCode)
  return { ...(await stateOf(deps.database, version)), templateVersion: version.templateVersion }
}

export const SPECIMENS = ['approved', 'proposed', 'present'] as const

/**
 * A specimen as PDF: as it was approved, as it is proposed, or as the approved one is drawn at present, from the same inputs.
 * @throws LicenceError as `publishedVersion`, TEMPLATE_VERSION_NOT_FOUND where there is none
 */
export async function readGoldenSpecimen(
  deps: Deps,
  caller: Principal,
  typeCode: string,
  which: (typeof SPECIMENS)[number],
): Promise<Uint8Array> {
  const { approved, proposed } = await readGolden(deps, caller, typeCode)
  const row = which === 'proposed' ? proposed : approved
  if (!row) throw new LicenceError('TEMPLATE_VERSION_NOT_FOUND', 'there is no such golden specimen of this version')
  return which === 'present' ? drawAgain(deps, row) : keptSpecimen(deps, row)
}

async function keptSpecimen(deps: Deps, row: GoldenRow): Promise<Uint8Array> {
  const kept = await findSpecimen(deps.database, row)
  if (!kept) throw new Error(`the golden specimen ${nameOf(row)} is gone`)
  return kept
}

function drawAgain({ templates }: Deps, row: GoldenRow): Uint8Array {
  const template = templates.version(row.typeCode, row.templateVersion)
  if (!template) throw new Error(`the template of ${nameOf(row)} is not loaded`)
  const { issuerCode: code, issuerName: name, drawnAt } = row
  return drawSpecimen(template.compiled, { issuer: { code, name }, drawnAt })
}

/** Draws what was approved again and says whether it is the same; nothing is replaced. */
async function compareGolden(deps: Deps, row: GoldenRow): Promise<TemplateCheck> {
  const { typeCode, templateVersion, revision } = row
  const checkedAt = deps.clock.now()
  const found = (outcome: TemplateCheck['outcome'], differences: TemplateCheck['differences'] = []) => ({
    ...{ typeCode, templateVersion, revision, checkedAt },
    ...{ outcome, differences },
  })
  const before = await keptSpecimen(deps, row)
  let check: TemplateCheck
  try {
    const differences = comparePreviews(before, drawAgain(deps, row))
    check = found(differences.length === 0 ? 'same' : 'differs', differences)
  } catch (error) {
    // What cannot be drawn any more is the gravest difference, not an end of the comparison: the operator is told, the others go on.
    deps.log.error('a published template cannot be drawn as it was', { error, typeCode, templateVersion })
    check = found('failed')
  }
  if (check.outcome === 'differs')
    deps.log.warn('a published template looks different from what was approved', {
      ...{ typeCode, templateVersion, revision, differences: check.differences },
    })
  await keepCheck(deps.database, check)
  return check
}

/** Compares the version in force at once. @throws LicenceError as `readGolden`, TEMPLATE_VERSION_NOT_FOUND where nothing was approved */
export async function checkGolden(
  deps: Deps,
  caller: Principal,
  typeCode: string,
): Promise<GoldenState & { readonly templateVersion: number }> {
  const { approved } = await readGolden(deps, caller, typeCode)
  if (!approved) throw new LicenceError('TEMPLATE_VERSION_NOT_FOUND', 'no golden specimen of this version was approved')
  await compareGolden(deps, approved)
  return readGolden(deps, caller, typeCode)
}

/** Compares every version in force that is due; others get their turn in between. */
export async function checkGoldens(
  deps: Deps,
  isDue: (row: GoldenRow) => boolean = () => true,
  stopping?: AbortSignal,
): Promise<TemplateCheck[]> {
  const checks: TemplateCheck[] = []
  for (const row of await approvedGoldens(deps.database)) {
    if (stopping?.aborted) break
    if (!isDue(row)) continue
    checks.push(await compareGolden(deps, row))
    await setImmediate()
  }
  deps.showGoldens?.(await countChecks(deps.database))
  return checks
}

/** The version in force, held until the transaction ends; the type first, as everybody locks them. */
async function lockPublished(tx: Transaction, range: Range, typeCode: string): Promise<TemplateRow> {
  const types = await lockType(tx, typeCode)
  await requireKeeper(tx, range, types, { above: true })
  return requirePublished(await lockTemplate(tx, typeCode))
}

/**
 * Proposes that a template shall look as it is drawn at present. An earlier proposal gives way; what was approved counts until another
 * person approves this one.
 * @throws LicenceError as `publishedVersion`, TEMPLATE_CHANGED_SINCE_READ, TEMPLATE_PROPOSALS_TOO_MANY
 */
export async function proposeGolden(
  deps: Deps,
  caller: Principal,
  { typeCode, reason }: { readonly typeCode: string; readonly reason: string },
): Promise<GoldenState & { readonly templateVersion: number }> {
  const version = await publishedVersion(deps, caller, typeCode)
  await deps.templates.refresh()
  const template = deps.templates.version(typeCode, version.templateVersion)
  if (!template)
    throw new LicenceError('TEMPLATE_STATE_REFUSED', 'the published version of this template is not loaded')
  const inputs = await inputsOf(deps, caller)
  const specimen = { inputs, bytes: drawSpecimen(template.compiled, inputs) }
  const range = await rangeOf(deps, caller)
  await deps.database.transaction(async (tx) => {
    const row = await lockPublished(tx, range, typeCode)
    if (row.templateVersion !== version.templateVersion)
      throw new LicenceError('TEMPLATE_CHANGED_SINCE_READ', 'another version was published meanwhile')
    const goldens = await goldensOf(tx, row)
    const dayAgo = inputs.drawnAt.getTime() - 86_400_000
    if (goldens.filter(({ drawnAt }) => drawnAt.getTime() > dayAgo).length >= MOST_PROPOSALS_A_DAY)
      throw new LicenceError('TEMPLATE_PROPOSALS_TOO_MANY', `a version gets ${MOST_PROPOSALS_A_DAY} proposals a day`)
    await replaceGoldens(tx, row, 'proposed')
    const golden = rowOf(row, specimen, {
      ...{ revision: (goldens[0]?.revision ?? 0) + 1, state: 'proposed', reason },
      ...{ proposedBy: caller.id, decidedBy: null, decidedAt: null },
    })
    await insertGolden(tx, golden, specimen.bytes)
    await recordAudit(tx, caller, deps.clock.now(), [
      { action: 'propose-golden', identifier: null, detail: nameOf(golden) },
    ])
  })
  return readGolden(deps, caller, typeCode)
}

export interface GoldenDecision {
  readonly typeCode: string
  readonly revision: number
  /** What was looked at. */
  readonly specimenDigest: string
  readonly decision: 'approve' | 'refuse'
}

/**
 * Decides on a proposal: by another person than its proposer, who names what was looked at. Approved, it takes the place of the one before.
 * A decision repeated by the same person is answered as it was.
 * @throws LicenceError as `publishedVersion`, TEMPLATE_CHANGED_SINCE_READ, CATALOGUE_SAME_PERSON
 */
export async function decideGolden(
  deps: Deps,
  caller: Principal,
  { typeCode, revision, specimenDigest, decision }: GoldenDecision,
): Promise<GoldenState & { readonly templateVersion: number }> {
  const state = ({ approve: 'approved', refuse: 'refused' } as const)[decision]
  const range = await rangeOf(deps, caller)
  await deps.database.transaction(async (tx) => {
    const version = await lockPublished(tx, range, typeCode)
    const row = (await goldensOf(tx, version)).find((one) => one.revision === revision)
    if (row?.state === state && row.decidedBy === caller.id) return
    if (row?.state !== 'proposed' || row.specimenDigest !== specimenDigest)
      throw new LicenceError('TEMPLATE_CHANGED_SINCE_READ', 'this is not what is proposed: read it again')
    if (row.proposedBy === caller.id || caller.kind === 'machine')
      throw new LicenceError(
        'CATALOGUE_SAME_PERSON',
        'another person than who proposed a golden specimen decides on it',
      )
    const at = deps.clock.now()
    if (state === 'approved') await replaceGoldens(tx, version, 'approved')
    await settleGolden(tx, row, { state, by: caller.id, at })
    await recordAudit(tx, caller, at, [{ action: `${decision}-golden`, identifier: null, detail: nameOf(row) }])
  })
  const { approved } = await readGolden(deps, caller, typeCode)
  if (state === 'approved' && approved?.revision === revision) await compareGolden(deps, approved)
  return readGolden(deps, caller, typeCode)
}
