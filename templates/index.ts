/**
 * templates: what a licence type holds, whether data fit it, and the page it becomes. Pure: no file but its own fonts, no clock, no
 * network, no database; the same input gives the same bytes.
 *
 * It does not number, sign, seal or keep licences, and it knows no licence type outside `definitions/`.
 *
 * Invariants: a character without a glyph is never drawn, it is refused by name; a text that cannot be read is refused, not clipped;
 * every PDF is PDF/A-3b (but previews, which are specimens), with a classic cross-reference table so that a seal can be appended.
 */

export { comparePreviews, type PreviewDifference } from './compare-previews.ts'
export { type CompiledTemplate, compileTemplate } from './compile.ts'
export { drawCopyMarks } from './copy-mark.ts'
export type {
  Choice,
  Disclosure,
  FieldDefinition,
  FieldGroup,
  FieldRole,
  FieldType,
  LicenceDefinition,
  LicenceInput,
  NumberRule,
  TableColumn,
  UploadedBody,
  ValidityRule,
  Words,
} from './definition.ts'
export { findTemplate, listTemplates } from './definitions/index.ts'
export { type CatalogueEntry, describeTemplate, exampleInput } from './describe.ts'
export { TemplateError, type TemplateErrorCode } from './errors.ts'
export { type ExtremeInput, extremeInputs } from './extreme-inputs.ts'
export { createFonts, type FontSet, openFonts } from './fonts/index.ts'
export type { Condition, Layout, LayoutElement } from './layout.ts'
export { formatLicenceNumber, lastSequence } from './number.ts'
export type { DefinitionFault, DefinitionFaultCode } from './parse/fault.ts'
export { parseDefinition } from './parse-definition.ts'
export {
  type PreviewInput,
  type RenderedLicence,
  type RenderInput,
  renderLicence,
  renderPreview,
} from './render.ts'
export { type BodyMark, bodyMarkArea, drawBodyMark, type PlacedOnBody, placeOnBody } from './uploaded-body.ts'
export { type Fault, type FaultCode, type ValidatedData, validateLicenceData } from './validate-data.ts'
