import { performance } from 'node:perf_hooks'
import type { Request, Response } from 'express'
import { PlatformError } from '../errors.ts'

/** The slowest that a body may come. */
export interface BodyPace {
  /** Time in which nothing is asked, in milliseconds; then the time over which it is looked at. */
  readonly windowMs: number
  /** On average over that time, always the last: who sent much at once may not be silent for long. */
  readonly bytesPerSecond: number
}

export const DEFAULT_PACE: BodyPace = { windowMs: 10_000, bytesPerSecond: 4096 }

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
function watch(request: Request, { windowMs, bytesPerSecond }: BodyPace, onTooSlow: () => void): () => void {
  const { socket } = request
  /** What had come at each look, from the last before the window began. */
  const looks = [{ at: performance.now(), bytes: socket.bytesRead }]
  let slowLooks = 0
  const timer = setInterval(
    () => {
      const now = { at: performance.now(), bytes: socket.bytesRead }
      looks.push(now)
      while (looks[1]!.at <= now.at - windowMs) looks.shift()
      const ms = now.at - looks[0]!.at
      const isSlow = ms > windowMs && now.bytes - looks[0]!.bytes < (ms / 1000) * bytesPerSecond
      slowLooks = isSlow ? slowLooks + 1 : 0
      if (slowLooks >= 2) onTooSlow()
    },
    Math.min(MOST_LOOKS_MS, Math.max(10, windowMs / 4)),
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
