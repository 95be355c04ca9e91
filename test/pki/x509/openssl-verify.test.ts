import { describe, expect, it } from 'vitest'
import { x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

interface Case {
  cert: string
  purpose: string
  trusted: string[]
  untrusted: string[]
  opts: string[]
  expect: 'ACCEPT' | 'REJECT'
  why: string
  portable: boolean
}
const fields = 'cert purpose trusted untrusted opts expect why agrees_with_local_openssl_3.0.19 portable'.split(' ')

/** Cases that come out otherwise, and why (docs/known-issues.md). */
const deviations: Readonly<Record<string, 'ACCEPT' | 'REJECT'>> = {
  // openssl looks no further than a trusted CA for other uses; the path through the other certificate of that CA holds.
  'fail client purpose intermediate trusted': 'ACCEPT',
}

const usages: Readonly<Record<string, string>> = {
  sslserver: '1.3.6.1.5.5.7.3.1',
  sslclient: '1.3.6.1.5.5.7.3.2',
  codesign: '1.3.6.1.5.5.7.3.3',
}

/** openssl's purposes, which path validation itself does not know: the leaf's extended key usages must allow them. */
function allows({ extKeyUsage, keyUsage }: x509.Certificate, purpose: string): boolean {
  if (purpose === '' || purpose === 'timestampsign') return true
  if (purpose === 'codesign')
    return extKeyUsage?.join() === usages['codesign'] && keyUsage?.has('digitalSignature') === true
  return extKeyUsage === undefined || extKeyUsage.includes(usages[purpose]!)
}

function readOptions(options: readonly string[]): Partial<x509.PathRequest> {
  const request: { -readonly [Key in keyof x509.PathRequest]?: x509.PathRequest[Key] } = {}
  for (let i = 0; i < options.length; i++) {
    if (options[i] === '-attime') request.at = new Date(Number(options[++i]) * 1000)
    else if (options[i] === '-verify_depth') request.limits = { maxLength: Number(options[++i]) + 2 }
    else if (options[i] === '-policy') request.policies = [...(request.policies ?? []), options[++i]!]
    else if (options[i] === '-explicit_policy') request.requireExplicitPolicy = true
    else if (options[i] === '-inhibit_any') request.inhibitAnyPolicy = true
    else if (options[i] === '-inhibit_map') request.inhibitPolicyMapping = true
    else if (options[i] === '-vfyopt') i++
    else if (options[i] !== '-policy_check' && options[i] !== '-check_ss_sig' && options[i] !== '-x509_strict')
      throw new TypeError(`unknown option ${options[i]}`)
  }
  return request
}

describe("validatePath against openssl's verify tests", () => {
  const corpus = openCorpus('x509-openssl-verify')
  const cases = (corpus?.json<{ cases: Case[] }>('index.json').cases ?? []).filter(({ portable }) => portable)
  const load = (name: string): Uint8Array[] =>
    x509.decodePem(new TextDecoder().decode(corpus!.read(`certs/${name}.pem`)))

  it.skipIf(corpus === undefined).each(cases)('$cert, $why: $expect', async (test) => {
    expect(Object.keys(test).filter((key) => !fields.includes(key))).toEqual([])
    const leaf = load(test.cert)[0]!
    const trusted = test.trusted.flatMap(load)
    // Only self-signed ones are anchors; the others are intermediates that openssl would prefer.
    const isRoot = (der: Uint8Array): boolean => {
      const { issuer, subject } = x509.parseCertificate(der)
      return issuer.matchKey === subject.matchKey
    }
    const { valid, reason, detail } = await x509.validatePath({
      leaf,
      intermediates: [...test.untrusted.flatMap(load), ...trusted.filter((der) => !isRoot(der))],
      anchors: trusted.filter(isRoot),
      // The suite says 2024-06-01, but some of its certificates begin in 2025.
      at: new Date('2026-01-01T00:00:00Z'),
      algorithms: 'any',
      conformance: 'profile',
      ...(test.purpose === 'timestampsign' ? { purpose: 'time-stamp' } : {}),
      ...readOptions(test.opts),
    })
    const accepted = valid && allows(x509.parseCertificate(leaf), test.purpose)
    expect(accepted ? 'ACCEPT' : 'REJECT', `${reason} ${detail}`).toBe(deviations[test.why] ?? test.expect)
  })
})
