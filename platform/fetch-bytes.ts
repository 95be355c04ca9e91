import { PlatformError } from './errors.ts'

export interface FetchOptions {
  readonly contentType?: string
  /** Beside `contentType`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly timeoutMs: number
  /** Longest answer that is read, in octets. */
  readonly maxBytes: number
}

/**
 * Asks another server by HTTP, with `body` by POST, and reads its answer within limits. Follows no redirection: who is asked is decided
 * here. Throws `UPSTREAM_UNAVAILABLE` for no answer, a late or too long one, or any status but 200.
 */
export async function fetchBytes(address: string, options: FetchOptions): Promise<Uint8Array> {
  const unavailable = (what: string, cause?: unknown) =>
    new PlatformError(
      'UPSTREAM_UNAVAILABLE',
      `${new URL(address).origin} ${what}`,
      cause === undefined ? {} : { cause },
    )
  const { contentType, headers, body, timeoutMs, maxBytes } = options
  try {
    const response = await fetch(address, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
      ...(body && { method: 'POST', body: new Uint8Array(body) }),
      headers: { ...headers, ...(contentType && { 'Content-Type': contentType }) },
    })
    if (response.status !== 200 || response.body === null) throw unavailable(`answered with status ${response.status}`)
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body) {
      length += part.length
      if (length > maxBytes) throw unavailable(`answered with more than ${maxBytes} octets`)
      parts.push(part)
    }
    return new Uint8Array(Buffer.concat(parts))
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw unavailable('could not be asked', error)
  }
}
