import type { Queryable } from '../../platform/index.ts'
import type { CertificateRecord } from '../domain/certificate.ts'

/** Puts a certificate that another authority signed on record; false when its serial number, name or key is there already. */
export async function insertImported(db: Queryable, record: CertificateRecord, createdAt: Date): Promise<boolean> {
  const rows = await db.query(
    `insert into pki.certificates
       (serial_number, own_name, profile, issuer, subject, public_key, not_before, not_after, state, certificate, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10) on conflict do nothing returning serial_number`,
    [
      record.serialNumber,
      record.ownName,
      record.profile,
      record.issuer,
      record.subject,
      record.publicKey,
      record.notBefore,
      record.notAfter,
      record.certificate,
      createdAt,
    ],
  )
  return rows.length === 1
}

export interface ImportRecord {
  readonly at: Date
  readonly source: 'ceremony' | 'outside' | 'cross'
  /** SHA-256 of the root's certificate. */
  readonly rootDigest: Uint8Array
  /** What it brought, for people. */
  readonly detail: string
}

export async function insertImport(db: Queryable, { at, source, rootDigest, detail }: ImportRecord): Promise<void> {
  await db.query(`insert into pki.imports (at, source, root_digest, detail) values ($1, $2, $3, $4)`, [
    at,
    source,
    rootDigest,
    detail,
  ])
}
