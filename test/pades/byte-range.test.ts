import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteRange, byteRangeAround, checkByteRange, digestRanges, joinRanges } from '../../pades/byte-range.ts'
import { Budget, defaultLimits } from '../../pades/limits.ts'
import type { PdfDictionary } from '../../pades/objects.ts'
import { SyntaxReader } from '../../pades/syntax.ts'

/** A miniature of a signed file: something, the hex string, something that ends with %%EOF. */
function miniature(before: string, digits: string, after: string): { bytes: Uint8Array; contents: PdfDictionary } {
  const bytes = new TextEncoder().encode(`${before}<</Contents<${digits}>>>${after}%%EOF\n`)
  const contents = new SyntaxReader(bytes, before.length, bytes.length, new Budget(defaultLimits)).readDictionary()
  return { bytes, contents }
}

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 60 })
const digitPairs = fc
  .array(fc.constantFrom('00', '3A', 'ff'), { minLength: 1, maxLength: 40 })
  .map((list) => list.join(''))
const array = (items: readonly number[]) => ({ kind: 'array', items }) as const

describe('checkByteRange', () => {
  it('takes exactly the range around the own /Contents, and no other (property)', () => {
    fc.assert(
      fc.property(
        ascii,
        digitPairs,
        ascii,
        fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: -3, max: 3 }))),
        (a, d, b, shift) => {
          const { bytes, contents } = miniature(a, d, b)
          const value = contents.entries.get('Contents')!
          const { start, end } = value as { start: number; end: number }
          const right: ByteRange = byteRangeAround(start, end, bytes.length)
          const checked = checkByteRange(bytes, array(right.map((number, i) => number + shift[i]!)), value)
          // The last digit of the length may leave out or not the final line feed: both end a revision.
          const isSame = shift.slice(0, 3).every((number) => number === 0) && (shift[3] === 0 || shift[3] === -1)
          expect(checked.ok).toBe(isSame)
          if (checked.ok && shift[3] === 0) {
            expect(checked.coversWholeFile).toBe(true)
            expect(joinRanges(bytes, checked.ranges)).toHaveLength(bytes.length - (end - start))
          }
        },
      ),
    )
  })

  it('refuses anything but four integers from 0', () => {
    const { bytes, contents } = miniature('abc', '00', 'xyz')
    const value = contents.entries.get('Contents')
    const lists = [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3, 4], [-0.5, 1, 2, 3], [0, -1, 2, 3], [1, 1, 2, 3]]
    for (const list of lists) expect(checkByteRange(bytes, array(list), value).ok).toBe(false)
    expect(checkByteRange(bytes, undefined, value).ok).toBe(false)
    expect(checkByteRange(bytes, null, value).ok).toBe(false)
    expect(checkByteRange(bytes, { kind: 'reference', number: 3, generation: 0 }, value).ok).toBe(false)
  })

  it('refuses /Contents with white space, an odd digit, or written as a literal string', () => {
    for (const written of ['<00 00>', '<000>', '(00)']) {
      const bytes = new TextEncoder().encode(`<</Contents${written}>>%%EOF`)
      const dictionary = new SyntaxReader(bytes, 0, bytes.length, new Budget(defaultLimits)).readDictionary()
      const end = 11 + written.length
      const checked = checkByteRange(bytes, array([0, 11, end, bytes.length - end]), dictionary.entries.get('Contents'))
      expect(checked).toMatchObject({ ok: false })
    }
  })
})

describe('digestRanges', () => {
  it('shows both stretches as one and leaves the bytes as they were (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(80), fc.nat(80), (bytes, a, b) => {
        const [from, to] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)]
        const before = bytes.slice()
        const range = byteRangeAround(from, to, bytes.length)
        const joined = digestRanges(bytes, range, (data) => data.slice())
        expect(joined).toEqual(
          joinRanges(before, [
            [0, from],
            [to, bytes.length],
          ]),
        )
        expect(bytes).toEqual(before)
      }),
    )
  })
})
