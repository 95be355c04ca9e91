import { describe, expect, it } from 'vitest'
import { ocsp, x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

describe('verifyResponse against the OCSP tests of openssl', () => {
  interface Case {
    response: string
    issuer: string
    untrusted: string | null
    group: string
    expect: 'ACCEPT' | 'REJECT'
    why: string
    agrees_with_local_openssl_3: boolean
  }
  const corpus = openCorpus('ocsp-openssl')
  const cases = (corpus?.json<{ cases: Case[] }>('index.json').cases ?? []).map((test) => ({
    ...test,
    title: `${test.response} under ${test.issuer} (${test.group.toLowerCase()})`,
  }))
  const text = (file: string): string => new TextDecoder().decode(corpus!.read(file))

  it.skipIf(corpus === undefined).each(cases)('$title: $expect', async (test) => {
    const known = [
      'response',
      'issuer',
      'untrusted',
      'group',
      'expect',
      'why',
      'agrees_with_local_openssl_3.0.19',
      'title',
    ]
    expect(Object.keys(test).filter((key) => !known.includes(key))).toEqual([])
    const response = ocsp.parseResponse(new Uint8Array(Buffer.from(text(test.response), 'base64')))
    const issuer = x509.parseCertificate(x509.decodePem(text(test.issuer))[0]!)
    // The suite gives no certificate whose status is asked, only its issuer: one that bears the identifier's serial number stands in.
    const { serialNumber, serialNumberHex } = response.single[0]!.certId
    const certificate = { ...issuer, issuer: issuer.subject, serialNumber, serialNumberHex }
    const fault = await ocsp.verifyResponse(response, {
      issuer,
      certificate,
      at: new Date('2012-12-19T00:00:00Z'),
      madeWithin: { from: new Date('2012-01-01T00:00:00Z'), until: new Date('2012-12-19T00:00:00Z') },
      algorithms: 'any',
    })
    expect(fault === null, String(fault)).toBe(test.expect === 'ACCEPT')
  })
})
