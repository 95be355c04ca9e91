import { PlatformError } from '../errors.ts'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Whether the browser says that one of our own pages asks; undefined when the request says nothing about its origin. */
function isSameOrigin(headers: Headers): boolean | undefined {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = headers
  if (typeof origin !== 'string') return undefined
  return URL.canParse(origin) && new URL(origin).host === host
}

/**
 * For requests that act with a cookie: a changing one must come from our own pages. Every browser sends Sec-Fetch-Site or Origin
 * with these, so silence is refused too. Throws CROSS_SITE_REQUEST.
 */
export function requireSameOrigin(request: { readonly method: string; readonly headers: Headers }): void {
  if (SAFE_METHODS.includes(request.method) || isSameOrigin(request.headers) === true) return
  throw new PlatformError('CROSS_SITE_REQUEST', 'a changing request with a session cookie must come from our own pages')
}

/** For requests that any program may make, like logging in: only what a browser reports as foreign is refused. Throws CROSS_SITE_REQUEST. */
export function refuseCrossSite(request: { readonly method: string; readonly headers: Headers }): void {
  if (isSameOrigin(request.headers) !== false) return
  throw new PlatformError('CROSS_SITE_REQUEST', 'this request comes from a page of another site')
}
