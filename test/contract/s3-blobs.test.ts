import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EMPTY_PAYLOAD_HASH, type SignableRequest, signV4 } from '../../platform/blobs/sign-v4.ts'
import { type Blobs, createS3Blobs, sweepBlobs } from '../../platform/index.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const collect = async <T>(many: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of many) all.push(one)
  return all
}

describe('signV4', () => {
  // Examples of the signature calculation in the API reference of Amazon S3.
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  }
  const at = new Date('2013-05-24T00:00:00Z')
  const empty = { payloadHash: EMPTY_PAYLOAD_HASH }
  const upload = bytesOf('Welcome to Amazon S3.')
  it.each<[string, SignableRequest, string]>([
    [
      'GET of an object',
      {
        method: 'GET',
        url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
        headers: { range: 'bytes=0-9' },
        ...empty,
      },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT of an object',
      {
        method: 'PUT',
        url: new URL('https://examplebucket.s3.amazonaws.com/test%24file.text'),
        headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
        payloadHash: digestOf(upload),
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET with a query without value',
      { method: 'GET', url: new URL('https://examplebucket.s3.amazonaws.com/?lifecycle'), ...empty },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET of a listing',
      { method: 'GET', url: new URL('https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J'), ...empty },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('gives the published signature of a %s', (_, request, signature) => {
    const { authorization } = signV4(request, credentials, 'us-east-1', at)
    expect(authorization).toMatch(new RegExp(`Signature=${signature}$`))
  })
})

describe('blobs in a store that speaks S3', () => {
  let now = new Date('2026-11-21T08:00:00Z')
  const account = { region: 'cn-yunting-1', accessKeyId: 'zhengyin', secretAccessKey: 'a secret of the test' }
  const clock = { now: () => now }
  let server: S3Server
  let blobs: Blobs
  const open = (changes: Partial<typeof account> = {}, path = '/licences/documents'): Blobs => {
    const { region, ...credentials } = { ...account, ...changes }
    return createS3Blobs({ url: `${server.url}${path}`, region, credentials, clock })
  }
  beforeAll(async () => {
    server = await startS3Server({ bucket: 'licences', ...account, now: () => now, pageSize: 3 })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    now = new Date('2026-11-21T08:00:00Z')
    server.objects.clear()
    server.failures.length = 0
    server.requests.length = 0
    blobs = open()
  })
  const keyOf = (digest: string) => `documents/${digest.slice(0, 2)}/${digest}`

  it('gives back what was put, under its SHA-256, with every signature right', async () => {
    for (const bytes of [bytesOf('证照'), new Uint8Array(0), new Uint8Array(300_000).fill(7)]) {
      const digest = await blobs.put(bytes)
      expect(digest).toBe(digestOf(bytes))
      expect(server.objects.get(keyOf(digest))?.bytes).toEqual(bytes)
      expect(await blobs.get(digest)).toEqual(bytes)
      expect(await blobs.has(digest)).toBe(true)
    }
    expect(server.requests.every(({ status }) => status < 300)).toBe(true)
  })

  it('puts many, in the order given', async () => {
    const many = Array.from({ length: 70 }, (_, n) => bytesOf(`document ${n}`))
    expect(await blobs.putMany(many)).toEqual(many.map(digestOf))
    expect(server.objects.size).toBe(70)
  })

  it('says BLOB_NOT_FOUND for what was never put and after removal, and removing twice is no error', async () => {
    const digest = await blobs.put(bytesOf('short-lived'))
    await blobs.remove(digest)
    await blobs.remove(digest)
    expect(await blobs.has(digest)).toBe(false)
    await toThrowWithCode(blobs.get(digest), 'BLOB_NOT_FOUND')
  })

  it('says BLOB_DAMAGED for bytes that were changed in the store, and a new put mends them', async () => {
    const bytes = bytesOf('to be damaged')
    const digest = await blobs.put(bytes)
    server.objects.set(keyOf(digest), { bytes: bytesOf('to be damagEd'), storedAt: now })
    await toThrowWithCode(blobs.get(digest), 'BLOB_DAMAGED')
    await blobs.put(bytes)
    expect(await blobs.get(digest)).toEqual(bytes)
  })

  it.each(['../../etc/passwd', 'A'.repeat(64), '', 'ab'])('takes %j for no digest', async (digest) => {
    await expect(blobs.get(digest)).rejects.toThrow(TypeError)
    await expect(blobs.has(digest)).rejects.toThrow(TypeError)
  })

  it('lists over several pages what is its own, and the sweep removes what is old and wanted by nobody', async () => {
    const digests = await blobs.putMany(Array.from({ length: 8 }, (_, n) => bytesOf(`old ${n}`)))
    now = new Date('2026-11-23T08:00:00Z')
    const young = await blobs.put(bytesOf('young'))
    server.objects.set('documents/ab/readme & more.txt', { bytes: bytesOf('x'), storedAt: now })
    await open({}, '/licences/other').put(bytesOf('another house'))
    expect((await collect(blobs.list())).map(({ digest }) => digest).sort()).toEqual([...digests, young].sort())
    const olderThan = new Date('2026-11-22T08:00:00Z')
    const isWanted = async (digest: string) => digest === digests[0]
    expect(await sweepBlobs(blobs, { olderThan, isWanted })).toBe(7)
    expect((await collect(blobs.list())).map(({ digest }) => digest).sort()).toEqual([digests[0]!, young].sort())
  })

  it('tries again what was busy or broken off, and says UPSTREAM_UNAVAILABLE when it stays so', async () => {
    server.failures.push((_, response) => void response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>'))
    server.failures.push((request) => void request.socket.destroy())
    const digest = await blobs.put(bytesOf('in the end'))
    expect(server.objects.has(keyOf(digest))).toBe(true)
    for (let n = 0; n < 4; n++) server.failures.push((_, response) => void response.writeHead(500).end())
    await toThrowWithCode(blobs.get(digest), 'UPSTREAM_UNAVAILABLE')
    expect(await blobs.get(digest)).toEqual(bytesOf('in the end'))
  })

  it.each([
    ['another secret', { secretAccessKey: 'wrong' }],
    ['another account', { accessKeyId: 'somebody' }],
    ['another region', { region: 'elsewhere-1' }],
  ])('is refused with %s at the first try, and says nothing of the secret', async (_, changes) => {
    const error: unknown = await open(changes)
      .put(bytesOf('x'))
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(String(error)).not.toContain('secret')
    expect(server.requests.map(({ status }) => status)).toEqual([403])
  })

  it('says when the store is full, follows no redirection, and reads no answer without end', async () => {
    server.failures.push((_, response) => void response.writeHead(403).end('<Error><Code>QuotaExceeded</Code></Error>'))
    await toThrowWithCode(blobs.put(bytesOf('x')), 'BLOB_STORE_FULL')
    server.failures.push((_, response) => void response.writeHead(307, { location: `${server.url}/elsewhere` }).end())
    await toThrowWithCode(blobs.put(bytesOf('x')), 'UPSTREAM_UNAVAILABLE')
    expect(server.requests).toEqual([])
    server.failures.push((_, response) => {
      response.writeHead(200)
      const more = () => response.writable && response.write(new Uint8Array(1 << 20), () => setImmediate(more))
      more()
    })
    await toThrowWithCode(collect(blobs.list()), 'UPSTREAM_UNAVAILABLE')
  })

  it('refuses an address without a bucket, or with one that would be read two ways', () => {
    expect(() => open({}, '/')).toThrow(TypeError)
    expect(() => open({}, '/licences/a%2Fb')).toThrow(TypeError)
  })
})
