// Certificates as authorities hand them over: PEM bundles, DER, or PKCS #7 (*.p7b) in either.
import { cms, PkiError, x509 } from '../../pki/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { CommandError } from '../errors.ts'

const LARGEST_FILE = 1 << 20
const PKCS7 = /-----BEGIN PKCS7-----([A-Za-z0-9+/=\s]*)-----END PKCS7-----/

/** The certificates in files that the caller named, DER, in their order. Throws FILE_UNREADABLE. */
export async function readCertificateFiles(paths: readonly string[]): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for (const path of paths) {
    const bytes = await readCallerFile(path)
    if (bytes.length > LARGEST_FILE) throw unreadable(path, 'it is larger than certificates are')
    found.push(...certificatesIn(path, bytes))
  }
  return found
}

/** The only certificate in a file. Throws FILE_UNREADABLE. */
export async function readCertificateFile(path: string): Promise<Uint8Array> {
  const [certificate, ...others] = await readCertificateFiles([path])
  if (certificate === undefined || others.length > 0) throw unreadable(path, 'it holds several certificates')
  return certificate
}

function certificatesIn(path: string, bytes: Buffer): Uint8Array[] {
  const text = bytes.toString('latin1')
  const packed = PKCS7.exec(text)?.[1]
  try {
    if (packed !== undefined) return fromPkcs7(Buffer.from(packed, 'base64'))!
    // DER is read as a certificate by whoever judges it: what is wrong with it is said there.
    if (bytes[0] === 0x30) return fromPkcs7(bytes) ?? [new Uint8Array(bytes)]
    const certificates = x509.decodePem(text)
    if (certificates.length > 0) return certificates
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause
    throw unreadable(path, 'its certificates are damaged', cause)
  }
  throw unreadable(path, 'it holds no certificate')
}

/** Undefined for DER that is a certificate. */
function fromPkcs7(der: Uint8Array): Uint8Array[] | undefined {
  // The type of a ContentInfo stands where a certificate has another SEQUENCE.
  const content = der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f)
  if (der[content] !== 0x06) return undefined
  return [...cms.parseSignedData(new Uint8Array(der), { allowBer: true }).certificates]
}

const unreadable = (path: string, why: string, cause?: unknown): CommandError =>
  new CommandError('FILE_UNREADABLE', `${path}: ${why}`, cause === undefined ? {} : { cause })
