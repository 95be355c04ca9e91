import { goldenRoutes } from '../http/goldens.ts'
import { templateRoutes } from '../http/templates.ts'
import type { CreatePart } from '../operations/part.ts'
import { checkGoldens } from '../operations/templates/golden.ts'

const LOOK_EVERY_MS = 60_000
const CHECK_EVERY_MS = 24 * 3_600_000

export const createTemplatesPart: CreatePart = (deps) => {
  // Once by every process that was started, since it may draw with other fonts or code than the one before, and then once a day.
  const checked = new Map<string, number>()
  const checkDue = (stopping: AbortSignal) => {
    const now = deps.clock.now().getTime()
    return checkGoldens(
      deps,
      ({ typeCode, templateVersion, revision }) => {
        const name = `${typeCode} ${templateVersion} ${revision}`
        if (now - (checked.get(name) ?? Number.NEGATIVE_INFINITY) < CHECK_EVERY_MS) return false
        checked.set(name, now)
        return true
      },
      stopping,
    )
  }
  return {
    routes: [...templateRoutes(deps), ...goldenRoutes(deps)],
    jobs: [{ what: 'comparing templates with their golden specimens', everyMs: LOOK_EVERY_MS, work: checkDue }],
  }
}
