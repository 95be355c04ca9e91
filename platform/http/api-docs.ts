import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Response, Router } from 'express'
import { packagePath } from '../package-root.ts'
import { currentRequest } from './request-context.ts'
import type { Route } from './route.ts'
import { DOCS_SECURITY_POLICY } from './security-headers.ts'

export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly baseUrl: string
  readonly sessionCookie?: string
}

/** `/openapi.json`, made at its first request, and `/docs`, the page that shows it. */
export function mountApiDocs(router: Router, routes: readonly Route[], info: ApiInfo): void {
  const ownFolder = packagePath('platform', 'http', 'docs-page')
  const uiFolder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
  let document: Promise<string> | undefined
  const describe = async (): Promise<string> => {
    const { describeRoutes } = await import('./openapi.ts')
    return JSON.stringify(describeRoutes(routes, info))
  }
  const named = (route: string): void => {
    const context = currentRequest()
    if (context) context.route = route
  }
  router.get('/openapi.json', async (_request, response) => {
    named('/openapi.json')
    document ??= describe()
    response
      .set('Cache-Control', 'no-cache')
      .type('application/json')
      .send(await document)
  })
  const send = (path: string, file: string): void => {
    router.get(path, (_request, response: Response) => {
      named('/docs')
      response
        .set({ 'Cache-Control': 'no-cache', 'Content-Security-Policy': DOCS_SECURITY_POLICY })
        .sendFile(file, { cacheControl: false })
    })
  }
  send('/docs', join(ownFolder, 'index.html'))
  send('/docs/open.js', join(ownFolder, 'open.js'))
  send('/docs/swagger-ui.css', join(uiFolder, 'swagger-ui.css'))
  send('/docs/swagger-ui-bundle.js', join(uiFolder, 'swagger-ui-bundle.js'))
}
