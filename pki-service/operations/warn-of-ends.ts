import type { Dependencies } from '../dependencies.ts'
import { isAuthorityName, purposeOf } from '../domain/authority.ts'
import { findLatestCrl } from '../store/crls.ts'
import type { IssuedCertificate } from './issue-certificate.ts'
import { authoritiesIn, isLiving, isPublisher, newestOf, type OwnCertificates } from './own-certificates.ts'

/** A responder's certificate is believed for long; its key is used from one yearly ceremony to the next, with a month to spare. */
const responderUseMs = 396 * 24 * 60 * 60 * 1000
/** People must be found for a ceremony: it is asked for this long before it is too late. */
const aheadMs = 60 * 24 * 60 * 60 * 1000

/** Logs what only a ceremony can renew and will soon end: the list of a root whose key is elsewhere, its responder, an issuing CA. */
export async function warnOfEnds(deps: Dependencies, own: OwnCertificates, now: Date): Promise<void> {
  const isNear = (end: Date) => end.getTime() - now.getTime() < aheadMs
  const warn = (what: string, ends: Date) =>
    deps.log?.warn('a ceremony is needed soon', { what, ends: ends.toISOString() })
  for (const authority of authoritiesIn(own)) {
    if (!isLiving(authority, now) || isPublisher(authority, now)) continue
    const list = await findLatestCrl(deps.database, authority.ownName)
    if (list !== undefined && isNear(list.nextUpdate)) warn(`revocation list of ${authority.ownName}`, list.nextUpdate)
    for (const [name, record] of own) {
      const isSucceeded = isAuthorityName(name) && newestOf(own, purposeOf(name), now).ownName !== name
      if (record.issuer !== authority.ownName || record === own.get(authority.ownName) || isSucceeded) continue
      const end = endOfUse(record)
      if (isNear(end)) warn(name, end)
    }
  }
}

function endOfUse({ profile, notBefore, notAfter }: IssuedCertificate): Date {
  if (profile !== 'ocsp-responder') return notAfter
  return new Date(Math.min(notBefore.getTime() + responderUseMs, notAfter.getTime()))
}
