import { lookup as systemLookup } from 'node:dns'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { mayConnect, type PrivateAddresses } from './public-address.ts'

/** Resolves a host name to all its addresses, as `dns.lookup` does with `all`. */
export type ResolveHost = (
  host: string,
  done: (error: Error | null, addresses: { readonly address: string; readonly family: number }[]) => void,
) => void

export interface GuardedFetchOptions {
  /** Default `refuse`. */
  readonly privateAddresses?: PrivateAddresses
  /** From the first octet asked to the last one read, in milliseconds; default 3,000. */
  readonly timeoutMs?: number
  /** Longest answer that is read, in octets; default 1 MiB. */
  readonly maxBytes?: number
  /** Default: the system's resolver. */
  readonly resolve?: ResolveHost
}

export interface GuardedRequest {
  /** Sent by POST. */
  readonly body?: Uint8Array
  readonly contentType?: string
  readonly signal?: AbortSignal
}

/** Asks an address, `null` for whatever is no good answer: never throws for what others do. */
export type GuardedFetch = (address: string, request?: GuardedRequest) => Promise<Uint8Array | null>

/**
 * Makes a fetch for addresses that somebody else wrote. http and https only, no credentials, no redirection, no compression, no proxy; the
 * connection goes to the very address that was looked at (a name that answers differently the second time gains nothing), and a name with
 * one address that may not be asked is not asked at all.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { privateAddresses = 'refuse', timeoutMs = 3000, maxBytes = 1 << 20, resolve = resolveBySystem } = options
  const lookup: LookupFunction = (host, { all }, done) => {
    resolve(host, (error, addresses) => {
      if (error) return done(error, '')
      const isAllowed = addresses.length > 0 && addresses.every(({ address }) => mayConnect(address, privateAddresses))
      if (!isAllowed) return done(new Error('the name leads to an address that may not be asked'), '')
      const list = addresses.map(({ address, family }) => ({ address, family }))
      if (all) done(null, list)
      else done(null, list[0]!.address, list[0]!.family)
    })
  }
  return async (address, { body, contentType, signal } = {}) => {
    const url = URL.parse(address)
    if (!url || !isAskable(url, privateAddresses)) return null
    const late = AbortSignal.timeout(timeoutMs)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    try {
      return await new Promise<Uint8Array | null>((done, fail) => {
        const asked: ClientRequest = send(url, {
          method: body ? 'POST' : 'GET',
          lookup,
          agent: false,
          signal: signal ? AbortSignal.any([signal, late]) : late,
          headers: {
            'Accept-Encoding': 'identity',
            ...(contentType && { 'Content-Type': contentType }),
            ...(body && { 'Content-Length': body.length }),
          },
        })
        asked.on('error', fail)
        asked.on('response', (response) => readAnswer(response, maxBytes).then(done, fail))
        asked.end(body)
      })
    } catch {
      return null
    }
  }
}

function isAskable({ protocol, username, password, hostname }: URL, allowed: PrivateAddresses): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false
  if (username || password) return false
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  // A name goes through `lookup`; an address goes straight to the socket.
  return isIP(literal) === 0 || mayConnect(literal, allowed)
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const declared = Number(response.headers['content-length'] ?? 0)
  if (response.statusCode !== 200 || encoding !== 'identity' || declared > maxBytes) {
    response.destroy()
    return null
  }
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > maxBytes) {
      response.destroy()
      return null
    }
    parts.push(part)
  }
  return response.complete ? new Uint8Array(Buffer.concat(parts)) : null
}

const resolveBySystem: ResolveHost = (host, done) => systemLookup(host, { all: true, verbatim: true }, done)
