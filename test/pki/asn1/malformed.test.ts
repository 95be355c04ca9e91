import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asn1, cms, crl, PkiError, parsePublicKey, x509 } from '../../../pki/index.ts'
import { createTestPki } from '../../fixtures/pki.ts'

const hex = asn1.fromHex

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof PkiError) return error.code
    throw error
  }
  return 'accepted'
}

describe('parseDer', () => {
  const refused: readonly (readonly [what: string, bytes: string])[] = [
    ['nothing at all', ''],
    ['a tag without length', '30'],
    ['octets after the element', '020101' + '00'],
    ['an indefinite length', '30800000'],
    ['a length in the long form that fits the short one', '0281' + '01' + '05'],
    ['a length with a leading zero', `04820080${'00'.repeat(128)}`],
    ['a length cut off', '3082'],
    ['a length of five octets', '3085' + '0000000000'],
    ['content beyond the end', '0405aabb'],
    ['a child that reaches beyond its parent', '3003' + '0402aabb'],
    ['a tag number above 30', '1f8101' + '00'],
    ['end-of-contents octets as an element', '30020000'],
    ['a primitive SEQUENCE', '1000'],
    ['a constructed OCTET STRING', '2403040100'],
    ['a constructed INTEGER', '2203020100'],
  ]
  for (const [what, bytes] of refused) {
    it(`refuses ${what}`, () => {
      expect(codeOf(() => asn1.parseDer(hex(bytes)))).toBe('DER_MALFORMED')
    })
  }

  it('refuses nesting beyond the limit, without exhausting the stack', () => {
    expect(codeOf(() => asn1.parseDer(nest(100)))).toBe('DER_LIMIT_EXCEEDED')
    expect(codeOf(() => asn1.berToDer(hex('3080'.repeat(50_000))))).toBe('DER_LIMIT_EXCEEDED')
  })

  it('refuses more elements and more octets than the limit', () => {
    const many = asn1.encodeSequence(new Uint8Array(2000).map((_, i) => (i % 2 === 0 ? 5 : 0)))
    expect(codeOf(() => asn1.parseDer(many, { ...asn1.defaultLimits, maxElements: 1000 }))).toBe('DER_LIMIT_EXCEEDED')
    expect(codeOf(() => asn1.parseDer(many, { ...asn1.defaultLimits, maxSize: 1000 }))).toBe('DER_LIMIT_EXCEEDED')
  })
})

const nest = (levels: number): Uint8Array => {
  let der: Uint8Array = asn1.encodeNull()
  for (let i = 0; i < levels; i++) der = asn1.encodeSequence(der)
  return der
}

describe('values', () => {
  const parse = (bytes: string) => asn1.parseDer(hex(bytes))
  const refused: readonly (readonly [what: string, read: () => unknown])[] = [
    ['an INTEGER that is not minimal', () => asn1.readIntegerBytes(parse('02020001'), 'n')],
    ['a negative INTEGER that is not minimal', () => asn1.readIntegerBytes(parse('0202ff80'), 'n')],
    ['an empty INTEGER', () => asn1.readIntegerBytes(parse('0200'), 'n')],
    ['a negative number where a size is wanted', () => asn1.readSmallInteger(parse('0201ff'), 'n')],
    ['a BOOLEAN of another value than 00 and FF', () => asn1.readBoolean(parse('010101'), 'b')],
    ['an OID arc with leading zeros', () => asn1.readOid(parse('0603558001'), 'oid')],
    ['an OID cut off within an arc', () => asn1.readOid(parse('06025581'), 'oid')],
    ['an OID with an arc beyond 2^53', () => asn1.readOid(parse(`060a2a${'ff'.repeat(8)}7f`), 'oid')],
    ['a BIT STRING whose unused bits are set', () => asn1.readBitString(parse('030207c1'), 'bits')],
    ['a BIT STRING with nine unused bits', () => asn1.readBitString(parse('03020980'), 'bits')],
    [
      'a time with a fraction',
      () => asn1.readTime(asn1.parseDer(asn1.encodeElement(0x18, asn1.asciiBytes('20260101000000.5Z'))), 't'),
    ],
    [
      'a time of another zone',
      () => asn1.readTime(asn1.parseDer(asn1.encodeElement(0x17, asn1.asciiBytes('260101000000+0800'))), 't'),
    ],
    [
      'the thirtieth of February',
      () => asn1.readTime(asn1.parseDer(asn1.encodeElement(0x17, asn1.asciiBytes('260230000000Z'))), 't'),
    ],
    [
      'a minute of 60',
      () => asn1.readTime(asn1.parseDer(asn1.encodeElement(0x17, asn1.asciiBytes('260201006000Z'))), 't'),
    ],
    ['UTF-8 that is none', () => asn1.readString(parse('0c02c328'), 's')],
    ['a BMPString of odd length', () => asn1.readString(parse('1e03004100'), 's')],
  ]
  for (const [what, read] of refused) it(`refuse ${what}`, () => expect(codeOf(read)).toBe('DER_MALFORMED'))
})

describe('every parser', () => {
  it('answers any change of one octet, any cut and any noise with a value or a PkiError', async () => {
    const pki = await createTestPki({
      root: {},
      issuing: { under: 'root' },
      seal: { under: 'issuing', revokedAt: new Date('2026-03-01T00:00:00Z') },
    })
    const { certificate, chain, key } = pki.get('seal')
    const signer = cms.compileSigner({ certificate, chain, signatureAlgorithm: key.signatureAlgorithm })
    const digest = new Uint8Array(32)
    const signed = signer.assemble(digest, await key.sign(signer.attributesToSign(digest)))
    const list = await pki.crl('issuing')
    const parsers: readonly (readonly [Uint8Array, (bytes: Uint8Array) => unknown])[] = [
      [certificate, x509.parseCertificate],
      [key.publicKey, parsePublicKey],
      [list, crl.parseCrl],
      [signed, cms.parseSignedData],
      [signed, (bytes) => cms.parseSignedData(bytes, { allowBer: true, allowZeroPadding: true })],
    ]
    for (const [sound, parse] of parsers) {
      expect(codeOf(() => parse(sound))).toBe('accepted')
      for (let at = 0; at < sound.length; at++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          const changed = sound.slice()
          changed[at]! ^= flip
          codeOf(() => parse(changed))
        }
        expect(codeOf(() => parse(sound.subarray(0, at)))).not.toBe('accepted')
      }
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => codeOf(() => parse(noise)) !== 'accepted'),
        { numRuns: 200 },
      )
    }
  })
})
