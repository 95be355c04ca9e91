import type { Queryable } from '../../platform/index.ts'
import type { Seal, SealAction, SealKeyAlgorithm, SealState } from '../domain/seal.ts'
import { insertSealCertificate } from './seal-certificates.ts'

interface SealRow {
  id: string
  department_code: string
  name: string
  key_name: string
  key_algorithm: SealKeyAlgorithm
  diameter_mm: number
  ring_text: string
  lower_text: string | null
  type_codes: string[]
  state: SealState
  state_changed_at: Date
  created_at: Date
  certificate_number: number | null
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

export type SealEventAction = SealAction | 'approve' | 'change-types' | 'grant' | 'end-grant' | 'request' | 'renew'

export interface SealEvent {
  readonly sealId: string
  readonly action: SealEventAction
  readonly state: SealState
  readonly reason: string | null
  readonly callerId: string
  readonly at: Date
}

const columns =
  'id, department_code, name, key_name, key_algorithm, diameter_mm, ring_text, lower_text, type_codes, state, state_changed_at, created_at, certificate_number'

function toSeal(row: SealRow): Seal {
  return {
    id: row.id,
    departmentCode: row.department_code,
    name: row.name,
    keyName: row.key_name,
    keyAlgorithm: row.key_algorithm,
    diameterMm: row.diameter_mm,
    ringText: row.ring_text,
    lowerText: row.lower_text,
    typeCodes: row.type_codes,
    state: row.state,
    stateChangedAt: row.state_changed_at,
    createdAt: row.created_at,
    certificateNumber: row.certificate_number,
  }
}

export async function findSeal(db: Queryable, id: string): Promise<Seal | undefined> {
  const rows = await db.query<SealRow>(`select ${columns} from seal.seals where id = $1`, [id])
  return rows.map(toSeal)[0]
}

export async function findSeals(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, Seal>> {
  const rows = await db.query<SealRow>(`select ${columns} from seal.seals where id = any($1)`, [ids])
  return new Map(rows.map((row) => [row.id, toSeal(row)]))
}

export async function findSealByName(db: Queryable, departmentCode: string, name: string): Promise<Seal | undefined> {
  const rows = await db.query<SealRow>(`select ${columns} from seal.seals where department_code = $1 and name = $2`, [
    departmentCode,
    name,
  ])
  return rows.map(toSeal)[0]
}

export async function listSealsOfDepartment(db: Queryable, departmentCode: string): Promise<Seal[]> {
  const rows = await db.query<SealRow>(`select ${columns} from seal.seals where department_code = $1 order by id`, [
    departmentCode,
  ])
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

/** Records an approved seal; false when its code or its name in the department is taken. */
export async function insertApproved(db: Queryable, seal: Seal): Promise<boolean> {
  const rows = await db.query(
    `insert into seal.seals
       (id, department_code, name, key_name, key_algorithm, diameter_mm, ring_text, lower_text, type_codes, state, state_changed_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'approved', $10, $10)
     on conflict do nothing returning id`,
    [
      seal.id,
      seal.departmentCode,
      seal.name,
      seal.keyName,
      seal.keyAlgorithm,
      seal.diameterMm,
      seal.ringText,
      seal.lowerText,
      seal.typeCodes,
      seal.createdAt,
    ],
  )
  return rows.length === 1
}

/** Puts the picture of a seal on record that waits for its certificate; false when another attempt was first. */
export async function recordWaiting(db: Queryable, id: string, picture: SealPicture, at: Date): Promise<boolean> {
  const rows = await db.query(
    `update seal.seals set state = 'waiting', state_changed_at = $2, picture_content = $3, picture_svg = $4, picture_digest = $5,
       picture_resources = $6
     where id = $1 and state = 'approved' returning id`,
    [id, at, picture.pictureContent, picture.pictureSvg, picture.pictureDigest, picture.pictureResources],
  )
  return rows.length === 1
}

/** Puts picture and first certificate on record and the seal in use; false when another attempt was first. */
export async function recordMade(
  db: Queryable,
  id: string,
  making: SealMaking,
  callerId: string,
  at: Date,
): Promise<boolean> {
  const { keyName, certificate, chain } = making
  const first = { sealId: id, number: 1, source: 'own', keyName, certificate, chain, callerId, at } as const
  if (!(await insertSealCertificate(db, first))) return false
  const rows = await db.query(
    `update seal.seals set state = 'active', state_changed_at = $2, picture_content = $3, picture_svg = $4,
       picture_digest = $5, picture_resources = $6, certificate_number = 1
     where id = $1 and state = 'approved' returning id`,
    [id, at, making.pictureContent, making.pictureSvg, making.pictureDigest, making.pictureResources],
  )
  if (rows.length !== 1) throw new Error(`seal ${id} has a certificate and is not made`)
  return true
}

/** Moves a seal on from the state it was read in; false when it has left that state meanwhile. */
export async function recordState(
  db: Queryable,
  id: string,
  from: SealState,
  to: SealState,
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update seal.seals set state = $3, state_changed_at = $4 where id = $1 and state = $2 returning id`,
    [id, from, to, at],
  )
  return rows.length === 1
}

export async function recordTypeCodes(db: Queryable, id: string, typeCodes: readonly string[]): Promise<void> {
  await db.query(`update seal.seals set type_codes = $2 where id = $1`, [id, typeCodes])
}

export async function insertSealEvent(db: Queryable, event: SealEvent): Promise<void> {
  await db.query(
    `insert into seal.seal_events (seal_id, action, state, reason, caller_id, at) values ($1, $2, $3, $4, $5, $6)`,
    [event.sealId, event.action, event.state, event.reason, event.callerId, event.at],
  )
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

/** Every certificate that a made seal has had; `withSm2`: the certificate of its SESeal as another. */
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
             union all select seal_id, 'sm2', 1, certificate, timestamptz 'epoch' from seal.eseals where layout = 'V5' and $1::boolean) c
         on c.seal_id = s.id
       join seal.seal_events e on e.seal_id = s.id
     where s.certificate_number is not null and e.action in ('make', 'suspend', 'restore', 'revoke')
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
