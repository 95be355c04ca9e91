import { dayOf } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  exampleInput,
  type FontSet,
  type LicenceDefinition,
  renderPreview,
  TemplateError,
  type ValidatedData,
  validateLicenceData,
} from '../../../templates/index.ts'
import { LicenceError } from '../../errors.ts'
import type { Deps } from '../deps.ts'

/** A definition made ready to be tried out, and not kept. @throws TemplateError TEMPLATE_DEFINITION_INVALID */
export function compileTrial(fonts: FontSet, definition: LicenceDefinition): CompiledTemplate {
  try {
    return compileTemplate(definition, fonts)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const detail = { zh: `无法排版：${error.message}`, en: `Cannot be set: ${error.message}.` }
    throw new TemplateError('TEMPLATE_DEFINITION_INVALID', 'the definition cannot be set', {
      faults: [{ pointer: '/layout', code: 'RULE_BROKEN', detail }],
      cause: error,
    })
  }
}

/** Sample data as they would be printed. @throws LicenceError LICENCE_DATA_INVALID, pointers from `root` on */
function tryData(deps: Deps, compiled: CompiledTemplate, data: unknown, root: string): ValidatedData {
  const result = validateLicenceData(compiled, data, { today: dayOf(deps.clock.now()) })
  if (result.ok) return result.value
  const faults = result.faults.map(({ pointer, code, detail }) => ({ pointer: `${root}${pointer}`, code, detail }))
  throw new LicenceError('LICENCE_DATA_INVALID', `${faults.length} fault(s) in the data`, { faults })
}

/**
 * The page that a definition makes of data, of its own example where none are given: a specimen, nothing is recorded.
 * @throws TemplateError TEMPLATE_DEFINITION_INVALID; LicenceError LICENCE_DATA_INVALID
 */
export async function previewDefinition(
  deps: Deps,
  caller: Principal,
  definition: LicenceDefinition,
  data: unknown = exampleInput(definition),
): Promise<Uint8Array> {
  const compiled = compileTrial(deps.fonts, definition)
  const { holders: _holders, pictures, ...values } = tryData(deps, compiled, data, '/data')
  const department = (await deps.facts.departments()).find(({ code }) => code === caller.departmentCode)
  const issuer = { code: caller.departmentCode, name: department?.name.zh ?? '' }
  const shown = { ...values, number: '', identifier: '', issuer }
  return renderPreview(compiled, { data: shown, pictures, createdAt: deps.clock.now() }).pdf
}
