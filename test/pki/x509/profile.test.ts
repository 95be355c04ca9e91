import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  basicConstraints,
  extension,
  type Forged,
  type ForgedSpec,
  forge,
  forgeCrl,
  generalName,
  keyUsage,
  subjectAltName,
} from '../../support/forge-pki.ts'

const { encodeContextPrimitive, encodeInteger, encodeNamedBits, encodeOctetString, encodeSequence } = asn1
const id = Uint8Array.of(1, 2, 3, 4)
const ski = (critical = false) => extension(OID.subjectKeyIdentifier, encodeOctetString(id), critical)
const aki = (critical = false) =>
  extension(OID.authorityKeyIdentifier, encodeSequence(encodeContextPrimitive(0, id)), critical)
const akiBySerial = extension(OID.authorityKeyIdentifier, encodeSequence(encodeContextPrimitive(2, id)))
const number = extension(OID.cRLNumber, encodeInteger(1))
const scope = (critical: boolean) => extension(OID.issuingDistributionPoint, encodeSequence(), critical)

describe('the profile of RFC 5280, where it is asked for', () => {
  let root: Forged
  beforeAll(async () => {
    root = await forge({ name: 'Root', extensions: [basicConstraints(), keyUsage([5, 6]), ski()] })
  })

  const judge = async (spec: ForgedSpec, anchor = root, crls?: readonly Uint8Array[]) => {
    const leaf = await forge({ name: [['O', 'Leaf']], issuer: anchor, ...spec })
    const request = { leaf: leaf.certificate, intermediates: [], anchors: [anchor.certificate], at: testTimes.now }
    const asked = crls === undefined ? request : { ...request, crls }
    const strict = await x509.validatePath({ ...asked, conformance: 'profile' })
    return { path: (await x509.validatePath(asked)).valid, profile: strict.valid, reason: strict.reason }
  }

  it('is met by certificates that follow it', async () => {
    expect(await judge({ extensions: [aki()] })).toEqual({ path: true, profile: true, reason: null })
  })

  const strays: readonly (readonly [string, ForgedSpec])[] = [
    ['a leaf that does not name the key of its issuer', {}],
    ['one that names it by serial number alone', { extensions: [akiBySerial] }],
    ['a critical authorityKeyIdentifier', { extensions: [aki(true)] }],
    ['a critical subjectKeyIdentifier', { extensions: [aki(), ski(true)] }],
    ['a CA without a subjectKeyIdentifier', { extensions: [aki(), basicConstraints()] }],
    ['keyCertSign without cA', { extensions: [aki(), keyUsage([0, 5])] }],
    ['no key usage in keyUsage', { extensions: [aki(), extension(OID.keyUsage, encodeNamedBits([]), true)] }],
    ['a serial number of zero', { extensions: [aki()], serial: 0 }],
    ['a serial number of 21 octets', { extensions: [aki()], serial: new Uint8Array(20).fill(0x99) }],
    ['an underscore in a DNS name', { extensions: [aki(), subjectAltName(generalName.dns('a_b.test'))] }],
    ['an address for a DNS name', { extensions: [aki(), subjectAltName(generalName.dns('192.0.2.1'))] }],
    ['an address of five octets', { extensions: [aki(), subjectAltName(generalName.ip(1, 2, 3, 4, 5))] }],
    [
      'no subject and an alternative name that is not critical',
      { name: [], extensions: [aki(), subjectAltName(generalName.dns('a.test'))] },
    ],
  ]
  it.each(strays)('%s', async (_, spec) => {
    expect(await judge(spec)).toEqual({ path: true, profile: false, reason: 'PROFILE' })
  })

  it('a root whose basicConstraints are not critical', async () => {
    const loose = extension(OID.basicConstraints, encodeSequence(asn1.encodeBoolean(true)))
    const anchor = await forge({ name: 'Loose', extensions: [loose, keyUsage([5, 6]), ski()] })
    expect(await judge({ extensions: [aki()] }, anchor)).toEqual({ path: true, profile: false, reason: 'PROFILE' })
  })

  it('an issuer that is named by a key identifier and has none', async () => {
    const anchor = await forge({ name: 'Bare', extensions: [basicConstraints(), keyUsage([5, 6])] })
    expect(await judge({ extensions: [aki()] }, anchor)).toEqual({ path: true, profile: false, reason: 'PROFILE' })
    expect(await judge({}, anchor)).toEqual({ path: true, profile: true, reason: null })
  })

  it.each([
    ['lists that follow it', [aki(), number], true],
    ['a list without a number', [aki()], false],
    ['a list without the key of its issuer', [number], false],
    ['a limited list whose limits are not critical', [aki(), number, scope(false)], false],
    ['a limited list whose limits are', [aki(), number, scope(true)], true],
  ])('%s', async (_, extensions, follows) => {
    const list = await forgeCrl({ issuer: root, extensions })
    expect(await judge({ extensions: [aki()] }, root, [list])).toMatchObject({ path: true, profile: follows })
  })
})
