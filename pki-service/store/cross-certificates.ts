import type { Queryable } from '../../platform/index.ts'
import type { AuthorityName } from '../domain/authority.ts'

/** A certificate that another city gave a root of ours. */
export interface CrossCertificate {
  /** Under which it is published: `root-by-shenyang`. */
  readonly name: string
  readonly root: AuthorityName
  readonly certificate: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
}

interface CrossRow {
  name: string
  root: AuthorityName
  certificate: Uint8Array
  not_before: Date
  not_after: Date
}

/** The newest of every name. */
export async function listCrossCertificates(db: Queryable): Promise<CrossCertificate[]> {
  const rows = await db.query<CrossRow>(
    `select distinct on (name) name, root, certificate, not_before, not_after from pki.cross_certificates
     order by name, not_before desc, certificate_digest`,
  )
  return rows.map(({ not_before, not_after, ...row }) => ({ ...row, notBefore: not_before, notAfter: not_after }))
}

/** Until the transaction ends nobody else records one: a name belongs to whoever had it first. */
export async function holdCrossCertificates(tx: Queryable): Promise<void> {
  await tx.query('lock table pki.cross_certificates in share row exclusive mode')
}

/** Records one; false when it is on record already. */
export async function insertCrossCertificate(db: Queryable, cross: CrossCertificate, at: Date): Promise<boolean> {
  const { name, root, certificate, notBefore, notAfter } = cross
  const rows = await db.query(
    `insert into pki.cross_certificates (certificate_digest, name, root, certificate, not_before, not_after, imported_at)
     values (sha256($1::bytea), $2, $3, $1, $4, $5, $6) on conflict do nothing returning name`,
    [certificate, name, root, notBefore, notAfter, at],
  )
  return rows.length === 1
}
