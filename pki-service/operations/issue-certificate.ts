import { createHash } from 'node:crypto'
import { ca } from '../../pki/index.ts'
import type { Dependencies, NamedKey } from '../dependencies.ts'
import { addressesOf } from '../domain/addresses.ts'
import type { AuthorityName, IssuedProfile, OwnName } from '../domain/authority.ts'
import { endOfUse, endOfValidity, toWholeSecond } from '../domain/authority.ts'
import { type CertificateRecord, serialNumberFrom } from '../domain/certificate.ts'
import { PkiServiceError } from '../errors.ts'
import {
  findCertificate,
  findLiveCertificate,
  findOwnCertificate,
  findShard,
  insertPrepared,
  recordRevoked,
  recordSigned,
} from '../store/certificates.ts'
import { insertKeyUse } from '../store/key-uses.ts'

/** A list of so many revocations, all of them, has half a megabyte. */
const certificatesPerCrlShard = 10_000

/** A certificate that is signed: what the other operations may hand out. */
export type IssuedCertificate = CertificateRecord & { readonly certificate: Uint8Array }

export interface IssueRequest {
  readonly ownName: OwnName | null
  readonly profile: IssuedProfile
  /** The authority's name, its key and its own certificate; without certificate only while the root signs itself. */
  readonly issuer: {
    readonly name: AuthorityName
    readonly key: NamedKey
    readonly certificate: IssuedCertificate | null
  }
  /** The subject's Name, DER. */
  readonly subject: Uint8Array
  readonly publicKey: Uint8Array
  readonly validityDays: number
  /** Where the key rests before the certificate ends. */
  readonly useDays?: number | undefined
}

/**
 * One certificate for one key in one profile, once: its content is on record before it is signed, and a repeat (after
 * a crash, or beside a second process) continues or returns that record, unless its authority was revoked since.
 */
export async function issueCertificate(deps: Dependencies, request: IssueRequest): Promise<IssuedCertificate> {
  const record = (await takeUp(deps, request)) ?? (await prepare(deps, request))
  if (!sameBytes(record.publicKey, request.publicKey)) {
    throw new PkiServiceError(
      'PKI_KEY_MISMATCH',
      `the key of ${request.ownName ?? request.profile} is not the one on record: key folder and database do not belong together`,
    )
  }
  return isIssued(record) ? record : sign(deps, request, record)
}

/** Whether a record is a signed certificate in force. */
export function isIssued(record: CertificateRecord): record is IssuedCertificate {
  return record.state === 'active' && record.certificate !== null
}

function findRecord({ database }: Dependencies, request: IssueRequest): Promise<CertificateRecord | undefined> {
  return request.ownName === null
    ? findLiveCertificate(database, request.profile, request.publicKey)
    : findOwnCertificate(database, request.ownName)
}

/** What an earlier attempt left that still serves; what does not is closed, so that another may be made for the key. */
async function takeUp(deps: Dependencies, request: IssueRequest): Promise<CertificateRecord | undefined> {
  const known = await findRecord(deps, request)
  if (known === undefined || (await isOfUse(deps, request, known))) return known
  await recordRevoked(deps.database, known.serialNumber, known.state, 'superseded', deps.clock.now())
  return undefined
}

/** What is prepared names the authority that is to sign it, and what is handed out stands under one that was not revoked. */
async function isOfUse(
  { database }: Dependencies,
  { ownName, issuer }: IssueRequest,
  { state, issuer: known }: CertificateRecord,
): Promise<boolean> {
  if (state === 'prepared') return known === issuer.name
  // What the service holds itself is renewed by generations, with a key of its own each.
  return ownName !== null || (await findOwnCertificate(database, known)) !== undefined
}

async function prepare(deps: Dependencies, request: IssueRequest): Promise<CertificateRecord> {
  const now = deps.clock.now()
  const notBefore = toWholeSecond(now)
  const serialNumber = serialNumberFrom(deps.ids.bytes(16))
  await insertPrepared(
    deps.database,
    {
      serialNumber,
      ownName: request.ownName,
      profile: request.profile,
      issuer: request.issuer.name,
      subject: request.subject,
      publicKey: request.publicKey,
      notBefore,
      notAfter: endOfValidity(notBefore, request.validityDays, request.issuer.certificate?.notAfter),
    },
    now,
    deps.certificatesPerCrlShard ?? certificatesPerCrlShard,
  )
  const record = await findRecord(deps, request)
  if (record === undefined) throw new Error(`the prepared certificate ${serialNumber} is not on record`)
  return record
}

/** Signs what is on record. Of two attempts at the same record the first to be recorded counts; both get that one. */
async function sign(deps: Dependencies, request: IssueRequest, record: CertificateRecord): Promise<IssuedCertificate> {
  const { issuer } = request
  const privateKeyUsageEnd = endOfUse(record.notBefore, request.useDays, record.notAfter)
  const shard = await findShard(deps.database, record.serialNumber)
  const certificate = await ca.issueCertificate({
    profile: request.profile,
    subject: record.subject,
    subjectPublicKey: record.publicKey,
    serialNumber: Buffer.from(record.serialNumber, 'hex'),
    notBefore: record.notBefore,
    notAfter: record.notAfter,
    key: issuer.key.key,
    ...(privateKeyUsageEnd && { privateKeyUsageEnd }),
    ...(issuer.certificate !== null && {
      issuer: { certificate: issuer.certificate.certificate },
      ...addressesOf(deps.baseUrl, issuer.name, request.profile, shard),
    }),
  })
  await deps.database.transaction(async (tx) => {
    if (!(await recordSigned(tx, record.serialNumber, certificate))) return
    await insertKeyUse(tx, {
      at: deps.clock.now(),
      keyName: issuer.key.name,
      purpose: 'certificate',
      subject: record.serialNumber,
      digest: createHash('sha256').update(certificate).digest(),
    })
  })
  const recorded = await findCertificate(deps.database, record.serialNumber)
  if (recorded === undefined || !isIssued(recorded)) {
    throw new PkiServiceError('PKI_CERTIFICATE_REVOKED', 'the certificate was revoked while it was being signed')
  }
  return recorded
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
