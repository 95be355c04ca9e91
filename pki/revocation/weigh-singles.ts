import { parseDer, readTime } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import type { Certificate } from '../x509/certificate.ts'
import { namesCertificate } from './cert-id.ts'
import type { OcspResponse, SingleResponse } from './ocsp.ts'
import { joinEntries, type RevocationEntry } from './revocation-entry.ts'

/** All that a response says about one certificate, as one word. */
export interface OcspWord {
  /** the single response that decides; of several that revoke, with the earliest date */
  readonly single: SingleResponse
  /** of a revoked certificate */
  readonly entry: RevocationEntry | undefined
}

/** The single responses that name a certificate (RFC 6960 §4.1.1). */
export async function findSingles(
  response: OcspResponse,
  certificate: Certificate,
  issuer: Certificate,
): Promise<SingleResponse[]> {
  const found: SingleResponse[] = []
  for (const single of response.single) {
    if (single.certId.serialNumberHex !== certificate.serialNumberHex) continue
    if (await namesCertificate(single.certId, certificate, issuer)) found.push(single)
  }
  return found
}

/** Several single responses about one certificate, in whatever order, as one word: what revokes decides, else the newest. */
export function weighSingles(singles: readonly SingleResponse[]): OcspWord | undefined {
  const revoking = singles.filter(({ status }) => status === 'revoked')
  const joined = joinEntries(revoking.map((single) => ({ single, ...toEntry(single) })))
  if (joined !== undefined) {
    const { single, ...entry } = joined
    return { single: { ...single, revocationDate: entry.revocationDate }, entry }
  }
  const [first, ...others] = singles
  if (first === undefined) return undefined
  return { single: others.reduce((a, b) => (b.thisUpdate > a.thisUpdate ? b : a), first), entry: undefined }
}

const toEntry = (single: SingleResponse): RevocationEntry => ({
  revocationDate: single.revocationDate!,
  reason: single.reason!,
  invalidityDate: invalidityDateOf(single),
})

/** As a list tells it (RFC 6960 §4.4.5); what is none tells nothing. */
function invalidityDateOf({ extensions }: SingleResponse): Date | undefined {
  const extension = extensions.get(OID.invalidityDate)
  try {
    return extension && readTime(parseDer(extension.value), 'invalidityDate')
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}
