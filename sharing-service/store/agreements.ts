import type { Queryable, Transaction } from '../../platform/index.ts'
import type { Agreement } from '../domain/agreement.ts'

const select = `select a.agreement_id as id, a.provider_code as "providerCode", a.consumer_code as "consumerCode",
  a.type_code as "typeCode", a.matter_codes as "matterCodes", a.legal_basis as "legalBasis", a.valid_from as "validFrom",
  a.valid_until as "validUntil", a.daily_uses as "dailyUses", a.daily_holders as "dailyHolders", a.state,
  a.proposed_by as "proposedBy", a.proposed_at as "proposedAt", a.decided_by as "decidedBy", a.decided_at as "decidedAt",
  a.ended_by as "endedBy", a.ended_at as "endedAt",
  array(select f.field from sharing.agreement_fields f where f.agreement_id = a.agreement_id order by f.field) as fields
  from sharing.agreements a`

/** The call that made something: its Idempotency-Key within the department, and a digest of what was asked. */
export interface MadeBy {
  readonly key: string
  readonly requestDigest: Uint8Array
}

/** What a provider's key proposed, with the digest of what was asked. */
export async function findProposed(
  db: Queryable,
  providerCode: string,
  key: string,
): Promise<{ id: string; requestDigest: Uint8Array } | undefined> {
  const [known] = await db.query<{ id: string; requestDigest: Uint8Array }>(
    `select agreement_id as id, request_digest as "requestDigest" from sharing.agreements where provider_code = $1 and request_key = $2`,
    [providerCode, key],
  )
  return known
}

/** Adds a proposal with its fields, unless its key made one before; that one then, with what it was made by. */
export async function insertAgreement(
  tx: Transaction,
  agreement: Agreement,
  { key, requestDigest }: MadeBy,
): Promise<{ id: string; requestDigest: Uint8Array }> {
  const added = await tx.query(
    `insert into sharing.agreements (agreement_id, provider_code, consumer_code, type_code, matter_codes, legal_basis, valid_from,
       valid_until, daily_uses, daily_holders, state, proposed_by, proposed_at, request_key, request_digest)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (provider_code, request_key) do nothing returning agreement_id`,
    [
      agreement.id,
      agreement.providerCode,
      agreement.consumerCode,
      agreement.typeCode,
      agreement.matterCodes,
      agreement.legalBasis,
      agreement.validFrom,
      agreement.validUntil,
      agreement.dailyUses,
      agreement.dailyHolders,
      agreement.state,
      agreement.proposedBy,
      agreement.proposedAt,
      key,
      requestDigest,
    ],
  )
  if (added.length === 0) return (await findProposed(tx, agreement.providerCode, key))!
  await tx.query(
    'insert into sharing.agreement_fields (agreement_id, field) select $1, field from unnest($2::text[]) field',
    [agreement.id, agreement.fields],
  )
  return { id: agreement.id, requestDigest }
}

export async function findAgreement(db: Queryable, id: string): Promise<Agreement | undefined> {
  return (await db.query<Agreement>(`${select} where a.agreement_id = $1`, [id]))[0]
}

/**
 * What a consumer agreed on licences of a type, newest first: all agreements that have not ended, and of each provider the last one that
 * has, which says why there is nothing. However many have ended, none of those that stand is left out.
 */
export const listAgreed = (db: Queryable, consumerCode: string, typeCode: string, at: Date): Promise<Agreement[]> =>
  db.query<Agreement>(
    `${select} where a.agreement_id in (
       select agreement_id from sharing.agreements
       where consumer_code = $1 and type_code = $2 and state = 'accepted' and valid_until > $3
       union all
       (select distinct on (provider_code) agreement_id from sharing.agreements
        where consumer_code = $1 and type_code = $2 and decided_at is not null
          and (state = 'ended' or (state = 'accepted' and valid_until <= $3))
        order by provider_code, decided_at desc, agreement_id desc))
     order by a.decided_at desc, a.agreement_id desc`,
    [consumerCode, typeCode, at],
  )

/** Agreements that one of these departments gives or takes, newest first, before one. */
export const listAgreements = (
  db: Queryable,
  departmentCodes: readonly string[],
  before: string | null,
  most: number,
): Promise<Agreement[]> =>
  db.query<Agreement>(
    `${select} where (a.provider_code = any($1) or a.consumer_code = any($1)) and ($2::uuid is null or a.agreement_id < $2::uuid)
     order by a.agreement_id desc limit $3`,
    [departmentCodes, before, most],
  )

/** Accepts or refuses a proposal; false where it is none any more. */
export async function decideAgreement(
  db: Queryable,
  id: string,
  state: 'accepted' | 'refused',
  by: string,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update sharing.agreements set state = $2, decided_by = $3, decided_at = $4
     where agreement_id = $1 and state = 'proposed' returning agreement_id`,
    [id, state, by, at],
  )
  return rows.length === 1
}

/** Ends an agreement, or takes a proposal back; false where it has ended before. */
export async function endAgreement(db: Queryable, id: string, by: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update sharing.agreements set state = 'ended', ended_by = $2, ended_at = $3
     where agreement_id = $1 and state in ('proposed', 'accepted') returning agreement_id`,
    [id, by, at],
  )
  return rows.length === 1
}
