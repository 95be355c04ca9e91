import type { DefinitionFault } from './parse/fault.ts'

export type TemplateErrorCode =
  | 'TEMPLATE_DEFINITION_INVALID'
  | 'TEMPLATE_FONT_INVALID'
  | 'GLYPH_MISSING'
  | 'TEXT_DOES_NOT_FIT'
  | 'PICTURE_MISSING'
  | 'PICTURE_INVALID'
  | 'QR_TEXT_TOO_LONG'
  | 'DOCUMENT_TOO_LARGE'
  | 'NUMBER_EXHAUSTED'

/** A refusal of the room `templates`. `where` names the field or element at fault, `subject` what was wrong in it (a character, a limit). */
export class TemplateError extends Error {
  readonly code: TemplateErrorCode
  readonly where: string | undefined
  readonly subject: string | undefined
  /** Every fault of a definition, of TEMPLATE_DEFINITION_INVALID. */
  readonly faults: readonly DefinitionFault[] | undefined

  constructor(
    code: TemplateErrorCode,
    message: string,
    details: { where?: string; subject?: string; cause?: unknown; faults?: readonly DefinitionFault[] } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TemplateError'
    this.code = code
    this.where = details.where
    this.subject = details.subject
    this.faults = details.faults
  }
}
