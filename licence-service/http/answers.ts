import type { Answer } from '../../platform/http/index.ts'
import type { ScanMediaType } from '../domain/scan.ts'

/** A JSON answer whose instants are written in UTC. */
export const json = (
  status: number,
  value: unknown,
  headers: Record<string, string> = { 'Cache-Control': 'no-store' },
): Answer => ({
  status,
  json: value,
  headers,
})

/** A PDF for the one who asked: never kept by a cache; a licence is saved under its identifier. */
export const pdf = (bytes: Uint8Array, identifier?: string): Answer => ({
  status: 200,
  bytes,
  contentType: 'application/pdf',
  headers: {
    'Cache-Control': 'no-store',
    'Content-Disposition':
      identifier === undefined ? 'inline; filename="specimen.pdf"' : `attachment; filename="${identifier}.pdf"`,
  },
})

/** A scan, sent as a download: the browser never shows it as a page of this site. */
export const scanFile = (
  { bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: ScanMediaType },
  name: string,
): Answer => ({
  status: 200,
  bytes,
  contentType: mediaType,
  headers: {
    'Cache-Control': 'no-store',
    'Content-Disposition': `attachment; filename="${name}.${mediaType.split('/')[1]}"`,
  },
})

/** Where else a licence is found. */
export function linksOf(baseUrl: string, identifier: string, statement: string | null) {
  const self = `${baseUrl}/api/licences/${identifier}`
  return {
    self,
    document: `${self}/document`,
    status: `${self}/status`,
    verification: statement ?? `${baseUrl}/verify`,
  }
}
