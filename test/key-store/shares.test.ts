import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { collectShares, makeSharedKey, type SharedKey } from '../../key-store/index.ts'
import { combineShares, invert, multiply, splitSecret } from '../../key-store/shares.ts'
import { primitives } from '../../pki/index.ts'

const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })

/** The field by long division of polynomials, bit by bit: slow, and written without looking at the other. */
function slowProduct(a: number, b: number): number {
  let product = 0
  for (let i = 0; i < 8; i++) if (b & (1 << i)) product ^= a << i
  for (let i = 15; i >= 8; i--) if (product & (1 << i)) product ^= 0x11b << (i - 8)
  return product
}

describe('the field GF(2^8)', () => {
  it.each([
    [0x57, 0x83, 0xc1],
    [0x57, 0x13, 0xfe],
    [0x57, 0x02, 0xae],
    [0x57, 0x04, 0x47],
    [0x57, 0x08, 0x8e],
    [0x57, 0x10, 0x07],
  ])('multiplies %i by %i as FIPS 197 §4.2 does', (a, b, product) => {
    expect(multiply(a, b)).toBe(product)
    expect(multiply(b, a)).toBe(product)
  })

  it('agrees with long division on every pair', () => {
    let differing = 0
    for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) if (multiply(a, b) !== slowProduct(a, b)) differing++
    expect(differing).toBe(0)
  })

  it('inverts every element but zero (FIPS 197 §5.1.1: the inverse of 53 is CA)', () => {
    expect(invert(0x53)).toBe(0xca)
    expect(invert(0)).toBe(0)
    for (let a = 1; a < 256; a++) expect(multiply(a, invert(a))).toBe(1)
  })
})

/** Every choice of `size` out of a list. */
function choices<T>(list: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  return list.flatMap((one, i) => choices(list.slice(i + 1), size - 1).map((rest) => [one, ...rest]))
}

describe('splitSecret and combineShares', () => {
  it('puts the points of a polynomial that can be worked out by hand into the shares', () => {
    // 3 + 5x with x = 1, 2, 3: in this field 3 + 5, 3 + a, 3 + f.
    const shares = splitSecret(Uint8Array.of(3), { threshold: 2, count: 3 }, () => Uint8Array.of(5))
    expect(shares.map(({ octets }) => octets[0])).toEqual([3 ^ 5, 3 ^ 0x0a, 3 ^ 0x0f])
  })

  it.each([
    [2, 2],
    [2, 3],
    [3, 5],
    [5, 7],
  ])('gives the secret from every %i of %i shares, in any order, and from all', (threshold, count) => {
    const secret = randomBytes(32)
    const shares = splitSecret(secret, { threshold, count }, randomBytes)
    for (const some of choices(shares, threshold)) {
      expect(Buffer.from(combineShares(some.reverse())).equals(secret)).toBe(true)
    }
    expect(Buffer.from(combineShares(shares)).equals(secret)).toBe(true)
  })

  it('says nothing with one share fewer: every secret fits as well as every other', () => {
    const [first, second] = splitSecret(Uint8Array.of(0x5a), { threshold: 3, count: 5 }, randomBytes)
    const possible = new Set<number>()
    for (let third = 0; third < 256; third++) {
      const guess = { index: 3, octets: Uint8Array.of(third) }
      possible.add(combineShares([first!, second!, guess])[0]!)
    }
    expect(possible.size).toBe(256)
  })

  it('works with 255 shares and refuses what is no sharing', () => {
    const secret = randomBytes(4)
    const shares = splitSecret(secret, { threshold: 200, count: 255 }, randomBytes)
    expect(Buffer.from(combineShares(shares.slice(55))).equals(secret)).toBe(true)
    for (const [threshold, count] of [
      [1, 3],
      [4, 3],
      [2, 256],
      [2.5, 3],
    ] as const) {
      expect(() => splitSecret(secret, { threshold, count }, randomBytes)).toThrow(TypeError)
    }
    expect(() => combineShares([])).toThrow(TypeError)
    expect(() => combineShares([shares[0]!, shares[0]!])).toThrow(TypeError)
    expect(() => combineShares([shares[0]!, { index: 0, octets: shares[1]!.octets }])).toThrow(TypeError)
    expect(() => combineShares([shares[0]!, { index: 2, octets: new Uint8Array(3) }])).toThrow(TypeError)
  })
})

const passphrases = ['first holder 第一', 'second holder 第二', 'third holder 第三']
const data = new TextEncoder().encode('to be signed')
/** The least cost a sheet may have: tests derive many keys. */
const share = (shared: SharedKey, threshold = 2) => shared.share({ threshold, passphrases, log2Cost: 14 })

describe('makeSharedKey and collectShares', () => {
  it('give the same key back from any two of three sheets, as it was before it was put away', async () => {
    const made = makeSharedKey()
    const sheets = await share(made)
    const signature = await made.key.sign(data)
    const { publicKey } = made.key
    made.destroy()
    await expect(made.key.sign(data)).rejects.toThrow(code('KEY_DESTROYED'))
    for (const [one, other] of choices([0, 1, 2], 2)) {
      const collector = collectShares()
      expect(collector.missing()).toBeUndefined()
      expect(await collector.add(sheets[other!]!, passphrases[other!]!)).toMatchObject({
        index: other! + 1,
        threshold: 2,
        count: 3,
      })
      expect(collector.missing()).toBe(1)
      await collector.add(sheets[one!]!, passphrases[one!]!)
      expect(collector.missing()).toBe(0)
      const opened = collector.open()
      expect(opened.key.publicKey).toEqual(publicKey)
      expect(await primitives.verify('ecdsa-with-SHA256', publicKey, data, signature)).toBe(true)
      expect(await primitives.verify('ecdsa-with-SHA256', publicKey, data, await opened.key.sign(data))).toBe(true)
      opened.destroy()
    }
  })

  it('refuse too few, and forget what was given', async () => {
    const sheets = await share(makeSharedKey(), 3)
    const collector = collectShares()
    expect(() => collector.open()).toThrow(code('KEY_SHARES_TOO_FEW'))
    await collector.add(sheets[0]!, passphrases[0]!)
    await collector.add(sheets[2]!, passphrases[2]!)
    expect(() => collector.open()).toThrow(code('KEY_SHARES_TOO_FEW'))
    collector.discard()
    await collector.add(sheets[1]!, passphrases[1]!)
    expect(() => collector.open()).toThrow(code('KEY_SHARES_TOO_FEW'))
  })

  it('refuse a wrong passphrase, the same share twice, a share of another key and one of an earlier sharing', async () => {
    const made = makeSharedKey()
    const sheets = await share(made)
    const later = await share(made)
    const foreign = await share(makeSharedKey())
    const collector = collectShares()
    await expect(collector.add(sheets[0]!, passphrases[1]!)).rejects.toThrow(code('KEY_SHARE_PASSPHRASE_WRONG'))
    expect(collector.missing()).toBeUndefined()
    await collector.add(sheets[0]!, passphrases[0]!)
    await expect(collector.add(sheets[0]!, passphrases[0]!)).rejects.toThrow(code('KEY_SHARE_DUPLICATE'))
    await expect(collector.add(foreign[1]!, passphrases[1]!)).rejects.toThrow(code('KEY_SHARES_FOREIGN'))
    await expect(collector.add(later[1]!, passphrases[1]!)).rejects.toThrow(code('KEY_SHARES_FOREIGN'))
    expect(() => collector.inspect(later[1]!)).toThrow(code('KEY_SHARES_FOREIGN'))
    await collector.add(sheets[1]!, passphrases[1]!)
    expect(collector.open().key.publicKey).toEqual(made.key.publicKey)
  })

  it('count a share once that is given twice at the same moment', async () => {
    const sheets = await share(makeSharedKey())
    const collector = collectShares()
    const twice = await Promise.allSettled([0, 0].map((i) => collector.add(sheets[i]!, passphrases[i]!)))
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(collector.missing()).toBe(1)
  })

  it('find a slip in its line, and read what a hand makes of a sheet', async () => {
    const [sheet] = await share(makeSharedKey())
    const lines = sheet!.trimEnd().split('\n')
    expect(lines).toHaveLength(6)
    for (const [i, line] of lines.entries()) {
      const at = 5
      const other = line[at] === '7' ? '8' : '7'
      const slipped = [
        ...lines.slice(0, i),
        line.slice(0, at) + other + line.slice(at + 1),
        ...lines.slice(i + 1),
      ].join('\n')
      const fault = expect.objectContaining({
        code: 'KEY_SHARE_DAMAGED',
        message: expect.stringContaining(`line ${i + 1}`),
      })
      expect(() => collectShares().inspect(slipped)).toThrow(fault)
    }
    const byHand = `Share of the root key\r\n\r\n${lines
      .join('\r\n')
      .toLowerCase()
      .replace(/0/g, 'o')
      .replace(/1(?!:)/g, 'l')
      .replace(/^l:/m, '1:')}`
    expect(collectShares().inspect(byHand)).toEqual(collectShares().inspect(sheet!))
  })

  it.each([
    ['nothing', () => ''],
    ['a line too few', (sheet: string) => sheet.split('\n').slice(0, 5).join('\n')],
    ['lines in another order', (sheet: string) => sheet.split('\n').reverse().join('\n')],
    [
      'a line of another share',
      (sheet: string, other: string) => [...sheet.split('\n').slice(0, 5), ...other.split('\n').slice(5)].join('\n'),
    ],
    ['a megabyte', () => '1: 00000'.repeat(131_072)],
    ['octets', () => '\u0000\u0001\u0002'],
  ])('refuse %s for a share', async (_what, spoil) => {
    const [sheet, other] = await share(makeSharedKey())
    expect(() => collectShares().inspect(spoil(sheet!, other!))).toThrow(code('KEY_SHARE_DAMAGED'))
  })

  it('refuse sharings that protect nothing', async () => {
    const made = makeSharedKey()
    const impossible = [
      { threshold: 1, passphrases },
      { threshold: 4, passphrases },
      { threshold: 2, passphrases: ['too short', ...passphrases] },
      { threshold: 2, passphrases: Array.from({ length: 17 }, () => passphrases[0]!) },
    ]
    for (const options of impossible) await expect(made.share(options)).rejects.toThrow(code('KEY_SHARES_IMPOSSIBLE'))
    made.destroy()
    await expect(made.share({ threshold: 2, passphrases })).rejects.toThrow(code('KEY_DESTROYED'))
  })

  it('show no secret, and no passphrase in any message', async () => {
    const made = makeSharedKey()
    const shown = inspect(made, { depth: 9, showHidden: true }) + JSON.stringify(made)
    const sheets = await share(made)
    for (const sheet of sheets) expect(shown).not.toContain(sheet.slice(3, 20))
    const failure = await collectShares()
      .add(sheets[0]!, 'a passphrase typed wrong')
      .catch((error: Error) => inspect(error))
    expect(failure).not.toContain('typed wrong')
  })
})
