import { createCipheriv } from 'node:crypto'
import { sm2 as second, sm3 as secondSm3 } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import {
  asn1,
  ecdsaFromRaw,
  ecdsaToRaw,
  encodeSm2Identity,
  encodeSm2PublicKey,
  findAlgorithmFault,
  parsePublicKey,
  type SignatureScheme,
  SM2_DEFAULT_ID,
} from '../../pki/index.ts'
import { primitives as browser, loadSm2 } from '../../pki/primitives-browser.ts'
import { primitives as node } from '../../pki/primitives-node.ts'
import { passesSm2SelfTest } from '../../pki/sm2.ts'
import { newSm2Key, privateScalar } from '../fixtures/sm2.ts'
import { openCorpus } from '../support/corpora.ts'

const data = new TextEncoder().encode('电子印章')
const ORDER = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'
const withId = (id: string): SignatureScheme => ({ kind: 'sm2', digest: 'SM3', id })
const implementations = [
  ['node:crypto', node],
  ['sm-crypto-v2', browser],
] as const

for (const [name, primitives] of implementations) {
  describe(`SM2 and SM3 on ${name}`, () => {
    const key = newSm2Key()
    const signature = key.signSync(data)
    const raw = ecdsaToRaw(signature, 32)

    it('passes its self-test', async () => {
      expect(await primitives.offersSm2()).toBe(true)
    })

    it('verifies a signature under the default identifier, and nothing else', async () => {
      const verify = (over: Partial<{ key: Uint8Array; data: Uint8Array; signature: Uint8Array }>) =>
        primitives.verify('SM2-with-SM3', over.key ?? key.publicKey, over.data ?? data, over.signature ?? signature)
      expect(await verify({})).toBe(true)
      expect(await verify({ data: data.subarray(1) })).toBe(false)
      expect(await verify({ key: newSm2Key().publicKey })).toBe(false)
      expect(await verify({ signature: asn1.concat([signature, Uint8Array.of(0)]) })).toBe(false)
      expect(await verify({ signature: raw })).toBe(false)
      expect(await verify({ signature: new Uint8Array(0) })).toBe(false)
      expect(await verify({ key: key.publicKey.subarray(1) })).toBe(false)
      expect(await primitives.verify('ecdsa-with-SHA256', key.publicKey, data, signature)).toBe(false)
      expect(await primitives.verify({ kind: 'ecdsa', digest: 'SHA-256' }, key.publicKey, data, signature)).toBe(false)
      expect(await primitives.verify('sha256WithRSAEncryption', key.publicKey, data, signature)).toBe(false)
    })

    it('takes the identifier that was agreed, and no other', async () => {
      const agreed = key.signSync(data, 'ALICE123@YAHOO.COM')
      expect(await primitives.verify(withId('ALICE123@YAHOO.COM'), key.publicKey, data, agreed)).toBe(true)
      expect(await primitives.verify('SM2-with-SM3', key.publicKey, data, agreed)).toBe(false)
      expect(await primitives.verify(withId(''), key.publicKey, data, signature)).toBe(false)
    })

    it('refuses r and s out of range, and a key that is not on the curve', async () => {
      const outOfRange = [
        `${'00'.repeat(32)}${asn1.toHex(raw.subarray(32))}`,
        `${asn1.toHex(raw.subarray(0, 32))}${'00'.repeat(32)}`,
        `${ORDER}${asn1.toHex(raw.subarray(32))}`,
        `${asn1.toHex(raw.subarray(0, 32))}${ORDER}`,
        `${'ff'.repeat(32)}${'ff'.repeat(32)}`,
      ]
      for (const text of outOfRange) {
        const wrong = ecdsaFromRaw(asn1.fromHex(text))
        expect(await primitives.verify('SM2-with-SM3', key.publicKey, data, wrong)).toBe(false)
      }
      const offCurve = key.publicKey.slice()
      offCurve[offCurve.length - 1]! ^= 1
      expect(await primitives.verify('SM2-with-SM3', offCurve, data, signature)).toBe(false)
    })

    it('refuses a signature of which any one bit was turned', async () => {
      for (let at = 0; at < signature.length; at += 5) {
        const turned = signature.slice()
        turned[at]! ^= 1 << (at % 8)
        expect(await primitives.verify('SM2-with-SM3', key.publicKey, data, turned), `octet ${at}`).toBe(false)
      }
    })

    it('answers as the second implementation signs', async () => {
      const theirs = second.generateKeyPairHex()
      const spki = encodeSm2PublicKey(asn1.fromHex(theirs.publicKey))
      for (const id of [SM2_DEFAULT_ID, 'ALICE123@YAHOO.COM', '电子印章']) {
        const signed = second.doSignature(data, theirs.privateKey, { der: true, hash: true, userId: id })
        expect(await primitives.verify(withId(id), spki, data, asn1.fromHex(signed))).toBe(true)
        expect(await primitives.verify(withId(`${id}x`), spki, data, asn1.fromHex(signed))).toBe(false)
      }
    })

    describe('against the corpus sm2', () => checkVectors(primitives))
  })
}

interface Vectors {
  sm3: { msg: string; digest: string }[]
  vectors: {
    id: string
    public_key: string
    r: string
    s: string
    result: 'valid' | 'invalid'
    why: string
    msg_hex?: string
    uid?: string
    digest_e_hex?: string
    note?: string
  }[]
}
const VECTOR_FIELDS = ['id', 'public_key', 'r', 's', 'result', 'why', 'msg_hex', 'uid', 'digest_e_hex', 'note']

function checkVectors(primitives: typeof node): void {
  const corpus = openCorpus('sm2')
  if (corpus === undefined) return
  const { vectors, sm3, ...rest } = corpus.json<Vectors & Record<string, unknown>>('sm2-vectors.json')

  it('has no field we do not know', () => {
    expect(Object.keys(rest).sort()).toEqual(['algorithm', 'default_uid'])
    for (const vector of vectors) expect(VECTOR_FIELDS).toEqual(expect.arrayContaining(Object.keys(vector)))
  })

  it.each(sm3)('digests $msg', async ({ msg, digest }) => {
    expect(asn1.toHex(await primitives.digest('SM3', new TextEncoder().encode(msg)))).toBe(digest)
  })

  it.each(vectors.filter(({ msg_hex }) => msg_hex !== undefined))('$id: $result ($why)', async (vector) => {
    const verified = await primitives.verify(
      withId(vector.uid!),
      encodeSm2PublicKey(asn1.fromHex(vector.public_key)),
      asn1.fromHex(vector.msg_hex!),
      ecdsaFromRaw(asn1.fromHex(vector.r + vector.s)),
    )
    expect(verified).toBe(vector.result === 'valid')
  })

  // node:crypto has no way to verify a digest that is already made; the signature equation is the browser's own here.
  const digests = vectors.filter(({ digest_e_hex }) => digest_e_hex !== undefined)
  it.skipIf(primitives === node).each(digests)('$id: $result over a finished digest ($why)', async (vector) => {
    const { verifyDigest } = await loadSm2()
    const raw = asn1.fromHex(vector.r + vector.s)
    const e = asn1.fromHex(vector.digest_e_hex!)
    expect(verifyDigest(asn1.fromHex(vector.public_key), e, raw)).toBe(vector.result === 'valid')
    e[0]! ^= 1
    expect(verifyDigest(asn1.fromHex(vector.public_key), e, raw)).toBe(false)
  })
}

describe('what node:crypto signs', () => {
  it('verifies in the second implementation, by each identifier', () => {
    const key = newSm2Key()
    const point = asn1.toHex(key.publicKey.subarray(-65))
    for (const id of [SM2_DEFAULT_ID, 'ALICE123@YAHOO.COM']) {
      const signature = asn1.toHex(key.signSync(data, id))
      expect(second.doVerifySignature(data, signature, point, { der: true, hash: true, userId: id })).toBe(true)
      expect(second.doVerifySignature(data, signature, point, { der: true, hash: true, userId: 'other' })).toBe(false)
    }
  })

  it('comes from a key whose scalar the second implementation takes to the same point', () => {
    const key = newSm2Key()
    expect(second.getPublicKeyFromPrivateKey(privateScalar(key))).toBe(asn1.toHex(key.publicKey.subarray(-65)))
  })

  it('stands beside an SM4 of the standard (GB/T 32907 A.1), with which key files of others are opened', () => {
    const block = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
    const cipher = createCipheriv('sm4-ecb', block, null).setAutoPadding(false)
    expect(Buffer.concat([cipher.update(block), cipher.final()]).toString('hex')).toBe(
      '681edf34d206965e86b3e94f536e4246',
    )
    const chained = createCipheriv('sm4-cbc', block, Buffer.alloc(16)).setAutoPadding(false)
    expect(chained.update(block).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246')
  })

  it('digests as the second implementation does, at every length around a block', () => {
    for (let length = 0; length < 130; length++) {
      const bytes = new Uint8Array(length).fill(length)
      expect(asn1.toHex(node.digestSync('SM3', bytes))).toBe(secondSm3(bytes))
    }
  })
})

describe('encodeSm2Identity', () => {
  it('gives the Z of the second implementation', () => {
    const { publicKey } = newSm2Key()
    const point = asn1.toHex(publicKey.subarray(-65))
    for (const id of [SM2_DEFAULT_ID, '', '电子印章'])
      expect(asn1.toHex(node.digestSync('SM3', encodeSm2Identity(publicKey, id)))).toBe(
        asn1.toHex(second.getZ(point, id)),
      )
  })

  it('refuses an identifier whose length in bits does not fit ENTL', () => {
    const { publicKey } = newSm2Key()
    expect(encodeSm2Identity(publicKey, 'x'.repeat(8191)).subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xf8))
    expect(() => encodeSm2Identity(publicKey, 'x'.repeat(8192))).toThrow(TypeError)
  })
})

describe('passesSm2SelfTest', () => {
  it('refuses a library whose SM2 is another', async () => {
    const right = await loadSm2()
    expect(passesSm2SelfTest(right)).toBe(true)
    const wrong = [
      { ...right, digest: () => new Uint8Array(32) },
      { ...right, verify: () => true },
      { ...right, verify: () => false },
      // what crypto.verify does: an empty identifier, whatever was agreed
      { ...right, verify: (key: Uint8Array, _id: string, d: Uint8Array, s: Uint8Array) => right.verify(key, '', d, s) },
      {
        ...right,
        verify: () => {
          throw new Error('no SM2 here')
        },
      },
    ]
    for (const implementation of wrong) expect(passesSm2SelfTest(implementation)).toBe(false)
  })
})

describe('an SM2 key', () => {
  it('is a kind of its own that counts today', () => {
    const key = parsePublicKey(newSm2Key().publicKey)
    expect(key).toEqual({ kind: 'sm2', bits: 256 })
    expect(findAlgorithmFault(withId(SM2_DEFAULT_ID), key, new Date('2045-01-01'))).toBe(null)
  })

  it('is the same key when the algorithm is named by the curve', async () => {
    const key = newSm2Key()
    const curve = asn1.encodeOid('1.2.156.10197.1.301')
    const point = asn1.encodeBitString(key.publicKey.subarray(-65))
    for (const parameters of [[curve], [asn1.encodeNull()], []]) {
      const spki = asn1.encodeSequence(asn1.encodeSequence(curve, ...parameters), point)
      expect(parsePublicKey(spki)).toEqual({ kind: 'sm2', bits: 256 })
      for (const [, primitives] of implementations)
        expect(await primitives.verify('SM2-with-SM3', spki, data, key.signSync(data))).toBe(true)
    }
    const p256 = asn1.encodeSequence(asn1.encodeSequence(curve, asn1.encodeOid('1.2.840.10045.3.1.7')), point)
    expect(() => parsePublicKey(p256)).toThrow(expect.objectContaining({ code: 'ALGORITHM_UNSUPPORTED' }))
  })

  it('is refused with a compressed point or one of another length', () => {
    for (const point of [new Uint8Array(33).fill(2), new Uint8Array(64).fill(4), new Uint8Array(66).fill(4)])
      expect(() => parsePublicKey(encodeSm2PublicKey(point))).toThrow(
        expect.objectContaining({ code: 'KEY_MALFORMED' }),
      )
  })
})
