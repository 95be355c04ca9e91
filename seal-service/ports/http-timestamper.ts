import { tsp } from '../../pki/index.ts'
import { fetchBytes } from '../../platform/index.ts'
import { SealError } from '../errors.ts'
import type { Timestamper } from './timestamper.ts'

export interface HttpTimestamperOptions {
  /** Of any authority of RFC 3161. */
  readonly url: string
  /** Random bytes, for nonces. */
  readonly bytes: (length: number) => Uint8Array
  /** For each stamp; 5,000 when left out. Asking again after a time-out is safe: a stamp that nobody uses does no harm. */
  readonly timeoutMs?: number
}

/** Stamps under way at once: an authority is no target for a flood. */
const AT_ONCE = 8
const LONGEST_ANSWER = 64 * 1024
/** Tokens of one authority differ by their serial numbers and signatures. */
const SPARE = 64

/**
 * A time-stamping authority reached by HTTP (RFC 3161 §3.4). Every token is verified before it is used: imprint, nonce, signature, purpose;
 * whether its certificate is trusted is for the verifier. Rejects with `SEAL_TIME_STAMP_REFUSED` or `UPSTREAM_UNAVAILABLE`.
 */
export function createHttpTimestamper({ url, bytes, timeoutMs = 5000 }: HttpTimestamperOptions): Timestamper {
  let longest = 0
  const stampOne = async (imprint: Uint8Array) => {
    const nonce = bytes(16)
    // The sign bit and a leading zero are not the nonce's to have.
    nonce[0] = (nonce[0]! & 0x3f) | 0x40
    const answer = await fetchBytes(url, {
      contentType: 'application/timestamp-query',
      body: tsp.encodeRequest({ messageImprint: imprint, nonce, certReq: true }),
      timeoutMs,
      maxBytes: LONGEST_ANSWER,
    })
    const { token, status, failureInfo } = tsp.parseResponse(answer)
    if (token === null) throw refused(`the authority answered ${status}, ${failureInfo ?? 'without a reason'}`)
    const parsed = tsp.parseToken(token)
    const { valid, reason, certificate } = await tsp.verifyToken(parsed, { digest: imprint, nonce })
    if (!valid || certificate === undefined) throw refused(`its token does not hold: ${reason}`)
    longest = Math.max(longest, token.length + SPARE)
    return { token, genTime: parsed.genTime, certificates: [certificate.raw, ...parsed.certificates] }
  }
  const stampAll = async (imprints: readonly Uint8Array[]) => {
    const stamps: Awaited<ReturnType<typeof stampOne>>[] = []
    for (let at = 0; at < imprints.length; at += AT_ONCE)
      stamps.push(...(await Promise.all(imprints.slice(at, at + AT_ONCE).map(stampOne))))
    return stamps
  }
  return {
    async stamp(imprints) {
      const stamps = await stampAll(imprints)
      const latest = Math.max(...stamps.map(({ genTime }) => genTime.getTime()))
      return {
        tokens: stamps.map(({ token }) => token),
        certificates: stamps.flatMap(({ certificates }) => certificates),
        stampedBy: new Date(Math.ceil(latest / 1000) * 1000),
      }
    },
    async maxTokenLength() {
      if (longest === 0) await stampOne(bytes(32))
      return longest
    },
  }
}

const refused = (what: string): SealError => new SealError('SEAL_TIME_STAMP_REFUSED', what)
