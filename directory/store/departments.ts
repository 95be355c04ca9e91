import type { Queryable } from '../../platform/index.ts'
import type { Department } from '../department.ts'

interface Row {
  code: string
  name_zh: string
  name_en: string
  area_code: string
  parent_code: string | null
}

const toDepartment = (row: Row): Department => ({
  code: row.code,
  name: { zh: row.name_zh, en: row.name_en },
  areaCode: row.area_code,
  parentCode: row.parent_code,
})

export async function listDepartments(db: Queryable): Promise<Department[]> {
  const rows = await db.query<Row>(
    'select code, name_zh, name_en, area_code, parent_code from directory.department order by code',
  )
  return rows.map(toDepartment)
}

export async function findDepartment(db: Queryable, code: string): Promise<Department | undefined> {
  const [row] = await db.query<Row>(
    'select code, name_zh, name_en, area_code, parent_code from directory.department where code = $1',
    [code],
  )
  return row && toDepartment(row)
}

/** Adds the department or brings its names up to date. */
export async function saveDepartment(db: Queryable, { code, name, areaCode, parentCode }: Department): Promise<void> {
  await db.query(
    `insert into directory.department (code, name_zh, name_en, area_code, parent_code) values ($1, $2, $3, $4, $5)
     on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
       area_code = excluded.area_code, parent_code = excluded.parent_code`,
    [code, name.zh, name.en, areaCode, parentCode],
  )
}
