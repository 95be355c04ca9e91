import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import express, { type RequestHandler, type Router } from 'express'
import { currentRequest } from './request-context.ts'

export interface Pages {
  /** Folder of the built pages. */
  readonly folder: string
  /** Which HTML file answers which address; addresses as in routes, case-insensitive. */
  readonly entries: readonly { readonly path: string; readonly file: string }[]
  /** What a person sees who asks for a page that is not there; programs are answered with a problem. */
  readonly notFound?: string
}

const ONE_YEAR_MS = 365 * 24 * 3600 * 1000

/** Serves built pages: `assets/` has digests in its names and never changes, all else is asked for again each time. */
export function mountPages(router: Router, pages: Pages, toPath: (path: string) => string): void {
  const named =
    (route: string): RequestHandler =>
    (_request, _response, next) => {
      const context = currentRequest()
      if (context) context.route = route
      next()
    }
  router.use(
    '/assets',
    named('/assets'),
    preferCompressed(join(pages.folder, 'assets')),
    express.static(join(pages.folder, 'assets'), { immutable: true, maxAge: ONE_YEAR_MS, index: false }),
  )
  for (const { path, file } of pages.entries) {
    const full = join(pages.folder, file)
    router.get(toPath(path), named(path), (_request, response, next) => {
      if (!existsSync(full)) next()
      else response.set('Cache-Control', 'no-cache').sendFile(full, { cacheControl: false })
    })
  }
  router.use(
    express.static(pages.folder, {
      index: false,
      setHeaders: (response) => {
        response.setHeader('Cache-Control', 'no-cache')
        const context = currentRequest()
        if (context) context.route = '/{page}'
      },
    }),
  )
}

/** A 404 for people: only where the caller would rather have a page than anything else. */
export function notFoundPage({ folder, notFound }: Pages): RequestHandler {
  const file = notFound === undefined ? undefined : join(folder, notFound)
  return (request, response, next) => {
    const isForPeople =
      ['GET', 'HEAD'].includes(request.method) &&
      request.accepts(['json', 'application/problem+json', 'html']) === 'html'
    if (file === undefined || !isForPeople || !existsSync(file)) return next()
    // Read, not sent as a file: of one that is there parts could be asked for, and conditions be met.
    response.status(404).set('Cache-Control', 'no-store').type('html').send(readFileSync(file))
  }
}

/** Answers with the brotli copy of a file, where the build made one and the client takes it. */
function preferCompressed(folder: string): RequestHandler {
  const copies = new Set(existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.br')) : [])
  return (request, response, next) => {
    const copy = `${request.path.slice(1)}.br`
    if (copies.has(copy)) {
      response.vary('Accept-Encoding')
      if (request.acceptsEncodings('br')) {
        response.set('Content-Encoding', 'br').type(extname(request.path))
        request.url = `/${copy}`
      }
    }
    next()
  }
}
