// The schemas as the migrations leave them, as text that reads and compares line by line.
import { join } from 'node:path'
import { type Database, migrate, packageRoot } from '../../platform/index.ts'

export const schemas = [
  { schema: 'directory', folder: 'directory/store/migrations' },
  { schema: 'licence', folder: 'licence-service/store/migrations' },
  { schema: 'pki', folder: 'pki-service/store/migrations' },
  { schema: 'seal', folder: 'seal-service/store/migrations' },
  { schema: 'sharing', folder: 'sharing-service/store/migrations' },
] as const

export const goldenSchema = (schema: string): string => join(packageRoot, 'test', 'golden', 'schema', `${schema}.txt`)

/**
 * Migrates a schema and describes it: columns, constraints, indexes, triggers. PostgreSQL 18's named not-null constraints are left out, and
 * partitions, which are as the table they are parts of.
 */
export async function describeSchema(
  database: Database,
  { schema, folder }: (typeof schemas)[number],
): Promise<string> {
  await migrate(database, { schema, folder: join(packageRoot, folder) })
  const rows = await database.query<{ line: string }>(
    `select line from (
       select table_name || ' column ' || lpad(ordinal_position::text, 2, '0') || ' ' || column_name || ' ' || data_type
         || case when is_nullable = 'NO' then ' not null' else '' end || coalesce(' default ' || column_default, '')
         || case when is_identity = 'YES' then ' identity' else '' end as line
       from information_schema.columns
       where table_schema = $1 and not (select relispartition from pg_class where oid = format('%I.%I', table_schema, table_name)::regclass)
       union all
       select c.conrelid::regclass || ' constraint ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
       from pg_constraint c join pg_namespace n on n.oid = c.connamespace where n.nspname = $1 and c.contype <> 'n' and c.conrelid <> 0
         and not (select relispartition from pg_class where oid = c.conrelid)
       union all
       select tablename || ' index ' || indexdef from pg_indexes
       where schemaname = $1 and not (select relispartition from pg_class where oid = format('%I.%I', schemaname, indexname)::regclass)
       union all
       select t.tgrelid::regclass || ' trigger ' || pg_get_triggerdef(t.oid)
       from pg_trigger t join pg_class r on r.oid = t.tgrelid join pg_namespace n on n.oid = r.relnamespace
       where n.nspname = $1 and not t.tgisinternal and not r.relispartition
     ) described`,
    [schema],
  )
  const lines = rows.map(({ line }) => line).sort((a, b) => (a < b ? -1 : 1))
  return `${lines.join('\n')}\n`
}
