import type { Clock, Database, Log, Queryable } from '../../../platform/index.ts'
import { type LicenceDefinition, listTemplates } from '../../../templates/index.ts'
import {
  insertShippedTemplates,
  listTemplateStates,
  raiseRevision,
  stepTemplate,
  type TemplateRow,
} from '../../store/template-versions.ts'
import { insertShippedTypes } from '../../store/types.ts'
import { shippedEntry } from '../catalogue/shipped-entries.ts'
import { definitionDigest, digestOf } from './digest.ts'

type Shipped = Pick<TemplateRow, 'typeCode' | 'templateVersion' | 'definitionDigest'> & {
  readonly definition: LicenceDefinition
}
type Known = Awaited<ReturnType<typeof listTemplateStates>>[number]

interface ShipDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
}

/**
 * Puts the definitions that come with the service among the rows: a type nobody has, as its first version; one that came changed with a
 * new release, as the next version in place of the shipped one. What a department drew itself is left in force.
 */
export async function shipDefinitions(deps: ShipDeps): Promise<void> {
  const shipped = listTemplates().map((definition) => ({
    typeCode: definition.typeCode,
    templateVersion: definition.templateVersion,
    definition,
    definitionDigest: definitionDigest(definition),
  }))
  if (findMissing(shipped, await listTemplateStates(deps.database)).length === 0) return
  await deps.database.transaction(async (tx) => {
    // First, so that of several processes that start at once one does it.
    await raiseRevision(tx)
    const known = await listTemplateStates(tx)
    const missing = findMissing(shipped, known)
    const next = missing.flatMap((one) => nextVersion(deps.log, one, known))
    await retireShipped(tx, next, known, deps.clock.now())
    await insertShippedTypes(
      tx,
      deps.clock.now(),
      missing.map(({ typeCode, definition }) => {
        const entry = shippedEntry(definition)
        return { typeCode, entry, entryDigest: digestOf(entry) }
      }),
    )
    await insertShippedTemplates(tx, deps.clock.now(), next)
  })
}

const findMissing = (shipped: readonly Shipped[], known: readonly Known[]): Shipped[] =>
  shipped.filter(
    (one) => !known.some((row) => row.typeCode === one.typeCode && row.definitionDigest === one.definitionDigest),
  )

function nextVersion(log: Log, one: Shipped, known: readonly Known[]): Shipped[] {
  const versions = known.filter(({ typeCode }) => typeCode === one.typeCode)
  if (versions.length === 0) return [one]
  if (!versions.every(({ origin }) => origin === 'shipped')) {
    log.warn('a template came changed with this release; the one drawn here stays in force', { typeCode: one.typeCode })
    return []
  }
  return [{ ...one, templateVersion: 1 + Math.max(...versions.map(({ templateVersion }) => templateVersion)) }]
}

async function retireShipped(
  tx: Queryable,
  next: readonly Shipped[],
  known: readonly Known[],
  at: Date,
): Promise<void> {
  for (const { typeCode } of next)
    for (const row of known)
      if (row.typeCode === typeCode && row.state === 'published')
        await stepTemplate(tx, row, { from: 'published', to: 'retired', by: null, at })
}
