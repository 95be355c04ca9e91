import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCanonicalText } from '../../licence-format/canonical-json.ts'
import { canonicalJson, dataDigest, parseLicenceData } from '../../licence-format/index.ts'
import { codeOf, IDENTIFIER, LICENCE } from './sample.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (value: string) => new TextEncoder().encode(value)

describe('isCanonicalText', () => {
  it.each([
    ['{"a":1,"b":[{"c":"é","d":-0.5}]}', true],
    ['{"10":1,"9":2}', true],
    ['{"":1,"a":2}', true],
    ['{"9":1,"10":2}', false],
    ['{"b":1,"a":2}', false],
    ['[{"b":1,"a":2}]', false],
    ['{"a":1.0}', false],
    ['{"a":1e3}', false],
    ['{"a": 1}', false],
    ['{"a":1,"a":1}', false],
    ['{"a":"\\u00e9"}', false],
    ['{"a":"\\ud800"}', false],
    ['{"a":"\\\\ud800"}', true],
  ])('says of %s that it is canonical: %s', (json, isCanonical) => {
    expect(isCanonicalText(json, JSON.parse(json))).toBe(isCanonical)
  })

  it('says the same as writing it canonically', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value)
        const parsed = JSON.parse(json) as unknown
        const rewritten = codeOf(() => canonicalJson(parsed)) === 'nothing refused' ? text(canonicalJson(parsed)) : null
        expect(isCanonicalText(json, parsed)).toBe(rewritten === json)
      }),
    )
  })
})

describe('canonicalJson', () => {
  it('writes the example of RFC 8785 §3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(text(canonicalJson(value))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts members by UTF-16 code units (RFC 8785 §3.2.3)', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }
    expect(Object.values(JSON.parse(text(canonicalJson(value)), (_, v) => v))).toHaveLength(7)
    expect([...text(canonicalJson(value)).matchAll(/:(\d)/g)].map((m) => m[1]).join('')).toBe('2467153')
  })

  it('writes minus zero as 0', () => {
    expect(text(canonicalJson([-0, 0]))).toBe('[0,0]')
  })

  it.each([
    ['a lone surrogate in a value', ['\ud800']],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['NaN', [Number.NaN]],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['undefined', { a: undefined }],
    ['a big integer', [1n]],
    ['a Date', [new Date(0)]],
    ['bytes', [new Uint8Array(1)]],
  ])('refuses %s', (_, value) => {
    expect(codeOf(() => canonicalJson(value))).toBe('JSON_NOT_CANONICALISABLE')
  })

  it('refuses nesting that would exhaust the stack', () => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(codeOf(() => canonicalJson(deep))).toBe('JSON_NOT_CANONICALISABLE')
  })

  it('is a fixed point for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const once = text(canonicalJson(value))
        expect(text(canonicalJson(JSON.parse(once)))).toBe(once)
      }),
      { numRuns: 300 },
    )
  })
})

describe('dataDigest', () => {
  it('is SHA-256 of the bytes', () => {
    const json = canonicalJson(LICENCE)
    expect(Buffer.from(dataDigest(json)).toString('hex')).toBe(createHash('sha256').update(json).digest('hex'))
  })
})

describe('parseLicenceData', () => {
  const changed = (change: object) => canonicalJson({ ...LICENCE, ...change })

  it('gives back what was written', () => {
    expect(parseLicenceData(canonicalJson(LICENCE))).toEqual(LICENCE)
  })

  it('takes an uploaded document with its places, and none of another shape', () => {
    const place = { page: 0, x: 20.5, y: 20 }
    const body = { digest: 'a'.repeat(64), bytes: 9, pages: 1, qr: { ...place, size: 30 }, seal: place }
    expect(parseLicenceData(changed({ body })).body).toEqual(body)
    const wrong = [null, { ...body, more: 1 }, { ...body, digest: 'A'.repeat(64) }, { ...body, pages: 1.5 }]
    const misplaced = [
      { ...body, qr: place },
      { ...body, seal: { ...place, x: -1 } },
      { ...body, seal: { ...place, page: '0' } },
    ]
    for (const one of [...wrong, ...misplaced])
      expect(codeOf(() => parseLicenceData(changed({ body: one })))).toBe('LICENCE_DATA_SHAPE')
  })

  it.each([
    ['no JSON', bytes('%PDF-1.7'), 'LICENCE_DATA_NOT_JSON'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'LICENCE_DATA_NOT_JSON'],
    ['a byte order mark', bytes(`\ufeff${text(canonicalJson(LICENCE))}`), 'LICENCE_DATA_NOT_JSON'],
    ['nothing', new Uint8Array(0), 'LICENCE_DATA_NOT_JSON'],
    ['a million brackets', bytes('['.repeat(1_000_000)), 'LICENCE_DATA_NOT_JSON'],
    ['more than 1 MiB', new Uint8Array((1 << 20) + 1), 'LICENCE_DATA_TOO_LARGE'],
    ['white space', bytes(JSON.stringify(LICENCE, null, 1)), 'LICENCE_DATA_NOT_CANONICAL'],
    ['members out of order', bytes(JSON.stringify(LICENCE)), 'LICENCE_DATA_NOT_CANONICAL'],
    [
      'a repeated member',
      bytes(text(canonicalJson(LICENCE)).replace('{', '{"fields":{},')),
      'LICENCE_DATA_NOT_CANONICAL',
    ],
    ['an array', bytes('[]'), 'LICENCE_DATA_SHAPE'],
    ['null', bytes('null'), 'LICENCE_DATA_SHAPE'],
    ['an unknown member', changed({ extra: 1 }), 'LICENCE_DATA_SHAPE'],
    ['another schema', changed({ schema: 'zhengyin-licence-2' }), 'LICENCE_DATA_SHAPE'],
    ['a short salt', changed({ salt: 'AAAA' }), 'LICENCE_DATA_SHAPE'],
    ['another type than the identifier', changed({ typeCode: '11100000MB03271699001' }), 'LICENCE_DATA_SHAPE'],
    [
      'another issuer than the identifier',
      changed({ issuer: { code: '11100000MB0143028R', name: 'x' } }),
      'LICENCE_DATA_SHAPE',
    ],
    ['a wrong identifier', changed({ identifier: `${IDENTIFIER.slice(0, -1)}?` }), 'LICENCE_DATA_SHAPE'],
    ['no holder', changed({ holders: [] }), 'LICENCE_DATA_SHAPE'],
    ['a day that does not exist', changed({ validFrom: '2026-02-30' }), 'LICENCE_DATA_SHAPE'],
    ['an end before the beginning', changed({ validUntil: '2026-11-20' }), 'LICENCE_DATA_SHAPE'],
    ['a field that is a tree', changed({ fields: { a: { b: { c: 1 } } } }), 'LICENCE_DATA_SHAPE'],
    [
      'a member named __proto__',
      bytes(text(canonicalJson(LICENCE)).replace('{', '{"__proto__":{},')),
      'LICENCE_DATA_SHAPE',
    ],
  ])('refuses %s', (_, input, code) => {
    expect(codeOf(() => parseLicenceData(input))).toBe(code)
  })

  it('answers every mutation of one byte with a coded refusal or data of the right shape', () => {
    const json = canonicalJson(LICENCE)
    for (let i = 0; i < json.length; i++) {
      const mutated = Uint8Array.from(json)
      mutated[i]! ^= 1 << (i % 7)
      expect(codeOf(() => parseLicenceData(mutated))).toMatch(/^(LICENCE_DATA_|nothing refused)/)
    }
  })
})
