import type { Clock, Database, Log } from '../../../platform/index.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  type FontSet,
  type LicenceDefinition,
  parseDefinition,
  TemplateError,
} from '../../../templates/index.ts'
import type { CatalogueEntry } from '../../domain/type-entry.ts'
import { currentRevision, findTemplateVersions, listTemplateStates } from '../../store/template-versions.ts'
import { listPublishedTypes } from '../../store/types.ts'
import { shipDefinitions } from './ship.ts'

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

/** The same with its beginning. */
export interface TemplateSource extends Templates {
  /** Adds what came with the service and loads everything. */
  start(): Promise<void>
}

/** A compiled template holds fonts' tables and buffers of some megabytes. */
const MOST_COMPILED = 64

export interface TemplateSourceOptions {
  readonly database: Database
  readonly fonts: FontSet
  readonly clock: Clock
  readonly log: Log
}

/** What is in memory of one revision. */
interface Loaded {
  readonly revision: bigint
  readonly entries: ReadonlyMap<string, CatalogueEntry>
  readonly list: readonly CatalogueEntry[]
  /** By type code: the published version's number. */
  readonly current: ReadonlyMap<string, number>
}

const nothing: Loaded = { revision: 0n, entries: new Map(), list: [], current: new Map() }

const keyOf = (typeCode: string, templateVersion: number) => `${typeCode} ${templateVersion}`

export function createTemplates({ database, fonts, clock, log }: TemplateSourceOptions): TemplateSource {
  // Published definitions are never changed: what was read once stays.
  const definitions = new Map<string, LicenceDefinition>()
  const compiled = new Map<string, CompiledTemplate>()
  let loaded = nothing
  let loading: Promise<void> | undefined

  const compile = (key: string, definition: LicenceDefinition): CompiledTemplate => {
    const known = compiled.get(key) ?? compileTemplate(definition, fonts)
    compiled.delete(key)
    compiled.set(key, known)
    if (compiled.size > MOST_COMPILED) compiled.delete(compiled.keys().next().value!)
    return known
  }
  const version = (typeCode: string, templateVersion: number): Template | undefined => {
    const key = keyOf(typeCode, templateVersion)
    const definition = definitions.get(key)
    return (
      definition && {
        definition,
        get compiled() {
          return compile(key, definition)
        },
      }
    )
  }
  const loadDefinitions = async (states: Awaited<ReturnType<typeof listTemplateStates>>) => {
    const unread = states.filter(
      ({ typeCode, templateVersion, state }) =>
        (state === 'published' || state === 'retired') && !definitions.has(keyOf(typeCode, templateVersion)),
    )
    if (unread.length === 0) return
    for (const row of await findTemplateVersions(database, unread)) {
      const definition = readStored(row.definition, row.templateVersion, log)
      if (definition) definitions.set(keyOf(row.typeCode, row.templateVersion), definition)
    }
  }
  const load = async () => {
    // Before what it counts: a change in between is read now, and once more at the next look.
    const revision = await currentRevision(database)
    if (revision === loaded.revision) return
    const [types, states] = await Promise.all([listPublishedTypes(database), listTemplateStates(database)])
    await loadDefinitions(states)
    const entries = new Map<string, CatalogueEntry>()
    for (const { typeCode, version, state, entry } of types)
      if (state === 'published' || entries.get(typeCode)?.state !== 'published')
        entries.set(typeCode, { ...entry, typeCode, version, state: state === 'published' ? state : 'retired' })
    const published = states.filter(({ state }) => state === 'published')
    loaded = {
      revision,
      entries,
      list: [...entries.values()].filter(({ state }) => state === 'published'),
      current: new Map(published.map(({ typeCode, templateVersion }) => [typeCode, templateVersion])),
    }
  }
  const refresh = () => {
    // Whoever asks while it is being read may have changed something since: one more look after this one.
    const after = loading ? loading.then(load, load) : load()
    const mine = after.finally(() => {
      if (loading === mine) loading = undefined
    })
    loading = mine
    return mine
  }
  return {
    current(typeCode) {
      const templateVersion = loaded.current.get(typeCode)
      if (templateVersion === undefined || loaded.entries.get(typeCode)?.state !== 'published') return undefined
      return version(typeCode, templateVersion)
    },
    version,
    entry: (typeCode) => loaded.entries.get(typeCode),
    list: () => loaded.list,
    refresh,
    async start() {
      await shipDefinitions({ database, clock, log })
      await refresh()
    },
  }
}

/** A row is believed no more than what came in: one that cannot be read is told to the operator, and its type goes without template. */
function readStored(stored: unknown, templateVersion: number, log: Log): LicenceDefinition | undefined {
  try {
    return parseDefinition({ ...Object(stored), templateVersion })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    log.error('a template on record cannot be read', { error, templateVersion })
    return undefined
  }
}
