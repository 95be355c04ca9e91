/**
 * Platform's door for web applications: routes with their permission, problems (RFC 9457), checks of requests, OpenAPI, health,
 * metrics, static pages, and the helpers around cookies and tokens.
 *
 * A service hands over a `RouteSet` — data, not an Express router — and `createApp` mounts it. It does not know accounts: an
 * `Authority` says who asks and what they may. Invariants: no route without a permission; no detail in a 5xx; no path in a log line.
 */
export { readBearer } from '../auth/bearer.ts'
export {
  type CheckedAssertion,
  checkClientAssertion,
  faultOfPublicKey,
  issuerOf,
  type PublicJwk,
} from '../auth/client-assertion.ts'
export { laxCookie, readCookie, sessionCookie } from '../auth/cookies.ts'
export { refuseCrossSite, requireSameOrigin } from '../auth/same-origin.ts'
export { type App, type AppOptions, createApp } from './app.ts'
export { type Authority, type Credentials, nobody, requirePermission } from './authority.ts'
export { type FormField, parseFormData } from './form-data.ts'
export type { ReadinessChecks } from './health.ts'
export type { IdempotencyKey } from './idempotency-key.ts'
export { comparedTime, instant, time } from './instant.ts'
export { parseMember } from './json-member.ts'
export { type Listening, listen } from './listen.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { type ProblemCatalogue, type ProblemType, platformProblems, problemHandler } from './problem.ts'
export { createTokenSender, type SendToken } from './public-token.ts'
export { createRateLimit, networkOf, type RateLimit } from './rate-limit.ts'
export { parseJson } from './read-body.ts'
export { currentRequest } from './request-context.ts'
export {
  type Answer,
  type AnswerSpec,
  type Arrival,
  type Call,
  publicRoute,
  type Route,
  type RouteSet,
  routeDefiner,
} from './route.ts'
export type { Pages } from './static-pages.ts'
export { exportOf, formatSchema, type Table } from './table-export.ts'
export { validate } from './validate.ts'
