import { createHash, createPublicKey, verify } from 'node:crypto'
import { decode, encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeStatement,
  encodeStatementSync,
  isStatementHolder,
  LicenceFormatError,
  parseStatement,
  STATEMENT_BUDGET,
  type StatementClaims,
  statementHolder,
  toStatementClaims,
  verifyStatement,
} from '../../licence-format/index.ts'
import { CLAIMS, codeOf, ecKey, LICENCE } from './sample.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const key = ecKey()
const certificate = Uint8Array.from({ length: 600 }, (_, i) => i)
const baseUrl = 'https://licence.example.gov.cn'
const writer = { key, certificate, baseUrl }
const text = encodeStatementSync(CLAIMS, writer)

/** Base32 by the letter of RFC 4648, independent of the room's own. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

function unbase32(encoded: string): Uint8Array {
  const bits = [...encoded].map((c) => BASE32.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

const PREFIX = 'HTTPS://LICENCE.EXAMPLE.GOV.CN/Q/'
const message = unbase32(text.slice(PREFIX.length))
const [header, , payload, signature] = decode(message, {
  tags: { 18: (inner) => inner() },
  useMaps: true,
}) as Uint8Array[]

/** A statement text around any message bytes. */
const around = (bytes: Uint8Array) => PREFIX + base32(bytes)

/** Bytes of a COSE_Sign1 with some parts exchanged; it need not verify. */
function sign1(
  parts: { header?: Uint8Array; unprotected?: Map<unknown, unknown>; payload?: Uint8Array; tag?: number[] } = {},
) {
  const tag = parts.tag ?? [0xd2]
  const body = encode([parts.header ?? header, parts.unprotected ?? new Map(), parts.payload ?? payload, signature])
  return Uint8Array.of(...tag, ...body)
}

const claimsWith = (change: (claims: Map<number, unknown>) => void) => {
  const claims = decode(payload!, { useMaps: true }) as Map<number, unknown>
  change(claims)
  return around(sign1({ payload: encode(claims) }))
}

describe('encodeStatement', () => {
  it('writes HTTPS://HOST/Q/ and base32 in the alphabet of alphanumeric QR codes', () => {
    expect(text).toMatch(/^HTTPS:\/\/LICENCE\.EXAMPLE\.GOV\.CN\/Q\/[A-Z2-7]+$/)
    expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/)
  })

  it('gives back every claim', async () => {
    const statement = parseStatement(await encodeStatement(CLAIMS, writer))
    expect(statement.claims).toEqual(CLAIMS)
    expect(statement.host).toBe('licence.example.gov.cn')
    expect(await verifyStatement(statement, key.publicKey)).toBe(true)
  })

  it('carries the claims in a CBOR map with the keys 1 to 8, read by another decoder', () => {
    const claims = decode(payload!, { useMaps: true, strict: true, rejectDuplicateMapKeys: true }) as Map<
      number,
      unknown
    >
    expect([...claims.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(claims.get(1)).toBe(CLAIMS.identifier.slice('1.2.156.3005.2.'.length))
    expect(claims.get(4)).toBe(Date.parse('2026-11-21') / 86_400_000)
    expect(claims.get(7)).toEqual([3, 1_048_575])
    expect(claims.get(8)).toBe(1_795_248_000)
  })

  it('is a COSE_Sign1 that another implementation of RFC 9052 verifies', () => {
    const structure = encode(['Signature1', header, new Uint8Array(0), payload])
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' })
    expect(verify('sha256', structure, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature!)).toBe(true)
    expect(decode(header!, { useMaps: true })).toEqual(
      new Map<number, unknown>([
        [1, -7],
        [4, new Uint8Array(createHash('sha256').update(certificate).digest().subarray(0, 8))],
      ]),
    )
  })

  it('keeps no end as null', () => {
    const statement = parseStatement(encodeStatementSync({ ...CLAIMS, validUntil: null }, writer))
    expect(statement.claims.validUntil).toBeNull()
  })

  it('shortens the holder and nothing else to stay within 528 characters with a host of 40', () => {
    const host = `${'a'.repeat(36)}.gov`
    expect(host).toHaveLength(40)
    const claims = {
      ...CLAIMS,
      holder: '云汀市印证科技发展集团有限责任公司'.repeat(4),
      number: '云（2026）云汀市不动产权第0000001号',
    }
    const long = encodeStatementSync(claims, { ...writer, baseUrl: `https://${host}` })
    expect(long.length).toBeLessThanOrEqual(STATEMENT_BUDGET)
    expect(long.length).toBeGreaterThan(STATEMENT_BUDGET - 8)
    const { holder, ...rest } = parseStatement(long).claims
    expect(rest).toEqual({ ...claims, holder: undefined, ...rest })
    expect(rest.number).toBe(claims.number)
    expect(holder.endsWith('…')).toBe(true)
    expect(isStatementHolder(holder, claims.holder)).toBe(true)
  })

  it('never splits a character of plane 2 when it shortens', () => {
    const { claims } = parseStatement(encodeStatementSync({ ...CLAIMS, holder: '𠮷'.repeat(60) }, writer))
    expect(claims.holder).toMatch(/^(?:𠮷)+…$/u)
  })

  it('refuses a number so long that no holder fits beside it', () => {
    expect(codeOf(() => encodeStatementSync({ ...CLAIMS, number: '号'.repeat(100) }, writer))).toBe(
      'STATEMENT_OVER_BUDGET',
    )
  })

  it.each([
    [{ holder: '' }],
    [{ holder: 'a\u202eb' }],
    [{ number: 'a\nb' }],
    [{ number: '\ud800' }],
    [{ dataDigest: new Uint8Array(31) }],
    [{ statusPlace: -1 }],
    [{ statusList: 1.5 }],
    [{ validUntil: '2026-11-20' }],
    [{ issuedAt: new Date(Number.NaN) }],
  ])('refuses claims that no reader would take: %o', (change) => {
    expect(codeOf(() => encodeStatementSync({ ...CLAIMS, ...change }, writer))).toBe('STATEMENT_CLAIM_INVALID')
  })

  it('refuses a base address without a plain host, and an RSA key', () => {
    for (const bad of ['ftp://a', 'licence', 'https://[::1]']) {
      expect(codeOf(() => encodeStatementSync(CLAIMS, { ...writer, baseUrl: bad }))).toBe('STATEMENT_BASE_URL_UNUSABLE')
    }
    const rsa = { ...key, signatureAlgorithm: 'sha256WithRSAEncryption' as const }
    expect(codeOf(() => encodeStatementSync(CLAIMS, { ...writer, key: rsa }))).toBe('SIGNING_KEY_UNSUITABLE')
  })
})

describe('toStatementClaims', () => {
  it('takes the claims from the licence, with people masked', () => {
    const holders = [
      { name: '张小三', code: '11010519491231002X', codeType: '111' },
      { name: '李四', code: '440524188001010014', codeType: '111' },
    ]
    const facts = { dataDigest: new Uint8Array(32), statusList: 0, statusPlace: 5, issuedAt: new Date(0) }
    const claims = toStatementClaims({ ...LICENCE, holders }, facts)
    expect(claims.holder).toBe('张*三、李*')
    expect(claims).toEqual({
      identifier: LICENCE.identifier,
      holder: statementHolder({ holders }),
      number: LICENCE.number,
      validFrom: '2026-11-21',
      validUntil: null,
      ...facts,
    })
  })
})

describe('parseStatement', () => {
  it('reads lower and mixed case alike', () => {
    expect(parseStatement(text.toLowerCase()).claims).toEqual(CLAIMS)
    expect(parseStatement(text.replace('HTTPS', 'Https')).host).toBe('licence.example.gov.cn')
  })

  it('reads a host with a port', () => {
    const local = encodeStatementSync(CLAIMS, { ...writer, baseUrl: 'http://localhost:8080' })
    expect(local.startsWith('HTTPS://LOCALHOST:8080/Q/')).toBe(true)
    expect(parseStatement(local).host).toBe('localhost:8080')
  })

  it.each([
    ['http instead of https', text.replace('HTTPS', 'HTTP'), 'STATEMENT_SCHEME_WRONG'],
    ['another scheme', text.replace('HTTPS', 'FTP'), 'STATEMENT_SCHEME_WRONG'],
    ['nothing', '', 'STATEMENT_SCHEME_WRONG'],
    ['another path', text.replace('/Q/', '/R/'), 'STATEMENT_ADDRESS_MALFORMED'],
    ['a path before /Q/', text.replace('/Q/', '/X/Q/'), 'STATEMENT_ADDRESS_MALFORMED'],
    ['a user name in the address', text.replace('HTTPS://', 'HTTPS://EVIL@'), 'STATEMENT_ADDRESS_MALFORMED'],
    ['a query', `${text}?A`, 'STATEMENT_ADDRESS_MALFORMED'],
    ['a fragment', `${text}#A`, 'STATEMENT_ADDRESS_MALFORMED'],
    ['a bracketed host', text.replace('LICENCE.EXAMPLE.GOV.CN', '[::1]'), 'STATEMENT_ADDRESS_MALFORMED'],
    ['a Cyrillic letter in the host', text.replace('LICENCE', 'LIСENCE'), 'STATEMENT_NOT_ASCII'],
    ['full-width letters', text.replace('Q', 'Ｑ'), 'STATEMENT_NOT_ASCII'],
    ['a long s, which upper-cases to S', text.replace('HTTPS', 'HTTPſ'), 'STATEMENT_NOT_ASCII'],
    ['white space', `${text} `, 'STATEMENT_NOT_ASCII'],
    ['a line end', `${text}\n`, 'STATEMENT_NOT_ASCII'],
    ['a million characters', `${text}${'A'.repeat(1_000_000)}`, 'STATEMENT_TOO_LONG'],
    ['padding', `${text}=`, 'STATEMENT_BASE32_MALFORMED'],
    ['a digit outside the alphabet', `${text.slice(0, -1)}1`, 'STATEMENT_BASE32_MALFORMED'],
    ['a length no bytes have', around(message).slice(0, -2), 'CBOR_TRUNCATED'],
    ['no statement', PREFIX, 'CBOR_TRUNCATED'],
    ['half of a statement', text.slice(0, 200), 'CBOR_TRUNCATED'],
    ['bytes after the end', around(Uint8Array.of(...message, 0)), 'CBOR_TRAILING_BYTES'],
    ['no tag', around(sign1({ tag: [] })), 'COSE_NOT_SIGN1'],
    ['another tag', around(sign1({ tag: [0xd1] })), 'COSE_NOT_SIGN1'],
    ['the tag written in two bytes', around(sign1({ tag: [0xd8, 18] })), 'CBOR_NOT_DETERMINISTIC'],
    ['an unprotected header', around(sign1({ unprotected: new Map([[4, new Uint8Array(8)]]) })), 'COSE_HEADER_UNKNOWN'],
    ['a text key in the header', around(sign1({ header: encode({ alg: -7 }) })), 'CBOR_MALFORMED'],
    ['the algorithm ES384', around(sign1({ header: encode(new Map([[1, -35]])) })), 'COSE_ALGORITHM_WRONG'],
    ['no algorithm', around(sign1({ header: new Uint8Array(0) })), 'COSE_ALGORITHM_WRONG'],
    ['no kid', around(sign1({ header: encode(new Map([[1, -7]])) })), 'COSE_HEADER_UNKNOWN'],
    [
      'a critical header',
      around(
        sign1({
          header: encode(
            new Map<number, unknown>([
              [1, -7],
              [2, [99]],
              [4, new Uint8Array(8)],
            ]),
          ),
        }),
      ),
      'COSE_HEADER_UNKNOWN',
    ],
    ['a payload that is an array', around(sign1({ payload: encode([1]) })), 'STATEMENT_CLAIM_MISSING'],
    ['an indefinite map', around(sign1({ payload: Uint8Array.of(0xbf, 0xff) })), 'CBOR_NOT_DETERMINISTIC'],
    ['a float', around(sign1({ payload: encode(new Map([[1, 0.5]])) })), 'CBOR_MALFORMED'],
    ['an unknown claim', claimsWith((claims) => claims.set(10, 1)), 'STATEMENT_CLAIM_UNKNOWN'],
    ['a missing claim', claimsWith((claims) => claims.delete(6)), 'STATEMENT_CLAIM_MISSING'],
    ['a claim of another type', claimsWith((claims) => claims.set(3, 7)), 'STATEMENT_CLAIM_INVALID'],
    ['a digest of 20 bytes', claimsWith((claims) => claims.set(6, new Uint8Array(20))), 'STATEMENT_CLAIM_INVALID'],
    ['a wrong identifier', claimsWith((claims) => claims.set(1, `${claims.get(1)}X`)), 'STATEMENT_CLAIM_INVALID'],
    [
      'the identifier with its root',
      claimsWith((claims) => claims.set(1, CLAIMS.identifier)),
      'STATEMENT_CLAIM_INVALID',
    ],
    ['three numbers as place', claimsWith((claims) => claims.set(7, [1, 2, 3])), 'STATEMENT_CLAIM_INVALID'],
    ['an end before the beginning', claimsWith((claims) => claims.set(5, 1)), 'STATEMENT_CLAIM_INVALID'],
    ['text that turns direction', claimsWith((claims) => claims.set(2, '张\u202e三')), 'STATEMENT_CLAIM_INVALID'],
  ])('refuses %s with its own code', (_, input, code) => {
    expect(codeOf(() => parseStatement(input))).toBe(code)
  })

  it('refuses unused bits of the last character', () => {
    const unused = (message.length * 8) % 5
    expect(unused).not.toBe(0)
    const last = BASE32.indexOf(text.at(-1)!)
    expect(codeOf(() => parseStatement(text.slice(0, -1) + BASE32[last | 1]))).toBe('STATEMENT_BASE32_NOT_CANONICAL')
  })

  it('calls every text cut short truncated', () => {
    for (let length = PREFIX.length; length < text.length - 1; length++) {
      expect(codeOf(() => parseStatement(text.slice(0, length)))).toBe('CBOR_TRUNCATED')
    }
  })

  it('refuses claims out of order, repeated or written long', () => {
    const pairs = [...(decode(payload!, { useMaps: true }) as Map<number, unknown>)].map(([k, v]) => [
      ...encode(k),
      ...encode(v),
    ])
    const map = (...entries: number[][]) =>
      around(sign1({ payload: Uint8Array.of(0xa0 | entries.length, ...entries.flat()) }))
    expect(parseStatement(map(...pairs)).claims).toEqual(CLAIMS)
    expect(codeOf(() => parseStatement(map(pairs[1]!, pairs[0]!, ...pairs.slice(2))))).toBe('CBOR_NOT_DETERMINISTIC')
    expect(codeOf(() => parseStatement(map(...pairs, pairs[7]!)))).toBe('CBOR_NOT_DETERMINISTIC')
    expect(codeOf(() => parseStatement(map([0x18, ...pairs[0]!], ...pairs.slice(1))))).toBe('CBOR_NOT_DETERMINISTIC')
  })

  it('answers any text with a coded refusal, never with another error', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map(around),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => around(sign1({ payload: bytes }))),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => around(sign1({ header: bytes }))),
    )
    fc.assert(
      fc.property(anyText, (input) => {
        expect(() => parseStatement(input)).toThrow(LicenceFormatError)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('verifyStatement', () => {
  it('says no to another key', async () => {
    expect(await verifyStatement(parseStatement(text), ecKey().publicKey)).toBe(false)
  })

  it('says no to any claim changed by one bit', async () => {
    for (let i = 0; i < message.length; i++) {
      const mutated = Uint8Array.from(message)
      mutated[i]! ^= 1
      let statement: ReturnType<typeof parseStatement> | undefined
      try {
        statement = parseStatement(around(mutated))
      } catch (error) {
        expect(error).toBeInstanceOf(LicenceFormatError)
      }
      if (statement) expect(await verifyStatement(statement, key.publicKey)).toBe(false)
    }
  })

  it('agrees for any claims that fit', async () => {
    const day = fc.integer({ min: 0, max: 2_900_000 })
    const claims: fc.Arbitrary<StatementClaims> = fc
      .record({
        holder: fc.stringMatching(/^[\u4e00-\u9fa5*]{1,12}$/),
        number: fc.stringMatching(/^[0-9A-Z\u4e00-\u9fa5]{1,15}$/),
        days: fc.tuple(day, day),
        dataDigest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        statusList: fc.nat(),
        statusPlace: fc.nat((1 << 20) - 1),
        seconds: fc.nat(),
      })
      .map(({ days, seconds, ...rest }) => {
        const [from, until] = [...days]
          .sort((a, b) => a - b)
          .map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10))
        return {
          ...rest,
          identifier: CLAIMS.identifier,
          validFrom: from!,
          validUntil: until!,
          issuedAt: new Date(seconds * 1000),
        }
      })
    await fc.assert(
      fc.asyncProperty(claims, async (value) => {
        const statement = parseStatement(encodeStatementSync(value, writer))
        expect(statement.claims).toEqual(value)
        expect(await verifyStatement(statement, key.publicKey)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
