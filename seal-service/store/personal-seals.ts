import type { Queryable } from '../../platform/index.ts'

/** Whose own seal a seal is. */
export interface PersonalSeal {
  readonly sealId: string
  readonly accountId: string
  readonly accountName: string
  readonly givenBy: string
  readonly givenAt: Date
}

const columns = `seal_id as "sealId", account_id as "accountId", account_name as "accountName", given_by as "givenBy", given_at as "givenAt"`

/** The person of a seal now; `hold`: nobody ends that before this transaction is done. */
export async function findPerson(db: Queryable, sealId: string, hold = false): Promise<PersonalSeal | undefined> {
  const rows = await db.query<PersonalSeal>(
    `select ${columns} from seal.personal_seals where seal_id = $1 and ended_at is null ${hold ? 'for share' : ''}`,
    [sealId],
  )
  return rows[0]
}

/** Ids of the seals that are an account's own. */
export async function listOwnSeals(db: Queryable, accountId: string): Promise<string[]> {
  const rows = await db.query<{ seal_id: string }>(
    `select seal_id from seal.personal_seals where account_id = $1 and ended_at is null order by seal_id`,
    [accountId],
  )
  return rows.map(({ seal_id }) => seal_id)
}

/** False where the seal has a person already. */
export async function insertPerson(db: Queryable, given: PersonalSeal): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.personal_seals (seal_id, account_id, account_name, given_by, given_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning personal_id`,
    [given.sealId, given.accountId, given.accountName, given.givenBy, given.givenAt],
  )
  return rows.length === 1
}

export async function endPerson(db: Queryable, sealId: string, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update seal.personal_seals set ended_at = greatest($3, given_at), ended_by = $2
     where seal_id = $1 and ended_at is null returning personal_id`,
    [sealId, by, at],
  )
  return rows.length === 1
}
