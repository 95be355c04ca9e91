import { createHash } from 'node:crypto'
import type { crl, x509 } from '../../pki/index.ts'
import type { Database, Transaction } from '../../platform/index.ts'
import type { AuthorityName, OwnName } from '../domain/authority.ts'
import { type CertificateRecord, revocationReasons } from '../domain/certificate.ts'
import { PkiServiceError } from '../errors.ts'
import { findCertificate, recordRevoked } from '../store/certificates.ts'
import { findLatestCrl, insertCrl } from '../store/crls.ts'
import { insertImport, insertImported } from '../store/imports.ts'

/** What an import brought that was not there before. */
export interface ImportReport {
  readonly root: string
  readonly added: readonly string[]
  readonly revoked: readonly string[]
  /** Number of the revocation list now on record. */
  readonly listNumber: bigint
}

/** What was checked and is to be taken over. */
export interface CheckedImport {
  readonly source: 'ceremony' | 'outside'
  readonly root: AuthorityName
  readonly rootCertificate: Uint8Array
  /** The root's own record first. */
  readonly records: readonly CertificateRecord[]
  readonly list: crl.Crl
}

const refuse = (why: string) => new PkiServiceError('PKI_IMPORT_REFUSED', why)

/** The row of a certificate that another authority signed. */
export function toRecord(
  certificate: x509.Certificate,
  ownName: OwnName | null,
  profile: CertificateRecord['profile'],
  issuer: AuthorityName,
): CertificateRecord {
  return {
    serialNumber: certificate.serialNumberHex,
    ownName,
    profile,
    issuer,
    subject: certificate.subject.raw,
    publicKey: certificate.subjectPublicKeyInfo,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    state: 'active',
    certificate: certificate.raw,
    revokedAt: null,
    revocationReason: null,
  }
}

/** Certificates, revocations and the list in one transaction, with a row that says so; a repeat changes nothing. Throws `PKI_IMPORT_REFUSED`. */
export function recordImport(database: Database, at: Date, checked: CheckedImport): Promise<ImportReport> {
  const { source, root, rootCertificate, records, list } = checked
  return database.transaction(async (tx) => {
    const added: string[] = []
    for (const record of records) if (await recordCertificate(tx, record, at)) added.push(labelOf(record))
    const revoked = await recordRevocations(tx, list, root)
    const isNewList = await recordList(tx, list, root)
    const listNumber = list.cRLNumber!
    if (added.length > 0 || revoked.length > 0 || isNewList) {
      const rootDigest = createHash('sha256').update(rootCertificate).digest()
      const detail = JSON.stringify({ root, added, revoked, list: String(listNumber) })
      await insertImport(tx, { at, source, rootDigest, detail })
    }
    return { root, added, revoked, listNumber }
  })
}

const labelOf = ({ ownName, serialNumber }: CertificateRecord): string => ownName ?? `serial number ${serialNumber}`

/** False when the very certificate is on record already. */
async function recordCertificate(tx: Transaction, record: CertificateRecord, at: Date): Promise<boolean> {
  const isKnown = async (): Promise<boolean> => {
    const known = await findCertificate(tx, record.serialNumber)
    return known?.certificate != null && isSame(known.certificate, record.certificate!)
  }
  if (await isKnown()) return false
  if (await insertImported(tx, record, at)) return true
  // Of two imports at once the second finds what the first brought.
  if (await isKnown()) return false
  throw refuse(`${labelOf(record)}: its name, key or serial number is another certificate's here`)
}

/** Marks what the list revokes; what it names beyond the register was never here. */
async function recordRevocations(tx: Transaction, list: crl.Crl, root: AuthorityName): Promise<string[]> {
  const revoked: string[] = []
  for (const { serialNumberHex, revocationDate, reason } of list.entries.values()) {
    const known = await findCertificate(tx, serialNumberHex)
    if (known?.issuer !== root || known.state === 'revoked') continue
    const ours = revocationReasons.find((one) => one === reason) ?? 'unspecified'
    if (await recordRevoked(tx, serialNumberHex, known.state, ours, revocationDate)) revoked.push(labelOf(known))
  }
  return revoked
}

/** False when this list is on record; an older one, or another with its number, is refused. */
async function recordList(tx: Transaction, list: crl.Crl, issuer: AuthorityName): Promise<boolean> {
  const latest = await findLatestCrl(tx, issuer)
  const number = list.cRLNumber!
  if (latest !== undefined && latest.number > number)
    throw refuse(`list ${latest.number} is on record, this one is ${number}`)
  if (latest?.number === number) {
    if (isSame(latest.crl, list.raw)) return false
    throw refuse(`another list ${number} is on record`)
  }
  await insertCrl(tx, {
    issuer,
    number,
    crl: list.raw,
    thisUpdate: list.thisUpdate,
    nextUpdate: list.nextUpdate!,
    entryCount: list.entries.size,
  })
  return true
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
