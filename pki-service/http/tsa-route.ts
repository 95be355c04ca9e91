import { publicRoute, type Route } from '../../platform/http/index.ts'
import type { StampResponding } from '../operations/respond-stamp.ts'

const requestType = 'application/timestamp-query'
const responseType = 'application/timestamp-reply'
/** As much as the parser of requests takes. */
const maxRequestBytes = 8 * 1024

/** The time-stamp authority over HTTP (RFC 3161 §3.4). */
export function createTsaRoute(respond: StampResponding): Route {
  return publicRoute({
    method: 'post',
    path: '/pki/tsa',
    permission: 'public',
    direct: true,
    summary: 'Time stamp (RFC 3161)',
    tag: 'PKI',
    rawBody: { mediaTypes: [requestType], maxBytes: maxRequestBytes },
    answers: { 200: { description: 'A time stamp, or the reason for none', contentType: responseType } },
    handle: async ({ bytes }) => ({ status: 200, bytes: await respond(bytes!), contentType: responseType }),
  })
}
