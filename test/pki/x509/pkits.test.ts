import { describe, expect, it } from 'vitest'
import { x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

interface Case {
  id: string
  name: string
  section: string
  cert: string
  other_certs: string[]
  crls: string[]
  params: {
    user_initial_policy_set?: string[]
    initial_explicit_policy?: boolean
    initial_policy_mapping_inhibit?: boolean
    initial_any_policy_inhibit?: boolean
  } | null
  revocation_required: boolean
  expect: 'ACCEPT' | 'REJECT'
  reason_class: string | null
  why: string
}
const fields = 'id name section cert other_certs crls params revocation_required expect reason_class why'.split(' ')
const parameters =
  'user_initial_policy_set initial_explicit_policy initial_policy_mapping_inhibit initial_any_policy_inhibit'.split(' ')

describe('validatePath against NIST PKITS', () => {
  const corpus = openCorpus('x509-pkits')
  const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []
  it.skipIf(corpus === undefined).each(cases)('$section, $name: $expect', async (test) => {
    expect(Object.keys(test).filter((key) => !fields.includes(key))).toEqual([])
    const params = test.params ?? {}
    expect(Object.keys(params).filter((key) => !parameters.includes(key))).toEqual([])
    const { valid, reason, detail } = await x509.validatePath({
      leaf: corpus!.read(`certs/${test.cert}`),
      intermediates: test.other_certs.map((file) => corpus!.read(`certs/${file}`)),
      anchors: [corpus!.read('certs/TrustAnchorRootCertificate.crt')],
      crls: [...test.crls, 'TrustAnchorRootCRL.crl'].map((file) => corpus!.read(`crls/${file}`)),
      at: new Date('2022-05-01T00:00:00Z'),
      algorithms: 'any',
      conformance: 'profile',
      ...(params.user_initial_policy_set === undefined ? {} : { policies: params.user_initial_policy_set }),
      requireExplicitPolicy: params.initial_explicit_policy === true,
      inhibitPolicyMapping: params.initial_policy_mapping_inhibit === true,
      inhibitAnyPolicy: params.initial_any_policy_inhibit === true,
    })
    expect(valid, `${reason} ${detail}`).toBe(test.expect === 'ACCEPT')
  })
})
