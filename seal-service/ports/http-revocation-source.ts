import { ca, OID, ocsp, x509 } from '../../pki/index.ts'
import { type Clock, fetchBytes } from '../../platform/index.ts'
import { SealError } from '../errors.ts'
import type { RevocationSource } from './revocation-source.ts'

type Certificate = ReturnType<typeof x509.parseCertificate>

const LONGEST_ANSWER = 256 * 1024

/**
 * The OCSP responders that the certificates themselves name (RFC 5280 §4.2.2.1, RFC 6960 Appendix A), for authorities outside this house.
 * Every answer is verified before it is used. Rejects with `SEAL_REVOCATION_DATA_MISSING` where none is named or none good enough comes,
 * or with `UPSTREAM_UNAVAILABLE`.
 */
export function createHttpRevocationSource({
  clock,
  timeoutMs = 5000,
}: {
  readonly clock: Clock
  readonly timeoutMs?: number
}): RevocationSource {
  const answer = async (certificate: Certificate, candidates: readonly Certificate[], notBefore: Date) => {
    const url = responderOf(certificate)
    const issuer = await findIssuer(certificate, candidates)
    if (url === undefined || issuer === undefined)
      throw missing(certificate, 'names no responder, or its issuer is not known')
    const body = ca.encodeOcspRequest({ certIds: [await ca.createCertId(issuer.raw, certificate.serialNumber)] })
    const limits = { timeoutMs, maxBytes: LONGEST_ANSWER }
    const der = await fetchBytes(url, { contentType: 'application/ocsp-request', body, ...limits })
    const response = ocsp.parseResponse(der)
    const fault = await ocsp.verifyResponse(response, { issuer, certificate, at: clock.now(), candidates })
    if (fault !== null) throw missing(certificate, `got an answer that does not count: ${fault}`)
    const single = await ocsp.findSingle(response, { certificate, issuer })
    if (single === undefined || single.thisUpdate < notBefore)
      throw missing(certificate, 'got an answer older than the time stamp')
    return der
  }
  return {
    answers(certificates, notBefore, issuers) {
      const candidates = issuers.map(x509.parseCertificate)
      return Promise.all(
        certificates.map((certificate) => answer(x509.parseCertificate(certificate), candidates, notBefore)),
      )
    },
  }
}

function responderOf({ authorityInfoAccess = [] }: Certificate): string | undefined {
  const named = authorityInfoAccess.filter(({ method, location }) => method === OID.ocsp && location.kind === 'uri')
  return named.map(({ location }) => location.value).find((uri) => /^https?:\/\//.test(uri))
}

async function findIssuer(
  certificate: Certificate,
  candidates: readonly Certificate[],
): Promise<Certificate | undefined> {
  for (const candidate of candidates) {
    if (candidate.subject.matchKey !== certificate.issuer.matchKey) continue
    if (await x509.verifyCertificateSignature(certificate, candidate)) return candidate
  }
  return undefined
}

const missing = (certificate: Certificate, what: string): SealError =>
  new SealError(
    'SEAL_REVOCATION_DATA_MISSING',
    `the certificate ${Buffer.from(certificate.serialNumber).toString('hex')} ${what}`,
  )
