import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { PlatformError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import { type ProblemWriter, writeProblem } from './problem.ts'
import type { RequestRecord } from './request-context.ts'
import type { Answer, Call, Route } from './route.ts'

/** What the lane shares with the rest of the app. */
export interface DirectLaneOptions {
  readonly ids: Ids
  readonly trustedProxies: number
  /** Of problems, which are text. */
  readonly securityHeaders: Readonly<Record<string, string>>
  readonly securityHeadersOfBytes: Readonly<Record<string, string>>
  readonly problems: ProblemWriter
  readonly record: (request: RequestRecord) => void
}

interface Matched {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

const noBytes = new Uint8Array(0)

/**
 * A short way for the routes that say `direct`: addresses that are asked thousands of times a second, public, with bytes in and out.
 * It takes only what is ordinary (the exact path without query, a body of announced length and right media type) and hands everything
 * else to the app, where the same route is mounted with every check; so nothing can be had here that cannot be had there.
 */
export function directLane(
  routes: readonly Route[],
  options: DirectLaneOptions,
  app: RequestListener,
): RequestListener {
  const find = matcherOf(routes.filter(({ direct }) => direct))
  return (request, response) => {
    const matched = find(request.method ?? '', request.url ?? '')
    if (matched === undefined || !isOrdinary(request, matched.route)) app(request, response)
    else answerDirectly(request, response, matched, options)
  }
}

/** Exact paths, and paths whose last part is `{name+}`. */
function matcherOf(routes: readonly Route[]): (method: string, url: string) => Matched | undefined {
  const exact = new Map<string, Route>()
  const open: { readonly method: string; readonly prefix: string; readonly name: string; readonly route: Route }[] = []
  for (const route of routes) {
    const method = route.method.toUpperCase()
    const [, prefix, name] = /^([^{]*)\{(\w+)\+\}$/.exec(route.path) ?? []
    if (route.permission !== 'public' || route.body || route.query || route.idempotent || route.admit)
      throw new TypeError(`${route.path}: only public routes of plain bytes go direct`)
    if (prefix === undefined || name === undefined) exact.set(`${method} ${route.path}`, route)
    else open.push({ method, prefix, name, route })
  }
  return (method, url) => {
    const route = exact.get(`${method} ${url}`)
    if (route) return { route, params: {} }
    for (const { method: expected, prefix, name, route } of open) {
      if (method !== expected || !url.startsWith(prefix) || url.length === prefix.length || url.includes('?')) continue
      try {
        return { route, params: { [name]: decodeURIComponent(url.slice(prefix.length)) } }
      } catch {
        return undefined
      }
    }
    return undefined
  }
}

function isOrdinary({ headers }: IncomingMessage, { method, rawBody }: Route): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return false
  const length = headers['content-length']
  if (method === 'get') return length === undefined || length === '0'
  if (rawBody === undefined || length === undefined || headers.expect !== undefined) return false
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  return rawBody.mediaTypes.includes(mediaType) && Number(length) > 0 && Number(length) <= rawBody.maxBytes
}

async function answerDirectly(
  request: IncomingMessage,
  response: ServerResponse,
  { route, params }: Matched,
  options: DirectLaneOptions,
): Promise<void> {
  const startedAt = performance.now()
  const requestId = options.ids.uuid()
  let code: string | undefined
  response.once('close', () => {
    const status = response.writableFinished ? String(response.statusCode) : '499'
    const ms = performance.now() - startedAt
    options.record({ method: request.method!, route: route.path, status, ms, requestId, code })
  })
  try {
    const clientAddress = addressOf(request, options.trustedProxies)
    route.rateLimit?.take(clientAddress)
    const bytes = route.method === 'get' ? undefined : await readAll(request)
    const call: Call = {
      params,
      query: undefined,
      body: undefined,
      bytes: bytes ?? noBytes,
      principal: undefined,
      admitted: undefined,
      idempotency: undefined,
      headers: request.headers,
      method: request.method!,
      requestId,
      clientAddress,
      get signal() {
        return signalOf(response)
      },
    }
    const answering = route.handle(call as Call<never, never, never, never, never>)
    const answer = answering instanceof Promise ? await answering : answering
    await afterReading()
    write(response, answer, requestId, options.securityHeadersOfBytes)
  } catch (error) {
    code = writeProblem(response, error, requestId, options.securityHeaders, options.problems)
  }
}

/** Once what all connections sent has been read: answers written together wake their readers once, not one by one. */
const afterReading = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** As many octets as were announced: Node ends a request there. Rejects when the client goes away before. */
async function readAll(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    request.on('data', (piece: Uint8Array) => pieces.push(piece))
    request.once('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)))
    request.once('error', (cause) => reject(new PlatformError('REQUEST_MALFORMED', 'the body broke off', { cause })))
  })
}

/** The client's address as Express works it out: so many hops of X-Forwarded-For are believed as there are proxies in front. */
function addressOf({ socket, headers }: IncomingMessage, trustedProxies: number): string {
  const own = socket.remoteAddress ?? ''
  const forwarded = headers['x-forwarded-for']
  if (trustedProxies === 0 || typeof forwarded !== 'string') return own
  const hops = [
    own,
    ...forwarded
      .split(',')
      .map((hop) => hop.trim())
      .reverse(),
  ]
  return hops[Math.min(trustedProxies, hops.length - 1)]!
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const latin1 = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

function write(
  response: ServerResponse,
  { status, bytes, contentType, headers }: Answer,
  requestId: string,
  securityHeaders: Readonly<Record<string, string>>,
): void {
  // As text of one octet a character it goes out with the head in one write.
  const body = typeof bytes === 'string' ? bytes : latin1(bytes ?? noBytes)
  const encoding = typeof bytes === 'string' ? 'utf8' : 'latin1'
  response.writeHead(status, {
    'X-Request-Id': requestId,
    ...securityHeaders,
    'Cache-Control': 'no-store',
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...(status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body, encoding) }),
    ...(headers as Record<string, string>),
  })
  response.end(body, encoding)
}
