import type { Database } from '../../platform/index.ts'

/** Publishes the next version of a type's entry with other rules; the service follows it within seconds. */
export async function publishRules(database: Database, typeCode: string, rules: object, at: Date): Promise<void> {
  await database.transaction(async (tx) => {
    const [last] = await tx.query<{ version: number }>(
      `update licence.types set state = 'retired', retired_by = 'test', retired_at = $2 where type_code = $1 and state = 'published'
       returning version`,
      [typeCode, at],
    )
    await tx.query(
      `insert into licence.types (type_code, version, state, entry, entry_digest, keeper, writers, written_at, reviewed_by, reviewed_at,
         published_by, published_at)
       select type_code, version + 1, 'published', entry || $3::jsonb, entry_digest || version, keeper, writers, written_at,
         reviewed_by, reviewed_at, published_by, published_at
       from licence.types where type_code = $1 and version = $2`,
      [typeCode, last!.version, JSON.stringify(rules)],
    )
    await tx.query('update licence.template_revision set revision = revision + 1')
  })
}
