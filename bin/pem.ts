const PEM_BLOCK = /-----BEGIN (CERTIFICATE|X509 CRL)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g

/** The DER blocks of a PEM file, or the bytes themselves where they are DER already. */
export function derBlocks(bytes: Uint8Array): Uint8Array[] {
  if (bytes[0] === 0x30) return [bytes]
  const text = Buffer.from(bytes).toString('latin1')
  return [...text.matchAll(PEM_BLOCK)].map((match) => new Uint8Array(Buffer.from(match[2] as string, 'base64')))
}
