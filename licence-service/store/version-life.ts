import type { Queryable } from '../../platform/index.ts'
import type { TypeState } from '../domain/type-entry.ts'

/** What a version of a licence type or of its template went through, by whom and when. */
export interface VersionLife {
  readonly state: TypeState
  readonly reviewedBy: string | null
  readonly reviewedAt: Date | null
  readonly publishedBy: string | null
  readonly publishedAt: Date | null
  readonly retiredBy: string | null
  readonly retiredAt: Date | null
}

export const lifeColumns = `state, reviewed_by as "reviewedBy", reviewed_at as "reviewedAt", published_by as "publishedBy",
  published_at as "publishedAt", retired_by as "retiredBy", retired_at as "retiredAt"`

const tables = {
  type: { table: 'licence.types', version: 'version' },
  template: { table: 'licence.template_versions', version: 'template_version' },
} as const

export interface VersionStep {
  readonly from: TypeState
  readonly to: 'reviewed' | 'published' | 'retired'
  /** null: the service itself. */
  readonly by: string | null
  readonly at: Date
}

/** Takes a step of a version's life, from a state, by a person at a time; answers whether it stood there. */
export async function stepVersion(
  tx: Queryable,
  of: keyof typeof tables,
  at: { readonly typeCode: string; readonly version: number },
  step: VersionStep,
): Promise<boolean> {
  const { table, version } = tables[of]
  const rows = await tx.query(
    `update ${table} set state = $4, ${step.to}_by = $5, ${step.to}_at = $6
     where type_code = $1 and ${version} = $2 and state = $3 returning ${version}`,
    [at.typeCode, at.version, step.from, step.to, step.by, step.at],
  )
  return rows.length === 1
}
