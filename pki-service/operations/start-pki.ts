import { KeyStoreError } from '../../key-store/index.ts'
import { primitives, x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import {
  type AuthorityName,
  demonstrationPki,
  generationName,
  generationOf,
  isInUse,
  isSm2,
  type OwnEntity,
  type OwnName,
  purposeOf,
} from '../domain/authority.ts'
import type { CertificateRecord } from '../domain/certificate.ts'
import { parseName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { listAuthorities, listGenerations, listOwn } from '../store/certificates.ts'
import { type IssuedCertificate, isIssued, issueCertificate } from './issue-certificate.ts'
import { openKey } from './open-key.ts'
import { authoritiesIn, isLiving, isTestRoot, newestOf, type OwnCertificates } from './own-certificates.ts'

/**
 * Opens the PKI on record, or makes the demonstration one: for each entity in the table a key, then a certificate. Under an imported root
 * the authorities and the root's responder are what was imported; what stands below them is made like the demonstration's, with the names
 * of its authority. Each step looks for its own result first, so it can be broken off anywhere and begun again, and two processes may run
 * it at once. A signer whose key has been used for its time, or whose authority ended, gets a next generation.
 * Throws `PKI_ROOT_MISSING` and `PKI_TEST_ROOT_IN_PRODUCTION`.
 */
export async function startPki(deps: Dependencies, { production }: { production: boolean }): Promise<OwnCertificates> {
  const known = await listAuthorities(deps.database)
  const found: Found = { authorities: known, own: await listOwn(deps.database) }
  const imported = expectRoot(known, production)
  const made = new Map<OwnName, IssuedCertificate>()
  for (const entity of entitiesOf(known)) {
    const comesFromCeremony = imported && (entity.issuer === 'root' || parseName(entity.name)?.authority === 'root')
    // A ceremony makes no SM2 chain yet: an imported PKI has none.
    if (imported && isSm2(entity.name)) continue
    const certificate = comesFromCeremony
      ? await findImported(deps, known, entity)
      : await makeIfPossible(deps, made, entity, found)
    if (certificate !== undefined) made.set(entity.name, certificate)
  }
  if (imported) expectAllPurposes(deps, made)
  return made
}

/** What was on record when the start began: read at once, since each question costs a start a little. */
interface Found {
  readonly authorities: readonly IssuedCertificate[]
  readonly own: readonly CertificateRecord[]
}

/** Whether the PKI on record was imported; refuses what production must not start with. */
function expectRoot(known: readonly IssuedCertificate[], production: boolean): boolean {
  const roots = known.filter(({ profile }) => profile === 'root')
  const isTest = roots.some(isTestRoot)
  if (production && roots.length === 0) {
    throw new PkiServiceError(
      'PKI_ROOT_MISSING',
      'production mode needs a root of its own: hold a ceremony and import what it signed',
    )
  }
  if (production && isTest) {
    throw new PkiServiceError(
      'PKI_TEST_ROOT_IN_PRODUCTION',
      'this database has a TEST root: production needs one of its own',
    )
  }
  return roots.length > 0 && !isTest
}

/** The table, and beside each first generation of an authority the later ones on record, with responders of their own. */
function entitiesOf(known: readonly IssuedCertificate[]): OwnEntity[] {
  return demonstrationPki.flatMap((entity) => {
    const parts = parseName(entity.name)
    if (parts === undefined) return [entity]
    const later = known.flatMap(({ ownName }) => {
      const other = ownName === null ? undefined : parseName(ownName)
      return other && other.authority === parts.authority && other.generation > 1 ? [other.generation] : []
    })
    return [1, ...later].map((generation) => laterEntity(entity, generation, parts.responder !== null))
  })
}

function laterEntity(entity: OwnEntity, generation: number, isResponder: boolean): OwnEntity {
  if (generation === 1) return entity
  const purpose = isResponder ? entity.issuer : purposeOf(entity.name as AuthorityName)
  const authority = `${purpose}-${generation}` as AuthorityName
  return {
    ...entity,
    name: isResponder ? `${authority}-ocsp` : authority,
    commonName: `${entity.commonName} ${generation}`,
  }
}

/** What a ceremony made: of a responder the newest that is valid, of an authority itself, revoked or not. */
async function findImported(
  { database, clock }: Dependencies,
  known: readonly IssuedCertificate[],
  { name }: OwnEntity,
): Promise<IssuedCertificate | undefined> {
  if (parseName(name)?.responder === null) return known.find(({ ownName }) => ownName === name)
  const now = clock.now()
  const responders = (await listGenerations(database, name)).filter(isIssued).filter((one) => isLiving(one, now))
  const generation = ({ ownName }: IssuedCertificate) => generationOf(name, ownName ?? '') ?? 0
  return responders.sort((a, b) => generation(b) - generation(a))[0]
}

function expectAllPurposes({ clock }: Dependencies, made: OwnCertificates): void {
  for (const purpose of ['seal-ca', 'statement-ca', 'time-stamp-ca', 'list-ca'] as const)
    newestOf(made, purpose, clock.now())
}

/** A key store in a token may know no SM2; the PKI then does without that chain. */
async function makeIfPossible(
  deps: Dependencies,
  made: OwnCertificates,
  entity: OwnEntity,
  found: Found,
): Promise<IssuedCertificate | undefined> {
  const isBelowMissing = entity.issuer !== entity.name && !made.has('sm2-root')
  // The self-test is made here, at the start: an SM2 that gives other answers than the standard's is not offered.
  if (isSm2(entity.name) && (isBelowMissing || !(await primitives.offersSm2()))) return undefined
  try {
    return await make(deps, made, entity, found)
  } catch (error) {
    const isUnknownKind = error instanceof KeyStoreError && error.code === 'KEY_KIND_UNSUPPORTED'
    if (isSm2(entity.name) && isUnknownKind) return undefined
    throw error
  }
}

/** Makes what is missing of an entity whose authority signs here. An authority that was revoked stays as it is. */
async function make(
  deps: Dependencies,
  made: OwnCertificates,
  entity: OwnEntity,
  found: Found,
): Promise<IssuedCertificate | undefined> {
  const now = deps.clock.now()
  const isAuthority = parseName(entity.name)?.responder === null
  const ended = isAuthority
    ? found.authorities.find(({ ownName, state }) => ownName === entity.name && state === 'revoked')
    : undefined
  if (ended !== undefined) return ended
  const isRoot = entity.profile === 'root'
  const issuer = isRoot ? undefined : findIssuer(made, entity, now)
  // Nothing answers any more for an authority that ended.
  if (!isRoot && issuer === undefined) return undefined
  const ownName = isAuthority ? entity.name : currentGeneration(entity, made, found, now)
  const own = await openKey(deps.keyStore, ownName)
  const there = found.own.find((one) => one.ownName === ownName && one.state !== 'revoked')
  if (there && isIssued(there) && Buffer.compare(there.publicKey, own.key.publicKey) === 0) return there
  return issueCertificate(deps, {
    ownName,
    profile: entity.profile,
    issuer: {
      name: issuer?.ownName ?? (entity.name as AuthorityName),
      key: issuer === undefined ? own : await openKey(deps.keyStore, issuer.ownName),
      certificate: issuer ?? null,
    },
    subject: subjectOf(entity, issuer),
    publicKey: own.key.publicKey,
    validityDays: entity.validityDays,
    useDays: entity.useDays,
  })
}

/** A responder stands under the very authority it answers for; everything else under the newest generation of its issuer. */
function findIssuer(made: OwnCertificates, entity: OwnEntity, now: Date) {
  const parts = parseName(entity.name)
  if (parts?.responder == null) return newestOf(made, entity.issuer, now)
  const authority = generationName(parts.authority, parts.generation)
  return authoritiesIn(made).find(({ ownName, ...one }) => ownName === authority && isLiving(one, now))
}

/** The newest generation whose key may be used now, or the next one: a revoked certificate's key never serves again. */
function currentGeneration(entity: OwnEntity, made: OwnCertificates, found: Found, now: Date): OwnName {
  const known = found.own.flatMap((record) => {
    const generation = generationOf(entity.name, record.ownName ?? '')
    return generation === undefined ? [] : [{ ...record, generation }]
  })
  const mayServe = (record: CertificateRecord) => {
    const issuer = made.get(record.issuer)
    return record.state !== 'revoked' && now < record.notAfter && issuer !== undefined && isLiving(issuer, now)
  }
  const inUse = known.filter((record) => mayServe(record) && isInUse(entity, record, now))
  if (inUse.length > 0) return generationName(entity.name, Math.max(...inUse.map(({ generation }) => generation)))
  return generationName(entity.name, Math.max(0, ...known.map(({ generation }) => generation)) + 1)
}

/** TEST names for the demonstration; under an imported authority that authority's country, organisation and own words. */
function subjectOf(entity: OwnEntity, issuer: IssuedCertificate | undefined): Uint8Array {
  const { subject } = issuer === undefined ? {} : x509.parseCertificate(issuer.certificate)
  const wordOf = (type: string) => subject && x509.findAttribute(subject, type)
  const organisation = wordOf('O') ?? 'Zhengyin TEST'
  const words = (wordOf('CN') ?? 'Zhengyin TEST').replace(/ (Root|Seal|Statement|Time Stamp|List) CA( \d+)?$/, '')
  return x509.encodeName([
    ['C', wordOf('C') ?? 'CN'],
    ['O', organisation],
    ['CN', entity.commonName.replace('Zhengyin TEST', words)],
  ])
}
