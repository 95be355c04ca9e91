import { createHash } from 'node:crypto'
import { openOrGenerate } from '../../key-store/index.ts'
import { ca, PkiError } from '../../pki/index.ts'
import type { Workshop } from '../dependencies.ts'
import { encodeSealSubject, refuseUncertifiable, type SealSubject } from '../domain/outside-certificate.ts'
import { keyGeneration, type Seal } from '../domain/seal.ts'
import { SealError } from '../errors.ts'
import { type CertificateRequest, insertRequest, listRequests } from '../store/seal-certificates.ts'
import { findSeal } from '../store/seals.ts'
import { recordEvent } from './life/record-event.ts'

/** What an authority outside is to be asked for. */
export interface CertificateOrder {
  readonly sealId: string
  /** Name of the owner, as certificates are to name it. */
  readonly organisation: string
  /** Whether a key of its own is made for it; the one in use serves else. */
  readonly newKey?: boolean
  /** Who asks, for the record. */
  readonly callerId: string
}

/** A request (PKCS #10, RFC 2986) as it is handed to an authority. */
export interface HandedRequest {
  readonly seal: Seal
  readonly keyName: string
  /** DER; it proves that the key is held. */
  readonly csr: Uint8Array
}

/**
 * Makes the request for a seal's certificate, the first or the next: signed by the key of the seal, or by a new one that takes over with
 * the certificate. A repeat hands out the same. Throws `SEAL_NOT_FOUND`, `SEAL_NOT_MADE`, `SEAL_REVOKED`, `SEAL_REQUEST_REFUSED`.
 */
export async function requestCertificate(shop: Workshop, order: CertificateOrder): Promise<HandedRequest> {
  const { sealId, organisation, callerId } = order
  const seal = await findSeal(shop.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  refuseUncertifiable(seal)
  const subject = encodeSubject({ organisation, organisationCode: seal.departmentCode, commonName: seal.name })
  const earlier = await listRequests(shop.database, sealId)
  const keyName = order.newKey === true ? nextKeyName(seal, earlier) : seal.keyName
  const same = findSame(earlier, keyName, subject)
  if (same !== undefined) return { seal, keyName, csr: same.csr }
  const key = await openOrGenerate(shop.keyStore, keyName, seal.keyAlgorithm)
  const csr = await ca.encodeCsr({ subject, key })
  const at = shop.clock.now()
  const request: CertificateRequest = { sealId, keyName, publicKey: key.publicKey, subject, csr, callerId, at }
  await shop.database.transaction(async (tx) => {
    if (!(await insertRequest(tx, request))) return
    const reason = `${keyName} sha256 ${createHash('sha256').update(csr).digest('hex')}`
    await recordEvent(tx, { sealId, action: 'request', reason, caller: { id: callerId }, at })
  })
  // Of two at once the first one's is handed out.
  const recorded = findSame(await listRequests(shop.database, sealId), keyName, subject)
  return { seal, keyName, csr: recorded!.csr }
}

function encodeSubject(subject: SealSubject): Uint8Array {
  try {
    return encodeSealSubject(subject)
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause
    throw new SealError('SEAL_REQUEST_REFUSED', `the names cannot be written: ${cause.message}`, { cause })
  }
}

const findSame = (requests: readonly CertificateRequest[], keyName: string, subject: Uint8Array) =>
  requests.findLast((request) => request.keyName === keyName && Buffer.compare(request.subject, subject) === 0)

/** The name of a new key: of one that was asked for and has no certificate yet, or the next. */
function nextKeyName(seal: Seal, earlier: readonly CertificateRequest[]): string {
  // The first certificate is still to come: its key is new.
  if (seal.certificateNumber === null) return seal.keyName
  const current = keyGeneration(seal.keyName)
  const highest = Math.max(current, ...earlier.map(({ keyName }) => keyGeneration(keyName)))
  return `seal-${seal.id}-${highest > current ? highest : current + 1}`
}
