import { isSqlError, type Queryable, UNIQUE_VIOLATION } from '../../platform/index.ts'

/** Where a field of a form comes from. */
export interface PrefillField {
  readonly formField: string
  readonly typeCode: string
  readonly field: string
}

export interface PrefillMap {
  readonly departmentCode: string
  readonly formCode: string
  readonly version: number
  readonly fields: readonly PrefillField[]
  readonly madeBy: string
  readonly madeAt: Date
}

const columns = `department_code as "departmentCode", form_code as "formCode", version, fields, made_by as "madeBy", made_at as "madeAt"`

/** The newest version. */
export async function findPrefillMap(
  db: Queryable,
  departmentCode: string,
  formCode: string,
): Promise<PrefillMap | undefined> {
  const rows = await db.query<PrefillMap>(
    `select ${columns} from sharing.prefill_maps where department_code = $1 and form_code = $2 order by version desc limit 1`,
    [departmentCode, formCode],
  )
  return rows[0]
}

/** The newest version of each form, by its code, after one. */
export const listPrefillMaps = (
  db: Queryable,
  departmentCode: string,
  after: string,
  most: number,
): Promise<PrefillMap[]> =>
  db.query<PrefillMap>(
    `select distinct on (form_code) ${columns} from sharing.prefill_maps where department_code = $1 and form_code > $2
     order by form_code, version desc limit $3`,
    [departmentCode, after, most],
  )

/** Adds a version; false where another one took its number. */
export async function insertPrefillMap(db: Queryable, map: PrefillMap): Promise<boolean> {
  try {
    await db.query(
      `insert into sharing.prefill_maps (department_code, form_code, version, fields, made_by, made_at) values ($1, $2, $3, $4, $5, $6)`,
      [map.departmentCode, map.formCode, map.version, JSON.stringify(map.fields), map.madeBy, map.madeAt],
    )
    return true
  } catch (error) {
    if (isSqlError(error, UNIQUE_VIOLATION)) return false
    throw error
  }
}
