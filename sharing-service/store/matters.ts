import { isSqlError, type Queryable, UNIQUE_VIOLATION } from '../../platform/index.ts'

/** A service item (事项) of a department, for which it fetches licences. */
export interface Matter {
  readonly departmentCode: string
  readonly matterCode: string
  readonly name: string
  /** Machines that need not name it. */
  readonly clientIds: readonly string[]
  readonly createdBy: string
  readonly createdAt: Date
}

const columns = `department_code as "departmentCode", matter_code as "matterCode", name, client_ids as "clientIds",
  created_by as "createdBy", created_at as "createdAt"`

/** False where the department has, or had, a matter of this code. */
export async function insertMatter(db: Queryable, matter: Matter): Promise<boolean> {
  try {
    await db.query(
      `insert into sharing.matters (department_code, matter_code, name, client_ids, created_by, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [matter.departmentCode, matter.matterCode, matter.name, matter.clientIds, matter.createdBy, matter.createdAt],
    )
    return true
  } catch (error) {
    if (isSqlError(error, UNIQUE_VIOLATION)) return false
    throw error
  }
}

export async function findMatter(
  db: Queryable,
  departmentCode: string,
  matterCode: string,
): Promise<Matter | undefined> {
  const rows = await db.query<Matter>(
    `select ${columns} from sharing.matters where department_code = $1 and matter_code = $2 and ended_at is null`,
    [departmentCode, matterCode],
  )
  return rows[0]
}

/** What departments call, or called, these matters; null for one they never had. */
export async function namesOfMatters(
  db: Queryable,
  asked: readonly Pick<Matter, 'departmentCode' | 'matterCode'>[],
): Promise<(matter: Pick<Matter, 'departmentCode' | 'matterCode'>) => string | null> {
  const rows = await db.query<Pick<Matter, 'departmentCode' | 'matterCode' | 'name'>>(
    `select department_code as "departmentCode", matter_code as "matterCode", name from sharing.matters
     where department_code = any($1) and matter_code = any($2)`,
    [asked.map(({ departmentCode }) => departmentCode), asked.map(({ matterCode }) => matterCode)],
  )
  return ({ departmentCode, matterCode }) =>
    rows.find((row) => row.departmentCode === departmentCode && row.matterCode === matterCode)?.name ?? null
}

/** The matter of a machine that names none; the first one where it has several. */
export async function findMatterOfClient(
  db: Queryable,
  departmentCode: string,
  clientId: string,
): Promise<Matter | undefined> {
  const rows = await db.query<Matter>(
    `select ${columns} from sharing.matters where client_ids @> array[$2] and department_code = $1 and ended_at is null
     order by matter_code limit 1`,
    [departmentCode, clientId],
  )
  return rows[0]
}

/** A department's matters by code, after one. */
export const listMatters = (db: Queryable, departmentCode: string, after: string, most: number): Promise<Matter[]> =>
  db.query<Matter>(
    `select ${columns} from sharing.matters where department_code = $1 and matter_code > $2 and ended_at is null
     order by matter_code limit $3`,
    [departmentCode, after, most],
  )

/** Ends a matter; false where it is not there. */
export async function endMatter(
  db: Queryable,
  key: { readonly departmentCode: string; readonly matterCode: string },
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update sharing.matters set ended_at = $3, ended_by = $4
     where department_code = $1 and matter_code = $2 and ended_at is null returning matter_code`,
    [key.departmentCode, key.matterCode, at, by],
  )
  return rows.length === 1
}
