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
import type { SpecimenInputs } from '../../store/template-goldens.ts'
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

/** Sample data as they would be printed. @throws LicenceError LICENCE_DATA_INVALID, pointers from `/data` on */
function tryData(compiled: CompiledTemplate, data: unknown, at: Date): ValidatedData {
  const result = validateLicenceData(compiled, data, { today: dayOf(at) })
  if (result.ok) return result.value
  const faults = result.faults.map(({ pointer, code, detail }) => ({ pointer: `/data${pointer}`, code, detail }))
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
  data?: unknown,
): Promise<Uint8Array> {
  return drawSpecimen(compileTrial(deps.fonts, definition), await inputsOf(deps, caller), data)
}

/** With what a specimen is drawn for a caller at this moment. */
export async function inputsOf({ facts, clock }: Deps, caller: Principal): Promise<SpecimenInputs> {
  const department = (await facts.departments()).find(({ code }) => code === caller.departmentCode)
  return { issuer: { code: caller.departmentCode, name: department?.name.zh ?? '' }, drawnAt: clock.now() }
}

/**
 * A specimen as it looked, or would have looked, on a day: the same inputs, the same bytes.
 * @throws LicenceError LICENCE_DATA_INVALID; TemplateError as `renderPreview`
 */
export function drawSpecimen(
  compiled: CompiledTemplate,
  { issuer, drawnAt }: SpecimenInputs,
  data: unknown = exampleInput(compiled.definition),
): Uint8Array {
  const { holders: _holders, pictures, ...values } = tryData(compiled, data, drawnAt)
  const shown = { ...values, number: '', identifier: '', issuer }
  return renderPreview(compiled, { data: shown, pictures, createdAt: drawnAt }).pdf
}
