import { describe, expect, it } from 'vitest'
import { verifyEs256 } from '../../licence-format/ecdsa.ts'
import { findScheme, parseAlgorithmIdentifier } from '../../pki/algorithms.ts'
import { asn1, ecdsaFromRaw, OID, type SignatureScheme } from '../../pki/index.ts'
import { primitives as browser } from '../../pki/primitives-browser.ts'
import { primitives as node } from '../../pki/primitives-node.ts'
import { openCorpus } from '../support/corpora.ts'

interface Group {
  readonly type: 'EcdsaVerify' | 'EcdsaP1363Verify' | 'RsassaPkcs1Verify' | 'RsassaPssVerify'
  readonly publicKeyDer: string
  readonly sha: string
  readonly mgfSha?: string
  readonly sLen?: number
  readonly tests: readonly {
    readonly tcId: number
    readonly comment: string
    readonly msg: string
    readonly sig: string
    readonly result: 'valid' | 'invalid' | 'acceptable'
  }[]
}

const digestOids: Readonly<Record<string, string>> = {
  'SHA-1': OID.sha1,
  'SHA-224': '2.16.840.1.101.3.4.2.4',
  'SHA-256': OID.sha256,
  'SHA-384': OID.sha384,
  'SHA-512': OID.sha512,
}
const pkcs1Oids: Readonly<Record<string, string>> = { 'SHA-256': OID.sha256WithRSAEncryption }
const ecdsaOids: Readonly<Record<string, string>> = { 'SHA-256': OID.ecdsaWithSHA256, 'SHA-384': OID.ecdsaWithSHA384 }

/** The scheme as a certificate or CMS names it: by DER, through our own reader of it. */
function schemeOf({ type, sha, mgfSha, sLen }: Group): SignatureScheme | undefined {
  const digest = (name: string) => asn1.encodeSequence(asn1.encodeOid(digestOids[name]!))
  const named = (oid: string | undefined, ...parameters: Uint8Array[]) =>
    findScheme(
      parseAlgorithmIdentifier(asn1.parseDer(asn1.encodeSequence(asn1.encodeOid(oid!), ...parameters)), 'algorithm'),
    )
  if (type === 'RsassaPkcs1Verify') return named(pkcs1Oids[sha], asn1.encodeNull())
  if (type !== 'RsassaPssVerify') return named(ecdsaOids[sha])
  const mgf = asn1.encodeSequence(asn1.encodeOid(OID.mgf1), digest(mgfSha!))
  const parts = [asn1.encodeContext(0, digest(sha)), asn1.encodeContext(1, mgf)]
  return named(OID.rsassaPss, asn1.encodeSequence(...parts, asn1.encodeContext(2, asn1.encodeInteger(sLen!))))
}

/** RSASSA-PSS is known where MGF1 uses the message's own digest, and without SHA-224 (docs/known-issues.md); all else is refused. */
const isKnown = ({ type, sha, mgfSha }: Group): boolean =>
  type !== 'RsassaPssVerify' || (sha === mgfSha && sha !== 'SHA-224')

const corpus = openCorpus('wycheproof')
const files = corpus?.json<{ cases: { file: string; tests: number }[] }>('index.json').cases ?? []

describe.skipIf(corpus === undefined).each(files)('both primitives against Wycheproof $file', ({ file, tests }) => {
  const { testGroups } = corpus!.json<{ testGroups: Group[] }>(file)
  const cases = testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, group })))

  it(`has ${tests} cases of kinds that are known`, () => {
    expect(cases).toHaveLength(tests)
    for (const { type } of testGroups)
      expect(['EcdsaVerify', 'EcdsaP1363Verify', 'RsassaPkcs1Verify', 'RsassaPssVerify']).toContain(type)
  })

  it.each(cases)('$tcId $comment: $result', async ({ group, msg, sig, result }) => {
    const scheme = schemeOf(group)
    if (!isKnown(group)) {
      expect(scheme).toBeUndefined()
      return
    }
    const [key, data, signature] = [group.publicKeyDer, msg, sig].map(asn1.fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const verified = await Promise.all(
      group.type === 'EcdsaP1363Verify'
        ? [
            verifyEs256(key, data, signature),
            signature.length === 64 && browser.verify(scheme!, key, data, ecdsaFromRaw(signature)),
          ]
        : [node.verify(scheme!, key, data, signature), browser.verify(scheme!, key, data, signature)],
    )
    if (result !== 'acceptable') expect(verified).toEqual([result === 'valid', result === 'valid'])
  })
})
