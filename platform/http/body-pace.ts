import { performance } from 'node:perf_hooks'
import type { Request, Response } from 'express'
import { PlatformError } from '../errors.ts'

/** The slowest that a body may come. */
export interface BodyPace {
  /** Time in which nothing is asked, in milliseconds. */
  readonly graceMs: number
  /** After that, on average since the beginning. */
  readonly bytesPerSecond: number
}

export const DEFAULT_PACE: BodyPace = { graceMs: 10_000, bytesPerSecond: 4096 }

const MOST_LOOKS_MS = 1000
/** Whoever was refused while sending may read the answer for so long; a connection closed at once would often lose it. */
const LINGER_MS = 1000

/**
 * Reads a body whose announced length fits, telling a sender who waits for it to go on (`Expect: 100-continue`), as long as it comes at
 * its pace: a few hundred senders of one octet a second must not hold as many connections. Rejects with REQUEST_BODY_TOO_LARGE,
 * REQUEST_TOO_SLOW, or as `read` does.
 */
export async function readAtPace<T>(
  request: Request,
  response: Response,
  { limit, pace }: { readonly limit: number; readonly pace: BodyPace },
  read: () => Promise<T>,
): Promise<T> {
  if (Number(request.headers['content-length'] ?? 0) > limit)
    throw new PlatformError('REQUEST_BODY_TOO_LARGE', 'the body is larger than this address takes')
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stopWatching = watch(request, pace, () =>
    reject(new PlatformError('REQUEST_TOO_SLOW', `expected at least ${pace.bytesPerSecond} bytes a second`)),
  )
  const reading = read()
  try {
    return await Promise.race([reading, late])
  } finally {
    stopWatching()
    // Given up: it ends with the connection, and nobody waits for how.
    reading.catch(() => {})
  }
}

/** Two looks in a row must find it too slow: a process that was busy itself has not seen what arrived meanwhile. */
function watch(request: Request, { graceMs, bytesPerSecond }: BodyPace, onTooSlow: () => void): () => void {
  const { socket } = request
  const [beganAt, readBefore] = [performance.now(), socket.bytesRead]
  let slowLooks = 0
  const timer = setInterval(
    () => {
      const ms = performance.now() - beganAt
      const isSlow = ms > graceMs && socket.bytesRead - readBefore < (ms / 1000) * bytesPerSecond
      slowLooks = isSlow ? slowLooks + 1 : 0
      if (slowLooks >= 2) onTooSlow()
    },
    Math.min(MOST_LOOKS_MS, Math.max(10, graceMs / 4)),
  )
  return () => clearInterval(timer)
}

/** After an answer to a request that is still being sent: what comes is let go by for a while, then the connection is closed. */
export function lingerThenClose(request: Request): void {
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, LINGER_MS)
  timer.unref()
  request.once('end', () => clearTimeout(timer))
}
