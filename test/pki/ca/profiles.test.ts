import { describe, expect, it } from 'vitest'
import { asn1, ca, OID, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, testTimes } from '../../fixtures/pki.ts'

const withCode = (code: string) => expect.objectContaining({ code })
const code = '11330100MB0000000X'

describe('issueCertificate by profile', async () => {
  const pki = await createTestPki({ root: {}, issuing: { under: 'root' } })
  const subjectKey = makeTestKey()
  const base = (issuer: 'root' | 'issuing') => ({
    issuer: { certificate: pki.get(issuer).certificate },
    key: pki.get(issuer).key,
    subjectPublicKey: subjectKey.publicKey,
    serialNumber: new Uint8Array(16).fill(0x41),
    notBefore: testTimes.start,
    notAfter: testTimes.leafEnd,
    crlUrl: 'http://pki.test/crl/issuing.crl',
    caIssuersUrl: 'http://pki.test/ca/issuing.cer',
    ocspUrl: 'http://pki.test/ocsp',
  })
  const sealSubject: x509.NameEntry[] = [
    ['C', 'CN'],
    ['O', '云汀市市场监督管理局'],
    ['organizationIdentifier', `NTRCN-${code}`],
    ['CN', '云汀市市场监督管理局 印章'],
  ]
  const seal = (changes: Partial<ca.CertificateRequest> = {}) =>
    ca.issueCertificate({ ...base('issuing'), profile: 'seal', subject: sealSubject, ...changes })

  it('makes the seal of a legal person by EN 319 412-3, with the organisation code of GB/T 20518', async () => {
    const certificate = x509.parseCertificate(await seal())
    expect([...certificate.keyUsage!]).toEqual(['digitalSignature', 'contentCommitment'])
    expect(asn1.readString(asn1.parseDer(certificate.extensions.get(OID.organizationCode)!.value), 'code')).toBe(code)
    expect(certificate.extensions.get(OID.certificatePolicies)).toMatchObject({ critical: false })
    expect(certificate.authorityInfoAccess!.map(({ method, location }) => [method, location.value])).toEqual([
      [OID.ocsp, 'http://pki.test/ocsp'],
      [OID.caIssuers, 'http://pki.test/ca/issuing.cer'],
    ])
    const warnings = ca.lint(certificate.tbs, { profile: 'legal-person' })
    expect(warnings.map(({ severity, code }) => [severity, code])).toEqual([['warning', 'legal-key-usage-mixed']])
  })

  const without = (type: string) => sealSubject.filter(([name]) => name !== type)
  const faulty: readonly (readonly [what: string, changes: Partial<ca.CertificateRequest>, fault: string])[] = [
    [
      'without organizationIdentifier',
      { subject: without('organizationIdentifier') },
      'legal-subject-attribute-absent',
    ],
    ['without organisation', { subject: without('O') }, 'legal-subject-attribute-absent'],
    ['without country', { subject: without('C') }, 'legal-subject-attribute-absent'],
    ['with two common names', { subject: [...sealSubject, ['CN', 'b']] }, 'legal-subject-attribute-repeated'],
    [
      'whose identifier is its name',
      { subject: [...without('organizationIdentifier'), ['organizationIdentifier', '云汀市市场监督管理局']] },
      'legal-identifier-is-name',
    ],
    ["without the issuer's address", { caIssuersUrl: undefined as never }, 'legal-issuer-address-absent'],
    ["with an issuer's address of no web", { caIssuersUrl: 'ftp://pki.test/a.cer' }, 'legal-issuer-address-scheme'],
    [
      'without any address of revocation',
      { crlUrl: undefined as never, ocspUrl: undefined as never },
      'legal-crl-address-absent',
    ],
    ['with a CRL by https alone', { crlUrl: 'https://pki.test/a.crl' }, 'legal-crl-address-scheme'],
    ['with an address that is none', { ocspUrl: 'ocsp' }, 'general-name-malformed'],
    ['with an address of endless host', { ocspUrl: `http://${'a.'.repeat(200)}test/` }, 'domain-name-too-long'],
    ['without policies', { policies: [] }, 'legal-extension-absent'],
    ['with a policy twice', { policies: [{ policy: '1.2.3' }, { policy: '1.2.3' }] }, 'policy-repeated'],
    [
      'with a statement of policy that is no address',
      { policies: [{ policy: '1.2.3', cpsUrl: 'a b' }] },
      'general-name-malformed',
    ],
  ]
  for (const [what, changes, fault] of faulty) {
    it(`refuses to sign a seal ${what}`, async () => {
      const failure = await seal(changes).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'LINT_FAILED', message: expect.stringContaining(fault) })
    })
  }

  it('gives a TSA its purpose critical and alone, and the end of its key', async () => {
    const privateKeyUsageEnd = new Date('2027-01-01T00:00:00Z')
    const request = { ...base('issuing'), profile: 'time-stamp', subject: sealSubject, privateKeyUsageEnd } as const
    const certificate = x509.parseCertificate(await ca.issueCertificate(request))
    expect(certificate.extKeyUsage).toEqual([OID.timeStamping])
    expect(certificate.extensions.get(OID.extKeyUsage)!.critical).toBe(true)
    const period = asn1.parseDer(certificate.extensions.get(OID.privateKeyUsagePeriod)!.value)
    expect(period.children.map(({ tag, content }) => [tag, new TextDecoder().decode(content)])).toEqual([
      [0x80, '20260101000000Z'],
      [0x81, '20270101000000Z'],
    ])
    for (const end of [testTimes.start, new Date('2031-01-01T00:00:00Z')])
      await expect(ca.issueCertificate({ ...request, privateKeyUsageEnd: end })).rejects.toThrow(
        withCode('CERTIFICATE_REFUSED'),
      )
  })

  it('tells that nobody need ask about a responder', async () => {
    const request = { ...base('issuing'), profile: 'ocsp-responder', subject: sealSubject } as const
    const certificate = x509.parseCertificate(await ca.issueCertificate(request))
    expect(asn1.toHex(certificate.extensions.get(OID.ocspNoCheck)!.value)).toBe('0500')
    expect(certificate.extKeyUsage).toEqual([OID.ocspSigning])
  })

  it('keeps a seal maker from sealing documents', async () => {
    const request = { ...base('issuing'), profile: 'seal-maker', subject: sealSubject } as const
    const leaf = await ca.issueCertificate(request)
    expect(x509.parseCertificate(leaf).extKeyUsage).toEqual([OID.sealMaking])
    const path = { intermediates: [pki.get('issuing').certificate], anchors: [pki.get('root').certificate] }
    const judged = await x509.validatePath({ leaf, ...path, at: testTimes.now, purpose: 'seal' })
    expect(judged).toMatchObject({ valid: false, reason: 'EXTENDED_KEY_USAGE' })
  })

  const cross = (constraints: ca.CaConstraints, changes: Partial<ca.CertificateRequest> = {}) =>
    ca.issueCertificate({
      ...base('root'),
      profile: 'cross-ca',
      subject: [
        ['C', 'CN'],
        ['CN', 'TEST other root'],
      ],
      policies: [{ policy: '1.2.156.1' }],
      constraints,
      ...changes,
    })

  it('certifies another CA within names, policies and a path length', async () => {
    const certificate = x509.parseCertificate(
      await cross({
        pathLenConstraint: 1,
        nameConstraints: {
          permitted: [
            { kind: 'directory', value: x509.encodeName([['C', 'CN']]) },
            { kind: 'dns', value: 'yunting.gov.cn' },
          ],
          excluded: [
            { kind: 'ip', value: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0) },
            { kind: 'email', value: '.example.com' },
            { kind: 'uri', value: '.example.com' },
          ],
        },
        policyMappings: [['1.2.156.1', '1.2.156.2']],
        policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 1 },
        inhibitAnyPolicy: 0,
      }),
    )
    expect(certificate.basicConstraints).toEqual({ cA: true, pathLenConstraint: 1 })
    for (const oid of [OID.nameConstraints, OID.policyMappings, OID.policyConstraints, OID.inhibitAnyPolicy])
      expect([oid, certificate.extensions.get(oid)?.critical]).toEqual([oid, true])
    expect(ca.lint(certificate.tbs)).toEqual([])
  })

  it('holds a leaf to the names of the cross certificate above it', async () => {
    const otherRoot = makeTestKey()
    const names = (value: Uint8Array) => ({ nameConstraints: { permitted: [{ kind: 'directory' as const, value }] } })
    const subject = x509.encodeName([
      ['C', 'CN'],
      ['O', 'TEST other'],
      ['CN', 'TEST other root'],
    ])
    const leafOf = (certificate: Uint8Array, country: string) =>
      ca.issueCertificate({
        ...base('root'),
        profile: 'seal',
        issuer: { certificate },
        key: otherRoot,
        subject: [['C', country], ...sealSubject.slice(1)],
      })
    const crossed = await cross(names(x509.encodeName([['C', 'CN']])), {
      subject,
      subjectPublicKey: otherRoot.publicKey,
    })
    const judge = async (country: string) =>
      x509.validatePath({
        leaf: await leafOf(crossed, country),
        intermediates: [crossed],
        anchors: [pki.get('root').certificate],
        at: testTimes.now,
      })
    expect(await judge('CN')).toMatchObject({ valid: true })
    expect((await judge('NO')).valid).toBe(false)
  })

  const refusedCross: readonly (readonly [what: string, constraints: ca.CaConstraints, code: string])[] = [
    ['constraints that name nothing', { nameConstraints: {} }, 'LINT_FAILED'],
    ['policy constraints without any', { policyConstraints: {} }, 'LINT_FAILED'],
    ['a mapping of any policy', { policyMappings: [[OID.anyPolicy, '1.2.3']] }, 'LINT_FAILED'],
    [
      'a mask with holes',
      { nameConstraints: { excluded: [{ kind: 'ip', value: Uint8Array.of(1, 2, 3, 4, 255, 0, 255, 0) }] } },
      'LINT_FAILED',
    ],
    [
      'a domain with two dots',
      { nameConstraints: { excluded: [{ kind: 'email', value: '..example.com' }] } },
      'LINT_FAILED',
    ],
  ]
  for (const [what, constraints, code] of refusedCross) {
    it(`refuses to sign a cross certificate with ${what}`, async () => {
      await expect(cross(constraints)).rejects.toThrow(withCode(code))
    })
  }

  it('refuses constraints of a leaf', async () => {
    await expect(seal({ constraints: { inhibitAnyPolicy: 0 } })).rejects.toThrow(withCode('CERTIFICATE_REFUSED'))
  })
})
