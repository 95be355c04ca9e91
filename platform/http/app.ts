import type { RequestListener } from 'node:http'
import { performance } from 'node:perf_hooks'
import express, { type RequestHandler, type Router } from 'express'
import { PlatformError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Log } from '../log.ts'
import { type ApiInfo, mountApiDocs } from './api-docs.ts'
import { type Authority, nobody } from './authority.ts'
import { type BodyPace, lingerThenClose } from './body-pace.ts'
import { directLane } from './direct-lane.ts'
import { checkReadiness, type ReadinessChecks } from './health.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { mountRoutes, toExpressPath } from './mount-route.ts'
import { type ProblemCatalogue, platformProblems, problemHandler } from './problem.ts'
import { currentRequest, type RequestContext, type RequestRecord, runInRequest } from './request-context.ts'
import type { RouteSet } from './route.ts'
import { securityHeaders, securityHeadersOf, securityHeadersOfBytes } from './security-headers.ts'
import { mountPages, notFoundPage, type Pages } from './static-pages.ts'

export interface AppOptions {
  readonly routeSets: readonly RouteSet[]
  /** Default: nobody is known, only public routes answer. */
  readonly authority?: Authority
  readonly ids: Ids
  readonly log: Log
  readonly baseUrl: string
  readonly isProduction: boolean
  readonly metrics?: Metrics
  readonly readiness?: ReadinessChecks
  readonly pages?: Pages
  /** Present: `/openapi.json` and `/docs`. */
  readonly api?: Omit<ApiInfo, 'baseUrl'>
  /** Reverse proxies in front, whose X-Forwarded-For is believed. */
  readonly trustedProxies?: number
  /** The slowest that bodies may come; default: in any 10 s at least 4 KiB a second. */
  readonly bodyPace?: BodyPace
  /** Bytes of bodies from 1 MiB on that are held at one time; default 512 MiB. With an authority callers without login have half of them. */
  readonly bodyBytesAtOnce?: number
}

export interface App {
  /** The listener for a `node:http` server. */
  readonly handler: RequestListener
  /** From now on `/readyz` says no, so that a balancer sends nobody any more. */
  beginStopping(): void
}

/**
 * One web application: request context, security headers, health, the routes of all services, API description, pages, problems.
 * Log lines and figures hold route templates, never paths. Throws TypeError when two route sets use one code differently.
 */
export function createApp(options: AppOptions): App {
  const app = express()
  app.disable('x-powered-by').set('trust proxy', options.trustedProxies ?? 0)
  const metrics = options.metrics ?? createMetrics()
  const catalogue = joinCatalogues(options.routeSets.map(({ problems }) => problems))
  const routes = options.routeSets.flatMap((set) => set.routes)
  let isStopping = false
  const record = recorder(options, metrics)
  app.use(requestLine(options, record), securityHeaders(options))
  mountOperations(app, options, metrics, () => isStopping)
  mountProblemTypes(app, catalogue)
  mountRoutes(app, routes, options.authority ?? nobody, {
    pace: options.bodyPace,
    bytesAtOnce: options.bodyBytesAtOnce,
  })
  if (options.api) mountApiDocs(app, routes, { ...options.api, baseUrl: options.baseUrl })
  if (options.pages) {
    mountPages(app, options.pages, toExpressPath)
    app.use(notFoundPage(options.pages))
  }
  app.use(() => {
    throw new PlatformError('NOT_FOUND', 'there is nothing at this address')
  })
  app.use(problemHandler(catalogue, options))
  const lane = {
    ids: options.ids,
    trustedProxies: options.trustedProxies ?? 0,
    securityHeaders: securityHeadersOf(options),
    securityHeadersOfBytes: securityHeadersOfBytes(options),
    problems: { catalogue, log: options.log, baseUrl: options.baseUrl },
    record,
  }
  return {
    handler: directLane(routes, lane, app),
    beginStopping() {
      isStopping = true
    },
  }
}

function joinCatalogues(catalogues: readonly ProblemCatalogue[]): ProblemCatalogue {
  const all: Record<string, ProblemCatalogue[string]> = { ...platformProblems }
  for (const [code, type] of catalogues.flatMap((catalogue) => Object.entries(catalogue))) {
    const known = all[code]
    if (known && (known.status !== type.status || known.title !== type.title))
      throw new TypeError(`two meanings of the code ${code}`)
    all[code] = type
  }
  return all
}

/** One log line and the figures of each request. */
function recorder({ log }: AppOptions, metrics: Metrics): (request: RequestRecord) => void {
  const duration = metrics.histogram('http_request_duration_seconds', 'Time to answer, by route template', {
    labelNames: ['method', 'route', 'status'],
  })
  return ({ ms, status, ...request }) => {
    duration.observe(ms / 1000, { method: request.method, route: request.route, status })
    log.info('request', { ...request, status: Number(status), ms: Math.round(ms * 10) / 10 })
  }
}

/** Gives each request its id, and has it recorded at its end. */
function requestLine(options: AppOptions, record: (request: RequestRecord) => void): RequestHandler {
  return (request, response, next) => {
    const context: RequestContext = { id: options.ids.uuid(), route: '(none)' }
    const startedAt = performance.now()
    response.set('X-Request-Id', context.id)
    response.once('finish', () => lingerThenClose(request))
    response.once('close', () => {
      const { id: requestId, route, code, principalId } = context
      const status = String(response.writableFinished ? response.statusCode : 499)
      record({ requestId, method: request.method, route, status, ms: performance.now() - startedAt, code, principalId })
    })
    runInRequest(context, next)
  }
}

function named(route: string): RequestHandler {
  return (_request, response, next) => {
    const context = currentRequest()
    if (context) context.route = route
    response.set('Cache-Control', 'no-store')
    next()
  }
}

function mountOperations(router: Router, options: AppOptions, metrics: Metrics, isStopping: () => boolean): void {
  router.get('/healthz', named('/healthz'), (_request, response) => {
    response.json({ status: 'alive' })
  })
  router.get('/readyz', named('/readyz'), async (_request, response) => {
    if (isStopping()) throw new PlatformError('SERVICE_STOPPING', 'the service is stopping')
    const { isReady, checks } = await checkReadiness(options.readiness ?? {}, (check, error) =>
      options.log.warn('not ready', { check, error }),
    )
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', checks })
  })
  router.get('/metrics', named('/metrics'), async (_request, response) => {
    const { contentType, text } = await metrics.text()
    response.set('Content-Type', contentType).send(text)
  })
}

/** A problem's `type` is an address: here it answers what the code means. */
function mountProblemTypes(router: Router, catalogue: ProblemCatalogue): void {
  const byName = new Map(
    Object.entries(catalogue).map(([code, type]) => [code.toLowerCase().replaceAll('_', '-'), { code, ...type }]),
  )
  router.get('/problems/:name', named('/problems/{name}'), (request, response) => {
    const found = byName.get(String(request.params['name']))
    if (!found) throw new PlatformError('NOT_FOUND', 'there is no such problem')
    response.json(found)
  })
}
