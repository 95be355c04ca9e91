import { createHash, createHmac } from 'node:crypto'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A request to be signed; its query stands in the address. */
export interface SignableRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  readonly url: URL
  /** In lower case; `host`, `x-amz-date` and `x-amz-content-sha256` are added. */
  readonly headers?: Readonly<Record<string, string>>
  /** SHA-256 of the body in lower-case hexadecimal. */
  readonly payloadHash: string
}

export const EMPTY_PAYLOAD_HASH = createHash('sha256').digest('hex')
const ALGORITHM = 'AWS4-HMAC-SHA256'

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** As RFC 3986 has it: more than `encodeURIComponent` leaves alone. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** A query as it is signed; sent in this form too, it leaves nothing to be read two ways. */
export const canonicalQuery = (parameters: Iterable<readonly [name: string, value: string]>): string =>
  [...parameters]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&')

/** The headers with which S3 takes a request: those given, the time, the body's digest and the signature (AWS Signature Version 4). */
export function signV4(
  { method, url, headers = {}, payloadHash }: SignableRequest,
  { accessKeyId, secretAccessKey }: S3Credentials,
  region: string,
  now: Date,
): Record<string, string> {
  const at = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const signed: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': at,
  }
  const names = Object.keys(signed).sort()
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${signed[name]!.trim()}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n')
  const day = at.slice(0, 8)
  const scope = `${day}/${region}/s3/aws4_request`
  const digest = createHash('sha256').update(canonical).digest('hex')
  const key = ['s3', 'aws4_request'].reduce<Buffer>(hmac, hmac(hmac(`AWS4${secretAccessKey}`, day), region))
  const signature = hmac(key, [ALGORITHM, at, scope, digest].join('\n')).toString('hex')
  const { host: _host, ...sent } = signed
  return {
    ...sent,
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`,
  }
}
