import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import { PlatformError } from '../errors.ts'
import type { BlobEntry, Blobs } from './blobs.ts'
import { DIGEST, sha256 } from './digest.ts'
import { canonicalQuery, EMPTY_PAYLOAD_HASH, type S3Credentials, type SignableRequest, signV4 } from './sign-v4.ts'

export interface S3BlobsOptions {
  /** Address with the bucket and, where it is shared, a prefix: `https://s3.example/bucket/documents`. */
  readonly url: string
  readonly region: string
  readonly credentials: S3Credentials
  readonly clock: Clock
}

/** Uploads in flight at once in `putMany`. */
const GROUP = 32
const TIMEOUT_MS = 30_000
/** Waits before another try of what may pass: a broken connection, a store that is busy. */
const RETRY_AFTER_MS = [100, 400, 1_600]
const LARGEST_BLOB = 256 << 20
const LARGEST_LISTING = 4 << 20

interface Answer {
  readonly status: number
  readonly bytes: Uint8Array
}

/**
 * Blobs in a store that speaks S3 (REST, Signature Version 4, addresses by path), under `<prefix>/ab/<digest>` as in a folder. The digest
 * is the signed digest of the body too, so the store refuses bytes that were changed on their way, and what comes back is compared again.
 * Throws UPSTREAM_UNAVAILABLE where the store is away or refuses the credentials, beside what `Blobs` says.
 */
export function createS3Blobs({ url, region, credentials, clock }: S3BlobsOptions): Blobs {
  const base = new URL(url)
  const [, bucket, ...prefix] = base.pathname.replace(/\/+$/, '').split('/')
  if (!bucket || ![bucket, ...prefix].every((name) => /^[\w.-]+$/.test(name)))
    throw new TypeError(
      'the address of an S3 store ends in a bucket and a prefix of letters, digits, points and dashes',
    )
  const root = prefix.length === 0 ? '' : `${prefix.join('/')}/`
  const addressOf = (digest: string): URL => {
    if (!DIGEST.test(digest)) throw new TypeError('a blob digest is 64 hexadecimal characters in lower case')
    return new URL(`/${bucket}/${root}${digest.slice(0, 2)}/${digest}`, base)
  }

  const send = async (
    method: SignableRequest['method'],
    address: URL,
    expected: readonly number[],
    { body, most = LARGEST_LISTING }: { body?: Uint8Array; most?: number } = {},
  ): Promise<Answer> => {
    const payloadHash = body ? sha256(body) : EMPTY_PAYLOAD_HASH
    let fault: unknown
    for (const pause of [0, ...RETRY_AFTER_MS]) {
      if (pause > 0) await delay(pause)
      const headers = signV4({ method, url: address, payloadHash }, credentials, region, clock.now())
      try {
        const answer = await ask(address, { method, headers, body: body ?? null }, most)
        if (expected.includes(answer.status)) return answer
        fault = refusal(answer)
      } catch (error) {
        if (error instanceof PlatformError) throw error
        fault = error
      }
      if (fault instanceof PlatformError) throw fault
    }
    throw away(fault)
  }

  const put = async (bytes: Uint8Array): Promise<string> => {
    const digest = sha256(bytes)
    await send('PUT', addressOf(digest), [200, 201, 204], { body: bytes })
    return digest
  }

  return {
    put,
    async putMany(many) {
      const digests: string[] = []
      for (let from = 0; from < many.length; from += GROUP)
        digests.push(...(await Promise.all(many.slice(from, from + GROUP).map(put))))
      return digests
    },
    async get(digest) {
      const { status, bytes } = await send('GET', addressOf(digest), [200, 404], { most: LARGEST_BLOB })
      if (status === 404) throw new PlatformError('BLOB_NOT_FOUND', `there is no blob ${digest}`)
      if (sha256(bytes) !== digest)
        throw new PlatformError('BLOB_DAMAGED', `the stored bytes of blob ${digest} have another digest`)
      return bytes
    },
    has: async (digest) => (await send('HEAD', addressOf(digest), [200, 404])).status === 200,
    async remove(digest) {
      await send('DELETE', addressOf(digest), [200, 204, 404])
    },
    async *list() {
      let next: string | undefined
      do {
        const address = new URL(`/${bucket}`, base)
        const asked = { 'list-type': '2', prefix: root, ...(next !== undefined && { 'continuation-token': next }) }
        address.search = canonicalQuery(Object.entries(asked))
        const page = readListing(Buffer.from((await send('GET', address, [200])).bytes).toString('utf8'), root)
        yield* page.entries
        next = page.next
      } while (next !== undefined)
    },
  }
}

/** Asks once; follows no redirection, which would carry the signature to somebody else. */
async function ask(
  address: URL,
  request: { method: string; headers: Record<string, string>; body: Uint8Array | null },
  most: number,
): Promise<Answer> {
  const response = await fetch(address, {
    ...request,
    body: request.body && new Uint8Array(request.body),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > most) throw new PlatformError('UPSTREAM_UNAVAILABLE', 'the store answered more than is read')
    parts.push(part)
  }
  return { status: response.status, bytes: new Uint8Array(Buffer.concat(parts, length)) }
}

/** Why an answer is none that was asked for: a coded error where another try would not help. */
function refusal({ status, bytes }: Answer): Error {
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(Buffer.from(bytes.subarray(0, 4096)).toString('utf8'))?.[1]
  const said = new Error(`the store answered ${status} ${code ?? ''}`.trim())
  if (status === 507 || code === 'QuotaExceeded' || code === 'EntityTooLarge')
    return new PlatformError('BLOB_STORE_FULL', 'there is no space left for documents', {
      cause: said,
      retryAfterSeconds: 60,
    })
  return status >= 500 || status === 429 || status === 408 || code === 'RequestTimeout' ? said : away(said)
}

const away = (cause: unknown): PlatformError =>
  new PlatformError('UPSTREAM_UNAVAILABLE', 'the store of documents cannot be used', { cause, retryAfterSeconds: 10 })

/** Entries of one page of ListObjectsV2, and where the next one begins. Keys that are no digests of ours are passed over. */
function readListing(xml: string, root: string): { entries: BlobEntry[]; next: string | undefined } {
  const entries: BlobEntry[] = []
  for (const [, content = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const key = textOf(content, 'Key') ?? ''
    const storedAt = new Date(textOf(content, 'LastModified') ?? Number.NaN)
    const digest = key.slice(root.length + 3)
    const isOurs = DIGEST.test(digest) && key === `${root}${digest.slice(0, 2)}/${digest}`
    if (isOurs && !Number.isNaN(storedAt.getTime())) entries.push({ digest, storedAt })
  }
  const next = textOf(xml, 'NextContinuationToken')
  return { entries, next: textOf(xml, 'IsTruncated') === 'true' ? next : undefined }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const textOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`)
    .exec(xml)?.[1]
    ?.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => ENTITIES[entity]!)
