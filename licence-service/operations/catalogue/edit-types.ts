import type { Principal, Queryable, Transaction } from '../../../platform/index.ts'
import { entryFaults, type FieldFact } from '../../domain/entry-rules.ts'
import type { TypeEntry } from '../../domain/type-entry.ts'
import { LicenceError } from '../../errors.ts'
import { recordAudit } from '../../store/register.ts'
import { raiseRevision, versionsOfTemplate } from '../../store/template-versions.ts'
import { insertDraft, lockType, rewriteDraft, stepType, type TypeRow } from '../../store/types.ts'
import type { Deps } from '../deps.ts'
import { publishTrustList } from '../publish-trust-list.ts'
import { digestOf } from '../templates/digest.ts'
import { definitionFor } from '../templates/draw-templates.ts'
import { type Range, rangeOf, requireKeeper } from './keeper.ts'

export interface DraftedType {
  readonly typeCode: string
  readonly entry: TypeEntry
  /** Digest of the entry that the writer read: of the open draft, else of the newest version; null for a type that is new. */
  readonly replaces: string | null
}

const isOpen = ({ state }: TypeRow) => state === 'draft' || state === 'reviewed'

/**
 * Writes the next version of an entry as a draft: the first of a new type, or the one after what is published. What was reviewed is a
 * draft again.
 * @throws LicenceError TYPE_ENTRY_INVALID with every fault, TYPE_CHANGED_SINCE_READ, TYPE_NOT_YOURS
 */
export async function draftType(deps: Deps, caller: Principal, drafted: DraftedType): Promise<TypeRow> {
  const range = await rangeOf(deps, caller)
  return deps.database.transaction((tx) => draftIn(deps, tx, caller, range, drafted))
}

/**
 * The fields of the type's template in force, as the database has it; undefined where none is.
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID of a row that cannot be read
 */
export async function fieldsInForce(db: Queryable, typeCode: string): Promise<readonly FieldFact[] | undefined> {
  const published = (await versionsOfTemplate(db, typeCode)).find(({ state }) => state === 'published')
  return published && definitionFor(typeCode, published.definition).fields
}

/**
 * The caller holds the type's rows, as everybody does who publishes a template: what is sound here stays so until the transaction ends.
 * @throws LicenceError TYPE_ENTRY_INVALID
 */
async function requireSound(tx: Transaction, typeCode: string, entry: TypeEntry): Promise<void> {
  const faults = entryFaults(typeCode, entry, await fieldsInForce(tx, typeCode))
  if (faults.length > 0)
    throw new LicenceError('TYPE_ENTRY_INVALID', `${faults.length} fault(s) in the entry`, { faults })
}

/** Drafts within a transaction. @throws LicenceError as `draftType` */
export async function draftIn(
  deps: Deps,
  tx: Transaction,
  caller: Principal,
  range: Range,
  { typeCode, entry, replaces }: DraftedType,
): Promise<TypeRow> {
  const versions = await lockType(tx, typeCode)
  const [latest] = versions
  if ((latest?.entryDigest ?? null) !== replaces)
    throw new LicenceError('TYPE_CHANGED_SINCE_READ', 'the entry is not the one that was read: read it again')
  if (latest) await requireKeeper(tx, range, versions, { above: false })
  await requireSound(tx, typeCode, entry)
  const open = versions.find(isOpen)
  const row = {
    typeCode,
    version: open?.version ?? (latest?.version ?? 0) + 1,
    entry,
    entryDigest: digestOf(entry),
    keeper: latest ? latest.keeper : caller.departmentCode,
    writers: [...new Set([...(open?.writers ?? []), caller.id])],
    writtenAt: deps.clock.now(),
  }
  await (open ? rewriteDraft(tx, row) : insertDraft(tx, row))
  await recordAudit(tx, caller, row.writtenAt, [{ action: 'draft-type', identifier: null, detail: nameOf(row) }])
  return (await lockType(tx, typeCode))[0]!
}

const nameOf = ({ typeCode, version }: Pick<TypeRow, 'typeCode' | 'version'>) => `${typeCode} ${version}`

export type TypeStep = 'review' | 'publish' | 'retire'

const STEPS = {
  review: { from: 'draft', to: 'reviewed' },
  publish: { from: 'reviewed', to: 'published' },
  retire: { from: 'published', to: 'retired' },
} as const

/**
 * Takes an entry a step on: reviewed and published by people who did not write it, each naming what they read, while it is sound beside
 * the template in force by then. The version before is retired by publication. A step repeated by the same person is answered as it was.
 * @throws LicenceError TYPE_STATE_REFUSED, TYPE_ENTRY_INVALID, CATALOGUE_SAME_PERSON, TYPE_CHANGED_SINCE_READ, TYPE_NOT_YOURS, LICENCE_TYPE_UNKNOWN
 */
export async function takeTypeStep(
  deps: Deps,
  caller: Principal,
  step: TypeStep,
  { typeCode, entryDigest }: { readonly typeCode: string; readonly entryDigest: string },
): Promise<TypeRow> {
  const { from, to } = STEPS[step]
  const range = await rangeOf(deps, caller)
  const done = await deps.database.transaction(async (tx) => {
    const versions = await lockType(tx, typeCode)
    await requireKeeper(tx, range, versions, { above: true })
    const row = versions.find(({ state }) => state === from)
    const repeated = versions.find((one) => one.state === to && one.entryDigest === entryDigest)
    if (!row && repeated?.[`${to}By`] === caller.id) return repeated
    if (!row) throw new LicenceError('TYPE_STATE_REFUSED', `there is no ${from} version of this type`)
    if (row.entryDigest !== entryDigest)
      throw new LicenceError('TYPE_CHANGED_SINCE_READ', 'the entry is not the one that was read: read it again')
    if (step !== 'retire' && (row.writers.includes(caller.id) || caller.kind === 'machine'))
      throw new LicenceError('CATALOGUE_SAME_PERSON', 'another person than who wrote an entry reviews and publishes it')
    if (step !== 'retire') await requireSound(tx, typeCode, row.entry)
    const at = deps.clock.now()
    const before = versions.find(({ state }) => state === 'published')
    if (step === 'publish' && before)
      await stepType(tx, before, { from: 'published', to: 'retired', by: caller.id, at })
    await stepType(tx, row, { from, to, by: caller.id, at })
    await recordAudit(tx, caller, at, [{ action: `${step}-type`, identifier: null, detail: nameOf(row) }])
    if (step !== 'review') await raiseRevision(tx)
    return (await lockType(tx, typeCode)).find(({ version }) => version === row.version)!
  })
  if (step === 'review') return done
  await deps.templates.refresh()
  await publishTrustList(deps)
  return done
}
