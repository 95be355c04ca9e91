import type { Request, Response } from 'express'
import { PlatformError } from '../errors.ts'

/** Bytes of documents that an app holds at one time, over all requests. */
export interface BodyBudget {
  readonly limit: number
  inUse: number
  /** The budget of which this is a share: what is held here counts there as well. */
  readonly of?: BodyBudget
}

function hold(budget: BodyBudget | undefined, bytes: number): void {
  for (let one = budget; one !== undefined; one = one.of) one.inUse += bytes
}

function isExceeded(budget: BodyBudget | undefined): boolean {
  for (let one = budget; one !== undefined; one = one.of) if (one.inUse > one.limit) return true
  return false
}

const BUSY_RETRY_SECONDS = 2

/**
 * The bytes of a document as they come: at most `limit`, and as many as the budget still has room for. What arrived counts, not what was
 * announced, so that slow senders of large documents keep nobody out. Without a budget nothing is counted. Compressed ones are not taken:
 * they would grow after being counted.
 * Rejects with REQUEST_BODY_TOO_LARGE, REQUEST_MALFORMED, REQUEST_MEDIA_TYPE_UNSUPPORTED, SERVICE_BUSY.
 */
export async function readWithinBudget(
  request: Request,
  response: Response,
  limit: number,
  budget: BodyBudget | undefined,
): Promise<Uint8Array> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new PlatformError('REQUEST_MEDIA_TYPE_UNSUPPORTED', 'send documents as they are, without content encoding')
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge()
  let held = 0
  response.once('close', () => {
    hold(budget, -held)
  })
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      held += piece.length
      hold(budget, piece.length)
      if (held > limit) throw tooLarge()
      if (isExceeded(budget)) throw busy()
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw new PlatformError('REQUEST_MALFORMED', 'the body broke off', { cause: error })
  } finally {
    // Whatever still comes of a refused one is let go by, so that its sender reads the answer.
    if (!request.readableEnded) request.resume()
  }
  return Buffer.concat(pieces)
}

const tooLarge = () => new PlatformError('REQUEST_BODY_TOO_LARGE', 'the body is larger than this address takes')

const busy = () =>
  new PlatformError('SERVICE_BUSY', 'too many documents are being received', { retryAfterSeconds: BUSY_RETRY_SECONDS })
