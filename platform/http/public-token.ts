import { gzipSync } from 'node:zlib'
import type { Answer } from './route.ts'

/** As many as a service has lists under way; one that was forgotten is packed again. */
const MOST_KEPT = 32

/** Signed or public: any page and any cache may have it for a while. */
const shared = { 'Cache-Control': 'public, max-age=60', 'Access-Control-Allow-Origin': '*', Vary: 'Accept-Encoding' }

/** How a signed token is sent to whoever asks with these headers. */
export type SendToken = (
  token: string,
  contentType: string,
  headers: { readonly 'accept-encoding'?: unknown },
) => Answer

/**
 * Sends signed lists: as bytes, since text would be given a charset, which their media types do not have; by gzip (RFC 9110 §8.4.1.3)
 * to those who take it, packed once. Lists grow with a city, and a page fetches them before it can judge anything.
 */
export function createTokenSender(): SendToken {
  const packed = new Map<string, Buffer>()
  const pack = (token: string): Buffer => {
    const known = packed.get(token)
    if (known) return known
    const bytes = gzipSync(token)
    if (packed.size >= MOST_KEPT) packed.clear()
    packed.set(token, bytes)
    return bytes
  }
  return (token, contentType, headers) =>
    takesGzip(headers['accept-encoding'])
      ? { status: 200, bytes: pack(token), contentType, headers: { ...shared, 'Content-Encoding': 'gzip' } }
      : { status: 200, bytes: Buffer.from(token), contentType, headers: shared }
}

/** Whether gzip is named, and not with a weight of nothing (RFC 9110 §12.5.3). */
function takesGzip(accepted: unknown): boolean {
  if (typeof accepted !== 'string') return false
  return accepted.split(',').some((one) => /^\s*(x-)?gzip\s*(;\s*q=(1(\.0*)?|0?\.\d*[1-9]\d*))?\s*$/i.test(one))
}
