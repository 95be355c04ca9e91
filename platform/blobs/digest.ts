import { hash } from 'node:crypto'

/** A blob's name: SHA-256 of its bytes in lower-case hexadecimal. */
export const DIGEST = /^[0-9a-f]{64}$/

export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')
