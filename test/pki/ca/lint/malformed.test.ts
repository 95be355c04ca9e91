import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asn1, ca, crl, x509 } from '../../../../pki/index.ts'
import { createTestPki } from '../../../fixtures/pki.ts'

/** Any DER, mostly of types that certificates are made of. */
const { tree } = fc.letrec<{ tree: Uint8Array }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc
      .tuple(
        fc.constantFrom(1, 2, 3, 4, 5, 6, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x80, 0x81, 0x82, 0x86, 0x87),
        fc.uint8Array({ maxLength: 12 }),
      )
      .map(([tag, content]) => asn1.encodeElement(tag, content)),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4), fc.array(tie('tree'), { maxLength: 7 }))
      .map(([tag, children]) => asn1.encodeElement(tag, ...children)),
  ),
}))

describe('lint and lintCrl', async () => {
  const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing' } })
  const { tbs } = x509.parseCertificate(pki.get('seal').certificate)
  const list = crl.parseCrl(await pki.crl('issuing')).tbs

  it('find something in whatever is no certificate and no list, and never throw', () => {
    fc.assert(
      fc.property(tree, (bytes) => {
        expect(ca.lint(bytes, { profile: 'legal-person' })).not.toEqual([])
        expect(ca.lintCrl(bytes)).not.toEqual([])
      }),
      { numRuns: 500 },
    )
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0x30, 0x80), new Uint8Array(300_000)])
      expect(ca.lint(bytes).map(({ code }) => code)).toEqual(['structure-malformed'])
  })

  it('judge every mutilation of a sound one without throwing', () => {
    for (const [sound, judge] of [
      [tbs, (bytes: Uint8Array) => ca.lint(bytes, { profile: 'legal-person' })],
      [list, ca.lintCrl],
    ] as const) {
      for (let at = 0; at < sound.length; at++) {
        for (const bit of [1, 0x20, 0x80]) judge(sound.map((byte, i) => (i === at ? byte ^ bit : byte)))
        expect(judge(sound.slice(0, at)).map(({ code }) => code)).toEqual(['structure-malformed'])
      }
    }
  })

  it('judge an extension that is any DER, each kind of them', () => {
    const certificate = asn1.parseDer(tbs)
    const fields = certificate.children.slice(0, 7).map(({ raw }) => raw)
    const kinds = [
      '2.5.29.9',
      '2.5.29.14',
      '2.5.29.15',
      '2.5.29.16',
      '2.5.29.17',
      '2.5.29.18',
      '2.5.29.19',
      '2.5.29.30',
    ]
      .concat(['2.5.29.31', '2.5.29.32', '2.5.29.33', '2.5.29.35', '2.5.29.36', '2.5.29.37', '2.5.29.46', '2.5.29.54'])
      .concat(['1.3.6.1.5.5.7.1.1', '1.3.6.1.5.5.7.1.3', '1.3.6.1.5.5.7.48.1.5', '1.3.6.1.4.1.11129.2.4.2'])
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.boolean(), tree, (oid, critical, value) => {
        const extension = asn1.encodeSequence(
          asn1.encodeOid(oid),
          ...(critical ? [asn1.encodeBoolean(true)] : []),
          asn1.encodeOctetString(value),
        )
        const extensions = asn1.encodeContext(3, asn1.encodeSequence(extension))
        expect(ca.lint(asn1.encodeSequence(...fields, extensions), { profile: 'legal-person' })).not.toEqual([])
      }),
      { numRuns: 1500 },
    )
  })

  it('say nothing of what a name holds', () => {
    const entries: x509.NameEntry[] = [
      ['C', 'CN'],
      ['CN', '张三的私章'],
    ]
    const subject = x509.encodeName(entries)
    const certificate = asn1.parseDer(tbs).children.map(({ raw }) => raw)
    const findings = ca.lint(asn1.encodeSequence(...certificate.slice(0, 5), subject, ...certificate.slice(6)), {
      profile: 'legal-person',
    })
    expect(findings.length).toBeGreaterThan(0)
    expect(JSON.stringify(findings)).not.toContain('张三')
  })
})
