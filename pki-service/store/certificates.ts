import type { Queryable } from '../../platform/index.ts'
import type { AuthorityName, OwnName, Profile } from '../domain/authority.ts'
import type { CertificateRecord, CertificateState, RevocationReason } from '../domain/certificate.ts'

interface CertificateRow {
  serial_number: string
  own_name: OwnName | null
  profile: Profile
  issuer: AuthorityName
  subject: Uint8Array
  public_key: Uint8Array
  not_before: Date
  not_after: Date
  state: CertificateState
  certificate: Uint8Array | null
  revoked_at: Date | null
  revocation_reason: RevocationReason | null
}

const columns =
  'serial_number, own_name, profile, issuer, subject, public_key, not_before, not_after, state, certificate, revoked_at, revocation_reason'

function toRecord(row: CertificateRow): CertificateRecord {
  return {
    serialNumber: row.serial_number,
    ownName: row.own_name,
    profile: row.profile,
    issuer: row.issuer,
    subject: row.subject,
    publicKey: row.public_key,
    notBefore: row.not_before,
    notAfter: row.not_after,
    state: row.state,
    certificate: row.certificate,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
  }
}

/** The living (not revoked) certificate of one of the service's own names. */
export async function findOwnCertificate(db: Queryable, ownName: OwnName): Promise<CertificateRecord | undefined> {
  const rows = await db.query<CertificateRow>(
    `select ${columns} from pki.certificates where own_name = $1 and state <> 'revoked'`,
    [ownName],
  )
  return rows.map(toRecord)[0]
}

/** What is on record under a name and the names of its later generations (`name-2` …), revoked ones too. */
export async function listGenerations(db: Queryable, name: OwnName): Promise<CertificateRecord[]> {
  const rows = await db.query<CertificateRow>(
    `select ${columns} from pki.certificates where own_name = $1 or own_name ~ ('^' || $1 || '-[0-9]+$')`,
    [name],
  )
  return rows.map(toRecord)
}

/** All that is on record under the service's own names, of every generation, revoked ones too. */
export async function listOwn(db: Queryable): Promise<CertificateRecord[]> {
  const rows = await db.query<CertificateRow>(`select ${columns} from pki.certificates where own_name is not null`)
  return rows.map(toRecord)
}

/** Every signed certificate of an authority, root or issuing, of all generations; the living one where a name has had several. */
export async function listAuthorities(
  db: Queryable,
): Promise<(CertificateRecord & { readonly certificate: Uint8Array })[]> {
  const rows = await db.query<CertificateRow & { certificate: Uint8Array }>(
    `select distinct on (own_name) ${columns} from pki.certificates
     where own_name is not null and profile in ('root', 'issuing-ca') and certificate is not null
     order by own_name, (state = 'revoked'), not_before desc`,
  )
  return rows.map((row) => ({ ...toRecord(row), certificate: row.certificate }))
}

export async function findLiveCertificate(
  db: Queryable,
  profile: Profile,
  publicKey: Uint8Array,
): Promise<CertificateRecord | undefined> {
  const rows = await db.query<CertificateRow>(
    `select ${columns} from pki.certificates
     where profile = $1 and public_key_digest = sha256($2::bytea) and state <> 'revoked'`,
    [profile, publicKey],
  )
  return rows.map(toRecord)[0]
}

export async function findCertificate(db: Queryable, serialNumber: string): Promise<CertificateRecord | undefined> {
  const rows = await db.query<CertificateRow>(`select ${columns} from pki.certificates where serial_number = $1`, [
    serialNumber,
  ])
  return rows.map(toRecord)[0]
}

/** What the register says of a certificate, as far as an OCSP answer tells it. */
export type CertificateStanding = Pick<
  CertificateRecord,
  'serialNumber' | 'issuer' | 'state' | 'revokedAt' | 'revocationReason' | 'notAfter'
>

/** The standing of each serial number that is on record. */
export async function findStandings(db: Queryable, serialNumbers: readonly string[]): Promise<CertificateStanding[]> {
  const rows = await db.query<CertificateRow>(
    `select serial_number, issuer, state, revoked_at, revocation_reason, not_after
     from pki.certificates where serial_number = any($1::text[])`,
    [serialNumbers],
  )
  return rows.map((row) => ({
    serialNumber: row.serial_number,
    issuer: row.issuer,
    state: row.state,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
    notAfter: row.not_after,
  }))
}

/** The records of these serial numbers, as far as there are any. */
export async function findCertificates(db: Queryable, serialNumbers: readonly string[]): Promise<CertificateRecord[]> {
  const rows = await db.query<CertificateRow>(
    `select ${columns} from pki.certificates where serial_number = any($1::text[])`,
    [serialNumbers],
  )
  return rows.map(toRecord)
}

/** Serial numbers and issuers of the certificates that are handed out and not yet over at `now`, the latest first. */
export async function listLive(
  db: Queryable,
  now: Date,
  limit: number,
): Promise<{ readonly serialNumber: string; readonly issuer: AuthorityName }[]> {
  const rows = await db.query<{ serial_number: string; issuer: AuthorityName }>(
    `select serial_number, issuer from pki.certificates
     where certificate is not null and not_after > $1 order by not_before desc, serial_number limit $2`,
    [now, limit],
  )
  return rows.map((row) => ({ serialNumber: row.serial_number, issuer: row.issuer }))
}

/** Differs from any earlier answer once a certificate was revoked, or is told as revoked for another reason or since another time, over all issuers. */
export async function markOfRevocations(db: Queryable): Promise<string> {
  const rows = await db.query<{ mark: string }>(
    `select concat_ws(' ', count(*), sum(extract(epoch from revoked_at)), count(*) filter (where revocation_reason = 'keyCompromise')) as mark
     from pki.certificates where state = 'revoked'`,
  )
  return rows[0]!.mark
}

/**
 * Records what is about to be signed. Does nothing when a living record for the same key or own name is there already. The first
 * certificates of an authority stand on its complete list alone, those after them on lists of `certificatesPerShard` each.
 */
export async function insertPrepared(
  db: Queryable,
  record: Omit<CertificateRecord, 'state' | 'certificate' | 'revokedAt' | 'revocationReason'>,
  createdAt: Date,
  certificatesPerShard: number,
): Promise<void> {
  await db.query(
    `insert into pki.certificates
       (serial_number, own_name, profile, issuer, subject, public_key, not_before, not_after, state, created_at, crl_shard)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'prepared', $9,
       case when $2::text is null then (select count(*) from pki.certificates where issuer = $4) / $10::integer else 0 end)
     on conflict do nothing`,
    [
      record.serialNumber,
      record.ownName,
      record.profile,
      record.issuer,
      record.subject,
      record.publicKey,
      record.notBefore,
      record.notAfter,
      createdAt,
      certificatesPerShard,
    ],
  )
}

/** Puts the signed certificate on record; false when another attempt was first. */
export async function recordSigned(db: Queryable, serialNumber: string, certificate: Uint8Array): Promise<boolean> {
  const rows = await db.query(
    `update pki.certificates set state = 'active', certificate = $2
     where serial_number = $1 and state = 'prepared' returning serial_number`,
    [serialNumber, certificate],
  )
  return rows.length === 1
}

/** Moves a certificate from the state it was read in; false when it has left that state meanwhile. */
export async function recordRevoked(
  db: Queryable,
  serialNumber: string,
  from: CertificateState,
  reason: RevocationReason,
  revokedAt: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update pki.certificates set state = 'revoked', revoked_at = $3, revocation_reason = $4
     where serial_number = $1 and state = $2 returning serial_number`,
    [serialNumber, from, revokedAt, reason],
  )
  return rows.length === 1
}

/** The lists of an authority: 0, the complete one, and every shard that a certificate names. */
export async function listShards(db: Queryable, issuer: AuthorityName): Promise<number[]> {
  const rows = await db.query<{ crl_shard: number }>(
    'select distinct crl_shard from pki.certificates where issuer = $1 and crl_shard > 0 order by crl_shard',
    [issuer],
  )
  return [0, ...rows.map((row) => row.crl_shard)]
}

/** The shard that a certificate's distribution point names. */
export async function findShard(db: Queryable, serialNumber: string): Promise<number> {
  const rows = await db.query<{ crl_shard: number }>(
    'select crl_shard from pki.certificates where serial_number = $1',
    [serialNumber],
  )
  return rows[0]?.crl_shard ?? 0
}

/** What stands on an authority's next CRL (shard 0: all of it), in the order of revocation. */
export async function listRevoked(
  db: Queryable,
  issuer: AuthorityName,
  shard: number,
): Promise<{ serialNumber: string; revokedAt: Date; reason: RevocationReason }[]> {
  const rows = await db.query<{ serial_number: string; revoked_at: Date; revocation_reason: RevocationReason }>(
    `select serial_number, revoked_at, revocation_reason from pki.certificates
     where issuer = $1 and state = 'revoked' and ($2 = 0 or crl_shard = $2) order by revoked_at, serial_number`,
    [issuer, shard],
  )
  return rows.map((row) => ({
    serialNumber: row.serial_number,
    revokedAt: row.revoked_at,
    reason: row.revocation_reason,
  }))
}

/** How many certificates of an authority are revoked and notBefore of the youngest: of one shard or (0) of all. */
export async function findListed(
  db: Queryable,
  issuer: AuthorityName,
  shard: number,
): Promise<{ revokedCount: number; lastIssued: Date | undefined }> {
  const rows = await db.query<{ revoked: bigint; lastIssued: Date | null }>(
    `select
       (select count(*) from pki.certificates
        where issuer = $1 and state = 'revoked' and ($2 = 0 or crl_shard = $2)) as revoked,
       (select max(not_before) from pki.certificates
        where issuer = $1 and state <> 'prepared' and ($2 = 0 or crl_shard = $2)) as "lastIssued"`,
    [issuer, shard],
  )
  return { revokedCount: Number(rows[0]!.revoked), lastIssued: rows[0]!.lastIssued ?? undefined }
}
