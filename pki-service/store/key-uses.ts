import type { Queryable } from '../../platform/index.ts'

export type KeyUsePurpose = 'certificate' | 'crl' | 'status-list' | 'trust-list' | 'certificate-request'

/** One signature with a key of this service. `digest` is SHA-256 of the whole signed object. */
export interface KeyUse {
  readonly at: Date
  readonly keyName: string
  readonly purpose: KeyUsePurpose
  readonly subject: string
  readonly digest: Uint8Array
}

export async function insertKeyUse(db: Queryable, use: KeyUse): Promise<void> {
  await db.query(`insert into pki.key_uses (at, key_name, purpose, subject, digest) values ($1, $2, $3, $4, $5)`, [
    use.at,
    use.keyName,
    use.purpose,
    use.subject,
    use.digest,
  ])
}
