import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asn1, ecdsaFromRaw, ecdsaToRaw, parsePublicKey, type SignatureScheme } from '../../pki/index.ts'
import { primitives as browser } from '../../pki/primitives-browser.ts'
import { primitives as node } from '../../pki/primitives-node.ts'

const data = new TextEncoder().encode('电子证照')

for (const [name, primitives] of [
  ['node:crypto', node],
  ['WebCrypto', browser],
] as const) {
  describe(`primitives on ${name}`, () => {
    it('digests as FIPS 180-4 says', async () => {
      const abc = new TextEncoder().encode('abc')
      expect(asn1.toHex(await primitives.digest('SHA-1', abc))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
      expect(asn1.toHex(await primitives.digest('SHA-256', abc))).toBe(
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      )
      expect(asn1.toHex(await primitives.digest('SHA-384', abc))).toMatch(/^cb00753f45a35e8b.*c825a7$/)
      expect(asn1.toHex(await primitives.digest('SHA-512', abc))).toMatch(/^ddaf35a193617aba.*a54ca49f$/)
      expect(primitives.sameBytes(abc, abc.slice())).toBe(true)
      expect(primitives.sameBytes(abc, abc.subarray(1))).toBe(false)
      expect(primitives.sameBytes(abc, new TextEncoder().encode('abd'))).toBe(false)
      const whole = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
      const parts = [whole.subarray(0, 3), new Uint8Array(), whole.subarray(3, 70_000), whole.subarray(70_000)]
      expect(await primitives.digestParts('SHA-256', parts)).toEqual(await node.digest('SHA-256', whole))
      expect(await primitives.digest('SHA-256', new Uint8Array(100_000))).toEqual(
        await node.digest('SHA-256', new Uint8Array(100_000)),
      )
    })

    for (const curve of ['P-256', 'P-384', 'P-521']) {
      for (const digest of ['SHA-256', 'SHA-512'] as const) {
        it(`verifies ECDSA over ${curve} with ${digest}, and nothing else`, async () => {
          const pair = generateKeyPairSync('ec', { namedCurve: curve })
          const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
          const signature = new Uint8Array(sign(digest.replace('-', '').toLowerCase(), data, pair.privateKey))
          const scheme: SignatureScheme = { kind: 'ecdsa', digest }
          expect(await primitives.verify(scheme, spki, data, signature)).toBe(true)
          expect(await primitives.verify(scheme, spki, data.subarray(1), signature)).toBe(false)
          expect(await primitives.verify({ kind: 'ecdsa', digest: 'SHA-384' }, spki, data, signature)).toBe(false)
          expect(await primitives.verify({ kind: 'rsa-pkcs1', digest }, spki, data, signature)).toBe(false)
          expect(await primitives.verify(scheme, spki, data, asn1.concat([signature, Uint8Array.of(0)]))).toBe(false)
          expect(await primitives.verify(scheme, spki, data, new Uint8Array(0))).toBe(false)
          expect(await primitives.verify(scheme, spki.subarray(1), data, signature)).toBe(false)
        })
      }
    }

    it('makes a map key of bytes by their value alone, no two alike', () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const keys = Array.from(bytes, (byte) => primitives.mapKey(Uint8Array.of(byte)))
      expect(new Set(keys).size).toBe(256)
      expect(primitives.mapKey(bytes)).toBe(keys.join(''))
      expect(primitives.mapKey(bytes.subarray(3, 5))).toBe(`${keys[3]}${keys[4]}`)
    })

    it('verifies RSA in both paddings, and keeps them apart', async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
      const pkcs1 = new Uint8Array(sign('sha256', data, pair.privateKey))
      const pss = new Uint8Array(sign('sha256', data, { key: pair.privateKey, padding: 6, saltLength: 32 }))
      const pssScheme: SignatureScheme = { kind: 'rsa-pss', digest: 'SHA-256', saltLength: 32 }
      expect(await primitives.verify('sha256WithRSAEncryption', spki, data, pkcs1)).toBe(true)
      expect(await primitives.verify(pssScheme, spki, data, pss)).toBe(true)
      expect(await primitives.verify({ ...pssScheme, saltLength: 20 }, spki, data, pss)).toBe(false)
      expect(await primitives.verify('sha256WithRSAEncryption', spki, data, pss)).toBe(false)
      expect(await primitives.verify(pssScheme, spki, data, pkcs1)).toBe(false)
      expect(await primitives.verify('ecdsa-with-SHA256', spki, data, pkcs1)).toBe(false)
    })

    it('verifies Ed25519, and nothing else', async () => {
      const pair = generateKeyPairSync('ed25519')
      const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
      const signature = new Uint8Array(sign(null, data, pair.privateKey))
      const scheme: SignatureScheme = { kind: 'ed25519', digest: 'SHA-512' }
      expect(await primitives.verify(scheme, spki, data, signature)).toBe(true)
      expect(await primitives.verify(scheme, spki, data.subarray(1), signature)).toBe(false)
      expect(await primitives.verify(scheme, spki, data, signature.subarray(1))).toBe(false)
      expect(await primitives.verify('ecdsa-with-SHA256', spki, data, signature)).toBe(false)
      expect(await primitives.verify('sha256WithRSAEncryption', spki, data, signature)).toBe(false)
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const otherSpki = new Uint8Array(other.publicKey.export({ type: 'spki', format: 'der' }))
      expect(await primitives.verify(scheme, otherSpki, data, signature)).toBe(false)
    })
  })
}

describe('primitives in the browser', () => {
  it('has no synchronous digest', () => {
    expect(() => browser.digestSync('SHA-256', data)).toThrow(TypeError)
  })
})

describe('ecdsaToRaw and ecdsaFromRaw', () => {
  it('undo each other, leading zeros included', () => {
    const raw = new Uint8Array(64)
    raw[31] = 1
    raw[33] = 0xff
    expect(ecdsaToRaw(ecdsaFromRaw(raw), 32)).toEqual(raw)
    expect(() => ecdsaFromRaw(new Uint8Array(63))).toThrow(expect.objectContaining({ code: 'SIGNATURE_MALFORMED' }))
  })
})

describe('parsePublicKey', () => {
  it('refuses curves and keys of other kinds by their own code', () => {
    for (const spki of [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ type: 'spki', format: 'der' }),
      generateKeyPairSync('ed448').publicKey.export({ type: 'spki', format: 'der' }),
    ]) {
      expect(() => parsePublicKey(new Uint8Array(spki))).toThrow(
        expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }),
      )
    }
  })

  it('tells the size of RSA keys in bits', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2056 })
    const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
    expect(parsePublicKey(spki)).toEqual({ kind: 'rsa', bits: 2056, rsassaPssOnly: false })
  })

  it('refuses RSA keys that serve nobody but who wants others to compute: above 8192 bits, exponents above 32', () => {
    const { encodeBitString, encodeInteger, encodeNull, encodeOid, encodeSequence } = asn1
    const algorithm = encodeSequence(encodeOid('1.2.840.113549.1.1.1'), encodeNull())
    const keyOf = (bits: number, exponent: bigint) => {
      const key = encodeSequence(encodeInteger((1n << BigInt(bits)) - 1n), encodeInteger(exponent))
      return encodeSequence(algorithm, encodeBitString(key))
    }
    expect(parsePublicKey(keyOf(8192, 2n ** 32n - 1n))).toMatchObject({ kind: 'rsa', bits: 8192 })
    for (const refused of [keyOf(8193, 65_537n), keyOf(16_384, 65_537n), keyOf(2048, 2n ** 32n + 1n)])
      expect(() => parsePublicKey(refused)).toThrow(expect.objectContaining({ code: 'KEY_MALFORMED' }))
  })
})
