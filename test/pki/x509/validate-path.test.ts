import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, type SigningKey, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, testTimes } from '../../fixtures/pki.ts'

const makePki = () =>
  createTestPki({
    root: {},
    issuing: { under: 'root' },
    'issuing-revoked': { under: 'root', revokedAt: new Date('2026-05-01T00:00:00Z'), reason: 'cACompromise' },
    seal: { under: 'issuing' },
    'seal-revoked': { under: 'issuing', revokedAt: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
    'seal-expired': { under: 'issuing', notAfter: new Date('2026-06-01T00:00:00Z') },
    'seal-future': { under: 'issuing', notBefore: new Date('2026-07-01T00:00:00Z') },
    'seal-under-revoked': { under: 'issuing-revoked', profile: 'seal' },
    statement: { under: 'issuing', profile: 'statement' },
    'status-list': { under: 'issuing', profile: 'status-list-signer' },
    'trust-list': { under: 'issuing', profile: 'trust-list-signer' },
    'other-root': {},
  })
type Pki = Awaited<ReturnType<typeof makePki>>
type Name = Parameters<Pki['get']>[0]

describe('validatePath', () => {
  let pki: Pki
  let crls: Uint8Array[]
  beforeAll(async () => {
    pki = await makePki()
    crls = await pki.crls()
  })
  const validate = (name: Name, changes: Partial<x509.PathRequest> = {}) =>
    x509.validatePath({
      leaf: pki.get(name).certificate,
      intermediates: [pki.get('issuing').certificate, pki.get('issuing-revoked').certificate],
      anchors: [pki.get('root').certificate],
      crls,
      at: testTimes.now,
      ...changes,
    })

  it('accepts a sound path and gives it leaf first, with the status of each certificate', async () => {
    const result = await validate('seal', { purpose: 'seal' })
    expect(result).toMatchObject({ valid: true, reason: null, faultIndex: null })
    expect(result.path.map(({ raw }) => raw)).toEqual(
      [pki.get('seal'), pki.get('issuing'), pki.get('root')].map(({ certificate }) => certificate),
    )
    expect(result.revocation.map(({ status }) => status)).toEqual(['good', 'good'])
  })

  const refused: readonly (readonly [
    what: string,
    name: Name,
    reason: x509.PathReason,
    changes?: () => Partial<x509.PathRequest>,
  ])[] = [
    ['a revoked leaf', 'seal-revoked', 'REVOKED'],
    ['a leaf under a revoked CA', 'seal-under-revoked', 'REVOKED'],
    ['an expired leaf', 'seal-expired', 'EXPIRED'],
    ['a leaf of the future', 'seal-future', 'NOT_YET_VALID'],
    [
      'another root than the trusted one',
      'seal',
      'NO_CERTIFICATE_CHAIN_FOUND',
      () => ({ anchors: [pki.get('other-root').certificate] }),
    ],
    ['no anchors at all', 'seal', 'NO_CERTIFICATE_CHAIN_FOUND', () => ({ anchors: [] })],
    ['a missing intermediate', 'seal', 'NO_CERTIFICATE_CHAIN_FOUND', () => ({ intermediates: [] })],
    ['a leaf that is no certificate', 'seal', 'CERTIFICATE_MALFORMED', () => ({ leaf: Uint8Array.of(1, 2, 3) })],
    ['a missing CRL', 'seal', 'REVOCATION_UNKNOWN', () => ({ crls: crls.slice(0, 1) })],
    ['a CRL out of date', 'seal', 'REVOCATION_STALE', () => ({ at: new Date('2026-06-23T00:00:00Z') })],
    ['a statement certificate as a seal', 'statement', 'EXTENDED_KEY_USAGE', () => ({ purpose: 'seal' })],
    ['a list certificate as a seal', 'status-list', 'EXTENDED_KEY_USAGE', () => ({ purpose: 'seal' })],
    [
      "a list certificate as a stranger's signature",
      'trust-list',
      'EXTENDED_KEY_USAGE',
      () => ({ purpose: 'document' }),
    ],
    ['a seal as a signer of lists', 'seal', 'EXTENDED_KEY_USAGE', () => ({ purpose: 'status-list' })],
    ['a signer of the other list', 'status-list', 'EXTENDED_KEY_USAGE', () => ({ purpose: 'trust-list' })],
    ['a CA as a seal', 'issuing', 'KEY_USAGE', () => ({ purpose: 'seal', intermediates: [] })],
    [
      'a search beyond its limit',
      'seal',
      'PATH_LIMIT_EXCEEDED',
      () => ({ limits: { maxLength: 12, maxSignatureChecks: 1 } }),
    ],
  ]
  for (const [what, name, reason, changes] of refused) {
    it(`refuses ${what}: ${reason}`, async () => {
      expect(await validate(name, changes?.())).toMatchObject({ valid: false, reason })
    })
  }

  it('says which certificate is at fault', async () => {
    expect(await validate('seal-under-revoked')).toMatchObject({ faultIndex: 1 })
    expect(await validate('seal-revoked')).toMatchObject({ faultIndex: 0 })
  })

  it('does not ask for revocation when no lists are given', async () => {
    const { crls: _, ...request } = {
      crls,
      leaf: pki.get('seal-revoked').certificate,
      intermediates: [pki.get('issuing').certificate],
      anchors: [pki.get('root').certificate],
      at: testTimes.now,
    }
    expect(await x509.validatePath(request)).toMatchObject({ valid: true, revocation: [] })
  })

  it('refuses a certificate issued by a leaf (RFC 5280 §6.1.4 k)', async () => {
    const flat = await createTestPki({ root: {}, seal: { under: 'root', profile: 'seal' } })
    const { certificate, key } = flat.get('seal')
    const forged = await forge(certificate, key)
    const request = {
      leaf: forged,
      intermediates: [certificate],
      anchors: [flat.get('root').certificate],
      at: testTimes.now,
    }
    expect(await x509.validatePath(request)).toMatchObject({ valid: false, reason: 'NOT_A_CA', faultIndex: 1 })
  })

  it('refuses a CA below a CA of path length 0', async () => {
    const { certificate, key } = pki.get('seal')
    const result = await validate('seal', {
      leaf: await forge(certificate, key),
      intermediates: [certificate, pki.get('issuing').certificate],
    })
    expect(result).toMatchObject({ valid: false, reason: 'PATH_LENGTH_EXCEEDED', faultIndex: 2 })
  })

  it('refuses a leaf with a changed octet in what is signed', async () => {
    const changed = pki.get('seal').certificate.slice()
    const subject = x509.parseCertificate(changed).subject.raw
    changed[subject.byteOffset - changed.byteOffset + subject.length - 1]! ^= 1
    expect(await validate('seal', { leaf: changed })).toMatchObject({
      valid: false,
      reason: 'SIGNATURE_INVALID',
      faultIndex: 0,
    })
  })

  it('tries every issuer of the same name until one leads to an anchor', async () => {
    const impostors = await Promise.all(
      [0, 1, 2].map(
        async () => (await createTestPki({ root: {}, issuing: { under: 'root' } })).get('issuing').certificate,
      ),
    )
    const result = await validate('seal', {
      intermediates: [...impostors, Uint8Array.of(0x30), pki.get('issuing').certificate],
    })
    expect(result.valid).toBe(true)
  })

  it('ends in time on certificates that all could issue each other', async () => {
    const key = makeTestKey()
    const loops = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        ca.issueCertificate({
          profile: 'root',
          subject: [['CN', 'TEST loop']],
          subjectPublicKey: key.publicKey,
          serialNumber: new Uint8Array(16).fill(i + 1),
          notBefore: testTimes.start,
          notAfter: testTimes.end,
          key,
        }),
      ),
    )
    const result = await validate('seal', { leaf: loops[0]!, intermediates: loops })
    expect(result).toMatchObject({ valid: false, reason: 'NO_CERTIFICATE_CHAIN_FOUND' })
  })
})

/** The issuer's own certificate once more, signed by its key: as if a seal were a CA. */
async function forge(issuerCertificate: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  const issuer = x509.parseCertificate(issuerCertificate)
  const fields = asn1.parseDer(issuer.tbs).children.map((field) => field.raw)
  fields[3] = issuer.subject.raw
  fields[5] = x509.encodeName([['CN', 'TEST forged']])
  const tbs = asn1.encodeSequence(...fields)
  return asn1.encodeSequence(tbs, issuer.signatureAlgorithm.raw, asn1.encodeBitString(await key.sign(tbs)))
}
