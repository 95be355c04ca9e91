import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, createRateLimit, publicRoute, type RateLimit, type Route } from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import type { HeldAnswer } from '../domain/ocsp-answer.ts'
import type { OcspReply, OcspResponding } from '../operations/respond-ocsp.ts'

const requestType = 'application/ocsp-request'
const responseType = 'application/ocsp-response'
/** As much as the parser of requests takes. */
const maxRequestBytes = 16 * 1024
/** A revocation replaces the answer at once, so a copy elsewhere is good for minutes. */
const maxAgeSeconds = 300
/** "Unknown" is signed for whoever mistakes themselves now and then, not for whoever counts through serial numbers. */
const unknownAtOnce = 100
const unknownPerSecond = 10

/** The responder's addresses (RFC 6960 Appendix A, RFC 5019): questions in the path of a GET or in the body of a POST. */
export function createOcspRoutes(respond: OcspResponding, clock: Clock): Route[] {
  const unknowns = createRateLimit({ capacity: unknownAtOnce, refillPerSecond: unknownPerSecond, clock })
  const headersOf = createHeaders()
  const toAnswer = (reply: OcspReply, ifNoneMatch: string | undefined): Answer => {
    if (reply instanceof Uint8Array) return { status: 200, bytes: reply, contentType: responseType }
    const headers = headersOf(reply, clock.now())
    if (ifNoneMatch?.includes(headers.ETag) === true) return { status: 304, headers }
    return { status: 200, bytes: reply.der, contentType: responseType, headers }
  }
  const answer = (der: Uint8Array, clientAddress: string, ifNoneMatch?: string): Answer | Promise<Answer> => {
    const replying = respond(der, () => mayTake(unknowns, clientAddress))
    return replying instanceof Promise
      ? replying.then((reply) => toAnswer(reply, ifNoneMatch))
      : toAnswer(replying, ifNoneMatch)
  }
  const answered = { description: 'The answer', contentType: responseType }
  return [
    publicRoute({
      method: 'get',
      path: '/pki/ocsp/{request+}',
      permission: 'public',
      direct: true,
      summary: 'Status of a certificate (OCSP): the request, DER in base64, in the path',
      tag: 'PKI',
      params: z.object({ request: z.string() }),
      answers: { 200: answered, 304: { description: 'The answer is the one that the client has' } },
      handle: ({ params, clientAddress, headers }) =>
        answer(decodeBase64(params.request), clientAddress, headers['if-none-match']),
    }),
    publicRoute({
      method: 'post',
      path: '/pki/ocsp',
      permission: 'public',
      direct: true,
      summary: 'Status of certificates (OCSP)',
      tag: 'PKI',
      rawBody: { mediaTypes: [requestType], maxBytes: maxRequestBytes },
      answers: { 200: answered },
      handle: ({ bytes, clientAddress }) => answer(bytes!, clientAddress),
    }),
  ]
}

/**
 * Octets of the path: `+`, `/` and `=` may have come as they are or percent-encoded, and some clients add a slash of their own before.
 * No octets for what is not base64: they are no request either.
 */
function decodeBase64(text: string): Uint8Array {
  const bare = text.replace(/^\/+/, '')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(bare) ? Buffer.from(bare, 'base64') : new Uint8Array(0)
}

function mayTake(limit: RateLimit, address: string): boolean {
  try {
    limit.take(address)
    return true
  } catch {
    return false
  }
}

type CacheHeaders = Readonly<Record<'ETag' | 'Last-Modified' | 'Expires' | 'Cache-Control', string>>

/** Headers of a held answer (RFC 5019 §6.2); what does not change with time is worked out once. */
function createHeaders(): (answer: HeldAnswer, now: Date) => CacheHeaders {
  const known = new WeakMap<HeldAnswer, Omit<CacheHeaders, 'Cache-Control'>>()
  return (answer, now) => {
    let fixed = known.get(answer)
    if (fixed === undefined) {
      fixed = {
        ETag: `"${createHash('sha256').update(answer.der).digest('base64url')}"`,
        'Last-Modified': answer.thisUpdate.toUTCString(),
        Expires: answer.nextUpdate.toUTCString(),
      }
      known.set(answer, fixed)
    }
    const secondsLeft = Math.floor((answer.nextUpdate.getTime() - now.getTime()) / 1000)
    const maxAge = Math.max(0, Math.min(maxAgeSeconds, secondsLeft))
    return { ...fixed, 'Cache-Control': `public, max-age=${maxAge}, no-transform, must-revalidate` }
  }
}
