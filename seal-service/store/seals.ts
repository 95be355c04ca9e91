import type { Queryable } from '../../platform/index.ts'
import {
  endedStates,
  type Seal,
  type SealEventAction,
  type SealKeyAlgorithm,
  type SealKind,
  type SealState,
} from '../domain/seal.ts'
import type { SealPictureSpec } from '../domain/seal-picture-spec.ts'
import { insertSealCertificate } from './seal-certificates.ts'

export interface SealRow {
  id: string
  department_code: string
  name: string
  name_en: string | null
  kind_code: SealKind
  key_name: string
  key_algorithm: SealKeyAlgorithm
  picture_spec: SealPictureSpec
  physical_seal_number: string | null
  type_codes: string[]
  state: SealState
  state_changed_at: Date
  created_at: Date
  certificate_number: number | null
  valid_until: Date | null
  keeper_id: string | null
  keeper_name: string | null
  maker_department: string | null
  replaces: string | null
  effective_at: Date | null
  accepted_at: Date | null
}

/** How a seal looks. */
export interface SealPicture {
  /** Content stream of the appearance, zlib. */
  readonly pictureContent: Uint8Array
  /** Resource dictionary of the content stream. */
  readonly pictureResources: string
  readonly pictureSvg: string
  /** SHA-256 of the content stream. */
  readonly pictureDigest: Uint8Array
}

/** What a seal has once it is made. */
export interface SealMaking extends SealPicture {
  readonly keyName: string
  readonly certificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/** Who takes a step, as the record names them. */
export interface EventCaller {
  readonly id: string
  readonly name?: string
  readonly departmentCode?: string | null
}

/** A step, or a note that changes no state. The state beside it is that of the seal in the same transaction. */
export interface SealEvent {
  readonly sealId: string
  readonly action: SealEventAction
  readonly reason: string | null
  readonly caller: EventCaller
  readonly at: Date
  /** Since when it counts, where that is not `at`. */
  readonly effectiveAt?: Date | null
  /** What belongs to it: digests, names, codes. No personal data of holders. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The columns of a `Seal`, of the table `s`. */
export const sealColumns = `s.id, s.department_code, s.name, s.name_en, s.kind_code, s.key_name, s.key_algorithm, s.picture_spec,
  s.physical_seal_number, s.type_codes, s.state, s.state_changed_at, s.created_at, s.certificate_number, s.valid_until, s.keeper_id,
  s.keeper_name, s.maker_department, s.replaces, s.effective_at, s.accepted_at`

export function toSeal(row: SealRow): Seal {
  return {
    id: row.id,
    departmentCode: row.department_code,
    name: row.name,
    nameEn: row.name_en,
    kindCode: row.kind_code,
    keyName: row.key_name,
    keyAlgorithm: row.key_algorithm,
    picture: row.picture_spec,
    physicalSealNumber: row.physical_seal_number,
    typeCodes: row.type_codes,
    state: row.state,
    stateChangedAt: row.state_changed_at,
    createdAt: row.created_at,
    certificateNumber: row.certificate_number,
    validUntil: row.valid_until,
    keeperId: row.keeper_id,
    keeperName: row.keeper_name,
    makerDepartment: row.maker_department,
    replaces: row.replaces,
    effectiveAt: row.effective_at,
    acceptedAt: row.accepted_at,
  }
}

const selectSeal = `select ${sealColumns} from seal.seals s`

export async function findSeal(db: Queryable, id: string): Promise<Seal | undefined> {
  const rows = await db.query<SealRow>(`${selectSeal} where s.id = $1`, [id])
  return rows.map(toSeal)[0]
}

/** The seal, which nobody else changes until the transaction ends. */
export async function lockSeal(tx: Queryable, id: string): Promise<Seal | undefined> {
  const rows = await tx.query<SealRow>(`${selectSeal} where s.id = $1 for no key update`, [id])
  return rows.map(toSeal)[0]
}

export async function findSeals(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Seal>> {
  const rows = await db.query<SealRow>(`${selectSeal} where s.id = any($1)`, [ids])
  return new Map(rows.map((row) => [row.id, toSeal(row)]))
}

/** The living seal of that name in the department; its successor is another until it is accepted. */
export async function findSealByName(db: Queryable, departmentCode: string, name: string): Promise<Seal | undefined> {
  const rows = await db.query<SealRow>(
    `${selectSeal} where s.department_code = $1 and s.name = $2 and s.state <> all($3)
       and (s.replaces is null or s.accepted_at is not null)`,
    [departmentCode, name, endedStates],
  )
  return rows.map(toSeal)[0]
}

export async function listSealsOfDepartment(db: Queryable, departmentCode: string): Promise<Seal[]> {
  const rows = await db.query<SealRow>(`${selectSeal} where s.department_code = $1 order by s.id`, [departmentCode])
  return rows.map(toSeal)
}

/** Number of the newest seal of an area, 0 when it has none. */
export async function findLastSealNumber(db: Queryable, areaCode: string): Promise<number> {
  const rows = await db.query<{ number: number | null }>(
    `select max(right(id, 8)::integer) as number from seal.seals where left(id, 6) = $1`,
    [areaCode],
  )
  return rows[0]?.number ?? 0
}

/** Records a seal that is applied for; false when its code, or its name in the department, is taken. */
export async function insertApplied(db: Queryable, seal: Seal): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.seals (id, department_code, name, name_en, kind_code, key_name, key_algorithm, picture_spec,
       physical_seal_number, type_codes, maker_department, replaces, state, state_changed_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'applied', $13, $13)
     on conflict do nothing returning id`,
    [
      seal.id,
      seal.departmentCode,
      seal.name,
      seal.nameEn,
      seal.kindCode,
      seal.keyName,
      seal.keyAlgorithm,
      JSON.stringify(seal.picture),
      seal.physicalSealNumber,
      seal.typeCodes,
      seal.makerDepartment,
      seal.replaces,
      seal.createdAt,
    ],
  )
  return rows.length === 1
}

/** Puts a picture on record as the one with which the seal is made. */
export async function recordPicture(db: Queryable, id: string, picture: SealPicture): Promise<void> {
  await db.query(
    `update seal.seals set picture_content = $2, picture_svg = $3, picture_digest = $4, picture_resources = $5 where id = $1`,
    [id, picture.pictureContent, picture.pictureSvg, picture.pictureDigest, picture.pictureResources],
  )
}

/** Puts picture and first certificate on record; false when another attempt was first. */
export async function recordMaking(
  db: Queryable,
  id: string,
  making: SealMaking & { readonly validUntil: Date },
  callerId: string,
  at: Date,
): Promise<boolean> {
  const { keyName, certificate, chain } = making
  const first = { sealId: id, number: 1, source: 'own', keyName, certificate, chain, callerId, at } as const
  if (!(await insertSealCertificate(db, first))) return false
  await recordPicture(db, id, making)
  await db.query(`update seal.seals set certificate_number = 1, valid_until = $2 where id = $1`, [
    id,
    making.validUntil,
  ])
  return true
}

/** Moves a seal on from the state it was read in; false when it has left that state meanwhile. The step wants its event. */
export async function recordState(
  db: Queryable,
  id: string,
  from: SealState,
  to: SealState,
  at: Date,
  effectiveAt: Date | null = null,
): Promise<boolean> {
  const rows = await db.query(
    `update seal.seals set state = $3, state_changed_at = $4, effective_at = $5 where id = $1 and state = $2 returning id`,
    [id, from, to, at, effectiveAt],
  )
  return rows.length === 1
}

/** Names whoever keeps a seal, or nobody. */
export async function recordKeeper(
  db: Queryable,
  id: string,
  keeper: { readonly id: string; readonly name: string } | null,
): Promise<void> {
  await db.query(`update seal.seals set keeper_id = $2, keeper_name = $3 where id = $1`, [
    id,
    keeper?.id ?? null,
    keeper?.name ?? null,
  ])
}

/** Remembers when a keeper first accepted it. */
export async function recordAcceptance(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query(`update seal.seals set accepted_at = coalesce(accepted_at, $2) where id = $1`, [id, at])
}

export async function recordTypeCodes(db: Queryable, id: string, typeCodes: readonly string[]): Promise<void> {
  await db.query(`update seal.seals set type_codes = $2 where id = $1`, [id, typeCodes])
}

/** Records a step or a note with the state that the seal is in then, which stays until the transaction ends. */
export async function insertSealEvent(db: Queryable, event: SealEvent): Promise<void> {
  const { caller } = event
  const rows = await db.query(
    `with seal as (select state from seal.seals where id = $1 for share)
     insert into seal.seal_events (seal_id, action, state, reason, caller_id, caller_name, caller_department, at, effective_at, detail)
     select $1, $2, seal.state, $3, $4, $5, $6, $7, $8, $9 from seal returning id`,
    [
      event.sealId,
      event.action,
      event.reason,
      caller.id,
      caller.name ?? null,
      caller.departmentCode ?? null,
      event.at,
      event.effectiveAt ?? null,
      event.detail === undefined ? null : JSON.stringify(event.detail),
    ],
  )
  if (rows.length !== 1) throw new Error(`there is no seal ${event.sealId} to record an event of`)
}

/** Picture, key and certificate in use of a made seal; undefined before it is made. */
export async function findMaking(db: Queryable, id: string): Promise<SealMaking | undefined> {
  const rows = await db.query<{
    picture_content: Uint8Array
    picture_resources: string
    picture_svg: string
    picture_digest: Uint8Array
    key_name: string
    certificate: Uint8Array
    chain: Uint8Array[]
  }>(
    `select s.picture_content, s.picture_resources, s.picture_svg, s.picture_digest, c.key_name, c.certificate, c.chain
     from seal.seals s join seal.seal_certificates c on c.seal_id = s.id and c.number = s.certificate_number
     where s.id = $1`,
    [id],
  )
  return rows.map((row) => ({
    pictureContent: row.picture_content,
    pictureResources: row.picture_resources,
    pictureSvg: row.picture_svg,
    pictureDigest: row.picture_digest,
    keyName: row.key_name,
    certificate: row.certificate,
    chain: row.chain,
  }))[0]
}

/** A certificate of a made seal with the states the seal has been in, oldest first. */
export interface ListedSeal {
  readonly departmentCode: string
  readonly certificate: Uint8Array
  /** Since when the certificate serves. */
  readonly inUseFrom: Date
  readonly states: { state: SealState; since: Date }[]
}

/** Every certificate that a made seal has had; `withSm2`: the certificates of its SESeals as others. */
export async function listMadeSeals(db: Queryable, withSm2: boolean): Promise<ListedSeal[]> {
  const rows = await db.query<{
    name: string
    department_code: string
    certificate: Uint8Array
    in_use_from: Date
    state: SealState
    at: Date
  }>(
    `select s.id || ' ' || c.kind || ' ' || c.number as name, s.department_code, c.certificate, c.in_use_from, e.state, e.at
     from seal.seals s
       join (select seal_id, 'own' as kind, number, certificate, in_use_from from seal.seal_certificates
             union all select seal_id, 'sm2', generation, certificate, timestamptz 'epoch' from seal.eseals where layout = 'V5' and $1::boolean) c
         on c.seal_id = s.id
       join (select seal_id, id, state, coalesce(effective_at, at) as at from seal.seal_events
             -- Whatever state a seal was in when its compromise was found: since then nothing is its owner's alone.
             union all select seal_id, 9223372036854775807, 'revoked', since from seal.compromises) e
         on e.seal_id = s.id
     where s.certificate_number is not null
     order by s.department_code, s.id, c.kind, c.number, e.id`,
    [withSm2],
  )
  const made = new Map<string, ListedSeal>()
  for (const { name, department_code, certificate, in_use_from, state, at } of rows) {
    const seal = made.get(name) ?? {
      departmentCode: department_code,
      certificate,
      inUseFrom: in_use_from,
      states: [],
    }
    seal.states.push({ state, since: at })
    made.set(name, seal)
  }
  return [...made.values()]
}

/** The certificates of seals of which it is not on record until when they serve: made before that was kept. */
export function listUndated(db: Queryable): Promise<{ id: string; certificate: Uint8Array }[]> {
  return db.query(
    `select s.id, c.certificate from seal.seals s
       join seal.seal_certificates c on c.seal_id = s.id and c.number = s.certificate_number
     where s.valid_until is null`,
  )
}

export async function recordValidUntil(db: Queryable, id: string, validUntil: Date): Promise<void> {
  await db.query(`update seal.seals set valid_until = $2 where id = $1`, [id, validUntil])
}

/** Names the makers of a seal, and the picture as they drew it. */
export async function recordMaker(
  db: Queryable,
  id: string,
  makerDepartment: string,
  picture: SealPictureSpec,
): Promise<void> {
  await db.query(`update seal.seals set maker_department = $2, picture_spec = $3 where id = $1`, [
    id,
    makerDepartment,
    JSON.stringify(picture),
  ])
}
