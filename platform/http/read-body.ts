import express, { type Request, type Response } from 'express'
import { type Fault, PlatformError } from '../errors.ts'
import { findDuplicateMembers } from './duplicate-members.ts'
import { MOST_FAULTS, refuse, toPointer } from './validate.ts'

/** Less than canonical JSON (RFC 8785) of a request's data may have. */
const MAX_DEPTH = 30
/** Many times what the longest table of a licence has. */
const MAX_VALUES = 20_000
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
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    // The cause is left out on purpose: V8 quotes the input in it.
    throw new PlatformError('REQUEST_BODY_NOT_JSON', 'the body is not JSON in UTF-8')
  }
  refuseUnfit(value)
  const twice = findDuplicateMembers(text)
  if (twice.length > 0) refuse(twice)
  return value
}

/**
 * Refuses what no later room can hold: text with NUL or half a surrogate pair (PostgreSQL stores neither), numbers beyond a double, a
 * member named `__proto__`, nesting without end, and so many values that looking at each would be work for nothing. Ends at a hundred
 * faults.
 */
export function refuseUnfit(value: unknown, root: readonly PropertyKey[] = []): void {
  const faults: Fault[] = []
  const path = [...root]
  const report = (code: string, detail: string): void => {
    if (faults.push({ pointer: toPointer(path), code, detail }) >= MOST_FAULTS) refuse(faults)
  }
  const refuseMany = (): never => {
    throw new PlatformError('REQUEST_INVALID', `more than ${MAX_VALUES} values`)
  }
  let values = 0
  const check = (current: unknown): void => {
    if (++values > MAX_VALUES) refuseMany()
    if (typeof current === 'string' && !isText(current)) report('TEXT_NOT_UNICODE', notUnicode)
    if (typeof current === 'number' && !Number.isFinite(current)) report('NUMBER_OUT_OF_RANGE', 'too large a number')
    if (typeof current !== 'object' || current === null) return
    if (path.length >= MAX_DEPTH) throw new PlatformError('REQUEST_INVALID', `nested deeper than ${MAX_DEPTH} levels`)
    // Counted before they are listed: pairs of millions of members would fill the heap.
    if ((Array.isArray(current) ? current : Object.keys(current)).length > MAX_VALUES) refuseMany()
    for (const [member, inner] of Object.entries(current)) {
      path.push(member)
      if (!isText(member)) report('TEXT_NOT_UNICODE', notUnicode)
      if (member === '__proto__') report('UNKNOWN_MEMBER', 'not expected here')
      check(inner)
      path.pop()
    }
  }
  check(value)
  if (faults.length > 0) refuse(faults)
}

const notUnicode = 'NUL and unpaired surrogates are not text'

const isText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()
