import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asn1 } from '../../../pki/index.ts'

const hex = asn1.fromHex

describe('parseDer', () => {
  it('keeps the exact bytes of every element', () => {
    const element = asn1.parseDer(hex('3009020105300404020102'))
    expect(asn1.toHex(element.children[0]!.raw)).toBe('020105')
    expect(asn1.toHex(element.children[1]!.raw)).toBe('300404020102')
    expect(asn1.toHex(element.children[1]!.children[0]!.content)).toBe('0102')
  })

  it('reads back what the writer wrote, for any nesting of sequences and strings', () => {
    const tree = fc.letrec<{ node: Uint8Array }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 6 },
        fc.uint8Array({ maxLength: 300 }).map(asn1.encodeOctetString),
        fc.bigInt({ min: 0n, max: 2n ** 200n }).map((value) => asn1.encodeInteger(value)),
        fc.array(tie('node'), { maxLength: 5 }).map((parts) => asn1.encodeSequence(...parts)),
      ),
    })).node
    const rebuild = (element: asn1.DerElement): Uint8Array =>
      asn1.encodeElement(
        element.tag,
        ...(element.children.length > 0 ? element.children.map(rebuild) : [element.content]),
      )
    fc.assert(
      fc.property(tree, (der) => asn1.equalBytes(rebuild(asn1.parseDer(der)), der)),
      { numRuns: 200 },
    )
  })
})

describe('values', () => {
  it('reads and writes object identifiers of every shape', () => {
    for (const oid of [
      '1.2.840.113549.1.7.2',
      '2.5.29.15',
      '2.999.3',
      '0.9.2342.19200300.100.1.25',
      '1.3.6.1.4.1.99999.36901.3.1',
    ]) {
      expect(asn1.readOid(asn1.parseDer(asn1.encodeOid(oid)), 'oid')).toBe(oid)
    }
  })

  it('writes UTCTime through 2049 and GeneralizedTime from 2050, and reads both (RFC 5280 §4.1.2.5)', () => {
    for (const [text, tag] of [
      ['1950-01-01T00:00:00.000Z', 0x17],
      ['2049-12-31T23:59:59.000Z', 0x17],
      ['2050-01-01T00:00:00.000Z', 0x18],
    ] as const) {
      const element = asn1.parseDer(asn1.encodeTime(new Date(text)))
      expect(element.tag).toBe(tag)
      expect(asn1.readTime(element, 'time').toISOString()).toBe(text)
    }
  })

  it('sorts the elements of a SET OF by their encodings (X.690 §11.6)', () => {
    expect(asn1.toHex(asn1.encodeSetOf(hex('0402aabb'), hex('020101'), hex('0401ff')))).toBe('310a0201010401ff0402aabb')
  })

  it('leaves out trailing zero bits of named bits', () => {
    expect(asn1.toHex(asn1.encodeNamedBits([0, 1]))).toBe('030206c0')
    expect(asn1.toHex(asn1.encodeNamedBits([5, 6]))).toBe('03020106')
    expect(asn1.toHex(asn1.encodeNamedBits([8]))).toBe('0303070080')
  })

  it('gives a positive INTEGER for octets with the top bit set', () => {
    expect(asn1.toHex(asn1.encodeInteger(hex('ff')))).toBe('020200ff')
    expect(asn1.toHex(asn1.encodeInteger(hex('00007f')))).toBe('02017f')
    expect(asn1.toHex(asn1.encodeInteger(0))).toBe('020100')
  })
})

describe('berToDer', () => {
  it('makes indefinite lengths definite and constructed strings whole', () => {
    const { der, length } = asn1.berToDer(hex('3080248004020102040103000002810105' + '0000' + '0000'))
    expect(asn1.toHex(der)).toBe('30080403010203020105')
    expect(length).toBe(19)
  })

  it('leaves DER as it is', () => {
    const der = hex('3009020105300404020102')
    expect(asn1.berToDer(der).der).toEqual(der)
  })
})
