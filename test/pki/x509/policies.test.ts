import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { extension, type Forged, forge, forgeCa } from '../../support/forge-pki.ts'

const { encodeContextPrimitive, encodeInteger, encodeOid, encodeSequence, parseDer } = asn1
const ANY = '2.5.29.32.0'
const P = (number: number): string => `1.2.3.${number}`

const policies = (...oids: string[]): Uint8Array =>
  extension(OID.certificatePolicies, encodeSequence(...oids.map((oid) => encodeSequence(encodeOid(oid)))))
const mappings = (...pairs: (readonly [string, string])[]): Uint8Array =>
  extension(
    OID.policyMappings,
    encodeSequence(...pairs.map(([from, to]) => encodeSequence(encodeOid(from), encodeOid(to)))),
    true,
  )
function policyConstraints(explicit?: number, mapping?: number): Uint8Array {
  const skip = (tag: number, value: number | undefined) =>
    value === undefined ? [] : [encodeContextPrimitive(tag, parseDer(encodeInteger(value)).content)]
  return extension(OID.policyConstraints, encodeSequence(...skip(0, explicit), ...skip(1, mapping)), true)
}
const inhibitAny = (skip: number): Uint8Array => extension(OID.inhibitAnyPolicy, encodeInteger(skip), true)

describe('policies', () => {
  let root: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
  })

  /** A path of CAs with these extensions, the upmost first, and a leaf with the last; `self` marks a self-issued CA. */
  async function path(
    ...levels: (readonly Uint8Array[])[]
  ): Promise<(inputs?: x509.PolicyInputs) => Promise<x509.PathResult>> {
    let issuer = root
    const certificates: x509.Certificate[] = []
    for (const [index, extensions] of levels.entries()) {
      const make = index === levels.length - 1 ? forge : forgeCa
      issuer = await make({ name: `Level ${index}`, issuer, extensions })
      certificates.unshift(issuer.certificate)
    }
    return (inputs = {}) =>
      x509.validatePath({
        leaf: certificates[0]!,
        intermediates: certificates.slice(1),
        anchors: [root.certificate],
        at: testTimes.now,
        ...inputs,
      })
  }
  const explicit = { requireExplicitPolicy: true }

  it('are asked only of whoever asks', async () => {
    const validate = await path([policies(P(1))], [])
    expect(await validate()).toMatchObject({ valid: true })
    expect(await validate(explicit)).toMatchObject({ valid: false, reason: 'POLICY' })
  })

  it('must be named by every certificate of the path', async () => {
    const validate = await path([policies(P(1), P(2))], [policies(P(2), P(3))])
    expect(await validate(explicit)).toMatchObject({ valid: true })
    const among = (...wanted: string[]) => validate({ ...explicit, policies: wanted })
    expect((await among(P(2))).valid).toBe(true)
    expect((await among(P(1), P(2))).valid).toBe(true)
    expect((await among(P(1), P(3))).valid).toBe(false)
    expect((await among(ANY)).valid).toBe(true)
  })

  it('are not restricted by the set asked for, unless one is demanded', async () => {
    expect(await (await path([policies(P(1))], [policies(P(1))]))({ policies: [P(9)] })).toMatchObject({ valid: true })
  })

  it('take anyPolicy for every policy, until that is inhibited', async () => {
    const validate = await path([policies(ANY)], [policies(P(1))])
    expect((await validate({ ...explicit, policies: [P(1)] })).valid).toBe(true)
    expect((await validate({ ...explicit, policies: [P(2)] })).valid).toBe(false)
    expect((await validate({ ...explicit, inhibitAnyPolicy: true })).valid).toBe(false)
    const all = await path([policies(ANY)], [policies(ANY)])
    expect((await all({ ...explicit, policies: [P(7)] })).valid).toBe(true)
    const inhibited = await path([policies(P(1)), inhibitAny(0)], [policies(ANY)])
    expect((await inhibited(explicit)).valid).toBe(false)
    const later = await path([policies(P(1)), inhibitAny(1)], [policies(ANY)], [policies(P(1))])
    expect((await later(explicit)).valid).toBe(true)
  })

  it('are mapped from domain to domain, and judged by the domain of the anchor', async () => {
    const validate = await path([policies(P(1)), mappings([P(1), P(2)])], [policies(P(2))])
    const among = (...wanted: string[]) => validate({ ...explicit, policies: wanted })
    expect((await among(P(1))).valid).toBe(true)
    expect((await among(P(2))).valid).toBe(false)
    expect((await validate({ ...explicit, inhibitPolicyMapping: true })).valid).toBe(false)
    const stale = await path([policies(P(1)), mappings([P(1), P(2)])], [policies(P(1))])
    expect((await stale(explicit)).valid).toBe(false)
    const inhibited = await path(
      [policies(P(1)), policyConstraints(undefined, 0)],
      [policies(P(1)), mappings([P(1), P(2)])],
      [policies(P(2))],
    )
    expect((await inhibited(explicit)).valid).toBe(false)
    const under = await path([policies(ANY), mappings([P(1), P(2)])], [policies(P(2))])
    expect((await under({ ...explicit, policies: [P(1)] })).valid).toBe(true)
  })

  it('are never mapped from or to anyPolicy', async () => {
    for (const pair of [
      [ANY, P(1)],
      [P(1), ANY],
    ] as const)
      expect(await (await path([policies(P(1), ANY), mappings(pair)], [policies(P(1))]))()).toMatchObject({
        valid: false,
        reason: 'POLICY',
      })
  })

  it('are demanded by a CA after the certificates it lets go', async () => {
    expect((await (await path([policyConstraints(0)], []))()).valid).toBe(false)
    expect((await (await path([policyConstraints(1)], []))()).valid).toBe(false)
    expect((await (await path([policyConstraints(2)], []))()).valid).toBe(true)
    expect((await (await path([policyConstraints(2)], [], []))()).valid).toBe(false)
    expect((await (await path([policies(P(1)), policyConstraints(0)], [policies(P(1))]))()).valid).toBe(true)
    expect((await (await path([], [policyConstraints(0)]))()).valid).toBe(false)
  })

  it('are demanded by an anchor that demands them', async () => {
    const anchor = await forgeCa({ name: 'Strict', extensions: [policyConstraints(0)] })
    const leaf = await forge({ issuer: anchor })
    const request = { leaf: leaf.certificate, intermediates: [], anchors: [anchor.certificate], at: testTimes.now }
    expect(await x509.validatePath(request)).toMatchObject({ valid: false, reason: 'POLICY' })
  })

  it('let the search go on to another path that has them', async () => {
    const bare = await forgeCa({ name: 'CA', issuer: root })
    const rich = await forgeCa({ name: 'CA', issuer: root, key: bare.key, extensions: [policies(P(1))] })
    const leaf = await forge({ issuer: bare, extensions: [policies(P(1))] })
    const request = { leaf: leaf.certificate, anchors: [root.certificate], at: testTimes.now, ...explicit }
    const result = await x509.validatePath({ ...request, intermediates: [bare.certificate, rich.certificate] })
    expect(result.path[1]).toBe(rich.certificate)
    expect(result.valid).toBe(true)
  })

  it.each([
    ['policies twice', policies(P(1), P(1))],
    ['no policies', extension(OID.certificatePolicies, encodeSequence())],
    ['constraints without one', policyConstraints()],
    [
      'a negative skip',
      extension(OID.policyConstraints, encodeSequence(encodeContextPrimitive(0, Uint8Array.of(0xff)))),
    ],
    ['a mapping of one', extension(OID.policyMappings, encodeSequence(encodeSequence(encodeOid(P(1)))))],
    ['an inhibition that is no number', extension(OID.inhibitAnyPolicy, encodeOid(P(1)))],
  ])('refuse a path with %s', async (_, malformed) => {
    expect(await (await path([malformed], []))()).toMatchObject({ valid: false, reason: 'CERTIFICATE_MALFORMED' })
  })

  it('end in time where each of a long path maps many policies to each other (RFC 9618)', async () => {
    const all = Array.from({ length: 40 }, (_, i) => P(i))
    const crossed = mappings(...all.flatMap((from) => all.map((to) => [from, to] as const)))
    const levels = Array.from({ length: 9 }, () => [policies(...all, ANY), crossed])
    const validate = await path(...levels, [policies(...all)])
    const started = performance.now()
    expect(await validate({ ...explicit, policies: [P(99)] })).toMatchObject({ valid: false, reason: 'POLICY' })
    expect(await validate({ ...explicit, policies: [P(1)] })).toMatchObject({ valid: true })
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
