import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ca, x509 } from '../../pki/index.ts'
import { createTestPki, makeTestKey, type TestKeyKind, testTimes } from '../fixtures/pki.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, pkilintPython, run } from '../support/tools.ts'

const { thisUpdate, nextUpdate, start } = testTimes
const addresses = {
  crlUrl: 'http://licences.yunting.gov.cn/pki/crl/issuing-1.crl',
  ocspUrl: 'http://licences.yunting.gov.cn/pki/ocsp',
  caIssuersUrl: 'http://licences.yunting.gov.cn/pki/ca/issuing.cer',
}
const subject = (commonName: string): x509.NameEntry[] => [
  ['C', 'CN'],
  ['O', '云汀市市场监督管理局'],
  ['organizationIdentifier', 'NTRCN-11330100MB0000000X'],
  ['CN', commonName],
]

const constraints: ca.CaConstraints = {
  pathLenConstraint: 1,
  nameConstraints: {
    permitted: [
      { kind: 'directory', value: x509.encodeName([['C', 'CN']]) },
      { kind: 'dns', value: 'gov.cn' },
    ],
    excluded: [
      { kind: 'ip', value: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0) },
      { kind: 'email', value: '.example.com' },
    ],
  },
  policyMappings: [['1.3.6.1.4.1.99999.1', '1.3.6.1.4.1.99999.2']],
  policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 0 },
  inhibitAnyPolicy: 0,
}

/** Every profile, a CRL shard and an OCSP answer, by names of their files. */
async function makeAll(key: TestKeyKind): Promise<Record<string, Uint8Array>> {
  const pki = await createTestPki({
    root: { key },
    issuing: { under: 'root', key, crlUrl: 'http://licences.yunting.gov.cn/pki/crl/root.crl' },
    responder: { under: 'issuing', key, profile: 'ocsp-responder' },
  })
  const issuer = pki.get('issuing')
  const issue = (profile: ca.ProfileName, changes: Partial<ca.CertificateRequest> = {}) =>
    ca.issueCertificate({
      profile,
      subject: subject(`${profile} (TEST)`),
      subjectPublicKey: makeTestKey(key).publicKey,
      serialNumber: crypto.getRandomValues(new Uint8Array(16)),
      notBefore: start,
      notAfter: testTimes.leafEnd,
      issuer,
      key: issuer.key,
      ...addresses,
      ...changes,
    })
  const root = pki.get('root')
  const above = { issuer: root, key: root.key, constraints, policies: [{ policy: '1.3.6.1.4.1.99999.1' }] }
  const serialNumber = new Uint8Array(16).fill(7)
  const list = await ca.issueCrl({
    issuer,
    key: issuer.key,
    thisUpdate,
    nextUpdate,
    crlNumber: 3,
    scope: { url: addresses.crlUrl, only: 'user-certificates' },
    expiredCertsSince: start,
    entries: [{ serialNumber, revocationDate: start, reason: 'keyCompromise', invalidityDate: start }],
  })
  const responder = pki.get('responder')
  const answer = ca
    .compileOcspResponder({ ...responder, signatureAlgorithm: responder.key.signatureAlgorithm })
    .prepare({
      responses: [
        {
          certId: await ca.createCertId(issuer.certificate, serialNumber),
          status: { kind: 'revoked', revocationDate: start, reason: 'superseded' },
          thisUpdate,
          nextUpdate,
          archiveCutoff: start,
        },
      ],
      producedAt: testTimes.now,
      nonce: new Uint8Array(32).fill(3),
    })
  return {
    'pkix=root.cer': root.certificate,
    'pkix=issuing.cer': issuer.certificate,
    'pkix=responder.cer': responder.certificate,
    'pkix=cross.cer': await issue('cross-ca', above),
    'pkix=time-stamp.cer': await issue('time-stamp', { privateKeyUsageEnd: new Date('2027-01-01T00:00:00Z') }),
    'pkix=statement.cer': await issue('statement'),
    'pkix=status.cer': await issue('status-list-signer'),
    'pkix=trust.cer': await issue('trust-list-signer'),
    'pkix=maker.cer': await issue('seal-maker'),
    'pkix=seal.cer': await issue('seal'),
    'legal=seal.cer': await issue('seal'),
    'crl=shard.crl': list,
    'ocsp=answer.ocsp': answer.assemble(await responder.key.sign(answer.toSign)),
  }
}

describe.skipIf(isMissing(pkilintPython)).each(['ec-p256', 'rsa-2048'] as const)(
  'what we sign by %s, under pkilint',
  (key) => {
    const folder = temporaryFolder()

    it('has no fault, but that seals have two usages by the habit of GB/T 20518', async () => {
      const all = await makeAll(key)
      for (const [name, bytes] of Object.entries(all)) writeFileSync(join(folder, name), bytes)
      const asked = Object.keys(all).map((name) => `${name.split('=')[0]}=${join(folder, name)}`)
      const { status, stdout } = run(pkilintPython, ['test/conformance/pkilint_judge.py', ...asked])
      expect(status).toBe(0)
      const judged = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string; findings: string[] })
      const mixed = 'WARNING etsi.en_319_412_2.nat-4.3.2-1.mixed_key_usage_setting'
      expect(judged).toHaveLength(asked.length)
      for (const one of judged) expect(one).toMatchObject({ findings: one.kind === 'legal' ? [mixed] : [] })
    })
  },
)
