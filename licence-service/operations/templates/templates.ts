import type { CompiledTemplate, LicenceDefinition } from '../../../templates/index.ts'
import type { CatalogueEntry } from '../../domain/type-entry.ts'

/** A version of a type's definition, and its template, compiled at first use. */
export interface Template {
  readonly definition: LicenceDefinition
  readonly compiled: CompiledTemplate
}

/**
 * The catalogue and the templates as published, in memory and without waiting: loaded at start, followed every second. `refresh` reads
 * what changed by now; ask for it when a version on record is not found, before concluding that it is gone.
 */
export interface Templates {
  /** What new licences of a type are made with; undefined when the type or its template is not published, or retired. */
  current(typeCode: string): Template | undefined
  /** The version a licence was made with, retired or not: `(licence.typeCode, licence.templateVersion)`. */
  version(typeCode: string, templateVersion: number): Template | undefined
  /** The entry in force, or the last one of a retired type. */
  entry(typeCode: string): CatalogueEntry | undefined
  /** Entries in force, in the order of their codes. */
  list(): readonly CatalogueEntry[]
  refresh(): Promise<void>
}
