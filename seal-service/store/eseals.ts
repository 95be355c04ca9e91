import type { Queryable } from '../../platform/index.ts'
import type { EsealLayout } from '../domain/eseal.ts'
import type { SealState } from '../domain/seal.ts'

/** A made SESeal with the key that signs with it. */
export interface EsealRecord {
  readonly sealId: string
  readonly layout: EsealLayout
  /** Number of the seal's certificate for which it was made. */
  readonly generation: number
  readonly useId: string
  readonly keyName: string
  /** of the SM2 key, DER */
  readonly certificate: Uint8Array
  readonly chain: readonly Uint8Array[]
  /** SESeal, DER */
  readonly eseal: Uint8Array
  readonly madeAt: Date
}

/** One use of the maker's key, as intended. */
export interface MakerUse {
  readonly useId: string
  readonly sealId: string
  readonly layout: EsealLayout
  readonly generation: number
  /** SM3 of SES_SealInfo */
  readonly infoDigest: Uint8Array
  readonly callerId: string
  readonly at: Date
}

/** The layouts that were made for one of the seal's certificates. */
export async function listEsealLayouts(db: Queryable, sealId: string, generation: number): Promise<EsealLayout[]> {
  const rows = await db.query<{ layout: EsealLayout }>(
    'select layout from seal.eseals where seal_id = $1 and generation = $2',
    [sealId, generation],
  )
  return rows.map(({ layout }) => layout)
}

/** The newest one. */
export async function findEseal(db: Queryable, sealId: string, layout: EsealLayout): Promise<EsealRecord | undefined> {
  const rows = await db.query<{
    generation: number
    use_id: string
    key_name: string
    certificate: Uint8Array
    chain: Uint8Array[]
    eseal: Uint8Array
    made_at: Date
  }>(
    `select generation, use_id, key_name, certificate, chain, eseal, made_at from seal.eseals where seal_id = $1 and layout = $2
     order by generation desc limit 1`,
    [sealId, layout],
  )
  return rows.map((row) => ({
    sealId,
    layout,
    generation: row.generation,
    useId: row.use_id,
    keyName: row.key_name,
    certificate: row.certificate,
    chain: row.chain,
    eseal: row.eseal,
    madeAt: row.made_at,
  }))[0]
}

/** Puts a made SESeal on record; false when another attempt was first, and then nothing is changed. */
export async function insertEseal(db: Queryable, record: EsealRecord): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.eseals (seal_id, layout, generation, use_id, key_name, certificate, chain, eseal, made_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning use_id`,
    [
      record.sealId,
      record.layout,
      record.generation,
      record.useId,
      record.keyName,
      record.certificate,
      record.chain,
      record.eseal,
      record.madeAt,
    ],
  )
  return rows.length === 1
}

/** Without `esealDigest` the intent; with it what came of it. */
export async function insertMakerUse(db: Queryable, use: MakerUse, esealDigest?: Uint8Array): Promise<void> {
  await db.query(
    `insert into seal.maker_uses (use_id, phase, seal_id, layout, generation, info_digest, eseal_digest, caller_id, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      use.useId,
      esealDigest === undefined ? 'intended' : 'made',
      use.sealId,
      use.layout,
      use.generation,
      use.infoDigest,
      esealDigest ?? null,
      use.callerId,
      use.at,
    ],
  )
}

/** Codes of seals in these states whose SESeals, of so many layouts, were made for an earlier certificate alone. */
export async function listBehindEseals(
  db: Queryable,
  states: readonly SealState[],
  layouts: number,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select s.id from seal.seals s join seal.eseals e on e.seal_id = s.id where s.state = any($1)
     group by s.id having count(*) filter (where e.generation = s.certificate_number) < $2 order by s.id`,
    [states, layouts],
  )
  return rows.map(({ id }) => id)
}
