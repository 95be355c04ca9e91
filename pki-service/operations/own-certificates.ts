import { x509 } from '../../pki/index.ts'
import {
  type AuthorityName,
  type FirstAuthority,
  isAuthorityName,
  type OwnName,
  purposeOf,
} from '../domain/authority.ts'
import { isTestName, parseName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import type { IssuedCertificate } from './issue-certificate.ts'

/**
 * The service's own certificates by name: every generation of an authority under its own name (`seal-ca`, `seal-ca-2`); of a signer or a
 * responder the generation in use, under the name of the first.
 */
export type OwnCertificates = ReadonlyMap<OwnName, IssuedCertificate>

/** A certificate of an authority with the name it goes by. */
export type Authority = IssuedCertificate & { readonly ownName: AuthorityName }

export function getMade(made: OwnCertificates, name: OwnName): IssuedCertificate {
  const certificate = made.get(name)
  if (certificate === undefined) throw new PkiServiceError('PKI_CERTIFICATE_NOT_FOUND', `there is no ${name} here`)
  return certificate
}

/** Every authority, roots first, generations rising. */
export function authoritiesIn(made: OwnCertificates): Authority[] {
  const found: Authority[] = []
  for (const [name, certificate] of made) if (isAuthorityName(name)) found.push({ ...certificate, ownName: name })
  return found
}

/** Of an authority the generation that issues: the newest that is neither revoked nor at its end. */
export function newestOf(made: OwnCertificates, purpose: FirstAuthority, now: Date): Authority {
  const living = authoritiesIn(made).filter(
    ({ ownName, ...one }) => purposeOf(ownName) === purpose && isLiving(one, now),
  )
  const newest = living.sort((a, b) => generationIn(b.ownName) - generationIn(a.ownName))[0]
  if (newest !== undefined) return newest
  throw new PkiServiceError(
    'PKI_CERTIFICATE_NOT_FOUND',
    `no generation of ${purpose} is in use: a ceremony makes the next one (ceremony request --next ${purpose})`,
  )
}

const generationIn = (name: AuthorityName): number => parseName(name)!.generation

export function isLiving({ state, notAfter }: Pick<IssuedCertificate, 'state' | 'notAfter'>, now: Date): boolean {
  return state === 'active' && now < notAfter
}

/** The chain above a certificate issued by `name`: issuer first, root last. */
export function chainOf(made: OwnCertificates, name: AuthorityName): Uint8Array[] {
  const issuer = getMade(made, name)
  return issuer.issuer === name ? [issuer.certificate] : [issuer.certificate, ...chainOf(made, issuer.issuer)]
}

/** A root of the demonstration; only such a root has its key here. */
export function isTestRoot({ certificate }: Pick<IssuedCertificate, 'certificate'>): boolean {
  return isTestName(x509.parseCertificate(certificate).subject.text)
}

/** Whether this service signs the lists of an authority: those of a real root come from its ceremonies. */
export function isPublisher(authority: Authority, now: Date): boolean {
  return isLiving(authority, now) && (purposeOf(authority.ownName) !== 'root' || isTestRoot(authority))
}
