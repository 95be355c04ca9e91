import { setImmediate } from 'node:timers/promises'
import { dayOf } from '../../../licence-format/index.ts'
import { extremeInputs, type Fault, type LicenceDefinition, validateLicenceData } from '../../../templates/index.ts'
import type { Deps } from '../deps.ts'
import { compileTrial } from './try-definition.ts'

export interface OverflowReport {
  /** Names of the extreme licences that were set. */
  readonly samples: readonly string[]
  readonly overflows: readonly { readonly sample: string; readonly where: string; readonly what: Fault['detail'] }[]
}

/**
 * Sets licences with the shortest, the longest and the rarest data that a definition admits, and tells what does not fit where.
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID
 */
export async function findOverflows(deps: Deps, definition: LicenceDefinition): Promise<OverflowReport> {
  const compiled = compileTrial(deps.fonts, definition)
  const today = dayOf(deps.clock.now())
  const overflows: OverflowReport['overflows'][number][] = []
  const inputs = extremeInputs(definition)
  for (const { name, input } of inputs) {
    const result = validateLicenceData(compiled, input, { today })
    if (!result.ok)
      overflows.push(...result.faults.map(({ pointer, detail }) => ({ sample: name, where: pointer, what: detail })))
    // A licence of forty pages takes a while: others get their turn.
    await setImmediate()
  }
  return { samples: inputs.map(({ name }) => name), overflows }
}
