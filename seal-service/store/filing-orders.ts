import type { Queryable } from '../../platform/index.ts'
import type { DeactivationKind, FilingTask } from '../domain/filing.ts'

/** A filing (备案) that the publisher is to be told, or was told. */
export interface FilingOrder {
  readonly id: bigint
  readonly sealId: string
  readonly task: FilingTask
  readonly kind: DeactivationKind | null
  readonly reason: string | null
  readonly effectiveAt: Date | null
  readonly orderedAt: Date
  readonly state: 'waiting' | 'filed'
  readonly attempts: number
  readonly nextAttemptAt: Date
  readonly lastFault: string | null
  readonly publisher: string | null
  readonly recordNumber: string | null
  /** The fields as they were sent. */
  readonly sent: Readonly<Record<string, string>> | null
  readonly filedAt: Date | null
}

const names = {
  id: 'order_id',
  sealId: 'seal_id',
  task: 'task',
  kind: 'kind',
  reason: 'reason',
  effectiveAt: 'effective_at',
  orderedAt: 'ordered_at',
  state: 'state',
  attempts: 'attempts',
  nextAttemptAt: 'next_attempt_at',
  lastFault: 'last_fault',
  publisher: 'publisher',
  recordNumber: 'record_number',
  sent: 'sent',
  filedAt: 'filed_at',
} as const satisfies Record<keyof FilingOrder, string>

const columns = (prefix: string): string =>
  Object.entries(names)
    .map(([name, column]) => `${prefix}${column} as "${name}"`)
    .join(', ')

/** Orders a filing unless there is one of this cause. */
export async function insertFilingOrder(
  db: Queryable,
  order: Pick<FilingOrder, 'sealId' | 'task' | 'kind'>,
  cause: string,
  at: Date,
): Promise<void> {
  await db.query(
    `insert into seal.filing_orders (seal_id, task, kind, cause, ordered_at, next_attempt_at) values ($1, $2, $3, $4, $5, $5)
     on conflict do nothing`,
    [order.sealId, order.task, order.kind, cause, at],
  )
}

/** The filings of a seal, oldest first. */
export function listFilingOrders(db: Queryable, sealId: string): Promise<FilingOrder[]> {
  return db.query<FilingOrder>(`select ${columns('')} from seal.filing_orders where seal_id = $1 order by order_id`, [
    sealId,
  ])
}

/**
 * Takes filings to be told now, of each seal the oldest alone, and keeps them from others until `until`. Of one seal (`sealId`) also
 * before its next attempt is due.
 */
export function leaseFilingOrders(
  db: Queryable,
  lease: { readonly at: Date; readonly until: Date; readonly most: number; readonly sealId?: string },
): Promise<FilingOrder[]> {
  return db.query<FilingOrder>(
    `with heads as (
       select distinct on (seal_id) order_id, next_attempt_at, leased_until from seal.filing_orders
       where state = 'waiting' and ($4::text is null or seal_id = $4) order by seal_id, order_id),
     due as (
       select order_id from heads where ($4::text is not null or next_attempt_at <= $1) and (leased_until is null or leased_until <= $1)
       order by next_attempt_at limit $3)
     update seal.filing_orders o set leased_until = $2, attempts = o.attempts + 1 from due
     where o.order_id = due.order_id and o.state = 'waiting' and (o.leased_until is null or o.leased_until <= $1)
     returning ${columns('o.')}`,
    [lease.at, lease.until, lease.most, lease.sealId ?? null],
  )
}

/** Puts on record that a filing is done. */
export async function settleFilingOrder(
  db: Queryable,
  id: bigint,
  done: {
    readonly publisher: string
    readonly recordNumber: string
    readonly sent: Readonly<Record<string, string>>
    readonly at: Date
  },
): Promise<void> {
  await db.query(
    `update seal.filing_orders set state = 'filed', publisher = $2, record_number = $3, sent = $4, filed_at = $5, leased_until = null,
       last_fault = null
     where order_id = $1 and state = 'waiting'`,
    [id, done.publisher, done.recordNumber, JSON.stringify(done.sent), done.at],
  )
}

/** Puts on record that an attempt failed, and when the next is due. */
export async function postponeFilingOrder(
  db: Queryable,
  id: bigint,
  fault: string,
  nextAttemptAt: Date,
): Promise<void> {
  await db.query(
    `update seal.filing_orders set last_fault = $2, next_attempt_at = $3, leased_until = null where order_id = $1 and state = 'waiting'`,
    [id, fault, nextAttemptAt],
  )
}

/** Made seals that somebody applied for, whose release was filed before a time, with its number. */
export function listReleased(
  db: Queryable,
  before: Date,
): Promise<{ readonly sealId: string; readonly recordNumber: string }[]> {
  return db.query(
    `select o.seal_id as "sealId", o.record_number as "recordNumber" from seal.seals s
       join seal.filing_orders o on o.seal_id = s.id and o.task = 'release' and o.state = 'filed' and o.filed_at <= $1
     where s.state = 'made' and exists (select from seal.applications a where a.seal_id = s.id)
     order by o.filed_at, o.order_id`,
    [before],
  )
}

/** How many filings wait, and since when the oldest. */
export async function countWaitingFilings(
  db: Queryable,
): Promise<{ readonly count: number; readonly oldest: Date | null }> {
  const [row] = await db.query<{ count: bigint; oldest: Date | null }>(
    `select count(*) as count, min(ordered_at) as oldest from seal.filing_orders where state = 'waiting'`,
  )
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null }
}

/** What a filing tells of its seal, as far as it is in the record; undefined before it is made. */
export async function findFilingRow(
  db: Queryable,
  sealId: string,
): Promise<
  | {
      readonly name: string
      readonly departmentCode: string
      readonly kindCode: string
      readonly replaces: string | null
      readonly createdAt: Date
      readonly validUntil: Date | null
      readonly makerDepartment: string | null
      /** DER, of the certificate in use. */
      readonly certificate: Uint8Array
      /** The newest SESeal, DER, and the certificate that signs with it. */
      readonly eseal: Uint8Array | null
      /** Whether it was made for an earlier certificate of the seal. */
      readonly isEsealBehind: boolean
      readonly esealCertificate: Uint8Array | null
    }
  | undefined
> {
  const rows = await db.query<{
    name: string
    departmentCode: string
    kindCode: string
    replaces: string | null
    createdAt: Date
    validUntil: Date | null
    makerDepartment: string | null
    certificate: Uint8Array
    eseal: Uint8Array | null
    isEsealBehind: boolean
    esealCertificate: Uint8Array | null
  }>(
    `select s.name, s.department_code as "departmentCode", s.kind_code as "kindCode", s.replaces, s.created_at as "createdAt",
       s.valid_until as "validUntil", s.maker_department as "makerDepartment", c.certificate, e.eseal, e.certificate as "esealCertificate",
       coalesce(e.generation < s.certificate_number, false) as "isEsealBehind"
     from seal.seals s join seal.seal_certificates c on c.seal_id = s.id and c.number = s.certificate_number
       left join lateral (select eseal, certificate, generation from seal.eseals where seal_id = s.id and layout = 'V5'
         order by generation desc limit 1) e on true
     where s.id = $1`,
    [sealId],
  )
  return rows[0]
}
