// A receipt with what makes it believable years later: the time stamp over it. The form in bundles and in files of its own.
import { canonicalJson, fromBase64, toBase64 } from '../../licence-format/index.ts'
import { type Codec, listOf, nullable, objectOf, oneOf, text } from './codec.ts'
import { BundleError } from './errors.ts'

/** A receipt as it is kept. */
export interface SignedReceipt {
  /** Compact JWS, `verification-receipt+jwt`. */
  readonly jws: string
  /** Over SHA-256 of the JWS in ASCII. */
  readonly timeStamp: {
    /** RFC 3161 TimeStampToken, DER. */
    readonly token: Uint8Array
    /** Of the authority and those above it, DER. */
    readonly certificates: readonly Uint8Array[]
  } | null
}

const LARGEST = 1 << 20

const base64: Codec<Uint8Array> = {
  write: async (bytes) => toBase64(bytes),
  read(json) {
    const bytes = typeof json === 'string' ? fromBase64(json) : undefined
    if (!bytes || toBase64(bytes) !== json) throw new BundleError('RECEIPT_FILE_MALFORMED', 'expected base64')
    return bytes
  },
}

export const signedReceiptCodec: Codec<SignedReceipt> = objectOf<SignedReceipt>({
  jws: text,
  timeStamp: nullable(
    objectOf<NonNullable<SignedReceipt['timeStamp']>>({ token: base64, certificates: listOf(base64) }),
  ),
})

const fileCodec = objectOf<{ format: 'zhengyin-receipt'; receipt: SignedReceipt }>({
  format: oneOf('zhengyin-receipt'),
  receipt: signedReceiptCodec,
})

export const noParts = {
  put: () => Promise.reject(new TypeError('a receipt has no parts')),
  take: (): never => {
    throw new BundleError('RECEIPT_FILE_MALFORMED', 'a receipt has no parts')
  },
}

/** A receipt as a file of its own: canonical JSON. */
export async function encodeReceiptFile(receipt: SignedReceipt): Promise<Uint8Array> {
  return canonicalJson(await fileCodec.write({ format: 'zhengyin-receipt', receipt }, noParts))
}

/** Reads such a file, or a bare compact JWS, from hostile bytes (at most 1 MiB). Throws RECEIPT_FILE_MALFORMED. */
export function readReceiptFile(bytes: Uint8Array): SignedReceipt {
  if (bytes.length > LARGEST) throw new BundleError('RECEIPT_FILE_MALFORMED', `expected at most ${LARGEST} octets`)
  try {
    const written = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
    if (!written.startsWith('{')) return { jws: written, timeStamp: null }
    return fileCodec.read(JSON.parse(written), noParts).receipt
  } catch (cause) {
    throw new BundleError('RECEIPT_FILE_MALFORMED', 'expected the file of a receipt, or a compact JWS', { cause })
  }
}
