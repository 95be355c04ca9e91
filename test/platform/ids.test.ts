import { describe, expect, it } from 'vitest'
import { pooledBytes, serialFrom, uuidSource } from '../../platform/ids.ts'
import { systemClock, systemIds } from '../../platform/index.ts'

describe('systemIds', () => {
  it('makes UUIDs of version 7 and variant 10 that carry the time and rise (RFC 9562 §5.7)', () => {
    const before = systemClock.now().getTime()
    const uuids = Array.from({ length: 10_000 }, () => systemIds.uuid())
    expect(
      uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
    ).toBe(true)
    expect(new Set(uuids).size).toBe(uuids.length)
    expect([...uuids].sort()).toEqual(uuids)
    const ms = Number.parseInt(uuids[0]!.replaceAll('-', '').slice(0, 12), 16)
    expect(Math.abs(ms - before)).toBeLessThan(5_000)
  })

  it('makes serials of 0-9A-Z of the asked length', () => {
    expect(systemIds.serial(20)).toMatch(/^[0-9A-Z]{20}$/)
    expect(systemIds.serial(0)).toBe('')
    expect(systemIds.bytes(32)).toHaveLength(32)
  })
})

describe('serialFrom', () => {
  it('draws all 36 characters equally often: bytes that would favour some are left out', () => {
    const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)
    const serial = serialFrom(() => everyByte, 252)
    const counts = new Map<string, number>()
    for (const character of serial) counts.set(character, (counts.get(character) ?? 0) + 1)
    expect(counts.size).toBe(36)
    expect(new Set(counts.values())).toEqual(new Set([7]))
  })
})

describe('uuidSource', () => {
  it('keeps rising when the clock stands still or is set back', () => {
    let now = 1_800_000_000_000
    const uuid = uuidSource(
      () => now,
      (length) => new Uint8Array(length).fill(255),
    )
    const many = Array.from({ length: 5000 }, uuid)
    now -= 60_000
    many.push(uuid(), uuid())
    expect([...many].sort()).toEqual(many)
    expect(new Set(many).size).toBe(many.length)
  })
})

describe('pooledBytes', () => {
  it('hands out every octet of its source once, in order, and large pieces straight from the source', () => {
    const asked: number[] = []
    let next = 0
    const bytes = pooledBytes((length) => {
      asked.push(length)
      return Uint8Array.from({ length }, () => next++ % 251)
    })
    const first = Array.from({ length: 255 }, () => bytes(16))
    expect(Buffer.concat(first)).toEqual(Buffer.from(Uint8Array.from({ length: 255 * 16 }, (_, n) => n % 251)))
    expect(asked).toEqual([4096])
    expect(bytes(1000)).toHaveLength(1000)
    expect(bytes(200)).toHaveLength(200)
    expect(asked).toEqual([4096, 1000, 4096])
    first[0]!.fill(7)
    expect(bytes(8)).toHaveLength(8)
  })
})
