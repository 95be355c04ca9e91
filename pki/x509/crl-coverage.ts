import { parseDer, readSequence } from '../asn1/index.ts'
import { OID } from '../oids.ts'
import type { Crl } from '../revocation/crl.ts'
import type { Certificate } from './certificate.ts'
import { memoise } from './certificate.ts'
import type { PointName } from './extensions.ts'
import { comparable, parseGeneralName } from './general-name.ts'
import { RDN_SEPARATOR } from './name.ts'
import { ALL_REASONS, type ReasonMask } from './reasons.ts'

/** A distribution point of a certificate, its names spelt out. */
interface Point {
  readonly names: readonly string[] | undefined
  readonly reasons: ReasonMask
  /** names of the issuer of an indirect list; `undefined`: the certificate's own issuer */
  readonly crlIssuers: readonly string[] | undefined
}

const directory = (matchKey: string): string => `directory:${matchKey}`

/** The names of a point; one relative to an issuer is that issuer's name with an RDN more. */
function spellOut({ names, relativeName }: PointName, issuers: readonly string[]): readonly string[] | undefined {
  return relativeName === undefined ? names : issuers.map((issuer) => `${issuer}${RDN_SEPARATOR}${relativeName}`)
}

/**
 * The distribution points a certificate names, and the one that RFC 5280 §6.3.3 assumes besides: whatever its issuer itself publishes.
 */
const pointsOf = memoise((certificate: Certificate): readonly Point[] => {
  const issuer = directory(certificate.issuer.matchKey)
  const own = (certificate.cRLDistributionPoints ?? []).map(({ crlIssuer, reasons, ...point }): Point => {
    const crlIssuers = crlIssuer?.map(comparable)
    return { names: spellOut(point, crlIssuers ?? [issuer]), reasons: reasons ?? ALL_REASONS, crlIssuers }
  })
  const alternative = certificate.extensions.get(OID.issuerAltName)
  const others =
    alternative === undefined
      ? []
      : readSequence(parseDer(alternative.value), 'issuerAltName').map((name) => comparable(parseGeneralName(name)))
  return [...own, { names: [issuer, ...others], reasons: ALL_REASONS, crlIssuers: undefined }]
})

/**
 * The reasons for which a list speaks about a certificate (RFC 5280 §6.3.3 b, d): issuer, scope, distribution point. 0 when it does not
 * speak about it at all. Throws `DER_MALFORMED` for an issuerAltName that is none.
 */
export function coveredReasons(crl: Crl, certificate: Certificate): ReasonMask {
  const { scope } = crl
  const isCa = certificate.basicConstraints?.cA === true
  if (scope !== undefined && (scope.onlyAttributeCerts || (isCa ? scope.onlyUserCerts : scope.onlyCaCerts))) return 0
  let covered: ReasonMask = 0
  for (const point of pointsOf(certificate)) if (isOfPoint(crl, certificate, point)) covered |= point.reasons
  return covered & (scope?.onlySomeReasons ?? ALL_REASONS)
}

function isOfPoint(crl: Crl, certificate: Certificate, { names, crlIssuers }: Point): boolean {
  const issuer = directory(crl.issuer.matchKey)
  if (crlIssuers === undefined) {
    if (crl.issuer.matchKey !== certificate.issuer.matchKey) return false
  } else if (crl.scope?.indirect !== true || !crlIssuers.includes(issuer)) return false
  if (crl.scope?.point === undefined) return true
  const published = spellOut(crl.scope.point, [issuer]) ?? []
  const wanted = names ?? crlIssuers ?? []
  return published.some((name) => wanted.includes(name))
}
