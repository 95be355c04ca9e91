import { createHash } from 'node:crypto'
import { asn1, ca, PkiError, x509 } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AuthorityName } from '../domain/authority.ts'
import { isTestName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { listAuthorities } from '../store/certificates.ts'
import { holdCrossCertificates, insertCrossCertificate, listCrossCertificates } from '../store/cross-certificates.ts'
import { insertImport } from '../store/imports.ts'
import { isLiving } from './own-certificates.ts'

/** A certificate that another city's root gave ours, and how it is to be called. */
export interface CrossImport {
  /** Small letters, digits, hyphens: `shenyang` is published as `root-by-shenyang`. */
  readonly name: string
  /** DER. */
  readonly certificate: Uint8Array
  /** The certificate of whoever gave it, DER; without it nobody has looked whether it did. */
  readonly anchor?: Uint8Array
}

export interface CrossReport {
  /** Under which it is published. */
  readonly name: string
  /** Whether it was not there before. */
  readonly isNew: boolean
  readonly issuer: string
  readonly notAfter: Date
  /** What the lint found; it is their certificate, and holds all the same. */
  readonly remarks: readonly string[]
}

type Root = Awaited<ReturnType<typeof listAuthorities>>[number]

const refuse = (why: string, cause?: unknown) =>
  new PkiServiceError('PKI_IMPORT_REFUSED', why, cause === undefined ? {} : { cause })

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/
const LONGEST_NAME = 32
/** It goes with every document and list: real ones take 1 to 4 KiB. */
const LONGEST_CERTIFICATE = 16 * 1024

/**
 * Takes a cross certificate that another city gave our root into the register, from where it is published and goes with documents and
 * lists: for our root's name and key, with the rights to stand above our authorities, valid now; with `anchor` by a path to it that our
 * authorities fit under (RFC 5280 §6). A repeat changes nothing. Throws `PKI_IMPORT_REFUSED`.
 */
export async function importCross(deps: Dependencies, request: CrossImport): Promise<CrossReport> {
  const { name } = request
  if (!NAME.test(name) || name.length > LONGEST_NAME)
    throw refuse(`the name must have 1 to ${LONGEST_NAME} small letters, digits and hyphens`)
  const certificate = read('the cross certificate', request.certificate)
  const known = await listAuthorities(deps.database)
  const root = findRoot(known, certificate, deps.clock.now())
  checkRights(certificate, deps.clock.now())
  if (isTestName(certificate.issuer.text) && !isTestName(certificate.subject.text))
    throw refuse('it is from a root whose name says TEST')
  if (request.anchor !== undefined)
    await checkPath(certificate, read('the anchor', request.anchor), known, root, deps.clock.now())
  return record(deps, `root-by-${name}`, certificate, root)
}

function read(what: string, der: Uint8Array): x509.Certificate {
  if (der.length > LONGEST_CERTIFICATE) throw refuse(`${what} is longer than ${LONGEST_CERTIFICATE} octets`)
  try {
    return x509.parseCertificate(der)
  } catch (cause) {
    if (cause instanceof PkiError) throw refuse(`${what} cannot be read`, cause)
    throw cause
  }
}

function findRoot(known: readonly Root[], { subject, subjectPublicKeyInfo }: x509.Certificate, now: Date): Root {
  const roots = known.filter((one) => one.profile === 'root' && one.ownName !== null && isLiving(one, now))
  const root = roots.find(({ publicKey }) => asn1.equalBytes(publicKey, subjectPublicKeyInfo))
  if (root === undefined) throw refuse('it is for another key than that of a root here')
  if (x509.parseCertificate(root.certificate).subject.matchKey !== subject.matchKey)
    throw refuse('it has the key of a root here and another name')
  return root
}

/** Whoever trusts its issuer must be able to follow our authorities and believe our root's lists. */
function checkRights(certificate: x509.Certificate, now: Date): void {
  const { issuer, subject, basicConstraints, keyUsage, notBefore, notAfter } = certificate
  if (issuer.matchKey === subject.matchKey) throw refuse('our root signed it itself')
  const mayCertify = basicConstraints?.cA === true && keyUsage?.has('keyCertSign') !== false
  if (!mayCertify || basicConstraints?.pathLenConstraint === 0)
    throw refuse('it does not let our root certify authorities (cA, keyCertSign, pathLenConstraint)')
  if (keyUsage?.has('cRLSign') === false) throw refuse('it does not let our root sign its lists (cRLSign)')
  if (now < notBefore) throw refuse(`it is valid from ${notBefore.toISOString()} on`)
  if (now >= notAfter) throw refuse(`it ended at ${notAfter.toISOString()}`)
}

/** To the anchor, for itself and for every authority below our root: names that it does not permit are found here. */
async function checkPath(
  certificate: x509.Certificate,
  anchor: x509.Certificate,
  known: readonly Root[],
  root: Root,
  at: Date,
): Promise<void> {
  const below = known.filter((one) => one.profile === 'issuing-ca' && one.issuer === root.ownName && isLiving(one, at))
  const leaves = [
    { what: 'it', leaf: certificate },
    ...below.map(({ ownName, certificate: der }) => ({
      what: `${ownName} under it`,
      leaf: x509.parseCertificate(der),
    })),
  ]
  for (const { what, leaf } of leaves) {
    const { valid, reason, detail } = await x509.validatePath({
      leaf,
      intermediates: [certificate],
      anchors: [anchor],
      at,
    })
    if (!valid) throw refuse(`${what} has no valid path to the anchor: ${reason} ${detail}`)
  }
}

async function record(
  { database, clock }: Dependencies,
  name: string,
  certificate: x509.Certificate,
  root: Root,
): Promise<CrossReport> {
  const { raw, issuer, notBefore, notAfter, serialNumberHex, tbs } = certificate
  const isNew = await database.transaction(async (tx) => {
    await holdCrossCertificates(tx)
    const same = (await listCrossCertificates(tx)).find((one) => one.name === name)
    if (same !== undefined && x509.parseCertificate(same.certificate).issuer.matchKey !== issuer.matchKey)
      throw refuse(`${name} is from somebody else here: choose another name`)
    const at = clock.now()
    const cross = { name, root: root.ownName as AuthorityName, certificate: raw, notBefore, notAfter }
    if (!(await insertCrossCertificate(tx, cross, at))) return false
    const rootDigest = createHash('sha256').update(root.certificate).digest()
    const digest = createHash('sha256').update(raw).digest('hex')
    const detail = JSON.stringify({ root: root.ownName, added: [name], serialNumber: serialNumberHex, sha256: digest })
    await insertImport(tx, { at, source: 'cross', rootDigest, detail })
    return true
  })
  const remarks = ca.lint(tbs).map(({ severity, code, where, clause }) => `${severity} ${code}: ${where} (${clause})`)
  return { name, isNew, issuer: issuer.text, notAfter, remarks }
}
