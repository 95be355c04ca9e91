import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ca, cms, primitives, tsp, x509 } from '../../pki/index.ts'
import { createTestPki, type TestKeyKind, type TestPki, testTimes } from '../fixtures/pki.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'

type Name = 'root' | 'issuing' | 'seal' | 'seal-revoked' | 'statement' | 'seal-maker' | 'tsa' | 'responder'

const policy = '1.3.6.1.4.1.99999.36901.4.1'
const at = ['-attime', String(testTimes.now.getTime() / 1000)]
const { thisUpdate, nextUpdate } = testTimes
const shard = 'http://pki.test/crl/issuing-3.crl'

const makePki = (key: TestKeyKind) =>
  createTestPki<Name>({
    root: { key },
    issuing: { under: 'root', key, crlUrl: 'http://pki.test/crl/root.crl' },
    seal: { under: 'issuing', key, crlUrl: shard },
    'seal-revoked': { under: 'issuing', key, crlUrl: shard, revokedAt: thisUpdate, reason: 'keyCompromise' },
    statement: { under: 'issuing', key, profile: 'statement', crlUrl: shard },
    'seal-maker': { under: 'issuing', key, profile: 'seal-maker', crlUrl: shard },
    tsa: { under: 'issuing', key, profile: 'time-stamp', crlUrl: shard },
    responder: { under: 'issuing', key, profile: 'ocsp-responder' },
  })

describe.skipIf(isMissing('openssl')).each(['ec-p256', 'rsa-2048'] as const)(
  'our PKI under openssl, keys of kind %s',
  (kind) => {
    const folder = temporaryFolder()
    let pki: TestPki<Name>
    beforeAll(async () => {
      pki = await makePki(kind)
    })
    const file = (name: string, content: Uint8Array | string): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const pem = (name: Name) => file(`${name}.pem`, x509.encodePem(pki.get(name).certificate))
    const openssl = (...args: string[]) => run('openssl', args)
    const serialOf = (name: Name) => x509.parseCertificate(pki.get(name).certificate).serialNumber

    /** The root's complete list and the shard of the issuing CA that all leaves name. */
    const lists = async (): Promise<string> => {
      const { certificate, key } = pki.get('issuing')
      const revoked = {
        serialNumber: serialOf('seal-revoked'),
        revocationDate: thisUpdate,
        reason: 'keyCompromise',
      } as const
      const list = await ca.issueCrl({
        issuer: { certificate },
        key,
        thisUpdate,
        nextUpdate,
        crlNumber: 5,
        scope: { url: shard, only: 'user-certificates' },
        expiredCertsSince: testTimes.start,
        entries: [revoked],
      })
      return file('lists.pem', [await pki.crl('root'), list].map((der) => x509.encodePem(der, 'X509 CRL')).join(''))
    }

    it('has certificates and CRL shards that openssl verify accepts under -x509_strict', async () => {
      const crls = ['-crl_check_all', '-extended_crl', '-CRLfile', await lists()]
      const verify = (name: Name, ...more: string[]) =>
        openssl(
          'verify',
          '-x509_strict',
          ...crls,
          ...more,
          ...at,
          '-CAfile',
          pem('root'),
          '-untrusted',
          pem('issuing'),
          pem(name),
        )
      for (const name of ['seal', 'statement', 'seal-maker', 'tsa'] as const)
        expect([name, verify(name)]).toMatchObject([name, { status: 0 }])
      expect(verify('tsa', '-purpose', 'timestampsign')).toMatchObject({ status: 0 })
      expect(verify('seal', '-policy', '1.3.6.1.4.1.99999.36901.1.1', '-explicit_policy')).toMatchObject({ status: 0 })
      expect(verify('seal', '-policy', '1.2.3', '-explicit_policy').status).not.toBe(0)
      expect(verify('seal-revoked').output).toContain('certificate revoked')
      expect(verify('responder').output).toContain('different CRL scope')
    })

    it('answers over OCSP so that openssl ocsp believes it', async () => {
      const { certificate, key } = pki.get('responder')
      const responder = ca.compileOcspResponder({ certificate, signatureAlgorithm: key.signatureAlgorithm })
      const asked = join(folder, 'request.der')
      const names = ['-issuer', pem('issuing'), '-cert', pem('seal'), '-cert', pem('seal-revoked')]
      expect(openssl('ocsp', ...names, '-reqout', asked).status).toBe(0)
      const { certIds, nonce } = ca.parseOcspRequest(new Uint8Array(readFileSync(asked)))
      const statuses = [
        { kind: 'good' },
        { kind: 'revoked', revocationDate: thisUpdate, reason: 'keyCompromise' },
      ] as const
      const responses = certIds.map((certId, i) => ({ certId, status: statuses[i]!, thisUpdate, nextUpdate }))
      const prepared = responder.prepare({ responses, producedAt: testTimes.now, nonce })
      const response = file('response.der', prepared.assemble(await key.sign(prepared.toSign)))
      const anchors = ['-CAfile', pem('root'), '-verify_other', pem('issuing'), ...at]
      const judge = (...request: string[]) =>
        openssl('ocsp', '-respin', response, ...request, ...anchors, '-validity_period', '1000000000')
      const judged = judge(...names, '-no_nonce')
      expect(judged.status).toBe(0)
      expect(judged.output).toMatch(
        /seal\.pem: good[\s\S]*seal-revoked\.pem: revoked[\s\S]*keyCompromise[\s\S]*Response verify OK/,
      )
      expect(judge('-reqin', asked).output).toMatch(/^Response verify OK\s*$/)
      expect(judge(...names).output).toContain('Nonce Verify error')
    })

    it('seals and stamps so that openssl cms and openssl ts accept both, the stamp inside the seal too', async () => {
      const [seal, tsa] = [pki.get('seal'), pki.get('tsa')]
      const content = new TextEncoder().encode('证照')
      const digest = primitives.digestSync('SHA-256', content)
      const token = tsp.compileTokenSigner({
        ...tsa,
        signatureAlgorithm: tsa.key.signatureAlgorithm,
        policy,
        accuracySeconds: 1,
      })
      const signer = cms.compileSigner({
        ...seal,
        signatureAlgorithm: seal.key.signatureAlgorithm,
        timeStampLength: token.maxLength,
      })
      const signature = await seal.key.sign(signer.attributesToSign(digest))
      const stamp = token.prepare({
        messageImprint: primitives.digestSync('SHA-256', signature),
        serialNumber: Uint8Array.of(1, 2, 3),
        genTime: testTimes.now,
      })
      const stamped = stamp.assemble(await tsa.key.sign(stamp.toSign))
      const cmsFile = file('seal.der', signer.assemble(digest, signature, stamped))
      const verify = (contentFile: string) =>
        openssl(
          'cms',
          '-verify',
          '-cades',
          '-binary',
          '-inform',
          'DER',
          '-in',
          cmsFile,
          '-content',
          contentFile,
          '-CAfile',
          pem('root'),
          '-purpose',
          'any',
          '-out',
          join(folder, 'out'),
          ...at,
        )
      expect(verify(file('content', content))).toMatchObject({ status: 0 })
      expect(verify(file('other', content.subarray(1))).status).not.toBe(0)
      const [inside] = cms.findSignatureTimeStamps(cms.parseSignedData(readFileSync(cmsFile)).signerInfos[0]!)
      const tokenFile = file('token.der', inside!)
      const judge = (data: string) =>
        openssl('ts', '-verify', '-token_in', '-in', tokenFile, '-data', data, '-CAfile', pem('root'), ...at)
      expect(judge(file('signature', signature))).toMatchObject({ status: 0 })
      expect(judge(file('other', content)).status).not.toBe(0)
      const shown = openssl('ts', '-reply', '-token_in', '-in', tokenFile, '-token_out', '-text').output
      expect(shown).toMatch(/Policy OID: 1\.3\.6\.1\.4\.1\.99999\.36901\.4\.1[\s\S]*Accuracy: 0x01 seconds/)
      const rejected = file('rejected.tsr', tsp.encodeResponse(stamped))
      expect(openssl('ts', '-reply', '-in', rejected, '-text').output).toContain('Status: Granted')
      const refused = file('refused.tsr', tsp.encodeRejection('unacceptedPolicy', 'no'))
      expect(openssl('ts', '-reply', '-in', refused, '-text').output).toMatch(/Rejected[\s\S]*policy/i)
    })

    it('asks an outside CA by requests that openssl signs into certificates', async () => {
      const { key } = pki.get('seal')
      const request = file(
        'seal.csr',
        await ca.encodeCsr({
          subject: [
            ['C', 'CN'],
            ['CN', 'outside'],
          ],
          key,
        }),
      )
      expect(openssl('req', '-inform', 'DER', '-in', request, '-verify', '-noout')).toMatchObject({ status: 0 })
      const caKey = join(folder, 'ca.key')
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        caKey,
        '-out',
        join(folder, 'ca.pem'),
        '-subj',
        '/CN=Outside CA',
      )
      const made = openssl(
        'x509',
        '-req',
        '-inform',
        'DER',
        '-in',
        request,
        '-CA',
        join(folder, 'ca.pem'),
        '-CAkey',
        caKey,
        '-outform',
        'DER',
        '-out',
        join(folder, 'made.cer'),
      )
      expect(made.status).toBe(0)
      const certificate = x509.parseCertificate(new Uint8Array(readFileSync(join(folder, 'made.cer'))))
      expect(certificate.subjectPublicKeyInfo).toEqual(key.publicKey)
    })
  },
)
