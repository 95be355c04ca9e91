import { x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import {
  type AuthorityName,
  demonstrationPki,
  generationName,
  generationOf,
  isInUse,
  type OwnEntity,
  type OwnName,
} from '../domain/authority.ts'
import { listGenerations } from '../store/certificates.ts'
import { type IssuedCertificate, issueCertificate } from './issue-certificate.ts'
import { openKey } from './open-key.ts'

/** The service's own certificates by name; of a signer the generation in use, under the name of the first. */
export type OwnCertificates = ReadonlyMap<OwnName, IssuedCertificate>

/**
 * Makes the demonstration PKI, or what is missing of it: for each entity in the table a key, then a certificate.
 * Each step looks for its own result first, so it can be broken off anywhere and begun again, and two processes may
 * run it at once. A signer whose key has been used for its time gets a next generation.
 */
export async function startDemonstrationPki(deps: Dependencies): Promise<OwnCertificates> {
  const made = new Map<OwnName, IssuedCertificate>()
  for (const entity of demonstrationPki) {
    const ownName = entity.useDays === undefined ? entity.name : await currentGeneration(deps, entity)
    const own = await openKey(deps.keyStore, ownName)
    const isRoot = entity.issuer === entity.name
    const certificate = await issueCertificate(deps, {
      ownName,
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
      useDays: entity.useDays,
    })
    made.set(entity.name, certificate)
  }
  return made
}

/** The newest generation whose key may be used now, or the next one: a revoked certificate's key never serves again. */
async function currentGeneration(deps: Dependencies, entity: OwnEntity): Promise<OwnName> {
  const now = deps.clock.now()
  const known = (await listGenerations(deps.database, entity.name)).map((record) => ({
    ...record,
    generation: generationOf(entity.name, record.ownName ?? '') ?? 0,
  }))
  const inUse = known.filter((record) => record.state !== 'revoked' && isInUse(entity, record, now))
  if (inUse.length > 0) return generationName(entity.name, Math.max(...inUse.map(({ generation }) => generation)))
  return generationName(entity.name, Math.max(0, ...known.map(({ generation }) => generation)) + 1)
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
