import { ca, crl, x509 } from '../../pki/index.ts'
import { derOf, type Files } from '../ceremony/files.ts'
import type { Dependencies } from '../dependencies.ts'
import type { CertificateRecord } from '../domain/certificate.ts'
import { isTestName } from '../domain/names.ts'
import { PkiServiceError } from '../errors.ts'
import { findRequestByKey } from '../store/certificate-requests.ts'
import { listAuthorities } from '../store/certificates.ts'
import { checkProfile } from './import-root.ts'
import { type ImportReport, recordImport, toRecord } from './record-import.ts'

const refuse = (why: string, cause?: unknown) => new PkiServiceError('PKI_IMPORT_REFUSED', why, { cause })

const ANCHOR = 'anchor.cer'

/** What an outside authority answered to our requests, read and not yet believed. */
interface Outside {
  readonly anchor: x509.Certificate
  readonly list: crl.Crl
  readonly issued: readonly { readonly file: string; readonly certificate: x509.Certificate }[]
}

/**
 * Takes the certificates of an outside authority for our requests into the register, all or nothing: `anchor.cer` (whoever signed them; it
 * becomes the trust anchor), its newest list (`*.crl`), our certificates (`*.cer`, found by their keys). Later imports may bring a newer
 * list alone. A repeat changes nothing. Throws `PKI_IMPORT_REFUSED`, `PKI_TEST_ROOT_IN_PRODUCTION`, `CEREMONY_FOLDER_DAMAGED`.
 */
export async function importOutside(deps: Dependencies, files: Files): Promise<ImportReport> {
  const outside = await readOutside(deps, files)
  await checkAnchor(deps, outside)
  const records = [toRecord(outside.anchor, 'root', 'root', 'root')]
  for (const { file, certificate } of outside.issued) records.push(await checkIssued(deps, outside, file, certificate))
  return recordImport(deps.database, deps.clock.now(), {
    ...{ source: 'outside', root: 'root', records, list: outside.list },
    rootCertificate: outside.anchor.raw,
  })
}

async function readOutside({ clock }: Dependencies, files: Files): Promise<Outside> {
  const anchor = read(ANCHOR, () => x509.parseCertificate(derOf(files, ANCHOR, 'CERTIFICATE')))
  const issued = [...files.keys()]
    .filter((file) => file.endsWith('.cer') && file !== ANCHOR)
    .sort()
    .map((file) => ({ file, certificate: read(file, () => x509.parseCertificate(derOf(files, file, 'CERTIFICATE'))) }))
  const lists: crl.Crl[] = []
  for (const file of [...files.keys()].filter((name) => name.endsWith('.crl'))) {
    const list = read(file, () => crl.parseCrl(derOf(files, file, 'X509 CRL')))
    const fault = await crl.verifyCrl(list, anchor, clock.now())
    if (fault !== null || list.cRLNumber === undefined)
      throw refuse(`${file} is no list of the anchor: ${fault ?? 'it has no number'}`)
    lists.push(list)
  }
  const list = lists.sort((a, b) => (a.cRLNumber! < b.cRLNumber! ? 1 : -1))[0]
  if (list === undefined) throw refuse("the anchor's revocation list is missing: it is needed to verify our own CAs")
  return { anchor, list, issued }
}

async function checkAnchor({ clock, database }: Dependencies, { anchor }: Outside): Promise<void> {
  if (isTestName(anchor.subject.text)) {
    throw new PkiServiceError('PKI_TEST_ROOT_IN_PRODUCTION', 'an anchor whose name says TEST is not imported')
  }
  const mayCertify = anchor.basicConstraints?.cA === true && anchor.keyUsage?.has('keyCertSign') === true
  if (!mayCertify || anchor.basicConstraints?.pathLenConstraint === 0)
    throw refuse('the anchor may not certify authorities')
  const now = clock.now()
  if (now < anchor.notBefore || now >= anchor.notAfter) throw refuse('the anchor is not valid now')
  const root = (await listAuthorities(database)).find(({ profile }) => profile === 'root')
  if (root !== undefined && !isSame(root.certificate, anchor.raw)) throw refuse('there is another root here')
}

/** A certificate of ours: for a key that we asked for, by a path to the anchor, with the rights of its profile. */
async function checkIssued(
  { clock, database }: Dependencies,
  { anchor, list }: Outside,
  file: string,
  certificate: x509.Certificate,
): Promise<CertificateRecord> {
  const request = await findRequestByKey(database, certificate.subjectPublicKeyInfo)
  if (request?.ownName == null || request.profile === 'seal' || request.profile === 'statement') {
    throw refuse(`${file} is for no key of which a certificate was asked for`)
  }
  checkProfile(request.profile, file, certificate)
  const errors = ca.lint(certificate.tbs).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw refuse(`${file}: ${errors.map((finding) => finding.code).join(', ')}`)
  const { valid, reason, detail } = await x509.validatePath({
    leaf: certificate,
    intermediates: [],
    anchors: [anchor],
    crls: [list],
    at: clock.now(),
  })
  if (!valid && !list.entries.has(certificate.serialNumberHex)) {
    throw refuse(`${file} has no valid path to the anchor: ${reason} ${detail}`)
  }
  return toRecord(certificate, request.ownName, request.profile, 'root')
}

function read<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw cause instanceof PkiServiceError ? cause : refuse(`${file} cannot be read`, cause)
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
