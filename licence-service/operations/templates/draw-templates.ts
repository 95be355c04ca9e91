import type { Principal, Transaction } from '../../../platform/index.ts'
import { type LicenceDefinition, parseDefinition } from '../../../templates/index.ts'
import { entryFaults } from '../../domain/entry-rules.ts'
import { LicenceError } from '../../errors.ts'
import { recordAudit } from '../../store/register.ts'
import {
  findPicture,
  insertTemplateDraft,
  keepPictures,
  lockTemplate,
  raiseRevision,
  redrawDraft,
  stepTemplate,
  type TemplateRow,
  versionsOfTemplate,
} from '../../store/template-versions.ts'
import { lockType, type TypeRow, versionsOfType } from '../../store/types.ts'
import { type Range, rangeOf, requireKeeper } from '../catalogue/keeper.ts'
import type { Deps } from '../deps.ts'
import { definitionDigest } from './digest.ts'
import { firstGolden, type Specimen } from './golden.ts'
import { starterDefinition } from './starter.ts'
import { compileTrial, drawSpecimen, inputsOf, previewDefinition } from './try-definition.ts'

const isOpen = ({ state }: Pick<TemplateRow, 'state'>) => state === 'draft' || state === 'reviewed'
const nameOf = ({ typeCode, templateVersion }: Pick<TemplateRow, 'typeCode' | 'templateVersion'>) =>
  `${typeCode} ${templateVersion}`

/** What the studio opens: the open draft, else the newest version to go on from, else something to begin with. */
export interface OpenedTemplate {
  readonly definition: unknown
  /** To be named when it is saved; null of what nobody saved yet. */
  readonly definitionDigest: string | null
  readonly state: TemplateRow['state'] | 'none'
  readonly templateVersion: number
  readonly drawers: readonly string[]
  readonly reviewedBy: string | null
}

/** @throws LicenceError LICENCE_TYPE_UNKNOWN, TYPE_NOT_YOURS */
export async function openTemplate(deps: Deps, caller: Principal, typeCode: string): Promise<OpenedTemplate> {
  const types = await versionsOfType(deps.database, typeCode)
  await requireKeeper(deps.database, await rangeOf(deps, caller), types, { above: true })
  const versions = await versionsOfTemplate(deps.database, typeCode)
  const newest = versions.find(isOpen) ?? versions[0]
  if (newest) {
    const { definition, definitionDigest, state, templateVersion, drawers, reviewedBy } = newest
    return { definition, definitionDigest, state, templateVersion, drawers, reviewedBy }
  }
  const definition = starterDefinition(typeCode, types[0]!.entry)
  return { definition, definitionDigest: null, state: 'none', templateVersion: 1, drawers: [], reviewedBy: null }
}

export interface DrawnTemplate {
  readonly typeCode: string
  readonly definition: unknown
  /** Digest of what the drawer opened, null of what was never saved. */
  readonly replaces: string | null
}

/**
 * Saves the next version of a template as a draft. What was reviewed is a draft again.
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID with every fault; LicenceError TEMPLATE_CHANGED_SINCE_READ, TYPE_NOT_YOURS,
 *   LICENCE_TYPE_UNKNOWN
 */
export async function drawTemplate(deps: Deps, caller: Principal, drawn: DrawnTemplate): Promise<TemplateRow> {
  const definition = definitionFor(drawn.typeCode, drawn.definition)
  const range = await rangeOf(deps, caller)
  return deps.database.transaction(async (tx) => {
    const { versions } = await lockKept(tx, range, drawn.typeCode, { above: false })
    const open = versions.find(isOpen)
    if (((open ?? versions[0])?.definitionDigest ?? null) !== drawn.replaces)
      throw new LicenceError('TEMPLATE_CHANGED_SINCE_READ', 'the template is not the one that was read: read it again')
    const templateVersion = open?.templateVersion ?? (versions[0]?.templateVersion ?? 0) + 1
    const row = {
      typeCode: drawn.typeCode,
      templateVersion,
      definition: { ...definition, templateVersion },
      definitionDigest: definitionDigest(definition),
      drawers: [...new Set([...(open?.drawers ?? []), caller.id])],
      drawnAt: deps.clock.now(),
    }
    await (open ? redrawDraft(tx, row) : insertTemplateDraft(tx, row))
    await recordAudit(tx, caller, row.drawnAt, [{ action: 'draw-template', identifier: null, detail: nameOf(row) }])
    return (await lockTemplate(tx, drawn.typeCode))[0]!
  })
}

/** A definition from outside for a type. @throws TemplateError TEMPLATE_DEFINITION_INVALID */
export function definitionFor(typeCode: string, json: unknown): LicenceDefinition {
  const given = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}
  return parseDefinition({ ...given, typeCode })
}

async function lockKept(
  tx: Transaction,
  range: Range,
  typeCode: string,
  { above }: { above: boolean },
): Promise<{ types: TypeRow[]; versions: TemplateRow[] }> {
  // The type first, as everybody does: two who lock in another order would wait for each other.
  const types = await lockType(tx, typeCode)
  await requireKeeper(tx, range, types, { above })
  return { types, versions: await lockTemplate(tx, typeCode) }
}

export type TemplateStep = 'review' | 'publish' | 'retire'

const STEPS = {
  review: { from: 'draft', to: 'reviewed' },
  publish: { from: 'reviewed', to: 'published' },
  retire: { from: 'published', to: 'retired' },
} as const

export interface TemplateStepRequest {
  readonly typeCode: string
  readonly definitionDigest: string
  /** The pages as the reviewer saw them, PNG; kept with a publication. */
  readonly goldenPages?: readonly Uint8Array[]
}

/**
 * Takes a template a step on: reviewed and published by people who did not draw it, each naming what they looked at. It is set once with
 * its example before, so that what cannot be drawn is never published; the version before is retired by publication. A step repeated by
 * the same person is answered as it was.
 * @throws LicenceError TEMPLATE_STATE_REFUSED, TEMPLATE_CHANGED_SINCE_READ, CATALOGUE_SAME_PERSON, TYPE_NOT_YOURS,
 *   LICENCE_TYPE_UNKNOWN, LICENCE_DATA_INVALID, TYPE_ENTRY_INVALID; TemplateError TEMPLATE_DEFINITION_INVALID
 */
export async function takeTemplateStep(
  deps: Deps,
  caller: Principal,
  step: TemplateStep,
  request: TemplateStepRequest,
): Promise<TemplateRow> {
  const { typeCode } = request
  const range = await rangeOf(deps, caller)
  const specimen = step === 'retire' ? undefined : await specimenOf(deps, caller, request)
  const done = await deps.database.transaction(async (tx) => {
    const { types, versions } = await lockKept(tx, range, typeCode, { above: true })
    const { row, isDone } = judgeStep(caller, step, request, versions)
    if (isDone) return row
    if (step !== 'retire') checkEntry(types, definitionFor(typeCode, row.definition))
    const at = deps.clock.now()
    const before = versions.find(({ state }) => state === 'published')
    if (step === 'publish' && before)
      await stepTemplate(tx, before, { from: 'published', to: 'retired', by: caller.id, at })
    await stepTemplate(tx, row, { ...STEPS[step], by: caller.id, at })
    if (step === 'publish' && specimen) {
      await keepPictures(tx, row, [specimen.bytes, ...(request.goldenPages ?? [])])
      await firstGolden(tx, row, specimen, { by: caller.id, at })
    }
    await recordAudit(tx, caller, at, [{ action: `${step}-template`, identifier: null, detail: nameOf(row) }])
    if (step !== 'review') await raiseRevision(tx)
    return (await lockTemplate(tx, typeCode)).find(({ templateVersion }) => templateVersion === row.templateVersion)!
  })
  if (step !== 'review') await deps.templates.refresh()
  return done
}

function judgeStep(
  caller: Principal,
  step: TemplateStep,
  { definitionDigest }: TemplateStepRequest,
  versions: readonly TemplateRow[],
): { row: TemplateRow; isDone: boolean } {
  const { from, to } = STEPS[step]
  const row = versions.find(({ state }) => state === from)
  const repeated = versions.find((one) => one.state === to && one.definitionDigest === definitionDigest)
  if (!row && repeated?.[`${to}By`] === caller.id) return { row: repeated, isDone: true }
  if (!row) throw new LicenceError('TEMPLATE_STATE_REFUSED', `there is no ${from} version of this template`)
  if (row.definitionDigest !== definitionDigest)
    throw new LicenceError('TEMPLATE_CHANGED_SINCE_READ', 'the template is not the one that was read: read it again')
  if (step !== 'retire' && (row.drawers.includes(caller.id) || caller.kind === 'machine'))
    throw new LicenceError('CATALOGUE_SAME_PERSON', 'another person than who drew a template reviews and publishes it')
  return { row, isDone: false }
}

/** The open version set with its example; undefined where there is none, which the step itself then says. */
async function specimenOf(
  deps: Deps,
  caller: Principal,
  { typeCode, definitionDigest }: TemplateStepRequest,
): Promise<Specimen | undefined> {
  const open = (await versionsOfTemplate(deps.database, typeCode)).find(isOpen)
  if (open?.definitionDigest !== definitionDigest) return undefined
  const definition = definitionFor(typeCode, open.definition)
  const inputs = await inputsOf(deps, caller)
  return { inputs, bytes: drawSpecimen(compileTrial(deps.fonts, definition), inputs) }
}

/**
 * What the catalogue lets others have, the template must have and not hide; and both say alike whether documents are uploaded.
 * Asked of the entry in force, or the last one of a retired type.
 * @throws LicenceError TYPE_ENTRY_INVALID
 */
function checkEntry(types: readonly TypeRow[], { typeCode, fields, body }: LicenceDefinition): void {
  const row = types.find(({ state }) => state === 'published') ?? types.find(({ state }) => state === 'retired')
  if (!row) return
  const { entry } = row
  if ((entry.body === 'uploaded') !== (body !== undefined)) {
    const detail = {
      zh: '目录中的文件来源与模板不一致',
      en: 'The catalogue says otherwise of where the document comes from.',
    }
    throw new LicenceError('TYPE_ENTRY_INVALID', 'the catalogue says otherwise of where the document comes from', {
      faults: [{ pointer: '/body', code: 'RULE_BROKEN', detail }],
    })
  }
  const faults = entryFaults(typeCode, entry, fields).filter(({ pointer }) =>
    /^\/(sharing\/fields|searchFields)\//.test(pointer),
  )
  if (faults.length > 0)
    throw new LicenceError(
      'TYPE_ENTRY_INVALID',
      'the catalogue names fields that this template lacks, hides or draws',
      {
        faults,
      },
    )
}

/** Every version of a template, newest first. @throws LicenceError LICENCE_TYPE_UNKNOWN, TYPE_NOT_YOURS */
export async function readTemplateVersions(deps: Deps, caller: Principal, typeCode: string): Promise<TemplateRow[]> {
  const types = await versionsOfType(deps.database, typeCode)
  await requireKeeper(deps.database, await rangeOf(deps, caller), types, { above: true })
  return versionsOfTemplate(deps.database, typeCode)
}

/** @throws LicenceError TEMPLATE_VERSION_NOT_FOUND and those of `readTemplateVersions` */
export async function readTemplateVersion(
  deps: Deps,
  caller: Principal,
  typeCode: string,
  templateVersion: number,
): Promise<TemplateRow> {
  const versions = await readTemplateVersions(deps, caller, typeCode)
  const row = versions.find((one) => one.templateVersion === templateVersion)
  if (!row) throw new LicenceError('TEMPLATE_VERSION_NOT_FOUND', 'the template has no such version')
  return row
}

/** What a version looked like when it was published (page 0 the specimen, then its pages); a draft is drawn as it stands. */
export async function readTemplatePicture(
  deps: Deps,
  caller: Principal,
  typeCode: string,
  templateVersion: number,
  page: number,
): Promise<Uint8Array> {
  const row = await readTemplateVersion(deps, caller, typeCode, templateVersion)
  const kept = await findPicture(deps.database, typeCode, templateVersion, page)
  if (kept) return kept
  if (page > 0) throw new LicenceError('TEMPLATE_VERSION_NOT_FOUND', 'no such page was kept of this version')
  return previewDefinition(deps, caller, definitionFor(typeCode, row.definition))
}
