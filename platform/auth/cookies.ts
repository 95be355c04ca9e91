const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const PATH = /^\/[\w\-./]*$/
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

/** The value of the first cookie of this name in a Cookie header, undefined without one (RFC 6265 §5.4). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

export interface CookieOptions {
  readonly isSecure: boolean
  readonly maxAgeSeconds?: number
  /** Where it is sent to; default everywhere. */
  readonly path?: string
}

/** A Set-Cookie value that no script reads and no other site sends. An empty value with `maxAgeSeconds: 0` removes the cookie. */
export const sessionCookie = (name: string, value: string, options: CookieOptions): string =>
  cookie(name, value, 'Strict', options)

/** As `sessionCookie`, but sent when the browser comes here by a link or a redirection of another site: for logins under way elsewhere. */
export const laxCookie = (name: string, value: string, options: CookieOptions): string =>
  cookie(name, value, 'Lax', options)

function cookie(
  name: string,
  value: string,
  sameSite: string,
  { isSecure, maxAgeSeconds, path = '/' }: CookieOptions,
): string {
  if (!NAME.test(name) || !VALUE.test(value) || !PATH.test(path)) throw new TypeError('not a cookie name or value')
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}${age}`
}
