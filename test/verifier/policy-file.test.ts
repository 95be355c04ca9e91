import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { currentTerms } from '../../pki/index.ts'
import {
  defaultDemands,
  describePolicy,
  indicationUrn,
  parsePolicy,
  subIndications,
  subIndicationUrn,
  writePolicy,
} from '../../verifier/index.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'
import { codes, sealedLicence, verify } from './world.ts'

const written = readFileSync('docs/policies/default.json', 'utf8')
/** The default policy's text with one member changed; `undefined` takes it out. */
const changed = (change: (file: Record<string, unknown>) => void): string => {
  const file = JSON.parse(written)
  change(file)
  return JSON.stringify(file)
}
const algorithms = (
  change: (digests: Record<string, unknown>, keys: Record<string, Record<string, unknown>>) => void,
) =>
  changed((file) => {
    const { digests, keys } = file['algorithms'] as { digests: Record<string, unknown>; keys: never }
    change(digests, keys)
  })

describe('parsePolicy', () => {
  it('reads docs/policies/default.json as what is demanded where nobody demands anything else', () => {
    expect(parsePolicy(written)).toEqual(defaultDemands)
    expect(written).toBe(writePolicy(defaultDemands))
  })

  it('knows the algorithms and terms of pki', () => {
    expect(parsePolicy(written).algorithms).toEqual(currentTerms)
  })

  it('gives back what describePolicy wrote, whatever is demanded', () => {
    const demands = {
      ...defaultDemands,
      id: 'urn:example:archive',
      revocation: 'skipped',
      minimumLevel: 'B-LTA',
      revocationFreshness: 'current-at-signature',
      signaturePolicies: 'required',
      algorithms: { ...currentTerms, sm2: new Date('2030-01-01'), rsa: { 4096: null } },
    } as const
    expect(parsePolicy(JSON.stringify(describePolicy(demands)))).toEqual(demands)
  })

  const refused: readonly [what: string, text: string, code: string][] = [
    ['what is not JSON', '{', 'POLICY_NOT_JSON'],
    ['another schema', changed((file) => (file['schema'] = 'zhengyin-policy-2')), 'POLICY_VERSION_UNKNOWN'],
    ['a list', '[]', 'POLICY_VERSION_UNKNOWN'],
    ['a member too many', changed((file) => (file['revokation'] = 'skipped')), 'POLICY_MALFORMED'],
    ['a member too few', changed((file) => delete file['revocation']), 'POLICY_MALFORMED'],
    ['a word that is none', changed((file) => (file['revocation'] = 'Skipped')), 'POLICY_MALFORMED'],
    ['a level that is none', changed((file) => (file['minimumLevel'] = 'B-B')), 'POLICY_MALFORMED'],
    ['a name that is no URI', changed((file) => (file['id'] = 'mine')), 'POLICY_MALFORMED'],
    ['a title that breaks the line', changed((file) => (file['title'] = { zh: 'a\nb', en: 'b' })), 'POLICY_MALFORMED'],
    ['a digest that nobody knows', algorithms((digests) => (digests['MD5'] = null)), 'POLICY_MALFORMED'],
    ['a day that is none', algorithms((digests) => (digests['SHA-1'] = '2017-02-30')), 'POLICY_MALFORMED'],
    ['a time instead of a day', algorithms((digests) => (digests['SHA-1'] = '2017-02-23T00:00Z')), 'POLICY_MALFORMED'],
    ['bits that are none', algorithms((_, keys) => (keys['rsa']!['2k'] = null)), 'POLICY_MALFORMED'],
    ['prototypes', written.replace('"revocation"', '"__proto__"'), 'POLICY_MALFORMED'],
    ['a text of a megabyte', changed((file) => (file['x'] = 'x'.repeat(1 << 20))), 'POLICY_MALFORMED'],
  ]
  for (const [what, text, code] of refused) {
    it(`refuses ${what}`, () => toThrowWithCode(() => parsePolicy(text), code))
  }
})

describe('a report', () => {
  it('names the policy by its own name and the digest of its text', async () => {
    const { policy: named } = await verify(await sealedLicence())
    expect(named).toEqual({
      id: 'urn:zhengyin:policy:default:1',
      digest: createHash('sha256').update(written).digest('hex'),
    })
  })

  it('does not call by the name of the default what demands less', async () => {
    const { policy: named } = await verify(await sealedLicence(), {}, undefined, { status: 'skipped' })
    expect(named.id).toBe('urn:zhengyin:policy:unnamed')
    const other = await verify(await sealedLicence(), {}, undefined, { trustList: 'skipped' })
    expect(other.policy.digest).not.toBe(named.digest)
  })
})

describe('the terms of a policy', () => {
  const judged = async (digests: object, keys: object = {}) =>
    verify(await sealedLicence(), {}, undefined, { algorithms: { ...currentTerms, ...keys, digests } })

  it('decide what counts, over the table of pki', async () => {
    const { digests } = currentTerms
    expect((await judged(digests)).indication).toBe('TOTAL-PASSED')
    const ended = await judged({ ...digests, 'SHA-256': new Date('2026-01-01') })
    expect(ended).toMatchObject({ verdict: 'undecided', subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE' })
    expect(codes(ended, 'undecided')).toContain('ALGORITHM_WEAK')
    expect((await judged(digests, { ec: { 384: null } })).subIndication).toBe('CRYPTO_CONSTRAINTS_FAILURE_NO_POE')
  })

  it('take what they do not name for what never counts', async () => {
    expect((await judged({ 'SHA-384': null })).subIndication).toBe('CRYPTO_CONSTRAINTS_FAILURE_NO_POE')
  })
})

describe('URNs', () => {
  it('are those of ETSI TS 119 102-2', () => {
    expect(indicationUrn('TOTAL-PASSED')).toBe('urn:etsi:019102:mainindication:total-passed')
    expect(indicationUrn('INDETERMINATE')).toBe('urn:etsi:019102:mainindication:indeterminate')
    expect(indicationUrn('FAILED')).toBe('urn:etsi:019102:mainindication:failed')
    expect(subIndicationUrn('HASH_FAILURE')).toBe('urn:etsi:019102:subindication:HASH_FAILURE')
    expect(new Set(subIndications).size).toBe(26)
  })
})
