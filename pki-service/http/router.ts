import { createHash } from 'node:crypto'
import { type Response, Router } from 'express'
import type { Clock } from '../../platform/index.ts'
import { type AuthorityName, isAuthorityName } from '../domain/authority.ts'

export interface PkiFiles {
  certificateOf(name: AuthorityName): Uint8Array
  crlOf(
    name: AuthorityName,
  ): Promise<{ readonly crl: Uint8Array; readonly nextUpdate: Date; readonly thisUpdate: Date } | undefined>
  readonly clock: Clock
}

const certificateMaxAgeSeconds = 86_400
const crlMaxAgeSeconds = 300

/**
 * The files that certificates point at (RFC 5280 §4.2.1.13, §4.2.2.1; media types of RFC 2585 §4). Public: a checker
 * has no account. An unknown name goes on to the application's own 404.
 */
export function createPkiRouter(files: PkiFiles): Router {
  const router = Router()
  router.get('/pki/ca/:file', (req, res, next) => {
    const name = authorityOf(req.params.file, '.cer')
    if (name === undefined) return next()
    sendFile(res, 'application/pkix-cert', files.certificateOf(name), certificateMaxAgeSeconds)
  })
  router.get('/pki/crl/:file', async (req, res, next) => {
    const name = authorityOf(req.params.file, '.crl')
    const latest = name && (await files.crlOf(name))
    if (latest === undefined) return next()
    const secondsLeft = Math.floor((latest.nextUpdate.getTime() - files.clock.now().getTime()) / 1000)
    res.set('Last-Modified', latest.thisUpdate.toUTCString())
    // A revocation is published at once, so a copy is good for minutes, and never beyond nextUpdate.
    sendFile(res, 'application/pkix-crl', latest.crl, Math.max(0, Math.min(crlMaxAgeSeconds, secondsLeft)))
  })
  return router
}

function authorityOf(file: string, extension: string): AuthorityName | undefined {
  if (!file.endsWith(extension)) return undefined
  const name = file.slice(0, -extension.length)
  return isAuthorityName(name) ? name : undefined
}

function sendFile(res: Response, type: string, bytes: Uint8Array, maxAgeSeconds: number): void {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
  res.set({ 'Content-Type': type, ETag: etag, 'Cache-Control': `public, max-age=${maxAgeSeconds}` })
  res.send(Buffer.from(bytes))
}
