import express, { type Request, type Response } from 'express'
import { type Fault, PlatformError } from '../errors.ts'
import { toPointer } from './validate.ts'

const MAX_DEPTH = 64
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Media type of a request without its parameters, in lower case; undefined without a body. */
export function mediaTypeOf(request: Request): string | undefined {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!hasBody) return undefined
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** The body's bytes, inflated where compressed; at most `limit` of them. Rejects with body-parser's error. */
export function readBytes(request: Request, response: Response, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    express.raw({ type: () => true, limit })(request, response, (error?: unknown) => {
      if (error) reject(error)
      else resolve(request.body instanceof Buffer ? request.body : new Uint8Array(0))
    })
  })
}

/** Throws REQUEST_BODY_NOT_JSON, REQUEST_INVALID. An absent body is `undefined`. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    // The cause is left out on purpose: V8 quotes the input in it.
    throw new PlatformError('REQUEST_BODY_NOT_JSON', 'the body is not JSON in UTF-8')
  }
  refuseUnfitText(value)
  return value
}

/** Refuses what no later room can hold: text with NUL or half a surrogate pair (PostgreSQL stores neither), and nesting without end. */
export function refuseUnfitText(value: unknown, root: readonly PropertyKey[] = []): void {
  const faults: Fault[] = []
  const check = (text: string, path: readonly PropertyKey[]): void => {
    if (text.includes('\0') || !text.isWellFormed()) {
      faults.push({
        pointer: toPointer(path),
        code: 'TEXT_NOT_UNICODE',
        detail: 'NUL and unpaired surrogates are not text',
      })
    }
  }
  const pending: { value: unknown; path: readonly PropertyKey[] }[] = [{ value, path: root }]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value: current, path } = next
    if (typeof current === 'string') check(current, path)
    if (typeof current !== 'object' || current === null) continue
    if (path.length > MAX_DEPTH) throw new PlatformError('REQUEST_INVALID', `nested deeper than ${MAX_DEPTH} levels`)
    for (const [member, inner] of Object.entries(current)) {
      if (!Array.isArray(current)) check(member, path)
      if (typeof inner === 'string' || (typeof inner === 'object' && inner !== null))
        pending.push({ value: inner, path: [...path, member] })
    }
  }
  if (faults.length > 0)
    throw new PlatformError('REQUEST_INVALID', `${faults.length} fault(s) in the request`, { faults })
}
