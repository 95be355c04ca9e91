import type { RequestHandler } from 'express'

/**
 * What our pages need and no more: WebAssembly for the QR scanner, pictures and video made in the page (`blob:`). Nothing from
 * another host, nothing inline.
 */
const policy = (images: string): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    `img-src 'self' ${images}`,
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "media-src 'self' blob:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const CONTENT_SECURITY_POLICY = policy('blob:')
/** For the page of the API's description, whose style sheet holds its icons. */
export const DOCS_SECURITY_POLICY = policy('data:')

const TWO_YEARS_SECONDS = 63_072_000

/** What every answer carries. */
export function securityHeadersOf(options: { readonly isProduction: boolean }): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(self), geolocation=(), microphone=()',
    ...(options.isProduction ? { 'Strict-Transport-Security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains` } : {}),
  }
}

/** What remains of them for bytes that no browser shows: questions of programs, thousands a second. */
export function securityHeadersOfBytes(options: { readonly isProduction: boolean }): Readonly<Record<string, string>> {
  const { 'X-Content-Type-Options': nosniff, 'Strict-Transport-Security': hsts } = securityHeadersOf(options)
  return { 'X-Content-Type-Options': nosniff!, ...(hsts === undefined ? {} : { 'Strict-Transport-Security': hsts }) }
}

export function securityHeaders(options: { readonly isProduction: boolean }): RequestHandler {
  const headers = securityHeadersOf(options)
  return (_request, response, next) => {
    response.set(headers)
    next()
  }
}
