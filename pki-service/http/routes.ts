import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Answer, publicRoute, type RouteSet } from '../../platform/http/index.ts'
import { type Clock, PlatformError } from '../../platform/index.ts'
import { type AuthorityName, authorityNames, isAuthorityName } from '../domain/authority.ts'
import type { OcspResponding } from '../operations/respond-ocsp.ts'
import type { StampResponding } from '../operations/respond-stamp.ts'
import { createOcspRoutes } from './ocsp-routes.ts'
import { pkiProblems } from './problems.ts'
import { createTsaRoute } from './tsa-route.ts'

export interface PkiFiles {
  certificateOf(name: AuthorityName): Uint8Array | undefined
  /** What another city gave a root of ours: `root-by-shenyang`. */
  crossCertificateOf(name: string): Uint8Array | undefined
  crlOf(
    name: AuthorityName,
    shard: number,
  ): Promise<{ readonly crl: Uint8Array; readonly thisUpdate: Date; readonly nextUpdate: Date } | undefined>
  readonly respondOcsp: OcspResponding
  readonly respondStamp: StampResponding
  readonly clock: Clock
}

/** `seal-ca.crl`, the complete list, and `seal-ca.3.crl`, a shard. */
const crlFile = /^([a-z0-9-]+)(?:\.([1-9]\d{0,5}))?\.crl$/
const certificateMaxAgeSeconds = 86_400
const crlMaxAgeSeconds = 300

/**
 * The files and the responder that certificates point at (RFC 5280 §4.2.1.13, §4.2.2.1; media types of RFC 2585 §4), and the time-stamp
 * authority. Public: whoever checks a seal has no account here.
 */
export function createPkiRoutes(files: PkiFiles): RouteSet {
  const certificateRoute = publicRoute({
    method: 'get',
    path: '/pki/ca/{file}',
    permission: 'public',
    summary: 'Certificate of an authority, DER',
    tag: 'PKI',
    params: z.object({ file: fileName('.cer') }),
    answers: { 200: { description: 'The certificate', contentType: 'application/pkix-cert' } },
    handle({ params }) {
      const name = params.file.endsWith('.cer') ? params.file.slice(0, -'.cer'.length) : ''
      const certificate = isAuthorityName(name) ? files.certificateOf(name) : files.crossCertificateOf(name)
      if (certificate === undefined) throw notFound()
      return toFile(certificate, 'application/pkix-cert', certificateMaxAgeSeconds)
    },
  })
  const crlRoute = publicRoute({
    method: 'get',
    path: '/pki/crl/{file}',
    permission: 'public',
    summary: 'Latest revocation list of an authority, DER',
    tag: 'PKI',
    params: z.object({ file: fileName('.crl') }),
    answers: { 200: { description: 'The revocation list', contentType: 'application/pkix-crl' } },
    async handle({ params }) {
      const [, name, shard = '0'] = crlFile.exec(params.file) ?? []
      if (name === undefined || !isAuthorityName(name)) throw notFound()
      const latest = await files.crlOf(name, Number(shard))
      if (latest === undefined) throw notFound()
      const secondsLeft = Math.floor((latest.nextUpdate.getTime() - files.clock.now().getTime()) / 1000)
      // A revocation is published at once, so a copy is good for minutes, and never beyond nextUpdate.
      const maxAge = Math.max(0, Math.min(crlMaxAgeSeconds, secondsLeft))
      return toFile(latest.crl, 'application/pkix-crl', maxAge, latest.thisUpdate)
    },
  })
  const online = [...createOcspRoutes(files.respondOcsp, files.clock), createTsaRoute(files.respondStamp)]
  return { routes: [certificateRoute, crlRoute, ...online], problems: pkiProblems }
}

function fileName(extension: string) {
  return z
    .string()
    .max(48)
    .meta({ examples: authorityNames.map((name) => name + extension) })
}

/** An unknown file is not found, rather than a malformed request: these are addresses, not calls. */
function notFound(): PlatformError {
  return new PlatformError('NOT_FOUND', 'there is no such file of the PKI')
}

function toFile(bytes: Uint8Array, contentType: string, maxAgeSeconds: number, lastModified?: Date): Answer {
  const headers = {
    ETag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
    'Cache-Control': `public, max-age=${maxAgeSeconds}`,
    ...(lastModified && { 'Last-Modified': lastModified.toUTCString() }),
  }
  return { status: 200, bytes, contentType, headers }
}
