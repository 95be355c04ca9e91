import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, RequestHandler, Response, Router } from 'express'
import { PlatformError } from '../errors.ts'
import { refuseUnfit } from '../unfit.ts'
import { type Authority, nobody, requirePermission, requireStepUp } from './authority.ts'
import { type BodyBudget, readWithinBudget } from './body-budget.ts'
import { type BodyPace, DEFAULT_PACE, readAtPace } from './body-pace.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { mediaTypeOf, parseJson, readBytes } from './read-body.ts'
import { currentRequest } from './request-context.ts'
import type { Answer, Call, Route } from './route.ts'
import { validate } from './validate.ts'

const DEFAULT_BODY_BYTES = 64 * 1024
/** What is announced as smaller never waits for room beside documents: those of others must not keep out what mints a licence. */
const SMALL_BODY_BYTES = 1024 * 1024
/** Eight of the largest documents at once. */
const DOCUMENT_BYTES_AT_ONCE = 512 * 1024 * 1024
/** Of it, what callers without login may have together: the rest is there for those who have work to do, whatever strangers send. */
const STRANGERS_SHARE = 0.5
/** As much again, for their small bodies alone: a thousand connections must not cost a thousand mebibytes. */
const STRANGERS_SMALL_SHARE = 0.25
const NO_BYTES = new Uint8Array(0)

/** What one app takes of bodies, over all requests. */
export interface BodyLimits {
  readonly pace?: BodyPace | undefined
  /**
   * Bytes of bodies from 1 MiB on at one time; default 512 MiB. Callers without login have half of them where others log in, and a quarter
   * beside for smaller ones.
   */
  readonly bytesAtOnce?: number | undefined
}

/** `/things/{id}` → `/things/:id`, `{rest+}` → `*rest`. */
export const toExpressPath = (path: string): string =>
  path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, many: string) => (many ? `*${name}` : `:${name}`))

/** Mounts routes and answers 405 for known paths with another method. */
export function mountRoutes(
  router: Router,
  routes: readonly Route[],
  authority: Authority,
  { pace = DEFAULT_PACE, bytesAtOnce = DOCUMENT_BYTES_AT_ONCE }: BodyLimits = {},
): void {
  const methods = new Map<string, string[]>()
  const everybody: BodyBudget = { limit: bytesAtOnce, inUse: 0 }
  const strangers: BodyBudget =
    authority === nobody ? everybody : { limit: bytesAtOnce * STRANGERS_SHARE, inUse: 0, of: everybody }
  const ofStrangers = { large: strangers, small: { limit: bytesAtOnce * STRANGERS_SMALL_SHARE, inUse: 0 } }
  const ofCallers = { large: everybody, small: undefined }
  for (const route of routes) {
    if (route.stepUp && route.permission === 'public') throw new TypeError(`${route.path}: the public cannot step up`)
    const path = toExpressPath(route.path)
    router[route.method](
      path,
      handlerOf(route, authority, { ...(route.permission === 'public' ? ofStrangers : ofCallers), pace }),
    )
    methods.set(path, [...(methods.get(path) ?? []), route.method.toUpperCase()])
  }
  for (const [path, allowed] of methods) {
    // The application's own `all` adds a layer for each method that there is, which is felt at every start.
    router.route(path).all((_request, response) => {
      response.set('Allow', allowed.join(', '))
      throw new PlatformError('METHOD_NOT_ALLOWED', `this address takes ${allowed.join(', ')}`)
    })
  }
}

/** How bodies are read. */
interface BodyRules {
  /** of whoever may call the address */
  readonly large: BodyBudget
  /** of bodies announced below 1 MiB; `undefined`: they are not counted */
  readonly small: BodyBudget | undefined
  readonly pace: BodyPace
}

function handlerOf(route: Route, authority: Authority, rules: BodyRules): RequestHandler {
  const checks = {
    params: route.params && validate(route.params, '/path'),
    query: route.query && validate(route.query, '/query'),
    body: route.body && validate(route.body),
  }
  return async (request, response) => {
    const context = currentRequest()!
    context.route = route.path
    route.rateLimit?.take(request.ip ?? '')
    // Who asks is settled before the body is read: a stranger's megabytes are not worth parsing.
    const admitted = await route.admit?.({
      method: request.method,
      headers: request.headers,
      clientAddress: request.ip ?? '',
      tell: (headers) => void response.set(headers),
    })
    const principal = await callerOf(route, authority, request)
    if (principal) context.principalId = principal.id
    const params = checkedParams(request)
    const { json, bytes, raw } = await readRequestBody(route, request, response, rules)
    const call: Call = {
      params: checks.params?.(params),
      query: checks.query?.(checkedQuery(request)),
      body: bytes === undefined ? checks.body?.(json) : undefined,
      bytes,
      principal,
      admitted,
      idempotency: route.idempotent
        ? readIdempotencyKey(request.get('idempotency-key'), {
            method: request.method,
            route: request.originalUrl,
            body: raw,
          })
        : undefined,
      headers: request.headers,
      method: request.method,
      requestId: context.id,
      clientAddress: request.ip ?? '',
      signal: signalOf(response),
    }
    await write(response, await route.handle(call as Call<never, never, never, never, never>))
  }
}

async function callerOf(route: Route, authority: Authority, request: Request) {
  if (route.permission === 'public') return undefined
  const principal = requirePermission(authority, await authority.authenticate(request), route.permission)
  if (route.stepUp) await requireStepUp(authority, principal)
  return principal
}

function checkedParams(request: Request): Record<string, string> {
  const params = Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]),
  )
  refuseUnfit(params, ['path'])
  return params
}

function checkedQuery(request: Request): unknown {
  const query = { ...request.query }
  refuseUnfit(query, ['query'])
  return query
}

interface ReadBody {
  readonly json: unknown
  /** Set when the body came as one of the route's raw media types. */
  readonly bytes: Uint8Array | undefined
  readonly raw: Uint8Array
}

async function readRequestBody(
  route: Route,
  request: Request,
  response: Response,
  { large, small, pace }: BodyRules,
): Promise<ReadBody> {
  const budget = isSmall(request) ? small : large
  const mediaType = mediaTypeOf(request)
  if (mediaType === undefined) {
    if (route.rawBody && !route.body) return { json: undefined, bytes: NO_BYTES, raw: NO_BYTES }
    return { json: undefined, bytes: undefined, raw: NO_BYTES }
  }
  if (route.rawBody?.mediaTypes.includes(mediaType)) {
    const limit = route.rawBody.maxBytesOf?.[mediaType] ?? route.rawBody.maxBytes
    const read = () => readWithinBudget(request, response, limit, budget)
    const bytes = await readAtPace(request, response, { limit, pace }, read)
    return { json: undefined, bytes, raw: bytes }
  }
  if (!route.body) {
    if (!route.rawBody) return { json: undefined, bytes: undefined, raw: NO_BYTES }
    throw unsupported(route)
  }
  if (mediaType !== 'application/json') throw unsupported(route)
  const limit = route.maxBodyBytes ?? DEFAULT_BODY_BYTES
  // What comes compressed grows after it is counted; it has the limit of its address alone.
  const isPlain = (request.headers['content-encoding'] ?? 'identity') === 'identity'
  const raw = await readAtPace(request, response, { limit, pace }, () =>
    isPlain && budget && limit > SMALL_BODY_BYTES
      ? readWithinBudget(request, response, limit, budget)
      : readBytes(request, response, limit),
  )
  return { json: parseJson(raw), bytes: undefined, raw }
}

/** Node takes no more of a body than was announced. */
const isSmall = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) < SMALL_BODY_BYTES

function unsupported(route: Route): PlatformError {
  const accepted = [...(route.body ? ['application/json'] : []), ...(route.rawBody?.mediaTypes ?? [])]
  return new PlatformError('REQUEST_MEDIA_TYPE_UNSUPPORTED', `this address takes ${accepted.join(' or ')}`)
}

function signalOf(response: Response): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

async function write(response: Response, answer: Answer): Promise<void> {
  const stream = answer.stream && (await begin(answer.stream))
  response.status(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {}))
    response.set(name, typeof value === 'string' ? value : [...value])
  if (!response.hasHeader('Cache-Control')) response.set('Cache-Control', 'no-store')
  if (answer.json !== undefined) {
    response.type(answer.contentType ?? 'application/json').send(JSON.stringify(answer.json))
  } else if (answer.bytes !== undefined) {
    const { bytes } = answer
    response.type(answer.contentType ?? 'application/octet-stream')
    response.send(typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } else if (stream !== undefined) {
    response.type(answer.contentType ?? 'application/octet-stream')
    await send(response, stream)
  } else {
    response.end()
  }
}

/** The first piece is fetched before anything is said: what fails until then is a problem like any other. */
async function begin(stream: AsyncIterable<string | Uint8Array>): Promise<AsyncIterable<string | Uint8Array>> {
  const pieces = stream[Symbol.asyncIterator]()
  const first = await pieces.next()
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value
      } finally {
        await pieces.return?.()
      }
    },
  }
}

async function send(response: Response, stream: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await pipeline(Readable.from(stream), response)
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isGone) throw error
  }
}
