import express, { type Request, type Response } from 'express'
import { PlatformError } from '../errors.ts'
import { refuse, refuseUnfit } from '../unfit.ts'
import { findDuplicateMembers } from './duplicate-members.ts'

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
