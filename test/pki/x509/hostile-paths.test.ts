import { describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { makeTestKey, testTimes } from '../../fixtures/pki.ts'
import {
  basicConstraints,
  extension,
  type Forged,
  forge,
  forgeCa,
  forgeCrl,
  keyUsage,
} from '../../support/forge-pki.ts'

const { encodeContext, encodeContextPrimitive, encodeElement, encodeOctetString, encodeSequence } = asn1

const validate = (
  leaf: Forged,
  intermediates: readonly Forged[],
  anchors: readonly Forged[],
  more: Partial<x509.PathRequest> = {},
) =>
  x509.validatePath({
    leaf: leaf.certificate,
    intermediates: intermediates.map(({ certificate }) => certificate),
    anchors: anchors.map(({ certificate }) => certificate),
    at: testTimes.now,
    ...more,
  })

/** Authorities that have all certified each other: the number of ways through them grows with the factorial of theirs. */
async function mesh(count: number): Promise<{ authorities: Forged[]; crossed: Forged[] }> {
  const authorities = await Promise.all(Array.from({ length: count }, (_, i) => forgeCa({ name: `CA ${i}` })))
  const crossed: Forged[] = []
  for (const [i, issuer] of authorities.entries())
    for (const [j, subject] of authorities.entries())
      if (i !== j) crossed.push(await forgeCa({ name: `CA ${j}`, issuer, key: subject.key }))
  return { authorities, crossed }
}

describe('validatePath in a crowd', () => {
  it('gives up, within its limits, on authorities that all certified each other', async () => {
    const { authorities, crossed } = await mesh(9)
    const leaf = await forge({ issuer: authorities[0]! })
    const started = performance.now()
    const result = await validate(leaf, crossed, [await forgeCa({ name: 'Elsewhere' })])
    expect(result).toMatchObject({ valid: false, reason: 'PATH_LIMIT_EXCEEDED' })
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('finds the way out of them where there is one', async () => {
    const { authorities, crossed } = await mesh(7)
    const root = await forgeCa({ name: 'Root' })
    const exit = await forgeCa({ name: 'CA 6', issuer: root, key: authorities[6]!.key })
    const leaf = await forge({ issuer: authorities[0]! })
    const result = await validate(leaf, [...crossed, exit], [root])
    expect(result).toMatchObject({ valid: true })
    expect(result.path.at(-1)).toBe(root.certificate)
  })

  it('finds the one issuer whose key signed among a hundred of its name', async () => {
    const root = await forgeCa({ name: 'Root' })
    const crowd = await Promise.all(Array.from({ length: 100 }, () => forgeCa({ name: 'CA', issuer: root })))
    const leaf = await forge({ issuer: crowd[90]! })
    expect(await validate(leaf, crowd, [root])).toMatchObject({ valid: true })
  })

  it('tries issuers that can hold before those that cannot', async () => {
    const root = await forgeCa({ name: 'Root' })
    const key = makeTestKey()
    const past = { notAfter: new Date('2026-02-01T00:00:00Z') }
    const expired = await Promise.all(
      Array.from({ length: 60 }, () => forgeCa({ name: 'CA', issuer: root, key, ...past })),
    )
    const sound = await forgeCa({ name: 'CA', issuer: root, key })
    const result = await validate(await forge({ issuer: sound }), [...expired, sound], [root], {
      limits: { maxSignatureChecks: 4 },
    })
    expect(result.path[1]).toBe(sound.certificate)
    expect(result.valid).toBe(true)
  })

  it('goes in no circle', async () => {
    const a = await forgeCa({ name: 'A' })
    const b = await forgeCa({ name: 'B', issuer: a })
    const back = await forgeCa({ name: 'A', issuer: b, key: a.key })
    const result = await validate(await forge({ issuer: b }), [b, back], [await forgeCa({ name: 'Root' })])
    expect(result).toMatchObject({ valid: false, reason: 'NO_CERTIFICATE_CHAIN_FOUND' })
    expect(result.path.length).toBe(3)
  })

  it('takes a leaf that is itself an anchor, and its dates count', async () => {
    const own = await forge({ name: 'Own' })
    expect(await validate(own, [], [own])).toMatchObject({ valid: true, path: [own.certificate] })
    expect(await validate(own, [], [own], { at: new Date('2040-01-01T00:00:00Z') })).toMatchObject({
      reason: 'EXPIRED',
    })
    expect(await validate(own, [], [own], { crls: [] })).toMatchObject({ valid: true })
    const twin = await forge({ name: 'Own' })
    expect(await validate(twin, [], [own])).toMatchObject({ valid: false })
  })

  it('spends no more on the signers of lists than on the path, and then knows nothing', async () => {
    const root = await forgeCa({ name: 'Root' })
    const ca = await forgeCa({ name: 'CA', issuer: root })
    const leaf = await forge({ issuer: ca })
    const impostors = await Promise.all(Array.from({ length: 40 }, () => forgeCa({ name: 'CA', issuer: root })))
    const good = [await forgeCrl({ issuer: ca }), await forgeCrl({ issuer: root })]
    const thisUpdate = new Date(testTimes.thisUpdate.getTime() + 1000)
    const forged = await Promise.all(
      impostors.map(() => forgeCrl({ issuer: { ...ca, key: makeTestKey() }, thisUpdate })),
    )
    const older = await Promise.all(impostors.map((issuer) => forgeCrl({ issuer, thisUpdate: testTimes.start })))
    const started = performance.now()
    const judged = (crls: readonly Uint8Array[], isBrought?: x509.PathRequest['isBrought']) =>
      validate(leaf, [ca, ...impostors], [root], { crls, ...(isBrought && { isBrought }) })
    expect(await judged([...forged, ...good])).toMatchObject({ valid: false, reason: 'PATH_LIMIT_EXCEEDED' })
    expect(await judged([...forged.slice(0, 3), ...good])).toMatchObject({ valid: true })
    // What says no more than a newer list that holds is not looked at.
    expect(await judged([...older, ...good])).toMatchObject({ valid: true })
    // What came with the document takes nothing from what the judge gathered, and vouches for nothing once it was too much.
    const isOneOf = (lists: readonly Uint8Array[]) => (data: { readonly raw: Uint8Array }) =>
      lists.some((der) => Buffer.compare(der, data.raw) === 0)
    expect(await judged([...forged, ...good], isOneOf(forged))).toMatchObject({ valid: true })
    expect(await judged([...forged, ...good], isOneOf([...forged, ...good]))).toMatchObject({ valid: false })
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('counts a signature once in a search, and the same whether a cache knows it already', async () => {
    const root = await forgeCa({ name: 'Root' })
    const leaf = await forge({ issuer: root })
    const signatures = x509.createSignatureCache()
    for (const options of [{ signatures }, { signatures }, {}]) {
      expect(await validate(leaf, [], [root], { ...options, limits: { maxSignatureChecks: 1 } })).toMatchObject({
        valid: true,
      })
      expect(await validate(leaf, [], [root], { ...options, limits: { maxSignatureChecks: 0 } })).toMatchObject({
        reason: 'PATH_LIMIT_EXCEEDED',
      })
    }
  })

  it('asks for a signature once where the cache is kept', async () => {
    const { certificate } = await forgeCa({ name: 'Root' })
    const { ask } = x509.createSignatureCache()
    expect(await ask(certificate, certificate, async () => 'first')).toBe('first')
    expect(await ask(certificate, certificate, async () => 'second')).toBe('first')
  })
})

describe('extensions made to break a reader', () => {
  const deep = (depth: number): Uint8Array =>
    Array.from({ length: depth }).reduce<Uint8Array>((inner) => encodeSequence(inner), new Uint8Array(0))
  const wide = encodeElement(
    0x30,
    new Uint8Array(200_000).fill(0x05).map((byte, i) => (i % 2 === 0 ? byte : 0)),
  )
  const bombs: readonly (readonly [string, string, Uint8Array])[] = [
    ['basicConstraints nested 200 deep', OID.basicConstraints, deep(200)],
    ['keyUsage of 100 KB', OID.keyUsage, encodeElement(0x03, new Uint8Array(100_000))],
    ['subjectAltName of 100,000 elements', OID.subjectAltName, wide],
    ['a length beyond the end', OID.subjectKeyIdentifier, Uint8Array.of(0x04, 0x84, 0xff, 0xff, 0xff, 0xff)],
    ['an indefinite length', OID.extKeyUsage, Uint8Array.of(0x30, 0x80, 0, 0)],
    ['octets after the end', OID.basicConstraints, Uint8Array.of(0x30, 0, 0)],
    [
      'an object identifier of 200 octets',
      OID.extKeyUsage,
      encodeSequence(encodeElement(0x06, new Uint8Array(200).fill(0x81))),
    ],
    ['a negative path length', OID.basicConstraints, Uint8Array.of(0x30, 6, 1, 1, 0xff, 2, 1, 0xff)],
    [
      'a huge path length',
      OID.basicConstraints,
      Uint8Array.of(0x30, 10, 1, 1, 0xff, 2, 5, 0x7f, 0xff, 0xff, 0xff, 0xff),
    ],
    [
      'a distribution point out of order',
      OID.cRLDistributionPoints,
      encodeSequence(encodeSequence(encodeContext(2), encodeContext(0, encodeContext(0)))),
    ],
    ['a general name of tag 9', OID.subjectAltName, encodeSequence(encodeContextPrimitive(9, new Uint8Array(1)))],
  ]
  it.each(bombs)('%s', async (_, oid, value) => {
    const root = await forgeCa({ name: 'Root' })
    const started = performance.now()
    await expect(forge({ issuer: root, extensions: [extension(oid, value)] })).rejects.toMatchObject({
      name: 'PkiError',
      code: expect.stringMatching(/^(CERTIFICATE_MALFORMED|DER_LIMIT_EXCEEDED)$/),
    })
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('more than 256 KB of extensions, and one extension twice', async () => {
    const root = await forgeCa({ name: 'Root' })
    const large = extension('1.2.3.4', encodeOctetString(new Uint8Array(300_000)))
    await expect(forge({ issuer: root, extensions: [large] })).rejects.toMatchObject({ code: 'DER_LIMIT_EXCEEDED' })
    const twice = [basicConstraints(), basicConstraints(), keyUsage([5])]
    await expect(forge({ issuer: root, extensions: twice })).rejects.toMatchObject({ code: 'CERTIFICATE_MALFORMED' })
  })
})
