import type { Queryable } from '../../platform/index.ts'
import { endedStates } from '../domain/seal.ts'

/** A certificate of a seal, from the house's own authority or brought in from outside. */
export interface SealCertificate {
  readonly sealId: string
  /** Counted from 1 for each seal. */
  readonly number: number
  readonly source: 'own' | 'outside'
  readonly keyName: string
  readonly certificate: Uint8Array
  readonly chain: readonly Uint8Array[]
  readonly callerId: string
  readonly at: Date
}

/** A request that was handed out for a certificate of a seal's key. */
export interface CertificateRequest {
  readonly sealId: string
  readonly keyName: string
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  /** Name, DER. */
  readonly subject: Uint8Array
  /** PKCS #10, DER. */
  readonly csr: Uint8Array
  readonly callerId: string
  readonly at: Date
}

interface CertificateRow {
  seal_id: string
  number: number
  source: SealCertificate['source']
  key_name: string
  certificate: Uint8Array
  chain: Uint8Array[]
  caller_id: string
  in_use_from: Date
}

const toCertificate = ({ seal_id, key_name, caller_id, in_use_from, ...row }: CertificateRow): SealCertificate => ({
  ...row,
  sealId: seal_id,
  keyName: key_name,
  callerId: caller_id,
  at: in_use_from,
})

const certificateColumns =
  'c.seal_id, c.number, c.source, c.key_name, c.certificate, c.chain, c.caller_id, c.in_use_from'

/** The record of this very certificate (DER). */
export async function findSealCertificate(
  db: Queryable,
  certificate: Uint8Array,
): Promise<SealCertificate | undefined> {
  const rows = await db.query<CertificateRow>(
    `select ${certificateColumns} from seal.seal_certificates c where c.certificate_digest = sha256($1::bytea)`,
    [certificate],
  )
  return rows.map(toCertificate)[0]
}

const inUse = `select ${certificateColumns}
  from seal.seal_certificates c join seal.seals s on s.id = c.seal_id and s.certificate_number = c.number`

/** The certificates in use of a department's seals. */
export async function listCertificatesInUse(db: Queryable, departmentCode: string): Promise<SealCertificate[]> {
  const rows = await db.query<CertificateRow>(`${inUse} where s.department_code = $1 order by c.seal_id`, [
    departmentCode,
  ])
  return rows.map(toCertificate)
}

/** The certificates from outside that are in use. */
export async function listOutsideInUse(db: Queryable): Promise<SealCertificate[]> {
  const rows = await db.query<CertificateRow>(
    `${inUse} where c.source = 'outside' and s.state <> all($1) order by c.seal_id`,
    [endedStates],
  )
  return rows.map(toCertificate)
}

/** How many certificates ever came from outside: it only grows, so a change tells that there is a new one. */
export async function countOutside(db: Queryable): Promise<number> {
  const rows = await db.query<{ count: bigint }>(
    `select count(*) as count from seal.seal_certificates where source = 'outside'`,
  )
  return Number(rows[0]!.count)
}

/** Records a certificate; false when it or its number is there already. */
export async function insertSealCertificate(db: Queryable, record: SealCertificate): Promise<boolean> {
  const { sealId, number, source, keyName, certificate, chain, at, callerId } = record
  const rows = await db.query(
    `insert into seal.seal_certificates (seal_id, number, source, key_name, certificate, chain, in_use_from, caller_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning number`,
    [sealId, number, source, keyName, certificate, chain, at, callerId],
  )
  return rows.length === 1
}

/** Names of the keys for which the seal ever had a certificate, that of its SESeal too. */
export async function listKeyNames(db: Queryable, sealId: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select key_name as name from seal.seal_certificates where seal_id = $1
     union select key_name from seal.eseals where seal_id = $1 order by name`,
    [sealId],
  )
  return rows.map(({ name }) => name)
}

/** Puts a recorded certificate and its key in use. */
export async function recordInUse(db: Queryable, record: SealCertificate, validUntil: Date): Promise<void> {
  await db.query(`update seal.seals set certificate_number = $2, key_name = $3, valid_until = $4 where id = $1`, [
    record.sealId,
    record.number,
    record.keyName,
    validUntil,
  ])
}

interface RequestRow {
  seal_id: string
  key_name: string
  public_key: Uint8Array
  subject: Uint8Array
  csr: Uint8Array
  caller_id: string
  at: Date
}

const toRequest = ({ seal_id, key_name, public_key, caller_id, ...row }: RequestRow): CertificateRequest => ({
  ...row,
  sealId: seal_id,
  keyName: key_name,
  publicKey: public_key,
  callerId: caller_id,
})

const requestColumns = 'seal_id, key_name, public_key, subject, csr, caller_id, at'

/** The latest request for each of these keys (SubjectPublicKeyInfo, DER) of which a certificate was ever asked for. */
export async function findRequestsByKey(
  db: Queryable,
  publicKeys: readonly Uint8Array[],
): Promise<CertificateRequest[]> {
  const rows = await db.query<RequestRow>(
    `select distinct on (public_key_digest) ${requestColumns} from seal.certificate_requests
     where public_key_digest in (select sha256(k) from unnest($1::bytea[]) k) order by public_key_digest, request_id desc`,
    [publicKeys],
  )
  return rows.map(toRequest)
}

/** What was asked for a seal, oldest first. */
export async function listRequests(db: Queryable, sealId: string): Promise<CertificateRequest[]> {
  const rows = await db.query<RequestRow>(
    `select ${requestColumns} from seal.certificate_requests where seal_id = $1 order by request_id`,
    [sealId],
  )
  return rows.map(toRequest)
}

/** Records a request; false when there is one for this key and subject already. */
export async function insertRequest(db: Queryable, request: CertificateRequest): Promise<boolean> {
  const { sealId, keyName, publicKey, subject, csr, callerId, at } = request
  const rows = await db.query(
    `insert into seal.certificate_requests (seal_id, key_name, public_key, subject, csr, caller_id, at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning request_id`,
    [sealId, keyName, publicKey, subject, csr, callerId, at],
  )
  return rows.length === 1
}
