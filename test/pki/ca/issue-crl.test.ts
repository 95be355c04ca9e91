import { describe, expect, it } from 'vitest'
import { asn1, ca, crl, OID, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, testTimes } from '../../fixtures/pki.ts'

const { thisUpdate, nextUpdate, now } = testTimes
const withCode = (code: string) => expect.objectContaining({ code })
const shards = ['http://pki.test/crl/issuing-0.crl', 'http://pki.test/crl/issuing-1.crl'] as const

describe('issueCrl', async () => {
  const pki = await createTestPki({
    root: {},
    issuing: { under: 'root', crlUrl: 'http://pki.test/crl/root.crl' },
    'seal-0': { under: 'issuing', crlUrl: shards[0] },
    'seal-1': { under: 'issuing', crlUrl: shards[1] },
  })
  const { certificate, key } = pki.get('issuing')
  const serialOf = (name: 'seal-0' | 'seal-1') => x509.parseCertificate(pki.get(name).certificate).serialNumber
  const request: ca.CrlRequest = { issuer: { certificate }, key, thisUpdate, nextUpdate, crlNumber: 7, entries: [] }
  const issue = (changes: Partial<ca.CrlRequest>) => ca.issueCrl({ ...request, ...changes })
  const revoked = { serialNumber: serialOf('seal-1'), revocationDate: thisUpdate, reason: 'superseded' } as const

  it('limits a shard to its distribution point, critically', async () => {
    const list = crl.parseCrl(await issue({ scope: { url: shards[1], only: 'user-certificates' }, entries: [revoked] }))
    expect(list.extensions.get(OID.issuingDistributionPoint)!.critical).toBe(true)
    expect(list.cRLNumber).toBe(7n)
    expect(list.scope).toMatchObject({ onlyUserCerts: true, onlyCaCerts: false, indirect: false })
  })

  it('covers by a shard the certificates that name it, and no others', async () => {
    const root = await pki.crl('root')
    const [first, second] = await Promise.all([
      issue({ scope: { url: shards[0] } }),
      issue({ scope: { url: shards[1] }, entries: [revoked] }),
    ])
    const judge = (name: 'seal-0' | 'seal-1', ...crls: Uint8Array[]) =>
      x509.validatePath({
        leaf: pki.get(name).certificate,
        intermediates: [certificate],
        anchors: [pki.get('root').certificate],
        crls: [root, ...crls],
        at: now,
      })
    expect(await judge('seal-0', first!, second!)).toMatchObject({ valid: true })
    expect(await judge('seal-1', first!, second!)).toMatchObject({ valid: false, reason: 'REVOKED' })
    expect((await judge('seal-1', first!)).valid).toBe(false)
    expect((await judge('seal-0', second!)).valid).toBe(false)
  })

  it('says since when the expired stay listed', async () => {
    const list = crl.parseCrl(await issue({ expiredCertsSince: thisUpdate }))
    const extension = list.extensions.get(OID.expiredCertsOnCRL)!
    expect(extension.critical).toBe(false)
    expect(asn1.readTime(asn1.parseDer(extension.value), 'time')).toEqual(thisUpdate)
  })

  const refused: readonly (readonly [what: string, changes: Partial<ca.CrlRequest>, code: string])[] = [
    ['a scope that limits nothing', { scope: {} }, 'CRL_REFUSED'],
    ['a serial number twice', { entries: [revoked, revoked] }, 'CRL_REFUSED'],
    ['an end before the beginning', { nextUpdate: thisUpdate }, 'CRL_REFUSED'],
    ['a revocation in the future', { entries: [{ ...revoked, revocationDate: nextUpdate }] }, 'CRL_REFUSED'],
    ["another's key", { key: makeTestKey() }, 'CRL_REFUSED'],
    ['a number of 21 octets', { crlNumber: 1n << 164n }, 'LINT_FAILED'],
    ['an address that is none', { scope: { url: 'not an address' } }, 'LINT_FAILED'],
  ]
  for (const [what, changes, code] of refused) {
    it(`refuses ${what}`, async () => {
      await expect(issue(changes)).rejects.toThrow(withCode(code))
    })
  }
})

describe('shardOf', () => {
  it('spreads random numbers evenly, and gives a number the same shard whatever octets stand before it', () => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) {
      const serial = crypto.getRandomValues(new Uint8Array(16))
      const shard = ca.shardOf(serial, 4)
      counts[shard]! += 1
      expect(ca.shardOf(asn1.concat([Uint8Array.of(0), serial]), 4)).toBe(shard)
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200)
    expect(() => ca.shardOf(new Uint8Array(16), 0)).toThrow(TypeError)
    expect(ca.shardOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 7)).toBe(0xffffffff % 7)
  })
})

describe('lintCrl', () => {
  const algorithm = asn1.encodeSequence(asn1.encodeOid(OID.ecdsaWithSHA256))
  const issuer = x509.encodeName([['CN', 'TEST']])
  const extension = (oid: string, critical: boolean, value: Uint8Array) =>
    asn1.encodeSequence(
      asn1.encodeOid(oid),
      ...(critical ? [asn1.encodeBoolean(true)] : []),
      asn1.encodeOctetString(value),
    )
  const aki = extension(
    OID.authorityKeyIdentifier,
    false,
    asn1.encodeSequence(asn1.encodeContextPrimitive(0, new Uint8Array(20))),
  )
  const number = extension(OID.cRLNumber, false, asn1.encodeInteger(1))
  const point = (value: Uint8Array, critical = true) => extension(OID.issuingDistributionPoint, critical, value)
  const entry = (serial: number, ...extensions: Uint8Array[]) =>
    asn1.encodeSequence(
      asn1.encodeInteger(serial),
      asn1.encodeTime(thisUpdate),
      ...(extensions.length === 0 ? [] : [asn1.encodeSequence(...extensions)]),
    )
  const list = (parts: {
    version?: Uint8Array[]
    times?: Uint8Array[]
    entries?: Uint8Array
    extensions?: Uint8Array[]
    issuer?: Uint8Array
  }) =>
    asn1.encodeSequence(
      ...(parts.version ?? [asn1.encodeInteger(1)]),
      algorithm,
      parts.issuer ?? issuer,
      ...(parts.times ?? [asn1.encodeTime(thisUpdate), asn1.encodeTime(nextUpdate)]),
      ...(parts.entries === undefined ? [] : [parts.entries]),
      asn1.encodeContext(0, asn1.encodeSequence(...(parts.extensions ?? [aki, number]))),
    )
  const flag = (n: number, value = 0xff) => asn1.encodeContextPrimitive(n, Uint8Array.of(value))
  const reason = (code: number, critical = false) =>
    extension(OID.reasonCode, critical, asn1.encodeInteger(code, asn1.TAG.enumerated))

  const cases: readonly (readonly [what: string, tbs: Uint8Array, ...codes: ca.LintCode[]])[] = [
    ['a sound list', list({ entries: asn1.encodeSequence(entry(1, reason(1)), entry(2)) })],
    ['a list of version 1', list({ version: [] }), 'crl-version-not-2'],
    ['a list without end', list({ times: [asn1.encodeTime(thisUpdate)] }), 'crl-next-update-absent'],
    [
      'a list that ends before it begins',
      list({ times: [asn1.encodeTime(nextUpdate), asn1.encodeTime(thisUpdate)] }),
      'validity-negative',
    ],
    [
      'a time of this century as GeneralizedTime',
      list({ times: [asn1.encodeGeneralizedTime(thisUpdate), asn1.encodeTime(nextUpdate)] }),
      'time-encoding-wrong',
    ],
    ['an empty list of entries', list({ entries: asn1.encodeSequence() }), 'crl-list-empty'],
    ['a serial number twice', list({ entries: asn1.encodeSequence(entry(1), entry(1)) }), 'crl-entry-repeated'],
    ['the reason unspecified', list({ entries: asn1.encodeSequence(entry(1, reason(0))) }), 'crl-reason-unspecified'],
    [
      'a critical reason',
      list({ entries: asn1.encodeSequence(entry(1, reason(1, true))) }),
      'extension-must-not-be-critical',
    ],
    ['an issuer without name', list({ issuer: asn1.encodeSequence() }), 'issuer-empty'],
    ['no extension', list({ extensions: [] }), 'authority-key-identifier-absent', 'crl-number-absent'],
    ['an extension twice', list({ extensions: [aki, number, number] }), 'extension-repeated'],
    [
      'a number below zero',
      list({ extensions: [aki, extension(OID.cRLNumber, false, Uint8Array.of(2, 1, 0x80))] }),
      'crl-number-out-of-range',
    ],
    ['a point that says nothing', list({ extensions: [aki, number, point(asn1.encodeSequence())] }), 'crl-point-empty'],
    [
      'a point that is not critical',
      list({ extensions: [aki, number, point(asn1.encodeSequence(flag(1)), false)] }),
      'extension-must-be-critical',
    ],
    [
      'only users and only CAs',
      list({ extensions: [aki, number, point(asn1.encodeSequence(flag(1), flag(2)))] }),
      'crl-point-contradictory',
    ],
    [
      'a FALSE that DER leaves out',
      list({ extensions: [aki, number, point(asn1.encodeSequence(flag(1, 0)))] }),
      'extension-malformed',
    ],
    ['what is no list', asn1.encodeSequence(), 'structure-malformed'],
    ['what is no DER', Uint8Array.of(0x30, 0x80, 0, 0), 'structure-malformed'],
  ]
  it('walks through a list of 20,000 entries, and finds the one that is wrong', () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => entry(i + 1, reason(1)))
    expect(ca.lintCrl(list({ entries: asn1.encodeElement(asn1.TAG.sequence, asn1.concat(entries)) }))).toEqual([])
    const wrong = [...entries.slice(0, 15_000), entry(7), ...entries.slice(15_000)]
    const found = ca.lintCrl(list({ entries: asn1.encodeElement(asn1.TAG.sequence, asn1.concat(wrong)) }))
    expect(found.map(({ code }) => code)).toEqual(['crl-entry-repeated'])
  })

  for (const [what, tbs, ...codes] of cases) {
    it(`finds ${codes.join(', ') || 'nothing'} in ${what}`, () => {
      expect(ca.lintCrl(tbs).map(({ code }) => code)).toEqual(codes)
    })
  }
})
