// A store that speaks as much S3 as blobs need, on the loopback. It works every signature out anew, from what came over the wire.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface S3Server {
  readonly url: string
  /** By key, within the bucket. */
  readonly objects: Map<string, { bytes: Uint8Array; storedAt: Date }>
  readonly requests: { method: string; path: string; status: number }[]
  /** Answers the next requests so instead of doing what they ask. */
  readonly failures: ((request: IncomingMessage, response: ServerResponse) => void)[]
  close(): Promise<void>
}

export interface S3ServerOptions {
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly now: () => Date
  readonly pageSize?: number
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const hmac = (key: Uint8Array | string, text: string) => createHmac('sha256', key).update(text).digest()
const LATEST_SKEW_MS = 15 * 60_000

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of request) parts.push(part as Uint8Array)
  return new Uint8Array(Buffer.concat(parts))
}

/** The code with which S3 refuses the request; undefined where its signature holds for what was sent. */
function refusalOf(request: IncomingMessage, body: Uint8Array, options: S3ServerOptions): string | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    )
  if (!match) return 'AuthorizationHeaderMalformed'
  const [, id, day, region, names, signature] = match as unknown as [string, string, string, string, string, string]
  if (id !== options.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== options.region) return 'AuthorizationHeaderMalformed'
  const at = String(request.headers['x-amz-date'])
  const time = Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!at.startsWith(day) || !(Math.abs(time - options.now().getTime()) <= LATEST_SKEW_MS))
    return 'RequestTimeTooSkewed'
  const listed = names.split(';')
  for (const needed of ['host', 'x-amz-date', 'x-amz-content-sha256'])
    if (!listed.includes(needed)) return 'AccessDenied'
  const payload = String(request.headers['x-amz-content-sha256'])
  if (payload !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const [path = '', query = ''] = request.url!.split('?')
  const canonical = [
    request.method,
    path,
    query.split('&').sort().join('&'),
    ...listed.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names,
    payload,
  ].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${options.secretAccessKey}`, day), region), 's3'), 'aws4_request')
  const wanted = hmac(key, ['AWS4-HMAC-SHA256', at, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n'))
  return timingSafeEqual(wanted, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch'
}

/** Starts it on a free port. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const objects: S3Server['objects'] = new Map()
  const requests: S3Server['requests'] = []
  const failures: S3Server['failures'] = []

  const list = (query: URLSearchParams): string => {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token')
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    const rest = after === null ? keys : keys.filter((key) => key > Buffer.from(after, 'base64').toString())
    const page = rest.slice(0, options.pageSize ?? 1000)
    const contents = page.map((key) => {
      const { bytes, storedAt } = objects.get(key)!
      return `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><LastModified>${storedAt.toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`
    })
    const isTruncated = page.length < rest.length
    const token = isTruncated ? Buffer.from(page.at(-1)!).toString('base64') : ''
    return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}${isTruncated ? `<NextContinuationToken>${token}</NextContinuationToken>` : ''}</ListBucketResult>`
  }

  const act = (
    request: IncomingMessage,
    body: Uint8Array,
    url: URL,
  ): [status: number, answer?: Uint8Array | string] => {
    const refused = refusalOf(request, body, options)
    if (refused !== undefined) return [403, `<Error><Code>${refused}</Code></Error>`]
    const [, bucket, ...rest] = url.pathname.split('/')
    if (bucket !== options.bucket) return [404, '<Error><Code>NoSuchBucket</Code></Error>']
    const key = rest.join('/')
    if (key === '') return [200, list(url.searchParams)]
    const found = objects.get(key)
    if (request.method === 'PUT') objects.set(key, { bytes: body, storedAt: options.now() })
    if (request.method === 'DELETE') objects.delete(key)
    if (request.method === 'DELETE') return [204]
    if (request.method === 'PUT') return [200]
    return found ? [200, found.bytes] : [404, '<Error><Code>NoSuchKey</Code></Error>']
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://127.0.0.1')
    const body = await bodyOf(request)
    const failure = failures.shift()
    if (failure) return failure(request, response)
    const [status, answer] = act(request, body, url)
    requests.push({ method: request.method!, path: url.pathname, status })
    response.writeHead(status).end(request.method === 'HEAD' ? undefined : answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    requests,
    failures,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
