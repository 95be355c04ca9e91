/** Codes of everything that can be wrong with a PDF as bytes, or with a request to write one. */
export type PadesErrorCode =
  // reading
  | 'PADES_NOT_A_PDF'
  | 'PADES_MALFORMED'
  | 'PADES_DUPLICATE_KEY'
  | 'PADES_XREF_BROKEN'
  | 'PADES_XREF_LOOP'
  | 'PADES_OBJECT_NOT_WHERE_LISTED'
  | 'PADES_STREAM_LENGTH_WRONG'
  | 'PADES_FILTER_UNSUPPORTED'
  | 'PADES_COMPRESSED_DATA_BROKEN'
  | 'PADES_ENCRYPTED'
  | 'PADES_LIMIT_EXCEEDED'
  // writing
  | 'PADES_PAGE_NOT_FOUND'
  | 'PADES_FIELD_NAME_TAKEN'
  | 'PADES_FIELD_NOT_FOUND'
  | 'PADES_FIELD_ALREADY_SIGNED'
  | 'PADES_FIELD_LOCKED'
  | 'PADES_ALREADY_SIGNED'
  | 'PADES_CHANGES_NOT_PERMITTED'
  | 'PADES_PLACEMENT_INVALID'
  | 'PADES_CONTENTS_TOO_SMALL'
  // marks on pages, and finding where they go
  | 'PADES_MARKS_AFTER_SIGNATURE'
  | 'PADES_FORM_DYNAMIC'
  | 'PADES_ACTIVE_CONTENT'
  | 'PADES_PAGE_UNREADABLE'
  | 'PADES_TEXT_NOT_FOUND'
  | 'PADES_TEXT_UNCERTAIN'
  // what an uploaded document may not have, where files and a mark are added to it
  | 'PADES_FIELDS_EMPTY'
  | 'PADES_FILES_EMBEDDED'
  | 'PADES_PLACE_TAKEN'

/** A PDF that cannot be read for certain, or a seal that cannot be put on it. */
export class PadesError extends Error {
  override readonly name = 'PadesError'
  readonly code: PadesErrorCode

  constructor(code: PadesErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
