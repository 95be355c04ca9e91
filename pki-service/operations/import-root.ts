import { ca, x509 } from '../../pki/index.ts'
import { type Files, type RootFolder, readRootFolder } from '../ceremony/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AuthorityName, OwnName } from '../domain/authority.ts'
import type { CertificateRecord } from '../domain/certificate.ts'
import { isTestName, parseName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { listAuthorities } from '../store/certificates.ts'
import { isTestRoot } from './own-certificates.ts'
import { type ImportReport, recordImport, toRecord } from './record-import.ts'

const refuse = (why: string, cause?: unknown) => new PkiServiceError('PKI_IMPORT_REFUSED', why, { cause })

/**
 * Takes what a root's ceremonies made into the register: root, authorities, responders, revocation list, all or nothing. Everything is
 * checked first: the folder against its signed transcripts, each certificate for its key, its path to this root, its profile and its form.
 * A repeat changes nothing. Throws `PKI_IMPORT_REFUSED`, `PKI_TEST_ROOT_IN_PRODUCTION`, `CEREMONY_FOLDER_DAMAGED`, `CEREMONY_TRANSCRIPT_WRONG`.
 */
export async function importRoot(deps: Dependencies, files: Files): Promise<ImportReport> {
  const folder = await readRootFolder(files)
  const name = await checkRoot(deps, folder)
  const records = [toRecord(folder.certificate, name, 'root', name)]
  for (const { file, certificate } of folder.issued) {
    const record = await checkIssued(deps, folder, name, file, certificate)
    if (record !== undefined) records.push(record)
  }
  return recordImport(deps.database, deps.clock.now(), {
    ...{ source: 'ceremony', root: name, records, list: folder.crl },
    rootCertificate: folder.certificate.raw,
  })
}

/** The root's own name here. */
async function checkRoot(deps: Dependencies, folder: RootFolder): Promise<AuthorityName> {
  const { certificate, transcripts } = folder
  if (isTestName(certificate.subject.text)) {
    throw new PkiServiceError('PKI_TEST_ROOT_IN_PRODUCTION', 'a root whose name says TEST is not imported')
  }
  if (transcripts.some(({ rehearsal }) => rehearsal)) throw refuse('the folder is one of a rehearsal')
  const now = deps.clock.now()
  if (now < certificate.notBefore || now >= certificate.notAfter)
    throw refuse('the root is not valid now: look at the clocks')
  if (folder.crl.nextUpdate === undefined || now >= folder.crl.nextUpdate)
    throw refuse("the root's revocation list is past its end")
  const name = transcripts[0]!.root
  const parts = parseName(name)
  if (parts?.authority !== 'root' || parts.responder !== null) throw refuse('the transcript names no root')
  const known = await listAuthorities(deps.database)
  if (known.some((one) => one.profile === 'root' && isTestRoot(one))) {
    throw refuse('this database has the demonstration PKI: production begins with an empty one')
  }
  const same = known.find(({ ownName }) => ownName === name)
  if (same !== undefined && !isSame(same.certificate, certificate.raw))
    throw refuse(`another root is called ${name} here`)
  return name as AuthorityName
}

/** A record for a certificate of the folder; none for what ended before it was ever imported. */
async function checkIssued(
  deps: Dependencies,
  folder: RootFolder,
  root: AuthorityName,
  file: string,
  certificate: x509.Certificate,
): Promise<CertificateRecord | undefined> {
  const name = file.slice(0, -'.cer'.length)
  const parts = parseName(name)
  const profile = parts === undefined ? 'cross-ca' : parts.responder === null ? 'issuing-ca' : 'ocsp-responder'
  if (deps.clock.now() >= certificate.notAfter) return undefined
  if (parts !== undefined) {
    checkKey(deps, name, file, certificate)
    checkProfile(profile as 'issuing-ca' | 'ocsp-responder', file, certificate)
  }
  const errors = ca.lint(certificate.tbs).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw refuse(`${file}: ${errors.map((finding) => finding.code).join(', ')}`)
  await checkPath(deps, folder, file, certificate)
  return toRecord(certificate, parts === undefined ? null : (name as OwnName), profile, root)
}

/** Whether the certificate is for the very key that this installation made under the name. */
function checkKey({ keyStore }: Dependencies, name: string, file: string, certificate: x509.Certificate): void {
  const isOurs =
    keyStore.list().includes(name) && isSame(keyStore.get(name).publicKey, certificate.subjectPublicKeyInfo)
  if (!isOurs) throw refuse(`${file} is for another key than the one that is called ${name} here`)
}

/**
 * Rights as the profile gives them: an authority that may do less cannot serve, and extended key usages would bind what it certifies. An
 * outside authority may give further key usages.
 */
export function checkProfile(
  profile: 'issuing-ca' | 'ocsp-responder',
  file: string,
  certificate: x509.Certificate,
): void {
  const { cA, keyUsage, extKeyUsage } = ca.profiles[profile]
  const fits =
    (certificate.basicConstraints?.cA === true) === cA &&
    keyUsage.every((usage) => certificate.keyUsage?.has(usage) === true) &&
    [...extKeyUsage].sort().join() === [...(certificate.extKeyUsage ?? [])].sort().join() &&
    certificate.subjectKeyIdentifier !== undefined
  if (!fits) throw refuse(`${file} has not the rights of the profile ${profile}`)
}

async function checkPath(
  { clock }: Dependencies,
  folder: RootFolder,
  file: string,
  certificate: x509.Certificate,
): Promise<void> {
  const { valid, reason, detail } = await x509.validatePath({
    leaf: certificate,
    intermediates: [],
    anchors: [folder.certificate],
    crls: [folder.crl],
    at: clock.now(),
  })
  const isRevoked = folder.crl.entries.has(certificate.serialNumberHex)
  if (!valid && !isRevoked) throw refuse(`${file} has no valid path to the root: ${reason} ${detail}`)
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
