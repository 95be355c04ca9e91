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
  /** Beside `contentType`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** What came back: a status with its body, or why there is none. */
export type GuardedAnswer =
  | { readonly status: number; readonly bytes: Uint8Array }
  | { readonly fault: 'ADDRESS_REFUSED' | 'ANSWER_TOO_LONG' | 'NO_ANSWER' }

/** As `GuardedFetch`, for whoever needs the status. Never throws for what others do. */
export type GuardedAsk = (address: string, request?: GuardedRequest) => Promise<GuardedAnswer>

/** Asks an address, `null` for whatever is no good answer: never throws for what others do. */
export type GuardedFetch = (address: string, request?: GuardedRequest) => Promise<Uint8Array | null>

/**
 * Makes a fetch for addresses that somebody else wrote. http and https only, no credentials, no redirection, no compression, no proxy; the
 * connection goes to the very address that was looked at (a name that answers differently the second time gains nothing), and a name with
 * one address that may not be asked is not asked at all.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const ask = createGuardedAsk(options)
  return async (address, request) => {
    const answer = await ask(address, request)
    return 'status' in answer && answer.status === 200 ? answer.bytes : null
  }
}

/** The same, with the status told. A redirection is an answer like any other and is not followed. */
export function createGuardedAsk(options: GuardedFetchOptions = {}): GuardedAsk {
  const { privateAddresses = 'refuse', timeoutMs = 3000, maxBytes = 1 << 20, resolve = resolveBySystem } = options
  return async (address, { body, contentType, headers, signal } = {}) => {
    const url = URL.parse(address)
    if (!url || !isAskable(url, privateAddresses)) return { fault: 'ADDRESS_REFUSED' }
    const late = AbortSignal.timeout(timeoutMs)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    let isRefused = false
    const lookup = guardedLookup(resolve, privateAddresses, () => {
      isRefused = true
    })
    try {
      return await new Promise<GuardedAnswer>((done, fail) => {
        const asked: ClientRequest = send(url, {
          method: body ? 'POST' : 'GET',
          lookup,
          agent: false,
          signal: signal ? AbortSignal.any([signal, late]) : late,
          headers: {
            ...headers,
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
      return { fault: isRefused ? 'ADDRESS_REFUSED' : 'NO_ANSWER' }
    }
  }
}

/** Looks a name up and gives its addresses only where each of them may be asked. */
function guardedLookup(resolve: ResolveHost, allowed: PrivateAddresses, refuse: () => void): LookupFunction {
  return (host, { all }, done) => {
    resolve(host, (error, addresses) => {
      if (error) return done(error, '')
      if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, allowed))) {
        refuse()
        return done(new Error('the name leads to an address that may not be asked'), '')
      }
      const list = addresses.map(({ address, family }) => ({ address, family }))
      if (all) done(null, list)
      else done(null, list[0]!.address, list[0]!.family)
    })
  }
}

function isAskable({ protocol, username, password, hostname }: URL, allowed: PrivateAddresses): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false
  if (username || password) return false
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  // A name goes through `lookup`; an address goes straight to the socket.
  return isIP(literal) === 0 || mayConnect(literal, allowed)
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<GuardedAnswer> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const declared = Number(response.headers['content-length'] ?? 0)
  if (encoding !== 'identity' || declared > maxBytes) {
    response.destroy()
    return { fault: declared > maxBytes ? 'ANSWER_TOO_LONG' : 'NO_ANSWER' }
  }
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > maxBytes) {
      response.destroy()
      return { fault: 'ANSWER_TOO_LONG' }
    }
    parts.push(part)
  }
  if (!response.complete) return { fault: 'NO_ANSWER' }
  return { status: response.statusCode ?? 0, bytes: new Uint8Array(Buffer.concat(parts)) }
}

const resolveBySystem: ResolveHost = (host, done) => systemLookup(host, { all: true, verbatim: true }, done)
