import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, eseal } from '../../../pki/index.ts'
import {
  makeSeal,
  makeSignature,
  makeV1Seal,
  makeV1Signature,
  protectedData,
  replaceField,
  sealContent,
} from '../../fixtures/eseals.ts'
import { createTestPki, type TestPki } from '../../fixtures/pki.ts'
import { rejectsWithCode, throwsWithCode } from '../../support/throws-with-code.ts'

let pki: TestPki<'root' | 'issuing' | 'seal' | 'p256'>
let seals: Record<eseal.SesLayout, Uint8Array>
let signatures: Record<eseal.SesLayout, Uint8Array>
const layouts: readonly eseal.SesLayout[] = ['V1', 'V4', 'V5']

beforeAll(async () => {
  pki = await createTestPki({
    root: { key: 'sm2' },
    issuing: { under: 'root', key: 'sm2' },
    seal: { under: 'issuing', key: 'sm2' },
    p256: { under: 'issuing', key: 'ec-p256' },
  })
  const [maker, signer] = [pki.get('issuing'), pki.get('seal')]
  seals = {
    V1: await makeV1Seal(maker, signer),
    V4: await makeSeal(maker, signer, { layout: 'V4' }),
    V5: await makeSeal(maker, signer),
  }
  signatures = {
    V1: await makeV1Signature(seals.V1, signer),
    V4: await makeSignature(seals.V4, signer),
    V5: await makeSignature(seals.V5, signer),
  }
})

/** What comes of hostile bytes: a verdict, or a coded refusal; never another error. */
async function judge(work: () => Promise<{ signatureValid: boolean | null }>): Promise<boolean | null> {
  try {
    return (await work()).signatureValid
  } catch (error) {
    if ((error as { name?: string }).name !== 'PkiError') throw error
    return null
  }
}

describe.each(layouts)('hostile octets of a seal of layout %s', (layout) => {
  it('are refused by code when they are cut off or followed by others', () => {
    const bytes = seals[layout]
    for (let length = 0; length < bytes.length; length += 41)
      throwsWithCode(() => eseal.parseSeal(bytes.subarray(0, length)), 'ESEAL_MALFORMED')
    throwsWithCode(() => eseal.parseSeal(asn1.concat([bytes, Uint8Array.of(0)])), 'ESEAL_MALFORMED')
  })

  it('never pass with one octet turned in what the maker signed', async () => {
    const bytes = seals[layout]
    const { info, signature } = eseal.parseSeal(bytes)
    const end = info.picture.data.byteOffset - bytes.byteOffset + info.picture.data.length
    const value = signature.byteOffset - bytes.byteOffset
    const places = [
      ...Array.from({ length: 60 }, (_, i) => 4 + Math.floor((i * (end - 4)) / 60)),
      ...Array.from({ length: 8 }, (_, i) => value + 8 * i),
    ]
    for (const at of places) {
      const turned = bytes.slice()
      turned[at]! ^= 0x11
      expect(await judge(() => eseal.verifySeal(eseal.parseSeal(turned))), `octet ${at}`).not.toBe(true)
    }
  })

  it('of a signature never pass with one octet turned', async () => {
    const bytes = signatures[layout]
    for (let at = 0; at < bytes.length; at += 29) {
      const turned = bytes.slice()
      turned[at]! ^= 0x11
      const isWhole = await judge(async () => {
        const verified = await eseal.verifySignature(eseal.parseSignature(turned), protectedData)
        const all = [verified.signatureValid, verified.dataHashMatches, verified.seal.signatureValid]
        return { signatureValid: all.every((one) => one === true) && sameSigned(turned, bytes) === false }
      })
      expect(isWhole, `octet ${at}`).not.toBe(true)
    }
  })
})

/** Whether two signatures sign the same: only certificates outside of it, whose key stayed, may then differ. */
function sameSigned(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [eseal.parseSignature(a), eseal.parseSignature(b)]
  return asn1.equalBytes(one.signedBytes, other.signedBytes)
}

describe('parseSeal', () => {
  const bombs: readonly [string, (seal: Uint8Array) => Uint8Array, string][] = [
    ['a length beyond the end', () => Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff), 'ESEAL_MALFORMED'],
    ['a length of nine octets', () => Uint8Array.of(0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0), 'ESEAL_MALFORMED'],
    [
      'an indefinite length',
      (seal) => asn1.concat([Uint8Array.of(0x30, 0x80), seal, new Uint8Array(2)]),
      'ESEAL_MALFORMED',
    ],
    ['forty levels', () => nest(40), 'DER_LIMIT_EXCEEDED'],
    [
      'thirty thousand elements',
      () => asn1.encodeSequence(...new Array<Uint8Array>(30_000).fill(asn1.encodeNull())),
      'DER_LIMIT_EXCEEDED',
    ],
    ['nine mebibytes', () => new Uint8Array(9 * 1024 * 1024), 'DER_LIMIT_EXCEEDED'],
    [
      'three fields',
      (seal) =>
        asn1.encodeSequence(
          ...asn1
            .parseDer(seal)
            .children.slice(0, 3)
            .map(({ raw }) => raw),
        ),
      'ESEAL_MALFORMED',
    ],
    ['a version that is none', (seal) => replaceField(seal, [0, 0, 1], () => asn1.encodeInteger(6)), 'ESEAL_MALFORMED'],
    ['a negative version', (seal) => replaceField(seal, [0, 0, 1], () => Uint8Array.of(2, 1, 0xff)), 'ESEAL_MALFORMED'],
    [
      'a version of twenty octets',
      (seal) => replaceField(seal, [0, 0, 1], () => asn1.encodeInteger(new Uint8Array(20).fill(1))),
      'ESEAL_MALFORMED',
    ],
    [
      'a name of five thousand octets',
      (seal) => replaceField(seal, [0, 2, 1], () => asn1.encodeUtf8String('a'.repeat(5000))),
      'ESEAL_MALFORMED',
    ],
    [
      'a name that is not UTF-8',
      (seal) => replaceField(seal, [0, 2, 1], () => asn1.encodeElement(0x0c, Uint8Array.of(0xff))),
      'ESEAL_MALFORMED',
    ],
    ['a certListType 3', (seal) => replaceField(seal, [0, 2, 2], () => asn1.encodeInteger(3)), 'ESEAL_MALFORMED'],
    [
      'a day that does not exist',
      (seal) => replaceField(seal, [0, 2, 4], () => asn1.encodeElement(0x18, asn1.asciiBytes('20260230000000Z'))),
      'ESEAL_MALFORMED',
    ],
    [
      'a time that is text',
      (seal) => replaceField(seal, [0, 2, 4], () => asn1.encodeElement(0x18, asn1.asciiBytes('yesterday'))),
      'ESEAL_MALFORMED',
    ],
    ['a negative width', (seal) => replaceField(seal, [0, 3, 2], () => Uint8Array.of(2, 1, 0x80)), 'ESEAL_MALFORMED'],
    [
      'an algorithm of a hundred arcs',
      (seal) => replaceField(seal, [2], () => asn1.encodeElement(0x06, new Uint8Array(200).fill(1))),
      'ESEAL_MALFORMED',
    ],
    [
      'an arc of seventy bits',
      (seal) =>
        replaceField(seal, [2], () =>
          asn1.encodeElement(0x06, Uint8Array.of(0x2a, ...new Array<number>(9).fill(0xff), 0x7f)),
        ),
      'ESEAL_MALFORMED',
    ],
    [
      'a signature of odd bits',
      (seal) => replaceField(seal, [3], () => asn1.encodeBitString(Uint8Array.of(0x80), 7)),
      'ESEAL_MALFORMED',
    ],
    ['no picture', (seal) => replaceField(seal, [0, 3], () => asn1.encodeNull()), 'ESEAL_MALFORMED'],
  ]
  it.each(bombs)('refuses %s', (_, make, code) => {
    throwsWithCode(() => eseal.parseSeal(make(seals.V5)), code)
  })

  const nest = (depth: number): Uint8Array => {
    let inner = asn1.encodeNull()
    for (let i = 0; i < depth; i++) inner = asn1.encodeSequence(inner)
    return inner
  }

  it('takes what vendors write: OCTET STRING for BIT STRING, times without a zone or with a fraction, other strings', () => {
    const seal = seals.V4
    const octets = replaceField(seal, [3], ({ content }) => asn1.encodeOctetString(content.subarray(1)))
    expect(eseal.parseSeal(octets).signature).toEqual(eseal.parseSeal(seal).signature)
    for (const [text, expected] of [
      ['20260201080000', '2026-02-01T00:00:00.000Z'],
      ['20260201000000.5Z', '2026-02-01T00:00:00.500Z'],
      ['20260201080000+0800', '2026-02-01T00:00:00.000Z'],
      ['20260131190000-0500', '2026-02-01T00:00:00.000Z'],
    ] as const) {
      const written = replaceField(seal, [0, 2, 4], () => asn1.encodeElement(0x18, asn1.asciiBytes(text)))
      expect(eseal.parseSeal(written).info.property.createDate.toISOString()).toBe(expected)
    }
    const utc = replaceField(seal, [0, 2, 4], () => asn1.encodeElement(0x17, asn1.asciiBytes('260201000000Z')))
    expect(eseal.parseSeal(utc).info.property.createDate.toISOString()).toBe('2026-02-01T00:00:00.000Z')
    const printable = replaceField(seal, [0, 1], () => asn1.encodePrintableString('11010100000001'))
    expect(eseal.parseSeal(printable).info.esId).toBe('11010100000001')
  })

  it('keeps raw octets: an extension with a written-out "critical FALSE" verifies as its maker signed it', async () => {
    const { key } = pki.get('issuing')
    const extension = asn1.encodeSequence(
      asn1.encodeSequence(
        asn1.encodeOid('1.2.156.10197.6.7.2.2.1'),
        asn1.encodeBoolean(false),
        asn1.encodeOctetString(asn1.asciiBytes('2.1')),
      ),
    )
    const info = asn1.encodeSequence(...asn1.parseDer(seals.V4).children[0]!.children.map(({ raw }) => raw), extension)
    const signature = asn1.encodeBitString(await key.sign(info))
    const made = replaceField(
      replaceField(seals.V4, [0], () => info),
      [3],
      () => signature,
    )
    const parsed = eseal.parseSeal(made)
    expect(parsed.info.extensions).toMatchObject([{ oid: '1.2.156.10197.6.7.2.2.1', critical: false }])
    expect((await eseal.verifySeal(parsed)).signatureValid).toBe(true)
  })

  it('leaves out of a list what is no certificate', () => {
    const odd = replaceField(seals.V1, [0, 2, 2], () =>
      asn1.encodeSequence(asn1.encodeElement(asn1.TAG.ia5String, asn1.asciiBytes('1'))),
    )
    expect(eseal.parseSeal(odd).info.property.certList).toEqual({ kind: 'certificates', certificates: [] })
  })
})

describe('parseSignature', () => {
  it('refuses what is no signature, or holds no seal, time or hash', () => {
    const bytes = signatures.V5
    for (const wrong of [
      new Uint8Array(0),
      seals.V5,
      replaceField(bytes, [0, 1], () => asn1.encodeNull()),
      replaceField(bytes, [0, 2], () => asn1.encodeInteger(1)),
      replaceField(bytes, [0, 2], () => asn1.encodeBitString(asn1.asciiBytes('no time'))),
      replaceField(bytes, [0, 3], () => asn1.encodeInteger(1)),
      asn1.encodeSequence(
        ...asn1
          .parseDer(bytes)
          .children.slice(0, 3)
          .map(({ raw }) => raw),
      ),
    ])
      throwsWithCode(() => eseal.parseSignature(wrong), 'ESEAL_MALFORMED')
  })

  it('reads extensions and tokens under [0], EXPLICIT or not', async () => {
    const extensions = [{ oid: '1.2.3', critical: true, value: Uint8Array.of(1) }]
    const made = await makeSignature(seals.V5, pki.get('seal'), { extensions })
    const implicit = replaceField(made, [0, 5], (field) =>
      asn1.encodeContext(0, ...field.children[0]!.children.map(({ raw }) => raw)),
    )
    for (const bytes of [made, implicit]) expect(eseal.parseSignature(bytes).extensions).toEqual(extensions)
    const token = asn1.encodeSequence(asn1.encodeNull())
    const stamped = await makeSignature(seals.V5, pki.get('seal'), {}, async () => token)
    const bare = replaceField(stamped, [4], () =>
      asn1.encodeContextPrimitive(0, asn1.concat([Uint8Array.of(0), token])),
    )
    for (const bytes of [stamped, bare]) expect(eseal.parseSignature(bytes).timeStamp).toEqual(token)
  })
})

describe('prepareSeal and prepareSignature', () => {
  it('refuse what no reader should meet', () => {
    const maker = pki.get('issuing')
    const signer = pki.get('seal')
    const sound = sealContent(signer)
    const late = new Date('2040-01-01T00:00:00Z')
    const wrong: Partial<eseal.SealContent>[] = [
      { esId: '1101010000001' },
      { esId: '1101010000000A' },
      { vendorId: '' },
      { vendorId: '证印' },
      { property: { ...sound.property, name: '' } },
      { property: { ...sound.property, name: '印'.repeat(129) } },
      { property: { ...sound.property, type: -1 } },
      { property: { ...sound.property, certList: { kind: 'certificates', certificates: [] } } },
      {
        property: {
          ...sound.property,
          certList: { kind: 'digests', digests: [{ type: 'SM3', value: new Uint8Array(20) }] },
        },
      },
      { property: { ...sound.property, createDate: late } },
      { property: { ...sound.property, validStart: late } },
      { picture: { ...sound.picture, data: new Uint8Array(0) } },
      { picture: { ...sound.picture, data: new Uint8Array(1024 * 1024 + 1) } },
      { picture: { ...sound.picture, widthMm: 0 } },
      { picture: { ...sound.picture, heightMm: 4.2 } },
    ]
    for (const changed of wrong)
      throwsWithCode(() => eseal.prepareSeal({ ...sound, ...changed }, maker.certificate), 'ESEAL_REFUSED')
    throwsWithCode(() => eseal.prepareSeal(sound, pki.get('p256').certificate), 'ALGORITHM_UNSUPPORTED')
    throwsWithCode(() => eseal.prepareSeal(sound, Uint8Array.of(0x30, 0)), 'CERTIFICATE_MALFORMED')
  })

  it('refuse signatures and tokens that cannot be', async () => {
    const maker = pki.get('issuing')
    const prepared = eseal.prepareSeal(sealContent(pki.get('seal')), maker.certificate)
    const signature = await maker.key.sign(prepared.toSign)
    throwsWithCode(() => prepared.assemble(new Uint8Array(64)), 'SIGNATURE_LENGTH_UNEXPECTED')
    throwsWithCode(() => prepared.assemble(signature, Uint8Array.of(0x30)), 'ESEAL_MALFORMED')
    const v4 = eseal.prepareSeal(sealContent(pki.get('seal'), { layout: 'V4' }), maker.certificate)
    throwsWithCode(() => v4.assemble(signature, asn1.encodeSequence()), 'ESEAL_REFUSED')
  })

  it('refuse to sign with a seal of V1, of others, or over a hash of another length', async () => {
    await rejectsWithCode(makeSignature(seals.V1, pki.get('seal')), 'ESEAL_REFUSED')
    await rejectsWithCode(makeSignature(seals.V5, pki.get('issuing')), 'ESEAL_REFUSED')
    await rejectsWithCode(makeSignature(seals.V5, pki.get('seal'), { dataHash: new Uint8Array(20) }), 'ESEAL_REFUSED')
    await rejectsWithCode(makeSignature(seals.V5, pki.get('seal'), { propertyInfo: '' }), 'ESEAL_REFUSED')
  })

  it('write DER that reads back as it was meant', async () => {
    const extensions = [
      { oid: '1.2.3', critical: false, value: Uint8Array.of(1) },
      { oid: '1.2.4', critical: true, value: Uint8Array.of(2) },
    ]
    for (const layout of ['V4', 'V5'] as const) {
      const content = sealContent(pki.get('seal'), { layout, extensions })
      const parsed = eseal.parseSeal(await makeSeal(pki.get('issuing'), pki.get('seal'), { layout, extensions }))
      expect(parsed.layout).toBe(layout)
      expect(parsed.info).toEqual({
        headerId: 'ES',
        version: layout === 'V4' ? 4 : 5,
        vendorId: content.vendorId,
        esId: content.esId,
        property: content.property,
        picture: content.picture,
        extensions,
      })
    }
  })
})
