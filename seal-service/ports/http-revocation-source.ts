import { ca, OID, ocsp, PkiError, x509 } from '../../pki/index.ts'
import { type Clock, PlatformError, type PrivateAddresses } from '../../platform/index.ts'
import { SealError } from '../errors.ts'
import { createAskAuthority } from './ask-authority.ts'
import { createKeptLists, type KeptList } from './kept-lists.ts'
import type { RevocationAnswer, RevocationListSource, RevocationSource } from './revocation-source.ts'

type Certificate = ReturnType<typeof x509.parseCertificate>

const LONGEST_ANSWER = 256 * 1024
/** Longer ones are for whoever judges all certificates of a country. */
const LONGEST_LIST = 16 << 20
/** Sealing does not wait for a silent responder every time. */
const PAUSE_MS = 60_000
/** A longer list is not put into every document. */
const LONGEST_EMBEDDED = 1 << 20
/** Addresses of one certificate that are tried, of responders and of lists each. */
const MOST_ADDRESSES = 3
/** So long a list serves for judging; for a document it must be younger than the time stamp anyway. */
const LIST_AGE_MS = 3_600_000

/**
 * The OCSP responders and list addresses that the certificates themselves name (RFC 5280 §4.2.1.13, §4.2.2.1; RFC 6960 Appendix A), for
 * authorities outside this house: by http or https, without redirections, to no address of a private network unless `privateAddresses`
 * says so, within limits of size and time; who gave no answer is left alone for a minute. Everything is verified before it is used. `answers` rejects with `SEAL_REVOCATION_DATA_MISSING` where nothing is named or nothing good enough comes, or with
 * `UPSTREAM_UNAVAILABLE`; a list serves where no responder does.
 */
export function createHttpRevocationSource({
  clock,
  privateAddresses = 'refuse',
  timeoutMs = 5000,
}: {
  readonly clock: Clock
  readonly privateAddresses?: PrivateAddresses
  readonly timeoutMs?: number
}): RevocationSource & RevocationListSource {
  const common = { clock, privateAddresses, timeoutMs }
  const askOcsp = createAskAuthority({ ...common, maxBytes: LONGEST_ANSWER, pauseMs: PAUSE_MS })
  const kept = createKeptLists(clock, createAskAuthority({ ...common, maxBytes: LONGEST_LIST, pauseMs: 0 }))

  const askResponder = async (url: string, { certificate, issuer, candidates, notBefore }: Question) => {
    const body = ca.encodeOcspRequest({ certIds: [await ca.createCertId(issuer.raw, certificate.serialNumber)] })
    const der = await askOcsp(url, { contentType: 'application/ocsp-request', body })
    const response = ocsp.parseResponse(der)
    const fault = await ocsp.verifyResponse(response, { issuer, certificate, at: clock.now(), candidates })
    if (fault !== null) throw missing(certificate, `got an answer that does not count: ${fault}`)
    const single = await ocsp.findSingle(response, { certificate, issuer })
    if (single === undefined || single.thisUpdate < notBefore)
      throw missing(certificate, 'got an answer older than the time stamp')
    // A responder that was not told yet says nothing: its authority's list may know.
    if (single.status === 'unknown') throw missing(certificate, 'is unknown to its responder')
    return { kind: 'ocsp', der } as const
  }

  const askList = async (url: string, question: Question, maxAgeMs: number): Promise<KeptList> => {
    const { certificate } = question
    let list = await kept.fetch(url, maxAgeMs)
    const { nextUpdate } = list.parsed
    if (nextUpdate !== undefined && clock.now() >= nextUpdate) list = await kept.fetch(url, 0)
    const fault = await findListFault(list, question, clock.now())
    if (fault !== null) throw missing(certificate, `got a list that does not count: ${fault}`)
    return list
  }

  const fetchList = async (url: string, question: Question) => {
    const { certificate, notBefore } = question
    const { der, parsed } = await askList(url, question, 0)
    if (parsed.thisUpdate < notBefore) throw missing(certificate, 'got a list older than the time stamp')
    if (der.length > LONGEST_EMBEDDED) throw missing(certificate, 'got a list too long for a document')
    return { kind: 'crl', der } as const
  }

  const answer = async (question: Question): Promise<RevocationAnswer> => {
    const { certificate } = question
    const attempts = [
      ...respondersOf(certificate).map((url) => () => askResponder(url, question)),
      ...listsOf(certificate).map((url) => () => fetchList(url, question)),
    ]
    let first: unknown
    for (const attempt of attempts) {
      try {
        return await attempt()
      } catch (error) {
        first ??= expectFault(error)
      }
    }
    throw first ?? missing(certificate, 'names neither a responder nor a list by http')
  }

  return {
    answers(certificates, notBefore, issuers) {
      const candidates = issuers.map(x509.parseCertificate)
      return Promise.all(
        certificates.map(async (der) => {
          const certificate = x509.parseCertificate(der)
          const issuer = await findIssuer(certificate, candidates)
          if (issuer === undefined) throw missing(certificate, 'has an issuer that is not known')
          return answer({ certificate, issuer, candidates, notBefore })
        }),
      )
    },
    async lists(certificates, issuers) {
      const candidates = issuers.map(x509.parseCertificate)
      // Of certificates with the same issuer and addresses one speaks for all.
      const parsed = certificates.map(x509.parseCertificate)
      const asked = new Map(parsed.map((one) => [[one.issuer.matchKey, ...listsOf(one)].join(' '), one]))
      const found = await Promise.all(
        [...asked.values()].map(async (certificate) => {
          const issuer = await findIssuer(certificate, candidates)
          if (issuer === undefined) return []
          const question = { certificate, issuer, candidates, notBefore: new Date(0) }
          for (const url of listsOf(certificate)) {
            const list = await askList(url, question, LIST_AGE_MS).catch(expectFault)
            if (!(list instanceof Error)) return [list.der]
          }
          return []
        }),
      )
      return [...new Set(found.flat())]
    },
  }
}

interface Question {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly candidates: readonly Certificate[]
  readonly notBefore: Date
}

/** What others did wrong or left out is an outcome here; a defect of ours is thrown. */
function expectFault(error: unknown): Error {
  if (error instanceof SealError || error instanceof PkiError || error instanceof PlatformError) return error
  throw error
}

const isHttp = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address)

function respondersOf({ authorityInfoAccess = [] }: Certificate): string[] {
  const named = authorityInfoAccess.filter(({ method, location }) => method === OID.ocsp && location.kind === 'uri')
  return named
    .map(({ location }) => location.value)
    .filter(isHttp)
    .slice(0, MOST_ADDRESSES)
}

function listsOf({ cRLDistributionPoints = [] }: Certificate): string[] {
  return cRLDistributionPoints
    .flatMap(({ urls }) => urls)
    .filter(isHttp)
    .slice(0, MOST_ADDRESSES)
}

/** Whether anybody can be asked by http about a certificate, as far as it says. */
export function namesRevocationAddress(certificate: Certificate): boolean {
  return respondersOf(certificate).length + listsOf(certificate).length > 0
}

/** Whether a list speaks of the certificate and counts now: its signer, scope and time, as a path would take it (RFC 5280 §6.3.3). */
async function findListFault({ parsed }: KeptList, question: Question, at: Date): Promise<string | null> {
  // A path hears "revoked" from lists that have ended, too; what goes into a document is current.
  if (parsed.nextUpdate !== undefined && parsed.nextUpdate <= at) return 'STALE'
  const { valid, reason, detail } = await x509.validatePath({
    leaf: question.certificate,
    intermediates: question.candidates,
    anchors: [question.issuer],
    crls: [parsed],
    at,
  })
  return valid || reason === 'REVOKED' ? null : `${reason} ${detail}`
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
