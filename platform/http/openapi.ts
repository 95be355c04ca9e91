import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'
import type { Route } from './route.ts'

type Responses = RouteConfig['responses']

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string(),
  code: z.string(),
  errors: z
    .array(
      z.object({
        pointer: z.string(),
        code: z.string(),
        detail: z.union([z.string(), z.object({ zh: z.string(), en: z.string() })]),
      }),
    )
    .optional(),
  retryAfter: z.number().optional(),
})

const { $schema: _, ...problemJsonSchema } = z.toJSONSchema(problemSchema)

/** The OpenAPI 3.1 description of these routes, from the very schemas that check requests. */
export function describeRoutes(
  routes: readonly Route[],
  info: { readonly title: string; readonly version: string; readonly baseUrl: string; readonly sessionCookie?: string },
): object {
  const registry = new OpenAPIRegistry()
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  if (info.sessionCookie)
    registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: info.sessionCookie })
  registry.registerComponent('schemas', 'Problem', problemJsonSchema as never)
  const schemes = info.sessionCookie ? [{ apiKey: [] }, { session: [] }] : [{ apiKey: [] }]
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path.replaceAll('+}', '}'),
      summary: route.summary,
      ...(route.tag === undefined ? {} : { tags: [route.tag] }),
      ...(route.permission === 'public' ? { security: [] } : { security: schemes, 'x-permission': route.permission }),
      ...(route.stepUp ? { 'x-step-up': true } : {}),
      ...(route.problems ? { 'x-problems': [...route.problems] } : {}),
      request: requestOf(route),
      responses: responsesOf(route),
    })
  }
  const servers = [{ url: info.baseUrl }]
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    servers,
  })
}

function requestOf(route: Route): NonNullable<RouteConfig['request']> {
  const content: Record<string, { schema: z.ZodType }> = {}
  if (route.body) content['application/json'] = { schema: route.body }
  for (const mediaType of route.rawBody?.mediaTypes ?? [])
    content[mediaType] = { schema: z.string().meta({ format: 'binary' }) }
  return {
    params: (route.params ?? pathParameters(route.path)) as never,
    ...(route.query ? { query: route.query as never } : {}),
    ...(route.idempotent ? { headers: z.object({ 'Idempotency-Key': z.string().min(1).max(130) }) } : {}),
    ...(Object.keys(content).length > 0 ? { body: { content, required: true } } : {}),
  }
}

const pathParameters = (path: string): z.ZodObject =>
  z.object(Object.fromEntries([...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => [name!, z.string()])))

function responsesOf(route: Route): Responses {
  const responses: Responses = {}
  for (const [status, { description, schema, contentType }] of Object.entries(route.answers)) {
    const mediaType = contentType ?? (schema ? 'application/json' : undefined)
    const body = schema ?? z.string().meta({ format: 'binary' })
    responses[status] = { description, ...(mediaType ? { content: { [mediaType]: { schema: body } } } : {}) }
  }
  responses['default'] = {
    description: 'Problem (RFC 9457)',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return responses
}
