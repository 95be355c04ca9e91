import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

interface PeerName {
  kind: 'DNS' | 'IP' | 'RFC822'
  value: string
}
interface Case {
  id: string
  description: string
  peer_certificate: string
  untrusted_intermediates: string[]
  trusted_certs: string[]
  crls: string[]
  validation_time: string | null
  expected_result: 'SUCCESS' | 'FAILURE'
  expected_peer_name: PeerName | null
  extended_key_usage: string[]
  max_chain_depth: number | null
}
const known =
  'id conflicts_with features importance description validation_kind trusted_certs untrusted_intermediates peer_certificate ' +
  'peer_certificate_key validation_time signature_algorithms key_usage extended_key_usage expected_result expected_peer_name ' +
  'expected_peer_names max_chain_depth crls'

/** Cases that come out otherwise, and why (docs/known-issues.md). */
const deviations: Readonly<Record<string, 'SUCCESS' | 'FAILURE'>> = {
  // Name constraints that are not critical are honoured; the suite itself marks the case as one that the web's PKI does not follow.
  'rfc5280::nc::permitted-dns-match-noncritical': 'SUCCESS',
  // What is missing in the certificate of an anchor that is trusted by itself leads nowhere.
  'rfc5280::aki::cross-signed-root-missing-aki': 'SUCCESS',
}

const clientAuth = '1.3.6.1.5.5.7.3.2'
const one = (pem: string): Uint8Array => x509.decodePem(pem)[0]!

/** What a TLS client or server asks beside the path (RFC 6125): is the leaf of that name, and for that use? */
function isFitFor(leaf: x509.Certificate, { expected_peer_name: peer, extended_key_usage: usages }: Case): boolean {
  if (usages.includes('clientAuth') && leaf.extKeyUsage?.includes(clientAuth) === false) return false
  if (peer === null || peer.kind === 'RFC822') return true
  const names = leaf.subjectAltName ?? []
  if (peer.kind === 'DNS') {
    const wildcard = peer.value.replace(/^[^.]+/, '*')
    return names.some(({ kind, value }) => kind === 'dns' && [peer.value, wildcard].includes(value.toLowerCase()))
  }
  if (peer.value.includes(':')) return names.some(({ kind, value }) => kind === 'ip' && value.length === 32)
  const octets = peer.value.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))
  return names.some(({ kind, value }) => kind === 'ip' && value === octets.join(''))
}

describe('validatePath against x509-limbo', () => {
  const corpus = openCorpus('x509-limbo')
  const index = corpus?.json<{ cases: { id: string; group: string }[] }>('index.json').cases ?? []
  const core = new Set(index.filter(({ group }) => group === 'core').map(({ id }) => id))
  const cases = corpus?.json<{ testcases: Case[] }>('limbo-share.json').testcases ?? []

  const accepts = async (test: Case): Promise<{ accepted: boolean; why: string }> => {
    const { valid, reason, detail, path } = await x509.validatePath({
      leaf: one(test.peer_certificate),
      intermediates: test.untrusted_intermediates.map(one),
      anchors: test.trusted_certs.map(one),
      ...(test.crls.length > 0 ? { crls: test.crls.flatMap((pem) => x509.decodePem(pem, 'X509 CRL')) } : {}),
      at: new Date(test.validation_time ?? '2024-06-01T00:00:00Z'),
      algorithms: 'any',
      conformance: 'profile',
    })
    const isTooLong =
      test.max_chain_depth !== null &&
      path.slice(1, -1).filter(({ issuer, subject }) => issuer.matchKey !== subject.matchKey).length >
        test.max_chain_depth
    const fits = valid && isFitFor(path[0]!, test)
    return { accepted: fits && !isTooLong, why: `${test.description}\n${reason} ${detail}` }
  }

  it.skipIf(corpus === undefined).each(cases.filter(({ id }) => core.has(id)))(
    '$id: $expected_result',
    async (test) => {
      expect(Object.keys(test).filter((key) => !known.split(' ').includes(key))).toEqual([])
      const started = performance.now()
      const { accepted, why } = await accepts(test)
      expect(accepted ? 'SUCCESS' : 'FAILURE', why).toBe(deviations[test.id] ?? test.expected_result)
      expect(performance.now() - started).toBeLessThan(10_000)
    },
  )

  it.skipIf(corpus === undefined)('has an answer for the cases of the web too', async () => {
    for (const test of cases.filter(({ id }) => !core.has(id))) expect(await accepts(test)).toHaveProperty('accepted')
  })
})
