import type { Queryable } from '../../platform/index.ts'
import { lifeColumns, stepVersion, type VersionLife, type VersionStep } from './version-life.ts'

export interface TemplateRow extends VersionLife {
  readonly typeCode: string
  readonly templateVersion: number
  /** As stored: to be parsed before it is used. */
  readonly definition: unknown
  readonly definitionDigest: string
  readonly origin: 'shipped' | 'drawn'
  readonly drawers: readonly string[]
  readonly drawnAt: Date
}

const columns = `type_code as "typeCode", template_version as "templateVersion", definition,
  definition_digest as "definitionDigest", origin, drawers, drawn_at as "drawnAt", ${lifeColumns}`

/** A number that rises with every change of what is published. */
export async function currentRevision(db: Queryable): Promise<bigint> {
  const [row] = await db.query<{ revision: bigint }>('select revision from licence.template_revision')
  return row!.revision
}

/** Says that what is published changed; whoever does so waits for the others who do. */
export async function raiseRevision(tx: Queryable): Promise<void> {
  await tx.query('update licence.template_revision set revision = revision + 1')
}

/** Which versions there are, of all types, and which of them are or were published. */
export const listTemplateStates = (
  db: Queryable,
): Promise<Pick<TemplateRow, 'typeCode' | 'templateVersion' | 'state' | 'definitionDigest' | 'origin'>[]> =>
  db.query(
    `select type_code as "typeCode", template_version as "templateVersion", state, definition_digest as "definitionDigest", origin
     from licence.template_versions order by type_code, template_version`,
  )

/** Versions with their definitions. */
export const findTemplateVersions = (
  db: Queryable,
  versions: readonly Pick<TemplateRow, 'typeCode' | 'templateVersion'>[],
): Promise<TemplateRow[]> =>
  db.query<TemplateRow>(
    `select ${columns} from licence.template_versions t where exists (
       select from jsonb_to_recordset($1::jsonb) as r("typeCode" text, "templateVersion" integer)
       where r."typeCode" = t.type_code and r."templateVersion" = t.template_version)`,
    [JSON.stringify(versions.map(({ typeCode, templateVersion }) => ({ typeCode, templateVersion })))],
  )

/** All versions of a type, newest first. */
export const versionsOfTemplate = (db: Queryable, typeCode: string): Promise<TemplateRow[]> =>
  db.query<TemplateRow>(
    `select ${columns} from licence.template_versions where type_code = $1 order by template_version desc`,
    [typeCode],
  )

/** The same, held until the transaction ends. */
export const lockTemplate = (tx: Queryable, typeCode: string): Promise<TemplateRow[]> =>
  tx.query<TemplateRow>(
    `select ${columns} from licence.template_versions where type_code = $1 order by template_version desc for update`,
    [typeCode],
  )

/** Those of the versions that are published, and stay so until the transaction ends. */
export const holdPublished = (
  tx: Queryable,
  versions: readonly Pick<TemplateRow, 'typeCode' | 'templateVersion'>[],
): Promise<Pick<TemplateRow, 'typeCode' | 'templateVersion'>[]> =>
  tx.query(
    `select type_code as "typeCode", template_version as "templateVersion" from licence.template_versions
     where type_code = any($1) and state = 'published' order by type_code for share`,
    [[...new Set(versions.map(({ typeCode }) => typeCode))]],
  )

export type NewTemplate = Pick<
  TemplateRow,
  'typeCode' | 'templateVersion' | 'definition' | 'definitionDigest' | 'drawers' | 'drawnAt'
>

export async function insertTemplateDraft(tx: Queryable, row: NewTemplate): Promise<void> {
  await tx.query(
    `insert into licence.template_versions (type_code, template_version, state, definition, definition_digest, origin, drawers, drawn_at)
     values ($1, $2, 'draft', $3, $4, 'drawn', $5, $6)`,
    [row.typeCode, row.templateVersion, JSON.stringify(row.definition), row.definitionDigest, row.drawers, row.drawnAt],
  )
}

/** Draws a draft anew; what was reviewed is a draft again. */
export async function redrawDraft(tx: Queryable, row: NewTemplate): Promise<void> {
  await tx.query(
    `update licence.template_versions set state = 'draft', definition = $3, definition_digest = $4, drawers = $5, drawn_at = $6,
       reviewed_by = null, reviewed_at = null
     where type_code = $1 and template_version = $2 and state in ('draft', 'reviewed')`,
    [row.typeCode, row.templateVersion, JSON.stringify(row.definition), row.definitionDigest, row.drawers, row.drawnAt],
  )
}

/** Adds shipped versions as published. */
export async function insertShippedTemplates(
  tx: Queryable,
  at: Date,
  rows: readonly Pick<TemplateRow, 'typeCode' | 'templateVersion' | 'definition' | 'definitionDigest'>[],
): Promise<void> {
  await tx.query(
    `insert into licence.template_versions (type_code, template_version, state, definition, definition_digest, origin, drawn_at, published_at)
     select r."typeCode", r."templateVersion", 'published', r.definition, r."definitionDigest", 'shipped', $1, $1
     from jsonb_to_recordset($2::jsonb) as r("typeCode" text, "templateVersion" integer, definition jsonb, "definitionDigest" text)`,
    [at, JSON.stringify(rows)],
  )
}

export const stepTemplate = (
  tx: Queryable,
  { typeCode, templateVersion }: Pick<TemplateRow, 'typeCode' | 'templateVersion'>,
  step: VersionStep,
): Promise<boolean> => stepVersion(tx, 'template', { typeCode, version: templateVersion }, step)

/** Keeps what a version looks like: its specimen as page 0, then its pages as pictures. */
export async function keepPictures(
  tx: Queryable,
  { typeCode, templateVersion }: Pick<TemplateRow, 'typeCode' | 'templateVersion'>,
  pictures: readonly Uint8Array[],
): Promise<void> {
  for (const [page, bytes] of pictures.entries())
    await tx.query(
      'insert into licence.template_pictures (type_code, template_version, page, bytes) values ($1, $2, $3, $4)',
      [typeCode, templateVersion, page, bytes],
    )
}

export async function findPicture(
  db: Queryable,
  typeCode: string,
  templateVersion: number,
  page: number,
): Promise<Uint8Array | undefined> {
  const rows = await db.query<{ bytes: Uint8Array }>(
    'select bytes from licence.template_pictures where type_code = $1 and template_version = $2 and page = $3',
    [typeCode, templateVersion, page],
  )
  return rows[0]?.bytes
}
