import type { Queryable } from '../../platform/index.ts'
import type { TypeEntry } from '../domain/type-entry.ts'
import { lifeColumns, stepVersion, type VersionLife, type VersionStep } from './version-life.ts'

export interface TypeRow extends VersionLife {
  readonly typeCode: string
  readonly version: number
  readonly entry: TypeEntry
  readonly entryDigest: string
  readonly keeper: string | null
  readonly writers: readonly string[]
  readonly writtenAt: Date
}

const columns = `type_code as "typeCode", version, entry, entry_digest as "entryDigest", keeper, writers,
  written_at as "writtenAt", ${lifeColumns}`

/** Every version that was ever published, oldest first. */
export const listPublishedTypes = (db: Queryable): Promise<TypeRow[]> =>
  db.query<TypeRow>(
    `select ${columns} from licence.types where state in ('published', 'retired') order by type_code, version`,
  )

/** Versions that are being written or reviewed. */
export const listOpenTypes = (db: Queryable): Promise<TypeRow[]> =>
  db.query<TypeRow>(`select ${columns} from licence.types where state in ('draft', 'reviewed') order by type_code`)

/** All versions of a type, newest first. */
export const versionsOfType = (db: Queryable, typeCode: string): Promise<TypeRow[]> =>
  db.query<TypeRow>(`select ${columns} from licence.types where type_code = $1 order by version desc`, [typeCode])

/** The same, held until the transaction ends, so that two who change a type do so one after the other. */
export const lockType = (tx: Queryable, typeCode: string): Promise<TypeRow[]> =>
  tx.query<TypeRow>(`select ${columns} from licence.types where type_code = $1 order by version desc for update`, [
    typeCode,
  ])

export type NewType = Pick<
  TypeRow,
  'typeCode' | 'version' | 'entry' | 'entryDigest' | 'keeper' | 'writers' | 'writtenAt'
>

export async function insertDraft(tx: Queryable, row: NewType): Promise<void> {
  await tx.query(
    `insert into licence.types (type_code, version, state, entry, entry_digest, keeper, writers, written_at)
     values ($1, $2, 'draft', $3, $4, $5, $6, $7)`,
    [row.typeCode, row.version, JSON.stringify(row.entry), row.entryDigest, row.keeper, row.writers, row.writtenAt],
  )
}

/** Writes a draft anew; what was reviewed is a draft again. */
export async function rewriteDraft(tx: Queryable, row: NewType): Promise<void> {
  await tx.query(
    `update licence.types set state = 'draft', entry = $3, entry_digest = $4, writers = $5, written_at = $6,
       reviewed_by = null, reviewed_at = null
     where type_code = $1 and version = $2 and state in ('draft', 'reviewed')`,
    [row.typeCode, row.version, JSON.stringify(row.entry), row.entryDigest, row.writers, row.writtenAt],
  )
}

/** Adds shipped types as published, those that nobody has a version of. */
export async function insertShippedTypes(
  tx: Queryable,
  at: Date,
  rows: readonly Pick<TypeRow, 'typeCode' | 'entry' | 'entryDigest'>[],
): Promise<void> {
  await tx.query(
    `insert into licence.types (type_code, version, state, entry, entry_digest, written_at, published_at)
     select r."typeCode", 1, 'published', r.entry, r."entryDigest", $1, $1
     from jsonb_to_recordset($2::jsonb) as r("typeCode" text, entry jsonb, "entryDigest" text)
     where not exists (select from licence.types t where t.type_code = r."typeCode")`,
    [at, JSON.stringify(rows)],
  )
}

export const stepType = (
  tx: Queryable,
  row: Pick<TypeRow, 'typeCode' | 'version'>,
  step: VersionStep & { readonly by: string },
): Promise<boolean> => stepVersion(tx, 'type', row, step)

export async function recordImport(
  tx: Queryable,
  row: {
    readonly digest: string
    readonly signer: string
    readonly at: Date
    readonly by: string
    readonly departmentCode: string
    readonly added: readonly string[]
    readonly changed: readonly string[]
  },
): Promise<void> {
  await tx.query(
    `insert into licence.catalogue_imports (digest, signer, at, by, department_code, added, changed)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.digest, row.signer, row.at, row.by, row.departmentCode, row.added, row.changed],
  )
}
