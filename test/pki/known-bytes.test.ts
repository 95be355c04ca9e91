import { describe, expect, it } from 'vitest'
import { createKnownBytes } from '../../pki/known-bytes.ts'

const of = (...bytes: number[]) => Uint8Array.from(bytes)

describe('createKnownBytes', () => {
  it('finds the same bytes in another array, and no others with the same end', () => {
    const known = createKnownBytes<string>(4, 100)
    known.add(of(1, 9, 9, 9, 9), 'a')
    known.add(of(2, 9, 9, 9, 9), 'b')
    expect(known.find(of(2, 9, 9, 9, 9))?.value).toBe('b')
    expect(known.find(of(1, 9, 9, 9, 9))?.value).toBe('a')
    expect(known.find(of(3, 9, 9, 9, 9))).toBeUndefined()
    expect(known.find(of(9, 9, 9, 9))).toBeUndefined()
    expect(known.find(of())).toBeUndefined()
  })

  it('forgets the oldest beyond the number, and beyond the octets all but the newest', () => {
    const known = createKnownBytes<number>(2, 100)
    for (let n = 0; n < 3; n++) known.add(of(n, 7, 7, 7, 7), n)
    expect([0, 1, 2].map((n) => known.find(of(n, 7, 7, 7, 7))?.value)).toEqual([undefined, 1, 2])
    const large = new Uint8Array(200).fill(5)
    known.add(large, 3)
    expect(known.find(of(2, 7, 7, 7, 7))).toBeUndefined()
    expect(known.find(large.slice())?.value).toBe(3)
  })
})
