import { x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AuthorityName, demonstrationPki, type OwnName } from '../domain/authority.ts'
import { type IssuedCertificate, issueCertificate } from './issue-certificate.ts'
import { openKey } from './open-key.ts'

/** The service's own certificates by name. */
export type OwnCertificates = ReadonlyMap<OwnName, IssuedCertificate>

/**
 * Makes the demonstration PKI, or what is missing of it: for each entity in the table a key, then a certificate.
 * Each step looks for its own result first, so it can be broken off anywhere and begun again, and two processes may
 * run it at once.
 */
export async function startDemonstrationPki(deps: Dependencies): Promise<OwnCertificates> {
  const made = new Map<OwnName, IssuedCertificate>()
  for (const entity of demonstrationPki) {
    const own = await openKey(deps.keyStore, entity.name)
    const isRoot = entity.issuer === entity.name
    const certificate = await issueCertificate(deps, {
      ownName: entity.name,
      profile: entity.profile,
      issuer: {
        name: entity.issuer,
        key: isRoot ? own : await openKey(deps.keyStore, entity.issuer),
        certificate: isRoot ? null : getMade(made, entity.issuer),
      },
      subject: x509.encodeName([
        ['C', 'CN'],
        ['O', 'Zhengyin TEST'],
        ['CN', entity.commonName],
      ]),
      publicKey: own.key.publicKey,
      validityDays: entity.validityDays,
    })
    made.set(entity.name, certificate)
  }
  return made
}

export function getMade(made: OwnCertificates, name: OwnName): IssuedCertificate {
  const certificate = made.get(name)
  if (certificate === undefined) throw new TypeError(`${name} stands before its issuer in the table`)
  return certificate
}

/** The chain above a certificate issued by `name`: issuer first, root last. */
export function chainOf(made: OwnCertificates, name: AuthorityName): Uint8Array[] {
  const issuer = getMade(made, name)
  return name === 'root' ? [issuer.certificate] : [issuer.certificate, ...chainOf(made, issuer.issuer)]
}
