import type { Queryable } from '../../platform/index.ts'
import type { OwnName } from '../domain/authority.ts'

/** A request for a certificate that another authority is to sign. */
export interface CertificateRequestRecord {
  readonly ownName: OwnName | null
  readonly profile: 'issuing-ca' | 'ocsp-responder' | 'seal' | 'statement'
  /** Name, DER. */
  readonly subject: Uint8Array
  /** PKCS #10, DER. */
  readonly csr: Uint8Array
}

interface RequestRow {
  own_name: OwnName | null
  profile: CertificateRequestRecord['profile']
  subject: Uint8Array
  csr: Uint8Array
}

const toRecord = ({ own_name, ...row }: RequestRow): CertificateRequestRecord => ({ ownName: own_name, ...row })

/** The request under a name of the service's own, if it was made. */
export async function findOwnRequest(db: Queryable, ownName: OwnName): Promise<CertificateRequestRecord | undefined> {
  const rows = await db.query<RequestRow>(
    `select own_name, profile, subject, csr from pki.certificate_requests where own_name = $1`,
    [ownName],
  )
  return rows.map(toRecord)[0]
}

/** The request for a certificate of this key (SubjectPublicKeyInfo, DER). */
export async function findRequestByKey(
  db: Queryable,
  publicKey: Uint8Array,
): Promise<CertificateRequestRecord | undefined> {
  const rows = await db.query<RequestRow>(
    `select own_name, profile, subject, csr from pki.certificate_requests where public_key_digest = sha256($1::bytea)`,
    [publicKey],
  )
  return rows.map(toRecord)[0]
}

/** Records a request; false when there is one for this key or name already. */
export async function insertRequest(
  db: Queryable,
  record: CertificateRequestRecord,
  publicKey: Uint8Array,
  createdAt: Date,
): Promise<boolean> {
  const rows = await db.query(
    `insert into pki.certificate_requests (public_key_digest, own_name, profile, subject, csr, created_at)
     values (sha256($1::bytea), $2, $3, $4, $5, $6) on conflict do nothing returning own_name`,
    [publicKey, record.ownName, record.profile, record.subject, record.csr, createdAt],
  )
  return rows.length === 1
}
