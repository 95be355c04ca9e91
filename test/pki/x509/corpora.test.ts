import { describe, expect, it } from 'vitest'
import { x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

const defaultTime = new Date('2024-06-01T00:00:00Z')

describe('validatePath against NIST PKITS', () => {
  interface Case {
    name: string
    cert: string
    other_certs: string[]
    crls: string[]
    expect: 'ACCEPT' | 'REJECT'
  }
  const corpus = openCorpus('x509-pkits')
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  // DSA is not among our algorithms: such paths are refused.
  const unsupported = new Set(['valid_dsa_signatures_test4', 'valid_dsa_parameter_inheritance_test5'])
  it.skipIf(corpus === undefined).each(cases)(
    '$name: $expect',
    async ({ name, cert, other_certs, crls, expect: expected }) => {
      const { valid } = await x509.validatePath({
        leaf: corpus!.read(`certs/${cert}`),
        intermediates: other_certs.map((file) => corpus!.read(`certs/${file}`)),
        anchors: [corpus!.read('certs/TrustAnchorRootCertificate.crt')],
        crls: [...crls, 'TrustAnchorRootCRL.crl'].map((file) => corpus!.read(`crls/${file}`)),
        at: new Date('2022-05-01T00:00:00Z'),
        algorithms: 'any',
      })
      expect(valid).toBe(expected === 'ACCEPT' && !unsupported.has(name))
    },
  )
})

describe('validatePath against x509-limbo', () => {
  interface Case {
    id: string
    peer_certificate: string
    untrusted_intermediates: string[]
    trusted_certs: string[]
    crls: string[]
    validation_time: string | null
    expected_result: 'SUCCESS' | 'FAILURE'
  }
  const corpus = openCorpus('x509-limbo')
  const index = corpus?.json<{ cases: { id: string; group: string; importance: string }[] }>('index.json').cases ?? []
  const asserted = new Set(index.filter(({ group }) => group === 'core').map(({ id }) => id))
  const importance = new Map(index.map((entry) => [entry.id, entry.importance]))
  const cases = (corpus?.json<{ testcases: Case[] }>('limbo-share.json').testcases ?? []).filter(({ id }) =>
    asserted.has(id),
  )
  const one = (pem: string): Uint8Array => x509.decodePem(pem)[0]!
  const validate = (test: Case) =>
    x509.validatePath({
      leaf: one(test.peer_certificate),
      intermediates: test.untrusted_intermediates.map(one),
      anchors: test.trusted_certs.map(one),
      ...(test.crls.length > 0 ? { crls: test.crls.flatMap((pem) => x509.decodePem(pem, 'X509 CRL')) } : {}),
      at: test.validation_time === null ? defaultTime : new Date(test.validation_time),
      algorithms: 'any',
    })

  it.skipIf(corpus === undefined).each(cases.filter(({ id }) => importance.get(id) !== 'undetermined'))(
    '$id: $expected_result',
    async (test) => {
      expect((await validate(test)).valid).toBe(test.expected_result === 'SUCCESS')
    },
  )

  it.skipIf(corpus === undefined)('ends in time on paths made to explode', async () => {
    for (const test of cases.filter(({ id }) => id.startsWith('pathological::'))) {
      expect([test.id, (await validate(test)).valid]).toEqual([test.id, test.expected_result === 'SUCCESS'])
    }
  })

  it.skipIf(corpus === undefined)(
    'refuses, while name constraints are not processed, every path that has them',
    async () => {
      for (const test of cases.filter(({ id }) => id.startsWith('rfc5280::nc::'))) {
        const result = await validate(test)
        if (result.valid) expect([test.id, test.expected_result]).toEqual([test.id, 'SUCCESS'])
      }
    },
  )
})
