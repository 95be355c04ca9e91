import { dayOf } from '../../../licence-format/index.ts'
import { foldFigures, sampleIssued, setFigure, unmeasured } from '../../store/figures.ts'
import { findLicences } from '../../store/licences.ts'
import { recordRead } from '../../store/reads.ts'
import type { Deps } from '../deps.ts'
import { openData } from '../read-licence.ts'

const AT_ONCE = 5_000
const SAMPLE = 50
const DAY_MS = 86_400_000
const MEASURER = { id: 'system', kind: 'system', departmentCode: '' } as const

/** Adds all that was counted to the figures by day; returns how many changes. */
export async function foldAllFigures(deps: Deps, stopping?: AbortSignal): Promise<number> {
  let all = 0
  for (;;) {
    const folded = await foldFigures(deps.database, AT_ONCE)
    all += folded
    if (folded < AT_ONCE || stopping?.aborted) return all
  }
}

/**
 * How many of the fields that may be left empty are filled, in a sample of what each department issued of each type the day before. Only
 * the two numbers are kept.
 */
export async function measureCompleteness(deps: Deps, stopping?: AbortSignal): Promise<void> {
  const day = dayOf(new Date(deps.clock.now().getTime() - DAY_MS))
  for (const one of await unmeasured(deps.database, day)) {
    if (stopping?.aborted) return
    let [fields, filled] = [0, 0]
    for (const row of await findLicences(deps.database, await sampleIssued(deps.database, { ...one, day }, SAMPLE))) {
      const definition = deps.templates.version(row.typeCode, row.templateVersion)?.definition
      const data = openData(deps, row)
      await recordRead(deps.database, {
        at: deps.clock.now(),
        reader: MEASURER,
        identifier: row.identifier,
        what: 'data',
      })
      for (const { name } of definition?.fields ?? []) {
        const value = data.fields[name]
        fields++
        if (value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
          filled++
      }
    }
    await setFigure(deps.database, { ...one, day, figure: 'fields filled', value: filled })
    await setFigure(deps.database, { ...one, day, figure: 'fields', value: fields })
  }
}
