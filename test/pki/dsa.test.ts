import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { inheritParameters, inheritsParameters, isDsaKey, verifyDsa } from '../../pki/dsa.ts'
import { asn1, OID } from '../../pki/index.ts'
import { primitives as browser } from '../../pki/primitives-browser.ts'
import { primitives as node } from '../../pki/primitives-node.ts'

const data = new TextEncoder().encode('what is signed')
const scheme = { kind: 'dsa', digest: 'SHA-256' } as const

describe('DSA', () => {
  let privateKey: KeyObject
  let spki: Uint8Array
  let signature: Uint8Array
  let bare: Uint8Array
  beforeAll(() => {
    const pair = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
    privateKey = pair.privateKey
    spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
    signature = new Uint8Array(sign('sha256', data, privateKey))
    const key = asn1.readSequence(asn1.parseDer(spki), 'spki')[1]!
    bare = asn1.encodeSequence(asn1.encodeSequence(asn1.encodeOid(OID.dsa)), key.raw)
  })

  it.each([
    ['node', node],
    ['browser', browser],
  ])('signatures verify on %s, over the data and key they are of', async (_, primitives) => {
    expect(await primitives.verify(scheme, spki, data, signature)).toBe(true)
    expect(await primitives.verify(scheme, spki, data.subarray(1), signature)).toBe(false)
    expect(await primitives.verify({ kind: 'dsa', digest: 'SHA-1' }, spki, data, signature)).toBe(false)
    expect(await primitives.verify('ecdsa-with-SHA256', spki, data, signature)).toBe(false)
  })

  it('agrees with node:crypto on a key of 1024 bits and SHA-1', async () => {
    const pair = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 })
    const own = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
    const signed = new Uint8Array(sign('sha1', data, pair.privateKey))
    expect(await node.verify({ kind: 'dsa', digest: 'SHA-1' }, own, data, signed)).toBe(true)
  })

  it('refuses signatures out of range or malformed, and never throws', async () => {
    const digest = await node.digest('SHA-256', data)
    expect(verifyDsa(spki, digest, signature)).toBe(true)
    const { encodeInteger, encodeSequence } = asn1
    for (const bad of [
      new Uint8Array(0),
      encodeSequence(encodeInteger(0), encodeInteger(1)),
      encodeSequence(encodeInteger(1), encodeInteger(0)),
      encodeSequence(encodeInteger(new Uint8Array(33).fill(0xff)), encodeInteger(1)),
      encodeSequence(encodeInteger(1)),
      Uint8Array.of(0x30, 0x80),
    ])
      expect(verifyDsa(spki, digest, bad)).toBe(false)
    for (let at = 0; at < spki.length; at += 29) {
      const changed = spki.slice()
      changed[at]! ^= 1
      expect(verifyDsa(changed, digest, signature)).toBe(false)
    }
  }, 60_000)

  it('keys inherit the parameters of the key above', async () => {
    expect([isDsaKey(spki), inheritsParameters(spki), isDsaKey(bare), inheritsParameters(bare)]).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(await node.verify(scheme, bare, data, signature)).toBe(false)
    expect(inheritParameters(bare, spki)).toEqual(spki)
    expect(inheritParameters(bare, bare)).toBeNull()
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const other = new Uint8Array(ec.export({ type: 'spki', format: 'der' }))
    expect([isDsaKey(other), inheritsParameters(other), inheritParameters(bare, other)]).toEqual([false, false, null])
  })
})
