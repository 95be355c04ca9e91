import { crl, x509 } from '../../pki/index.ts'
import { PkiServiceError } from '../errors.ts'
import { derOf, type Files, keyIdOf } from './files.ts'
import { checkTranscript, type Transcript, transcriptNumbers } from './transcript.ts'

/** A certificate that a root signed, as its folder holds it. */
export interface RootIssue {
  readonly file: string
  readonly certificate: x509.Certificate
}

/** What a root has published so far. Its folder holds nothing secret, and a ceremony only ever adds files to it. */
export interface RootFolder {
  readonly certificate: x509.Certificate
  /** First 16 octets of SHA-256 over the public key, hexadecimal. */
  readonly keyId: string
  readonly issued: readonly RootIssue[]
  /** The list with the highest number. */
  readonly crl: crl.Crl
  /** In the order of the ceremonies. */
  readonly transcripts: readonly Transcript[]
}

export const ROOT_FILE = 'root.cer'
const MOST_FILES = 2000

export const listFile = (number: bigint): string => `crl-${String(number).padStart(3, '0')}.crl`

const damaged = (why: string, cause?: unknown) => new PkiServiceError('CEREMONY_FOLDER_DAMAGED', why, { cause })

/**
 * Reads a root's folder and believes nothing in it: the root signs itself, everything else is signed by it, transcripts with all that they
 * name included. Throws `CEREMONY_FOLDER_DAMAGED`, `CEREMONY_TRANSCRIPT_WRONG`.
 */
export async function readRootFolder(files: Files): Promise<RootFolder> {
  const folder = await readPublished(files)
  const transcripts: Transcript[] = []
  for (const number of transcriptNumbers(files)) {
    if (number !== transcripts.length + 1)
      throw damaged(`the transcript of ceremony ${transcripts.length + 1} is missing`)
    transcripts.push(await checkTranscript(files, number, folder.certificate.raw))
  }
  const named = new Set(transcripts.flatMap(({ made }) => made.map(({ file }) => file)))
  const stray = [ROOT_FILE, ...folder.issued.map(({ file }) => file), listFile(folder.crl.cRLNumber!)].find(
    (file) => !named.has(file),
  )
  if (stray !== undefined) throw damaged(`${stray} stands in no transcript`)
  return { ...folder, transcripts }
}

/** The same without transcripts: what of a lost folder can be had from where it was published. */
export async function readPublished(files: Files): Promise<Omit<RootFolder, 'transcripts'>> {
  if (files.size > MOST_FILES) throw damaged(`more than ${MOST_FILES} files`)
  const certificate = await readRoot(files)
  const issued: RootIssue[] = []
  for (const file of [...files.keys()].filter((name) => name.endsWith('.cer') && name !== ROOT_FILE).sort()) {
    const issue = { file, certificate: parse(file, () => x509.parseCertificate(derOf(files, file, 'CERTIFICATE'))) }
    if (!(await isSignedBy(issue.certificate, certificate))) throw damaged(`${file} is not signed by this root`)
    issued.push(issue)
  }
  return {
    certificate,
    keyId: keyIdOf(certificate.subjectPublicKeyInfo),
    issued,
    crl: await newestList(files, certificate),
  }
}

async function readRoot(files: Files): Promise<x509.Certificate> {
  const root = parse(ROOT_FILE, () => x509.parseCertificate(derOf(files, ROOT_FILE, 'CERTIFICATE')))
  const isRoot = root.basicConstraints?.cA === true && root.keyUsage?.has('keyCertSign') === true
  if (!isRoot || !(await x509.verifyCertificateSignature(root, root)))
    throw damaged(`${ROOT_FILE} is no root: it does not sign itself`)
  return root
}

/** Only whether the signature and the names fit: certificates that ended meanwhile stay in the folder. */
async function isSignedBy(certificate: x509.Certificate, root: x509.Certificate): Promise<boolean> {
  const { reason } = await x509.validatePath({
    leaf: certificate,
    intermediates: [],
    anchors: [root],
    at: certificate.notBefore,
  })
  return reason === null
}

async function newestList(files: Files, root: x509.Certificate): Promise<crl.Crl> {
  const lists: crl.Crl[] = []
  for (const file of [...files.keys()].filter((name) => name.endsWith('.crl'))) {
    const list = parse(file, () => crl.parseCrl(derOf(files, file, 'X509 CRL')))
    const fault = await crl.verifyCrl(list, root, list.thisUpdate)
    if (fault !== null || list.cRLNumber === undefined)
      throw damaged(`${file} is no list of this root (${fault ?? 'no number'})`)
    lists.push(list)
  }
  const newest = lists.sort((a, b) => (a.cRLNumber! < b.cRLNumber! ? 1 : -1))[0]
  if (newest === undefined) throw damaged('there is no revocation list')
  return newest
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw cause instanceof PkiServiceError ? cause : damaged(`${file} cannot be read`, cause)
  }
}
