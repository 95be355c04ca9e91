import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as pkijs from 'pkijs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ca, OID, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, type TestKeyKind, testTimes } from '../../fixtures/pki.ts'
import { isMissing, run } from '../../support/tools.ts'

const creditCode = '11330100MB0000000X'

const makePki = (key: TestKeyKind) =>
  createTestPki({
    root: { key },
    issuing: { under: 'root', key, crlUrl: 'http://127.0.0.1/pki/crl/root.crl' },
    seal: {
      under: 'issuing',
      key,
      subject: [
        ['C', 'CN'],
        ['O', '云汀市市场监督管理局'],
        ['organizationIdentifier', `NTRCN-${creditCode}`],
        ['CN', 'TEST 云汀市市场监督管理局 印章'],
      ],
      crlUrl: 'http://127.0.0.1/pki/crl/issuing.crl',
    },
    statement: { under: 'issuing', key, profile: 'statement' },
    'status-list': { under: 'issuing', key, profile: 'status-list-signer' },
    'trust-list': { under: 'issuing', key, profile: 'trust-list-signer' },
    'seal-revoked': { under: 'issuing', key, revokedAt: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
  })

describe.each(['ec-p256', 'rsa-2048'] as const)('issueCertificate with keys of kind %s', (kind) => {
  let pki: Awaited<ReturnType<typeof makePki>>
  let folder: string
  beforeAll(async () => {
    pki = await makePki(kind)
    folder = mkdtempSync(join(tmpdir(), 'pki-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('makes certificates that read back as they were asked for', () => {
    const seal = x509.parseCertificate(pki.get('seal').certificate)
    expect(seal.version).toBe(3)
    expect(seal.subject.text).toBe(
      `C=CN, O=云汀市市场监督管理局, organizationIdentifier=NTRCN-${creditCode}, CN=TEST 云汀市市场监督管理局 印章`,
    )
    expect(x509.findAttribute(seal.subject, 'organizationIdentifier')).toBe(`NTRCN-${creditCode}`)
    expect([...seal.keyUsage!]).toEqual(['digitalSignature', 'contentCommitment'])
    expect(seal.extensions.get(OID.keyUsage)!.critical).toBe(true)
    expect(seal.extKeyUsage).toBeUndefined()
    expect(seal.cRLDistributionPoints![0]!.urls).toEqual(['http://127.0.0.1/pki/crl/issuing.crl'])
    expect(seal.notBefore).toEqual(testTimes.start)
    const issuing = x509.parseCertificate(pki.get('issuing').certificate)
    expect(seal.authorityKeyIdentifier!.keyIdentifier).toEqual(issuing.subjectKeyIdentifier)
    expect(issuing.basicConstraints).toEqual({ cA: true, pathLenConstraint: 0 })
  })

  it('gives each signer of lists and statements an extended key usage of its own', () => {
    const usages = (['statement', 'status-list', 'trust-list'] as const).map(
      (name) => x509.parseCertificate(pki.get(name).certificate).extKeyUsage,
    )
    expect(usages).toEqual([[OID.statementSigning], [OID.statusListSigning], [OID.trustListSigning]])
  })

  it('reads the same under pkijs', () => {
    const der = pki.get('seal').certificate
    const theirs = pkijs.Certificate.fromBER(der as Uint8Array<ArrayBuffer>)
    const ours = x509.parseCertificate(der)
    expect(new Uint8Array(theirs.subject.toSchema().toBER(false))).toEqual(ours.subject.raw)
    expect(new Uint8Array(theirs.serialNumber.valueBlock.valueHexView)).toEqual(ours.serialNumber)
    expect(theirs.notAfter.value).toEqual(ours.notAfter)
    expect(theirs.extensions!.map(({ extnID, critical }) => [extnID, critical])).toEqual(
      [...ours.extensions.values()].map(({ oid, critical }) => [oid, critical]),
    )
    expect(new Uint8Array(theirs.toSchema(true).toBER(false))).toEqual(der)
  })

  it.skipIf(isMissing('openssl'))('makes paths and lists that openssl accepts, and refuses when revoked', async () => {
    const write = (name: string, ...parts: string[]): string => {
      writeFileSync(join(folder, name), parts.join(''))
      return join(folder, name)
    }
    const root = write('root.pem', x509.encodePem(pki.get('root').certificate))
    const issuing = write('issuing.pem', x509.encodePem(pki.get('issuing').certificate))
    const lists = write('crls.pem', ...(await pki.crls()).map((der) => x509.encodePem(der, 'X509 CRL')))
    const verify = (name: 'seal' | 'statement' | 'status-list' | 'trust-list' | 'seal-revoked') => {
      const leaf = write(`${name}.pem`, x509.encodePem(pki.get(name).certificate))
      const at = String(testTimes.now.getTime() / 1000)
      return run('openssl', [
        'verify',
        '-x509_strict',
        '-crl_check_all',
        '-attime',
        at,
        '-CAfile',
        root,
        '-untrusted',
        issuing,
        '-CRLfile',
        lists,
        leaf,
      ])
    }
    for (const name of ['seal', 'statement', 'status-list', 'trust-list'] as const) {
      expect(verify(name)).toMatchObject({ status: 0 })
    }
    const revoked = verify('seal-revoked')
    expect(revoked.status).not.toBe(0)
    expect(revoked.output).toContain('certificate revoked')
    const list = run('openssl', [
      'crl',
      '-in',
      write('one.pem', x509.encodePem(await pki.crl('issuing'), 'X509 CRL')),
      '-CAfile',
      issuing,
      '-text',
      '-noout',
    ])
    expect(list.output).toContain('verify OK')
    expect(list.output).toMatch(/Version 2.*X509v3 CRL Number.*Key Compromise/s)
  })
})

describe('issueCertificate', () => {
  const key = makeTestKey()
  const rootRequest: ca.CertificateRequest = {
    profile: 'root',
    subject: [
      ['C', 'CN'],
      ['CN', 'TEST root'],
    ],
    subjectPublicKey: key.publicKey,
    serialNumber: new Uint8Array(16).fill(7),
    notBefore: testTimes.start,
    notAfter: testTimes.end,
    key,
  }
  const issue = (changes: Partial<ca.CertificateRequest>) => ca.issueCertificate({ ...rootRequest, ...changes })
  const withCode = (code: string) => expect.objectContaining({ code })

  const refused: readonly (readonly [what: string, changes: Partial<ca.CertificateRequest>, code?: string])[] = [
    ['a serial number of eight octets', { serialNumber: new Uint8Array(8).fill(1) }],
    ['a serial number of 20 octets that reads negative', { serialNumber: new Uint8Array(20).fill(0xff) }],
    ['a serial number of zeros', { serialNumber: new Uint8Array(16) }],
    ['an end before the beginning', { notAfter: new Date('2025-01-01T00:00:00Z') }],
    ['a life beyond its profile', { notAfter: new Date('2099-01-01T00:00:00Z') }],
    ['an empty name', { subject: [] }],
    ['a leaf without issuer', { profile: 'seal' }],
    ["a root signed by another's key", { key: makeTestKey() }],
    ['a country of three letters', { subject: [['C', 'CHN']] }, 'NAME_REFUSED'],
    ['an attribute nobody knows', { subject: [['X', '1']] }, 'NAME_REFUSED'],
    ['a common name beyond 64 characters', { subject: [['CN', '证'.repeat(65)]] }, 'NAME_REFUSED'],
    ['a public key that is none', { subjectPublicKey: Uint8Array.of(0x30, 0) }, 'KEY_MALFORMED'],
  ]
  for (const [what, changes, code = 'CERTIFICATE_REFUSED'] of refused) {
    it(`refuses ${what}`, async () => {
      await expect(issue(changes)).rejects.toThrow(withCode(code))
    })
  }

  it('refuses a validity beyond that of the issuer, and a CA under a CA of path length 0', async () => {
    const pki = await createTestPki({ root: {}, issuing: { under: 'root' } })
    const { certificate, key: issuerKey } = pki.get('issuing')
    const under = { issuer: { certificate }, key: issuerKey }
    await expect(
      issue({
        ...under,
        profile: 'seal',
        notBefore: new Date('2032-01-01T00:00:00Z'),
        notAfter: new Date('2036-02-01T00:00:00Z'),
      }),
    ).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
    await expect(issue({ ...under, profile: 'issuing-ca' })).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
    await expect(issue({ ...under, profile: 'seal', notAfter: testTimes.leafEnd, key })).rejects.toThrow(
      withCode('CERTIFICATE_REFUSED'),
    )
  })

  it('never hands out what its own public key does not verify', async () => {
    const other = makeTestKey()
    const broken = { ...key, sign: other.sign }
    await expect(issue({ key: broken })).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
  })
})
