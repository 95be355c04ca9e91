// multipart/form-data as a batch of documents.
import { type FormField, parseFormData as parse } from '../../platform/http/index.ts'
import { PlatformError } from '../../platform/index.ts'
import { shown } from '../index.ts'
import { VerifierError } from './errors.ts'

export type { FormField }

const MOST_NAME = 200

/** Throws VERIFICATION_BATCH_INVALID for anything else, and for more than `mostFields`. */
export function parseFormData(body: Uint8Array, contentType: string, mostFields: number): FormField[] {
  try {
    return parse(body, contentType, mostFields).map((field) => ({
      ...field,
      fileName: field.fileName === undefined ? undefined : plainName(field.fileName),
    }))
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause
    throw new VerifierError('VERIFICATION_BATCH_INVALID', cause.message, { cause })
  }
}

/** A name without control characters, of bearable length: it is shown and told again, nothing more. */
function plainName(fileName: string): string {
  const name = [...shown(fileName).trim()].slice(0, MOST_NAME).join('')
  return name === '' ? 'document.pdf' : name
}
