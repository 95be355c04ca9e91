import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Principal } from '../auth/principal.ts'
import type { Credentials } from './authority.ts'
import type { IdempotencyKey } from './idempotency-key.ts'
import type { ProblemCatalogue } from './problem.ts'
import type { RateLimit } from './rate-limit.ts'

type Schema = z.ZodType
type Parsed<S> = S extends Schema ? z.output<S> : undefined

/** What `admit` looks at, before the body is read. */
export interface Arrival extends Credentials {
  /** Address of the client, for throttling; not for the log. */
  readonly clientAddress: string
  /** Headers of the answer, whatever it will be. A later word on the same header counts. */
  tell(headers: Readonly<Record<string, string>>): void
}

/** What a handler gets: checked parts of the request, and who asks (on public routes nobody is looked up). */
export interface Call<Params = unknown, Query = unknown, Body = unknown, Caller = unknown, Admitted = unknown> {
  readonly params: Params
  readonly query: Query
  /** Undefined when the request came as raw bytes. */
  readonly body: Body
  /** Bytes of a `rawBody` request, else undefined. */
  readonly bytes: Uint8Array | undefined
  readonly principal: Caller
  /** What `admit` answered. */
  readonly admitted: Admitted
  /** Present iff the route says `idempotent`. */
  readonly idempotency: IdempotencyKey | undefined
  readonly headers: IncomingHttpHeaders
  readonly method: string
  readonly requestId: string
  /** Address of the client, for throttling; not for the log. */
  readonly clientAddress: string
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** What a handler answers: `json`, or `bytes` or a `stream` with their media type, or none of them. */
export interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly bytes?: Uint8Array | string
  /** Sent as it comes; ended early where it throws, so that nobody takes a part for the whole. */
  readonly stream?: AsyncIterable<string | Uint8Array>
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export interface AnswerSpec {
  readonly description: string
  /** Of a JSON answer. */
  readonly schema?: Schema
  /** Of any other answer, e.g. application/pdf. */
  readonly contentType?: string
}

export interface RouteSpec<P, Q, B, Permission extends string, Admitted> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** OpenAPI form: `/api/things/{thingId}`; `{rest+}` takes several segments. */
  readonly path: string
  /** What the caller needs; 'authenticated' is anyone known, 'public' anyone at all. There is no default. */
  readonly permission: Permission
  /** A dangerous act: whoever asks has confirmed with a security key a few minutes ago (see `Authority.requireStepUp`). */
  readonly stepUp?: true
  readonly summary: string
  readonly tag?: string
  readonly params?: P
  readonly query?: Q
  /** Schema of a JSON body. */
  readonly body?: B
  /** Default 64 KiB. */
  readonly maxBodyBytes?: number
  /** Accepts bytes of these media types, beside or in place of JSON. */
  readonly rawBody?: {
    readonly mediaTypes: readonly string[]
    readonly maxBytes: number
    /** Where some media type has a limit of its own. */
    readonly maxBytesOf?: Readonly<Record<string, number>>
  }
  /** Requires the header Idempotency-Key. */
  readonly idempotent?: boolean
  /** Taken from once a request, by client address. */
  readonly rateLimit?: RateLimit
  /** Lets a request in before its body is read, or refuses it by throwing: for public routes that know some of their callers. */
  readonly admit?: (arrival: Arrival) => Promise<Admitted> | Admitted
  /**
   * Ordinary requests go past Express (see `directLane`): for addresses asked thousands of times a second. Public, bytes in and out,
   * at most a last `{name+}` in the path; schemas are not applied there, so `handle` takes whatever comes.
   */
  readonly direct?: true
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** Codes a client may meet, beside those of every route. */
  readonly problems?: readonly string[]
}

/** A route as the app sees it. Made only by `routeDefiner`, so none exists without a permission. */
export interface Route extends RouteSpec<Schema | undefined, Schema | undefined, Schema | undefined, string, unknown> {
  readonly handle: (call: Call<never, never, never, never, never>) => Promise<Answer> | Answer
}

/** The routes of one service with the problems they may end in; `createApp` mounts them and describes them in OpenAPI. */
export interface RouteSet {
  readonly routes: readonly Route[]
  readonly problems: ProblemCatalogue
}

type CallerOf<Permission> = Permission extends 'public' ? undefined : Principal

/** A function that defines routes whose permission is one of `Permission`, 'authenticated' or 'public'. */
export function routeDefiner<Permission extends string = never>() {
  return <
    const Name extends Permission | 'authenticated' | 'public',
    P extends Schema | undefined = undefined,
    Q extends Schema | undefined = undefined,
    B extends Schema | undefined = undefined,
    Admitted = undefined,
  >(
    spec: RouteSpec<P, Q, B, Name, Admitted> & {
      readonly handle: (
        call: Call<Parsed<P>, Parsed<Q>, Parsed<B>, CallerOf<Name>, Admitted>,
      ) => Promise<Answer> | Answer
    },
    // The parsers of `params`, `query` and `body` give what `handle` takes; only a list of routes forgets the types.
  ): Route => spec as unknown as Route
}

/** Defines routes that need no login, for rooms that know no accounts. */
export const publicRoute = routeDefiner()
