import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createBlobs, sweepBlobs } from '../../platform/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const collect = async <T>(many: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of many) all.push(one)
  return all
}

describe('blobs in a folder', () => {
  const folder = join(temporaryFolder(), 'documents')
  const blobs = createBlobs({ folder })
  const pathOf = (digest: string): string => join(folder, digest.slice(0, 2), digest)
  const strays = (): string[] => (existsSync(join(folder, 'incoming')) ? readdirSync(join(folder, 'incoming')) : [])

  it('gives back what was put, under its SHA-256', async () => {
    const bytes = bytesOf('证照')
    const digest = await blobs.put(bytes)
    expect(digest).toBe(digestOf(bytes))
    expect(await blobs.get(digest)).toEqual(bytes)
    expect(Buffer.isBuffer(await blobs.get(digest))).toBe(false)
    expect(await blobs.has(digest)).toBe(true)
    expect(readFileSync(pathOf(digest))).toEqual(Buffer.from(bytes))
  })

  it('keeps no bytes at all as a blob too', async () => {
    expect(await blobs.get(await blobs.put(new Uint8Array(0)))).toEqual(new Uint8Array(0))
  })

  it('says BLOB_NOT_FOUND for what was never put and after removal, and removing twice is no error', async () => {
    const digest = await blobs.put(bytesOf('short-lived'))
    await blobs.remove(digest)
    await blobs.remove(digest)
    expect(await blobs.has(digest)).toBe(false)
    await toThrowWithCode(blobs.get(digest), 'BLOB_NOT_FOUND')
  })

  it('says BLOB_DAMAGED for a cut or changed file, and a new put mends it', async () => {
    const bytes = bytesOf('to be damaged')
    const digest = await blobs.put(bytes)
    truncateSync(pathOf(digest), 3)
    await toThrowWithCode(blobs.get(digest), 'BLOB_DAMAGED')
    await blobs.put(bytes)
    expect(await blobs.get(digest)).toEqual(bytes)
  })

  it.each(['../../etc/passwd', 'A'.repeat(64), '', 'ab'])(
    'takes %j for no digest, so it reaches no other file',
    async (digest) => {
      await expect(blobs.get(digest)).rejects.toThrow(TypeError)
      await expect(blobs.remove(digest)).rejects.toThrow(TypeError)
    },
  )

  it('puts 450 at once, twins included, in the order given', async () => {
    const many = Array.from({ length: 450 }, (_, i) => bytesOf(`document ${i % 440}`))
    const digests = await blobs.putMany(many)
    expect(digests).toEqual(many.map(digestOf))
    expect(await blobs.get(digests[449]!)).toEqual(many[9])
    expect(strays()).toEqual([])
  })

  it('puts the same bytes 50 times at once', async () => {
    const bytes = bytesOf('wanted by all')
    const digests = await Promise.all(Array.from({ length: 50 }, () => blobs.put(bytes)))
    expect(new Set(digests)).toEqual(new Set([digestOf(bytes)]))
    expect(await blobs.get(digests[0]!)).toEqual(bytes)
    expect(strays()).toEqual([])
  })

  it('sweeps old blobs that nobody claims, and spares one that was put anew', async () => {
    const own = createBlobs({ folder: join(folder, 'swept') })
    const ownPath = (digest: string): string => join(folder, 'swept', digest.slice(0, 2), digest)
    const [claimed, orphan, putAgain, fresh] = await own.putMany(
      ['claimed', 'orphan', 'put again', 'fresh'].map(bytesOf),
    )
    const longAgo = new Date('2020-01-01T00:00:00Z')
    for (const digest of [claimed!, orphan!, putAgain!]) utimesSync(ownPath(digest), longAgo, longAgo)
    await own.put(bytesOf('put again'))
    const removed = await sweepBlobs(own, {
      olderThan: new Date('2021-01-01T00:00:00Z'),
      isWanted: async (digest) => digest === claimed,
    })
    expect(removed).toBe(1)
    const left = (await collect(own.list())).map(({ digest }) => digest).sort()
    expect(left).toEqual([claimed, putAgain, fresh].sort())
  })

  it('lists nothing of a folder that is not there yet, nor files that are no blobs', async () => {
    expect(await collect(createBlobs({ folder: join(folder, 'nowhere') }).list())).toEqual([])
    const odd = join(folder, 'odd')
    mkdirSync(join(odd, 'ab'), { recursive: true })
    writeFileSync(join(odd, 'ab', 'notes.txt'), 'x')
    expect(await collect(createBlobs({ folder: odd }).list())).toEqual([])
  })
})

function mountSmallDisk(folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('blobs on a full disk', () => {
  const folder = join(temporaryFolder(), 'small')

  it('says BLOB_STORE_FULL, leaves nothing half written, and what was there can be read', async ({ skip }) => {
    if (!mountSmallDisk(folder)) skip('no right to mount a small disk here')
    try {
      const blobs = createBlobs({ folder })
      const kept = await blobs.put(bytesOf('kept'))
      const large = new Uint8Array(512 * 1024).fill(7)
      const error = await toThrowWithCode(blobs.putMany([bytesOf('also fine'), large]), 'BLOB_STORE_FULL')
      expect(error.cause).toMatchObject({ code: 'ENOSPC' })
      expect(await blobs.has(digestOf(large))).toBe(false)
      expect(readdirSync(join(folder, 'incoming'))).toEqual([])
      expect(await blobs.get(kept)).toEqual(bytesOf('kept'))
    } finally {
      execFileSync('umount', [folder])
    }
  })
})
