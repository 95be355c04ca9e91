// Certificates as authorities hand them over: PEM bundles, DER, or PKCS #7 (*.p7b) in either.
import { createReadStream } from 'node:fs'
import { cms, PkiError, x509 } from '../../pki/index.ts'
import { callerPath } from '../caller-path.ts'
import { CommandError } from '../errors.ts'

const LARGEST_FILE = 1 << 20
const PKCS7 = /-----BEGIN (PKCS7|CMS)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g

/** The certificates in files that the caller named, DER, in their order. Throws FILE_UNREADABLE. */
export async function readCertificateFiles(paths: readonly string[]): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for (const path of paths) {
    found.push(...certificatesIn(path, await readSmall(path)))
  }
  return found
}

/** The only certificate in a file. Throws FILE_UNREADABLE. */
export async function readCertificateFile(path: string): Promise<Uint8Array> {
  const [certificate, ...others] = await readCertificateFiles([path])
  if (certificate === undefined || others.length > 0) throw unreadable(path, 'it holds several certificates')
  return certificate
}

/** No more of it than is looked at, whatever it is. */
async function readSmall(path: string): Promise<Buffer> {
  const parts: Buffer[] = []
  try {
    for await (const part of createReadStream(callerPath(path), { end: LARGEST_FILE })) parts.push(part as Buffer)
  } catch (cause) {
    throw unreadable(path, 'it cannot be read', cause)
  }
  const bytes = Buffer.concat(parts)
  if (bytes.length > LARGEST_FILE) throw unreadable(path, 'it is larger than certificates are')
  return bytes
}

function certificatesIn(path: string, bytes: Buffer): Uint8Array[] {
  const text = bytes.toString('latin1')
  try {
    // DER is read as a certificate by whoever judges it: what is wrong with it is said there.
    if (bytes[0] === 0x30) return fromPkcs7(bytes) ?? [new Uint8Array(bytes)]
    const packed = [...text.matchAll(PKCS7)].flatMap(([, , block]) => {
      const certificates = fromPkcs7(Buffer.from(block!, 'base64'))
      if (certificates === undefined) throw unreadable(path, 'its PKCS #7 holds something else')
      return certificates
    })
    const certificates = [...packed, ...x509.decodePem(text)]
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
