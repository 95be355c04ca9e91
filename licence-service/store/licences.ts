import type { Queryable } from '../../platform/index.ts'
import type { CoSeal } from '../domain/co-seal.ts'
import type { Level } from '../domain/level.ts'
import type { LicenceState } from '../domain/licence.ts'
import type { SuccessorAction } from '../domain/life-policy.ts'

/** A licence as its row holds it; what is personal is still sealed. */
export interface LicenceRow {
  readonly sequence: bigint
  readonly identifier: string
  readonly typeCode: string
  readonly departmentCode: string
  readonly serial: string
  readonly version: number
  readonly templateVersion: number
  readonly printedNumber: string
  readonly sealId: string
  readonly coSeals: readonly CoSeal[]
  readonly state: LicenceState
  readonly statusList: number
  readonly statusPlace: number
  readonly issuedOn: string
  readonly validFrom: string
  readonly validUntil: string | null
  readonly wrappedDataKey: Uint8Array | null
  readonly sealedData: Uint8Array
  readonly sealedStatement: Uint8Array | null
  readonly pictureBlobs: readonly string[]
  readonly documentBlob: string | null
  readonly dataDigest: string
  readonly unsignedDigest: string | null
  readonly sealedDigest: string | null
  readonly preparedAt: Date
  readonly replaces: string | null
  readonly replacedBy: string | null
  readonly supersedesFrom: Date | null
  readonly sealedReason: Uint8Array | null
  /** What it is to the licence it takes the place of, by what law, and the order that was carried out. */
  readonly successorCause: SuccessorAction | null
  readonly sealedLegalBasis: Uint8Array | null
  readonly orderId: string | null
  readonly caller: RecordedCaller
  readonly targetLevel: Level
  /** As verified; null while there is no document. */
  readonly level: Level | null
  readonly archiveUntil: Date | null
  readonly archiveScheme: string | null
  /** When it was put away for good. */
  readonly archivedAt: Date | null
  /** The system that made it, and up to when that told of its state; both null for what was made here. */
  readonly collectedFrom: string | null
  readonly statusReportedAt: Date | null
}

/** Who asked, as far as resuming without them needs it. No name: the directory has it. */
export interface RecordedCaller {
  readonly id: string
  readonly kind: 'person' | 'machine' | 'system'
  readonly departmentCode: string
  readonly roles: readonly string[]
}

export type PreparedRow = Omit<
  LicenceRow,
  | 'sequence'
  | 'state'
  | 'sealedStatement'
  | 'documentBlob'
  | 'unsignedDigest'
  | 'sealedDigest'
  | 'replacedBy'
  | 'level'
  | 'archiveUntil'
  | 'archiveScheme'
  | 'archivedAt'
  | 'collectedFrom'
  | 'statusReportedAt'
> & {
  readonly wrappedDataKey: Uint8Array
  readonly holders: readonly { codeMac: Uint8Array; nameMac: Uint8Array }[]
  readonly fieldMacs: readonly Uint8Array[]
}

const columns = `sequence, identifier, type_code as "typeCode", department_code as "departmentCode", serial, version,
  template_version as "templateVersion", printed_number as "printedNumber", seal_id as "sealId", co_seals as "coSeals", state,
  status_list as "statusList", status_place as "statusPlace", issued_on as "issuedOn", valid_from as "validFrom",
  valid_until as "validUntil", wrapped_data_key as "wrappedDataKey", sealed_data as "sealedData",
  sealed_statement as "sealedStatement", picture_blobs as "pictureBlobs", document_blob as "documentBlob",
  data_digest as "dataDigest", unsigned_digest as "unsignedDigest", sealed_digest as "sealedDigest",
  prepared_at as "preparedAt", replaces, replaced_by as "replacedBy", supersedes_from as "supersedesFrom",
  sealed_reason as "sealedReason", successor_cause as "successorCause", sealed_legal_basis as "sealedLegalBasis",
  order_id as "orderId", archived_at as "archivedAt", caller, target_level as "targetLevel", level, archive_until as "archiveUntil",
  archive_scheme as "archiveScheme", collected_from as "collectedFrom", status_reported_at as "statusReportedAt"`

const hex = (bytes: Uint8Array | null) => (bytes ? Buffer.from(bytes).toString('hex') : null)

/**
 * Adds licences in the state `prepared`, with the keyed hashes that they are found by; their status places are theirs already. One
 * statement for any number. A second successor of one licence is a unique violation.
 */
export async function insertPrepared(tx: Queryable, rows: readonly PreparedRow[]): Promise<void> {
  await tx.query(
    `with input as (
       select * from jsonb_to_recordset($1::jsonb) as r(identifier text, "typeCode" text, "departmentCode" text, serial text,
         version integer, "templateVersion" integer, "printedNumber" text, "sealId" text, "coSeals" jsonb, "statusList" integer,
         "statusPlace" integer, "issuedOn" date, "validFrom" date, "validUntil" date, "wrappedDataKey" text,
         "sealedData" text, "pictureBlobs" jsonb, "dataDigest" text, "preparedAt" timestamptz, replaces text,
         "supersedesFrom" timestamptz, "sealedReason" text, "successorCause" text, "sealedLegalBasis" text, "orderId" uuid, caller jsonb, "targetLevel" text, holders jsonb, "fieldMacs" jsonb)
     ), added as (
       insert into licence.licences (identifier, type_code, department_code, serial, version, template_version, printed_number,
         seal_id, co_seals, state, status_list, status_place, issued_on, valid_from, valid_until, wrapped_data_key, sealed_data,
         picture_blobs, data_digest, prepared_at, replaces, supersedes_from, sealed_reason, successor_cause, sealed_legal_basis,
         order_id, caller, target_level)
       select identifier, "typeCode", "departmentCode", serial, version, "templateVersion", "printedNumber", "sealId", "coSeals", 'prepared',
         "statusList", "statusPlace", "issuedOn", "validFrom", "validUntil", decode("wrappedDataKey", 'hex'),
         decode("sealedData", 'hex'), array(select jsonb_array_elements_text("pictureBlobs")), "dataDigest", "preparedAt",
         replaces, "supersedesFrom", decode("sealedReason", 'hex'), "successorCause", decode("sealedLegalBasis", 'hex'), "orderId",
         caller, "targetLevel"
       from input returning identifier, sequence
     ), succeeding as (
       insert into licence.successions (predecessor, successor) select replaces, identifier from input where replaces is not null
     ), found_by as (
       insert into licence.searched_fields (mac, sequence, identifier)
       select decode(f.mac, 'hex'), added.sequence, added.identifier from added join input on input.identifier = added.identifier,
         jsonb_array_elements_text(input."fieldMacs") as f(mac)
     )
     insert into licence.holders (identifier, place, code_mac, name_mac)
     select added.identifier, h.place, decode(h.holder ->> 'code', 'hex'), decode(h.holder ->> 'name', 'hex')
     from added join input on input.identifier = added.identifier,
       jsonb_array_elements(input.holders) with ordinality as h(holder, place)`,
    [
      JSON.stringify(
        rows.map((row) => ({
          ...row,
          wrappedDataKey: hex(row.wrappedDataKey),
          sealedData: hex(row.sealedData),
          sealedReason: hex(row.sealedReason),
          sealedLegalBasis: hex(row.sealedLegalBasis),
          fieldMacs: row.fieldMacs.map(hex),
          holders: row.holders.map(({ codeMac, nameMac }) => ({ code: hex(codeMac), name: hex(nameMac) })),
        })),
      ),
    ],
  )
}

export async function findLicence(db: Queryable, identifier: string): Promise<LicenceRow | undefined> {
  return (await db.query<LicenceRow>(`select ${columns} from licence.licences where identifier = $1`, [identifier]))[0]
}

/** The licence whose document this is; the digest is that of its last seal's signed byte ranges, in lower-case hex. */
export async function findBySealedDigest(db: Queryable, sealedDigest: string): Promise<string | undefined> {
  const rows = await db.query<{ identifier: string }>(
    'select identifier from licence.licences where sealed_digest = $1 order by sequence limit 1',
    [sealedDigest],
  )
  return rows[0]?.identifier
}

/** The same row, held until the transaction ends. */
export async function lockLicence(tx: Queryable, identifier: string): Promise<LicenceRow | undefined> {
  return (
    await tx.query<LicenceRow>(`select ${columns} from licence.licences where identifier = $1 for update`, [identifier])
  )[0]
}

export const findLicences = (db: Queryable, identifiers: readonly string[]): Promise<LicenceRow[]> =>
  db.query<LicenceRow>(`select ${columns} from licence.licences where identifier = any($1)`, [identifiers])

/** Licences prepared before an instant and still so, oldest first, after a place in that order. */
export const listPrepared = (
  db: Queryable,
  preparedBefore: Date,
  after: bigint,
  limit: number,
): Promise<LicenceRow[]> =>
  db.query<LicenceRow>(
    `select ${columns} from licence.licences where state = 'prepared' and prepared_at <= $1 and sequence > $2 order by sequence limit $3`,
    [preparedBefore, after.toString(), limit],
  )

export interface IssuedDigests {
  readonly identifier: string
  readonly sealedStatement: Uint8Array
  readonly documentBlob: string
  readonly unsignedDigest: string
  readonly sealedDigest: string
  readonly level: Level
  readonly archiveUntil: Date | null
  readonly archiveScheme: string | null
}

/** prepared → in force with the digests of the finished document; answers the identifiers that were still prepared. */
export async function markInForce(tx: Queryable, issued: readonly IssuedDigests[]): Promise<string[]> {
  const rows = await tx.query<{ identifier: string }>(
    `update licence.licences l set state = 'in force', sealed_statement = decode(r."sealedStatement", 'hex'),
       document_blob = r."documentBlob", unsigned_digest = r."unsignedDigest", sealed_digest = r."sealedDigest",
       level = r.level, archive_until = r."archiveUntil", archive_scheme = r."archiveScheme"
     from jsonb_to_recordset($1::jsonb) as r(identifier text, "sealedStatement" text, "documentBlob" text, "unsignedDigest" text,
       "sealedDigest" text, level text, "archiveUntil" timestamptz, "archiveScheme" text)
     where l.identifier = r.identifier and l.state = 'prepared' returning l.identifier`,
    [JSON.stringify(issued.map((one) => ({ ...one, sealedStatement: hex(one.sealedStatement) })))],
  )
  return rows.map(({ identifier }) => identifier)
}

export interface CollectedFile {
  readonly identifier: string
  readonly documentBlob: string
  readonly sealedDigest: string
  readonly level: Level
  readonly state: LicenceState
  readonly source: string
  readonly reportedAt: Date
}

/** A row just added becomes a licence that another system made: in force, then whatever state its owner reported. */
export async function markCollected(tx: Queryable, file: CollectedFile): Promise<void> {
  const { identifier, documentBlob, sealedDigest, level, state, source, reportedAt } = file
  await tx.query(
    `update licence.licences set state = 'in force', document_blob = $2, sealed_digest = $3, level = $4, collected_from = $5,
       status_reported_at = $6 where identifier = $1`,
    [identifier, documentBlob, sealedDigest, level, source, reportedAt],
  )
  if (state !== 'in force') await changeState(tx, identifier, 'in force', state)
}

/** Up to when the owner of a collected licence has told of its state. */
export async function markReported(tx: Queryable, identifier: string, reportedAt: Date): Promise<void> {
  await tx.query('update licence.licences set status_reported_at = $2 where identifier = $1', [identifier, reportedAt])
}

/** Sets a state if the licence is still in `from`; answers whether it was. One that is rejected leaves its predecessor to another. */
export async function changeState(
  tx: Queryable,
  identifier: string,
  from: LicenceState,
  to: LicenceState,
): Promise<boolean> {
  const rows = await tx.query<{ replaces: string | null }>(
    'update licence.licences set state = $3 where identifier = $1 and state = $2 returning replaces',
    [identifier, from, to],
  )
  if (to === 'rejected' && rows[0]?.replaces)
    await tx.query('delete from licence.successions where predecessor = $1 and successor = $2', [
      rows[0].replaces,
      identifier,
    ])
  return rows.length === 1
}

export async function linkSuccessor(tx: Queryable, identifier: string, replacedBy: string): Promise<void> {
  await tx.query('update licence.licences set replaced_by = $2 where identifier = $1', [identifier, replacedBy])
}

/** The highest version ever allotted under a serial, rejected ones included: a version is never used twice. */
export async function lastVersion(
  db: Queryable,
  of: { typeCode: string; departmentCode: string; serial: string },
): Promise<number> {
  const [row] = await db.query<{ version: number }>(
    `select max(version) as version from licence.licences where serial = $3 and type_code = $1 and department_code = $2`,
    [of.typeCode, of.departmentCode, of.serial],
  )
  return row?.version ?? 0
}

/** Which licences of a holder to find, and how many. */
export interface HolderSearch {
  /** Keyed hash of the holder's code. */
  readonly codeMac: Uint8Array
  readonly typeCodes: readonly string[]
  /** Those in force on this day come first. */
  readonly day: string
  readonly most: number
  /** As printed; other forms of the same characters, and their case where it is ASCII, are no difference. */
  readonly number?: string | undefined
  readonly departmentCodes?: readonly string[] | undefined
}

/**
 * Issued licences of a holder, those in force first, then newest first. Identifiers carry the type. Each is looked up by itself: where the
 * planner misjudges how many a holder has, a plain join reads whole partitions.
 */
export const findByHolderKey = (
  db: Queryable,
  { codeMac, typeCodes, day, most, number, departmentCodes }: HolderSearch,
): Promise<LicenceRow[]> =>
  db.query<LicenceRow>(
    `select ${columns} from (
       select distinct identifier as held from licence.holders where code_mac = $1 and split_part(identifier, '.', 6) = any($2)) holders
     cross join lateral (select * from licence.licences where identifier = held limit 1) licences
     where state not in ('prepared', 'rejected')
       and ($5::text is null or upper(trim(normalize(printed_number, NFKC))) = upper(trim(normalize($5, NFKC))))
       and ($6::text[] is null or department_code = any($6))
     order by (state = 'in force' and $3::date between valid_from and coalesce(valid_until, 'infinity')) desc, sequence desc limit $4`,
    [codeMac, typeCodes, day, most, number ?? null, departmentCodes ?? null],
  )

/** Keyed hashes of the codes of a licence's holders. */
export async function holderCodes(db: Queryable, identifier: string): Promise<Uint8Array[]> {
  const rows = await db.query<{ codeMac: Uint8Array }>(
    'select code_mac as "codeMac" from licence.holders where identifier = $1 order by place',
    [identifier],
  )
  return rows.map(({ codeMac }) => codeMac)
}

/** Whether a licence refers to a blob, as its document or as a picture. */
export async function isBlobWanted(db: Queryable, digest: string): Promise<boolean> {
  const rows = await db.query(
    'select 1 from licence.licences where document_blob = $1 or picture_blobs @> array[$1] limit 1',
    [digest],
  )
  return rows.length > 0
}

/** Licences whose document is below its target level, oldest first, after a place in that order. */
export const listBelowTarget = (db: Queryable, after: bigint, limit: number): Promise<LicenceRow[]> =>
  db.query<LicenceRow>(
    `select ${columns} from licence.licences where level is not null and level <> target_level and sequence > $1
     order by sequence limit $2`,
    [after.toString(), limit],
  )

/** The algorithms under which archive time stamps stand. */
export async function archiveSchemes(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ scheme: string }>(
    `with recursive schemes as (
       (select archive_scheme as scheme from licence.licences where archive_scheme is not null order by 1 limit 1)
       union all
       select (select archive_scheme from licence.licences where archive_scheme > schemes.scheme order by 1 limit 1)
       from schemes where schemes.scheme is not null
     ) select scheme from schemes where scheme is not null`,
    [],
  )
  return rows.map(({ scheme }) => scheme)
}

/** Licences whose archive time stamp ends by `until`, or stands under one of the algorithms that do. */
export const listArchiveDue = (
  db: Queryable,
  until: Date,
  schemes: readonly string[],
  after: bigint,
  limit: number,
): Promise<LicenceRow[]> =>
  db.query<LicenceRow>(
    `select ${columns} from licence.licences where archive_scheme is not null and wrapped_data_key is not null
       and (archive_until <= $1 or archive_scheme = any($2)) and sequence > $3
     order by sequence limit $4`,
    [until, schemes, after.toString(), limit],
  )

export interface NewDocument {
  readonly documentBlob: string
  readonly level: Level
  readonly archiveUntil: Date | null
  readonly archiveScheme: string | null
}

/** Puts a raised document in the place of the one it was made from; answers whether that one still stood there. */
export async function replaceDocument(
  tx: Queryable,
  identifier: string,
  from: string,
  { documentBlob, level, archiveUntil, archiveScheme }: NewDocument,
): Promise<boolean> {
  const rows = await tx.query(
    `update licence.licences set document_blob = $3, level = $4, archive_until = $5, archive_scheme = $6
     where identifier = $1 and document_blob = $2 returning identifier`,
    [identifier, from, documentBlob, level, archiveUntil, archiveScheme],
  )
  return rows.length === 1
}
