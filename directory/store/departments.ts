import type { Queryable } from '../../platform/index.ts'
import type { Department } from '../department.ts'

interface Row {
  code: string
  name_zh: string
  name_en: string
  area_code: string
  parent_code: string | null
  acts_for_code: string | null
  closed_at: Date | null
  successor_code: string | null
}

const toDepartment = (row: Row): Department => ({
  code: row.code,
  name: { zh: row.name_zh, en: row.name_en },
  areaCode: row.area_code,
  parentCode: row.parent_code,
  actsForCode: row.acts_for_code,
  closedAt: row.closed_at,
  successorCode: row.successor_code,
})

const COLUMNS = 'code, name_zh, name_en, area_code, parent_code, acts_for_code, closed_at, successor_code'

export async function listDepartments(db: Queryable): Promise<Department[]> {
  const rows = await db.query<Row>(`select ${COLUMNS} from directory.department order by code`)
  return rows.map(toDepartment)
}

export async function findDepartment(db: Queryable, code: string): Promise<Department | undefined> {
  const [row] = await db.query<Row>(`select ${COLUMNS} from directory.department where code = $1`, [code])
  return row && toDepartment(row)
}

/** Adds the department or brings it up to date; whether it is closed is not touched. */
export async function saveDepartment(db: Queryable, department: Department): Promise<void> {
  const { code, name, areaCode, parentCode, actsForCode } = department
  await db.query(
    `insert into directory.department (code, name_zh, name_en, area_code, parent_code, acts_for_code)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
       area_code = excluded.area_code, parent_code = excluded.parent_code, acts_for_code = excluded.acts_for_code`,
    [code, name.zh, name.en, areaCode, parentCode, actsForCode ?? null],
  )
}

/** Returns false when the code is taken. */
export async function insertDepartment(db: Queryable, department: Department): Promise<boolean> {
  const { code, name, areaCode, parentCode, actsForCode } = department
  const rows = await db.query(
    `insert into directory.department (code, name_zh, name_en, area_code, parent_code, acts_for_code)
     values ($1, $2, $3, $4, $5, $6) on conflict (code) do nothing returning code`,
    [code, name.zh, name.en, areaCode, parentCode, actsForCode ?? null],
  )
  return rows.length > 0
}

export async function markClosed(
  db: Queryable,
  code: string,
  { closedAt, successorCode }: { closedAt: Date; successorCode: string | null },
): Promise<void> {
  await db.query('update directory.department set closed_at = $2, successor_code = $3 where code = $1', [
    code,
    closedAt,
    successorCode,
  ])
}

/** One change of the tree at a time: two that each look right could make a circle together. */
export async function lockTree(db: Queryable): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('directory.department'))`)
}

/** Whether a department that is not to be closed stands directly below this one, or acts for it. */
export async function hasOpenBelow(db: Queryable, code: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    `select exists (select 1 from directory.department
      where (parent_code = $1 or acts_for_code = $1) and closed_at is null) as found`,
    [code],
  )
  return row!.found
}

/** Whether `code` is `ancestorCode` or stands below it in the tree, whatever acts for what. */
export async function isAtOrBelow(db: Queryable, ancestorCode: string, code: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    `with recursive up as (
       select code, parent_code from directory.department where code = $2
       union select d.code, d.parent_code from directory.department d join up on d.code = up.parent_code)
     select exists (select 1 from up where code = $1) as found`,
    [ancestorCode, code],
  )
  return row!.found
}

/** Whether `code` lies in the range of `ancestorCode`: is it, or is below it or below what it acts for. */
export async function isWithin(db: Queryable, ancestorCode: string, code: string): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    `with recursive up as (
       select code, parent_code from directory.department where code = $2
       union select d.code, d.parent_code from directory.department d join up on d.code = up.parent_code)
     select exists (
       select 1 from up join directory.department a on up.code in (a.code, a.acts_for_code) where a.code = $1) as found`,
    [ancestorCode, code],
  )
  return row!.found
}

/** The codes of all departments in the range of `ancestorCode`, itself included. */
export async function codesWithin(db: Queryable, ancestorCode: string): Promise<string[]> {
  const rows = await db.query<{ code: string }>(
    `with recursive down as (
       select d.code from directory.department a join directory.department d on d.code in (a.code, a.acts_for_code)
        where a.code = $1
       union select d.code from directory.department d join down on d.parent_code = down.code)
     select code from down order by code`,
    [ancestorCode],
  )
  return rows.map(({ code }) => code)
}
