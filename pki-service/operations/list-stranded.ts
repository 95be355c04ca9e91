import { x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AuthorityName } from '../domain/authority.ts'
import { findStandings, listAuthorities } from '../store/certificates.ts'

/** Those of these certificates (DER) that an authority of ours issued which is revoked, or stands under one that is. */
export async function listStranded(
  { database }: Dependencies,
  certificates: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const authorities = new Map((await listAuthorities(database)).map((one) => [one.ownName, one]))
  const isRevoked = (name: AuthorityName): boolean => {
    const authority = authorities.get(name)
    if (authority === undefined || authority.state === 'revoked') return authority !== undefined
    return authority.issuer !== name && isRevoked(authority.issuer)
  }
  const serialNumberOf = (der: Uint8Array) => x509.parseCertificate(der).serialNumberHex
  const standings = await findStandings(database, certificates.map(serialNumberOf))
  const stranded = new Set(standings.filter(({ issuer }) => isRevoked(issuer)).map(({ serialNumber }) => serialNumber))
  return certificates.filter((der) => stranded.has(serialNumberOf(der)))
}
