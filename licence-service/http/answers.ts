import type { Answer } from '../../platform/http/index.ts'

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
