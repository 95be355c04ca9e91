import { createHash } from 'node:crypto'
import { x509 } from '../../pki/index.ts'
import { PkiServiceError } from '../errors.ts'

/** Files by name, as one folder holds them. */
export type Files = ReadonlyMap<string, Uint8Array>

export interface FileDigest {
  readonly file: string
  /** hexadecimal */
  readonly sha256: string
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** First 16 octets of SHA-256 over a SubjectPublicKeyInfo, hexadecimal: what people compare, and what shares carry. */
export const keyIdOf = (publicKey: Uint8Array): string => sha256Of(publicKey).slice(0, 32)

/** Names and digests, in the order of the names. */
export const digestsOf = (files: Files): FileDigest[] =>
  [...files].map(([file, bytes]) => ({ file, sha256: sha256Of(bytes) })).sort((a, b) => (a.file < b.file ? -1 : 1))

/** DER of a certificate, CSR or CRL in a file: DER as it is, or the one PEM block with this label. */
export function derOf(
  files: Files,
  file: string,
  label: 'CERTIFICATE' | 'X509 CRL' | 'CERTIFICATE REQUEST',
): Uint8Array {
  const bytes = files.get(file)
  if (bytes === undefined) throw new PkiServiceError('CEREMONY_FOLDER_DAMAGED', `${file} is missing`)
  if (bytes[0] === 0x30) return bytes
  const blocks = pemBlocks(Buffer.from(bytes).toString('latin1'), label)
  if (blocks.length !== 1) throw new PkiServiceError('CEREMONY_FOLDER_DAMAGED', `${file}: expected one ${label}`)
  return blocks[0]!
}

function pemBlocks(text: string, label: string): Uint8Array[] {
  const pattern = new RegExp(
    `-----BEGIN (?:NEW )?${label}-----([A-Za-z0-9+/=\\s]*?)-----END (?:NEW )?${label}-----`,
    'g',
  )
  return [...text.matchAll(pattern)].map((match) => new Uint8Array(Buffer.from(match[1]!, 'base64')))
}

export function toPem(der: Uint8Array, label: 'CERTIFICATE' | 'CERTIFICATE REQUEST'): Uint8Array {
  const text = x509.encodePem(der)
  return Buffer.from(text.replaceAll('CERTIFICATE', label))
}

/** JSON of a file; throws `CEREMONY_FOLDER_DAMAGED`. */
export function jsonOf(files: Files, file: string): unknown {
  try {
    return JSON.parse(Buffer.from(files.get(file) ?? []).toString('utf8'))
  } catch (cause) {
    throw new PkiServiceError('CEREMONY_FOLDER_DAMAGED', `${file} is missing or no JSON`, { cause })
  }
}

export const toJson = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
