import { describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { createTestPki } from '../../fixtures/pki.ts'

const soundCertificate = async () => {
  const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing' } })
  return pki.get('seal').certificate
}

/** The certificate with its TBS fields changed; the signature no longer fits, which parsing does not ask. */
function rebuild(der: Uint8Array, change: (fields: Uint8Array[]) => void): Uint8Array {
  const [tbs, algorithm, signature] = asn1.parseDer(der).children
  const fields = tbs!.children.map((field) => field.raw)
  change(fields)
  return asn1.encodeSequence(asn1.encodeSequence(...fields), algorithm!.raw, signature!.raw)
}

const extension = (oid: string, value: Uint8Array) =>
  asn1.encodeSequence(asn1.encodeOid(oid), asn1.encodeOctetString(value))

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('parseCertificate', () => {
  it('refuses an extension that occurs twice (RFC 5280 §4.2)', async () => {
    const twice = extension(OID.subjectKeyIdentifier, asn1.encodeOctetString(Uint8Array.of(1)))
    const der = rebuild(await soundCertificate(), (fields) => {
      fields[7] = asn1.encodeContext(3, asn1.encodeSequence(twice, twice))
    })
    expect(() => x509.parseCertificate(der)).toThrow(code('CERTIFICATE_MALFORMED'))
  })

  it('refuses another signature algorithm inside than outside (RFC 5280 §4.1.1.2)', async () => {
    const der = rebuild(await soundCertificate(), (fields) => {
      fields[2] = asn1.encodeSequence(asn1.encodeOid(OID.ecdsaWithSHA384))
    })
    expect(() => x509.parseCertificate(der)).toThrow(code('CERTIFICATE_MALFORMED'))
  })

  it('refuses extensions in a certificate of version 1', async () => {
    const der = rebuild(await soundCertificate(), (fields) => {
      fields.shift()
    })
    expect(() => x509.parseCertificate(der)).toThrow(code('CERTIFICATE_MALFORMED'))
  })

  it('keeps alternative names, authority information and distribution points as values', async () => {
    const uri = asn1.encodeContextPrimitive(6, asn1.asciiBytes('http://ca.example/ca.cer'))
    const directory = asn1.encodeContext(4, x509.encodeName([['CN', '甲']]))
    const der = rebuild(await soundCertificate(), (fields) => {
      fields[7] = asn1.encodeContext(
        3,
        asn1.encodeSequence(
          extension(
            OID.subjectAltName,
            asn1.encodeSequence(asn1.encodeContextPrimitive(2, asn1.asciiBytes('a.example')), directory),
          ),
          extension(
            OID.authorityInfoAccess,
            asn1.encodeSequence(asn1.encodeSequence(asn1.encodeOid(OID.caIssuers), uri)),
          ),
          extension(
            OID.cRLDistributionPoints,
            asn1.encodeSequence(asn1.encodeSequence(asn1.encodeContext(0, asn1.encodeContext(0, uri, directory)))),
          ),
        ),
      )
    })
    const certificate = x509.parseCertificate(der)
    expect(certificate.subjectAltName!.map(({ kind, value }) => [kind, value])).toEqual([
      ['dns', 'a.example'],
      ['directory', 'CN=甲'],
    ])
    expect(certificate.authorityInfoAccess![0]).toMatchObject({
      method: OID.caIssuers,
      location: { kind: 'uri', value: 'http://ca.example/ca.cer' },
    })
    expect(certificate.cRLDistributionPoints![0]!.urls).toEqual(['http://ca.example/ca.cer'])
  })
})

describe('names', () => {
  const parse = async (name: Uint8Array) =>
    x509.parseCertificate(
      rebuild(await soundCertificate(), (fields) => {
        fields[5] = name
      }),
    ).subject

  it('match whatever the case, the string type and the white space (RFC 5280 §7.1)', async () => {
    const printable = asn1.encodeSequence(
      asn1.encodeSetOf(asn1.encodeSequence(asn1.encodeOid(OID.commonName), asn1.encodePrintableString('Test  CA '))),
    )
    expect((await parse(printable)).matchKey).toBe((await parse(x509.encodeName([['CN', 'test ca']]))).matchKey)
    expect(
      (
        await parse(
          x509.encodeName([
            ['CN', 'a'],
            ['O', 'b'],
          ]),
        )
      ).matchKey,
    ).not.toBe(
      (
        await parse(
          x509.encodeName([
            ['O', 'b'],
            ['CN', 'a'],
          ]),
        )
      ).matchKey,
    )
  })

  it('cannot be made to look like other names in their match key', async () => {
    const one = await parse(x509.encodeName([['CN', 'a\u00002.5.4.10=b']]))
    const two = await parse(
      x509.encodeName([
        ['CN', 'a'],
        ['O', 'b'],
      ]),
    )
    expect(one.matchKey).not.toBe(two.matchKey)
  })

  it('write C as PrintableString, all else as UTF8String, one attribute an RDN', () => {
    expect(
      asn1.toHex(
        x509.encodeName([
          ['C', 'CN'],
          ['O', '局'],
        ]),
      ),
    ).toBe('301b310b300906035504061302434e310c300a060355040a0c03e5b180')
  })
})

describe('PEM', () => {
  it('is undone by reading it, with other blocks and text between left out', async () => {
    const der = await soundCertificate()
    const bundle = `about\n${x509.encodePem(der)}${x509.encodePem(der, 'X509 CRL')}\n${x509.encodePem(der)}`
    expect(x509.decodePem(bundle)).toEqual([der, der])
    expect(x509.decodePem(bundle, 'X509 CRL')).toEqual([der])
  })
})
