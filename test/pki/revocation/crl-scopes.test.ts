import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  encodeTestName,
  extension,
  type Forged,
  type ForgedCrl,
  forge,
  forgeCa,
  forgeCrl,
  generalName,
  keyUsage,
  reasonCode,
} from '../../support/forge-pki.ts'

const { encodeContext, encodeContextPrimitive, encodeElement, encodeInteger, encodeOctetString, encodeSequence } = asn1
const { encodeGeneralizedTime, parseDer, TAG } = asn1

interface PointSpec {
  /** tagged GeneralNames of fullName, or an RDN's attributes relative to the issuer */
  readonly fullName?: readonly Uint8Array[]
  readonly relative?: x509.NameEntry
  readonly reasons?: readonly number[]
  readonly crlIssuer?: readonly Uint8Array[]
}

const flags = (tag: number, bits: readonly number[]): Uint8Array =>
  encodeContextPrimitive(tag, parseDer(asn1.encodeNamedBits(bits)).content)
function pointName({ fullName, relative }: PointSpec): Uint8Array[] {
  if (fullName !== undefined) return [encodeContext(0, encodeContext(0, ...fullName))]
  if (relative === undefined) return []
  const rdn = parseDer(encodeTestName([relative])).children[0]!
  return [encodeContext(0, encodeContext(1, ...rdn.children.map(({ raw }) => raw)))]
}
const points = (...specs: PointSpec[]): Uint8Array =>
  extension(
    OID.cRLDistributionPoints,
    encodeSequence(
      ...specs.map((spec) =>
        encodeSequence(
          ...pointName(spec),
          ...(spec.reasons === undefined ? [] : [flags(1, spec.reasons)]),
          ...(spec.crlIssuer === undefined ? [] : [encodeContext(2, ...spec.crlIssuer)]),
        ),
      ),
    ),
  )

interface ScopeSpec extends PointSpec {
  readonly onlyUser?: true
  readonly onlyCa?: true
  readonly onlyAttribute?: true
  readonly indirect?: true
}
const yes = (tag: number): Uint8Array => encodeContextPrimitive(tag, Uint8Array.of(0xff))
const scope = (spec: ScopeSpec): Uint8Array =>
  extension(
    OID.issuingDistributionPoint,
    encodeSequence(
      ...pointName(spec),
      ...(spec.onlyUser ? [yes(1)] : []),
      ...(spec.onlyCa ? [yes(2)] : []),
      ...(spec.reasons === undefined ? [] : [flags(3, spec.reasons)]),
      ...(spec.indirect ? [yes(4)] : []),
      ...(spec.onlyAttribute ? [yes(5)] : []),
    ),
    true,
  )
const number = (value: number): Uint8Array => extension(OID.cRLNumber, encodeInteger(value))
const delta = (base: number): Uint8Array => extension(OID.deltaCRLIndicator, encodeInteger(base), true)
const about = (issuer: Forged): Uint8Array =>
  extension(OID.certificateIssuer, encodeSequence(generalName.directory(issuer.certificate.subject.raw)), true)

const { uri, directory } = generalName
const ONE = uri('http://crl.test/one.crl')
const OTHER = uri('http://crl.test/other.crl')
const ALL = [1, 2, 3, 4, 5, 6, 7, 8]

describe('what lists speak about', () => {
  let root: Forged
  let ca: Forged
  let rootList: Uint8Array
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    ca = await forgeCa({ name: 'CA', issuer: root })
    rootList = await forgeCrl({ issuer: root })
  })

  const leafWith = (...extensions: Uint8Array[]) => forge({ name: 'Leaf', issuer: ca, extensions })
  const validate = (leaf: Forged, crls: readonly Uint8Array[], changes: Partial<x509.PathRequest> = {}) =>
    x509.validatePath({
      leaf: leaf.certificate,
      intermediates: [ca.certificate],
      anchors: [root.certificate],
      crls: [rootList, ...crls],
      at: testTimes.now,
      ...changes,
    })
  /** The leaf's status by lists of its own CA. */
  const statusOf = async (leaf: Forged, ...lists: Omit<ForgedCrl, 'issuer'>[]) => {
    const crls = await Promise.all(lists.map((list) => forgeCrl({ issuer: ca, ...list })))
    const { revocation } = await validate(leaf, crls)
    return revocation[0]!.status
  }
  const entryOf = (leaf: Forged, ...extensions: Uint8Array[]) => ({ serial: leaf.certificate.serialNumber, extensions })

  const scopes: readonly (readonly [string, ScopeSpec, PointSpec | undefined, 'good' | 'unknown'])[] = [
    ['a list for users', { onlyUser: true }, undefined, 'good'],
    ['a list for CAs', { onlyCa: true }, undefined, 'unknown'],
    ['a list for attribute certificates', { onlyAttribute: true }, undefined, 'unknown'],
    ['a list of the point that the certificate names', { fullName: [ONE] }, { fullName: [ONE, OTHER] }, 'good'],
    ['a list of another point', { fullName: [OTHER] }, { fullName: [ONE] }, 'unknown'],
    ['a list of a point, for a certificate without one', { fullName: [ONE] }, undefined, 'unknown'],
    ['a list of no point, for a certificate with one', {}, { fullName: [ONE] }, 'good'],
    ['a point named after the issuer itself', { fullName: [directory('CA')] }, undefined, 'good'],
    ['a point named relative to the issuer', { relative: ['OU', 'one'] }, { relative: ['OU', 'one'] }, 'good'],
    ['another one relative to the issuer', { relative: ['OU', 'one'] }, { relative: ['OU', 'two'] }, 'unknown'],
    [
      'a relative and a full name of the same point',
      { relative: ['OU', 'one'] },
      {
        fullName: [
          directory([
            ['CN', 'CA'],
            ['OU', 'one'],
          ]),
        ],
      },
      'good',
    ],
    ['a direct list of an issuer that may be indirect', { indirect: true }, undefined, 'good'],
    [
      'a point that only another issuer serves',
      { fullName: [ONE] },
      { fullName: [ONE], crlIssuer: [directory('X')] },
      'unknown',
    ],
  ]
  it.each(scopes)('%s', async (_, scoped, point, status) => {
    const leaf = await leafWith(...(point === undefined ? [] : [points(point)]))
    expect(await statusOf(leaf, { extensions: [scope(scoped)] })).toBe(status)
  })

  it('a list for users says nothing about a CA, and the other way round', async () => {
    const leaf = await leafWith()
    const lists = async (scoped: ScopeSpec) => [
      await forgeCrl({ issuer: ca }),
      await forgeCrl({ issuer: root, extensions: [scope(scoped)] }),
    ]
    const ask = async (scoped: ScopeSpec) =>
      x509.validatePath({
        leaf: leaf.certificate,
        intermediates: [ca.certificate],
        anchors: [root.certificate],
        crls: await lists(scoped),
        at: testTimes.now,
      })
    expect(await ask({ onlyCa: true })).toMatchObject({ valid: true })
    expect(await ask({ onlyUser: true })).toMatchObject({ reason: 'REVOCATION_UNKNOWN', faultIndex: 1 })
  })

  describe('reasons', () => {
    const some = (...reasons: number[]) => ({ extensions: [scope({ reasons })] })
    it('must all be covered, by one list or by several', async () => {
      const leaf = await leafWith()
      expect(await statusOf(leaf, some(1, 2))).toBe('unknown')
      expect(await statusOf(leaf, some(1, 2), some(3, 4, 5, 6, 7))).toBe('unknown')
      expect(await statusOf(leaf, some(1, 2), some(3, 4, 5, 6, 7, 8))).toBe('good')
      expect(await statusOf(leaf, some(...ALL))).toBe('good')
    })

    it('of the point limit the list as well', async () => {
      const leaf = await leafWith(
        points({ fullName: [ONE], reasons: [1] }, { fullName: [OTHER], reasons: ALL.slice(1) }),
      )
      const one = { extensions: [scope({ fullName: [ONE] })] }
      const other = { extensions: [scope({ fullName: [OTHER] })] }
      expect(await statusOf(leaf, one)).toBe('unknown')
      expect(await statusOf(leaf, one, other)).toBe('good')
    })

    it('do not matter to a revocation that any of the lists tells', async () => {
      const leaf = await leafWith()
      expect(await statusOf(leaf, { ...some(1), entries: [entryOf(leaf, reasonCode(1))] }, some(...ALL))).toBe(
        'revoked',
      )
    })
  })

  describe('delta lists', () => {
    const complete = (base: number, more: Partial<ForgedCrl> = {}) => ({ extensions: [number(base)], ...more })
    const change = (from: number, to: number, more: Partial<ForgedCrl> = {}, ...extensions: Uint8Array[]) => ({
      extensions: [number(to), delta(from), ...extensions],
      ...more,
    })

    it('say nothing without a complete one', async () => {
      expect(await statusOf(await leafWith(), change(1, 2))).toBe('unknown')
    })

    it('revoke, put on hold, and lift a hold', async () => {
      const leaf = await leafWith()
      const held = { entries: [entryOf(leaf, reasonCode(6))] }
      expect(await statusOf(leaf, complete(5), change(5, 6, { entries: [entryOf(leaf, reasonCode(1))] }))).toBe(
        'revoked',
      )
      expect(await statusOf(leaf, complete(5, held), change(5, 6))).toBe('revoked')
      expect(await statusOf(leaf, complete(5, held), change(5, 6, { entries: [entryOf(leaf, reasonCode(8))] }))).toBe(
        'good',
      )
    })

    it('count only for a complete list from their base on, and not for a newer one', async () => {
      const leaf = await leafWith()
      const lifted = { entries: [entryOf(leaf, reasonCode(8))] }
      const held = { entries: [entryOf(leaf, reasonCode(6))] }
      expect(await statusOf(leaf, complete(4, held), change(5, 6, lifted))).toBe('revoked')
      expect(await statusOf(leaf, complete(5, held), change(5, 6, lifted))).toBe('good')
      expect(await statusOf(leaf, complete(7, held), change(5, 6, lifted))).toBe('revoked')
      expect(await statusOf(leaf, { ...held }, change(5, 6, lifted))).toBe('revoked')
    })

    it('count only for a complete list of the same scope and key', async () => {
      const leaf = await leafWith()
      const lifted = { entries: [entryOf(leaf, reasonCode(8))] }
      const held = complete(5, { entries: [entryOf(leaf, reasonCode(6))] })
      expect(await statusOf(leaf, held, change(5, 6, lifted, scope({ onlyUser: true })))).toBe('revoked')
      const key = extension(OID.authorityKeyIdentifier, encodeSequence(encodeContextPrimitive(0, Uint8Array.of(1, 2))))
      expect(await statusOf(leaf, held, change(5, 6, lifted, key))).toBe('revoked')
      const impostor = await forgeCa({ name: 'CA' })
      const forged = await forgeCrl({ issuer: impostor, ...change(5, 6, lifted) })
      expect((await validate(leaf, [await forgeCrl({ issuer: ca, ...held }), forged])).reason).toBe('REVOKED')
    })

    it('bring a complete list up to date that would be too old alone', async () => {
      const leaf = await leafWith()
      const old = complete(5, { thisUpdate: testTimes.start, nextUpdate: new Date('2026-02-01T00:00:00Z') })
      expect(await statusOf(leaf, old)).toBe('unknown')
      const crls = await Promise.all([old, change(5, 6)].map((list) => forgeCrl({ issuer: ca, ...list })))
      const { revocation } = await validate(leaf, crls)
      expect(revocation[0]).toMatchObject({ status: 'good', answer: { ...pick(testTimes), kind: 'crl' } })
      const stale = change(5, 6, { nextUpdate: testTimes.now })
      expect(await statusOf(leaf, old, stale)).toBe('unknown')
    })
    const pick = ({ thisUpdate, nextUpdate }: typeof testTimes) => ({ thisUpdate, nextUpdate })
  })

  describe('indirect lists', () => {
    let publisher: Forged
    let leaf: Forged
    const byPublisher = { fullName: [ONE], crlIssuer: [directory('Publisher')] }
    beforeAll(async () => {
      publisher = await forge({ name: 'Publisher', issuer: root, extensions: [keyUsage([6])] })
      leaf = await leafWith(points(byPublisher))
    })
    const ask = async (list: Partial<ForgedCrl>, changes: { issuer?: Forged; certificates?: Forged[] } = {}) => {
      const { issuer = publisher, certificates = [ca, publisher] } = changes
      const result = await validate(leaf, [await forgeCrl({ issuer, ...list })], {
        intermediates: certificates.map(({ certificate }) => certificate),
      })
      return result.revocation[0]!.status
    }
    const indirect = [scope({ fullName: [ONE], indirect: true })]

    it('count when the certificate names their issuer and they say that they are indirect', async () => {
      expect(await ask({ extensions: indirect })).toBe('good')
      expect(await ask({ extensions: [scope({ fullName: [ONE] })] })).toBe('unknown')
      expect(await ask({})).toBe('unknown')
      expect(await ask({ extensions: [scope({ fullName: [OTHER], indirect: true })] })).toBe('unknown')
    })

    it('revoke by entries that name the issuer of the certificate, and all after them', async () => {
      const serial = leaf.certificate.serialNumber
      const elsewhere = { serial: Uint8Array.of(1) }
      const revokes = async (...entries: NonNullable<ForgedCrl['entries']>) => ask({ extensions: indirect, entries })
      expect(await revokes({ serial, extensions: [about(ca)] })).toBe('revoked')
      expect(await revokes({ ...elsewhere, extensions: [about(ca)] }, { serial })).toBe('revoked')
      expect(await revokes({ serial })).toBe('good')
      expect(await revokes({ serial, extensions: [about(root)] })).toBe('good')
      expect(await revokes({ ...elsewhere, extensions: [about(ca)] }, { serial, extensions: [about(root)] })).toBe(
        'good',
      )
    })

    it('count only from an issuer that leads to the same anchor and may sign lists', async () => {
      const lists = { extensions: indirect }
      const stranger = await forge({
        name: 'Publisher',
        issuer: await forgeCa({ name: 'Elsewhere' }),
        extensions: [keyUsage([6])],
      })
      expect(await ask(lists, { issuer: stranger, certificates: [ca, stranger] })).toBe('unknown')
      const signer = await forge({ name: 'Publisher', issuer: root, extensions: [keyUsage([0])] })
      expect(await ask(lists, { issuer: signer, certificates: [ca, signer] })).toBe('unknown')
      expect(await ask(lists, { certificates: [ca] })).toBe('unknown')
    })

    it('do not count from an issuer that is revoked', async () => {
      const revoking = await forgeCrl({ issuer: root, entries: [{ serial: publisher.certificate.serialNumber }] })
      const list = await forgeCrl({ issuer: publisher, extensions: indirect })
      const result = await x509.validatePath({
        leaf: leaf.certificate,
        intermediates: [ca.certificate, publisher.certificate],
        anchors: [root.certificate],
        crls: [revoking, list],
        at: testTimes.now,
      })
      expect(result.revocation[0]!.status).toBe('unknown')
    })

    it('may speak about their own issuer, where its certificate says so', async () => {
      const own = await forge({ name: 'Publisher', issuer: ca, extensions: [keyUsage([6]), points(byPublisher)] })
      const certificates = [ca, own]
      expect(await ask({ extensions: indirect }, { issuer: own, certificates })).toBe('good')
      const entries = [{ serial: own.certificate.serialNumber, extensions: [about(ca)] }]
      expect(await ask({ extensions: indirect, entries }, { issuer: own, certificates })).toBe('unknown')
      const unnamed = await forge({ name: 'Publisher', issuer: ca, extensions: [keyUsage([6])] })
      expect(await ask({ extensions: indirect }, { issuer: unnamed, certificates: [ca, unnamed] })).toBe('unknown')
    })

    it('that do not say so may not speak about other issuers', async () => {
      const list = { entries: [{ serial: Uint8Array.of(1), extensions: [about(root)] }] }
      expect(await statusOf(await leafWith(), list)).toBe('unknown')
    })
  })

  it('a hold that a newer list no longer has is lifted; any other revocation stays', async () => {
    const leaf = await leafWith()
    const older = (code: number) => ({ thisUpdate: testTimes.start, entries: [entryOf(leaf, reasonCode(code))] })
    expect(await statusOf(leaf, older(6), {})).toBe('good')
    expect(await statusOf(leaf, older(6), { extensions: [scope({ onlyUser: true })] })).toBe('revoked')
    expect(await statusOf(leaf, older(1), {})).toBe('revoked')
  })

  it('another key of the issuer may sign, if a path of its own leads to the anchor', async () => {
    const leaf = await leafWith()
    const second = await forgeCa({ name: 'CA', issuer: root })
    const list = await forgeCrl({ issuer: second })
    const ask = (...others: Forged[]) =>
      validate(leaf, [list], { intermediates: [ca, ...others].map(({ certificate }) => certificate) })
    expect(await ask(second)).toMatchObject({ valid: true })
    expect(await ask()).toMatchObject({ reason: 'REVOCATION_UNKNOWN' })
    const stranger = await forgeCa({ name: 'CA', key: second.key })
    expect(await ask(stranger)).toMatchObject({ reason: 'REVOCATION_UNKNOWN' })
    const neighbour = await forgeCa({ name: 'Neighbour', issuer: root })
    const usurper = await forgeCa({ name: 'CA', issuer: neighbour, key: second.key })
    expect(await ask(usurper, neighbour)).toMatchObject({ reason: 'REVOCATION_UNKNOWN' })
    const unlimited = await forge({ name: 'CA', issuer: root, key: second.key })
    expect(await ask(unlimited)).toMatchObject({ reason: 'REVOCATION_UNKNOWN' })
  })

  it('a list made after expiry counts only where it keeps what expired', async () => {
    const leaf = await forge({ issuer: ca, notAfter: new Date('2026-03-01T00:00:00Z') })
    const at = new Date('2026-02-01T00:00:00Z')
    const madeWithin = { from: at, until: testTimes.now }
    const keeps = extension('2.5.29.60', encodeGeneralizedTime(new Date('2026-01-01T00:00:00Z')))
    const ask = async (...extensions: Uint8Array[]) =>
      validate(leaf, [await forgeCrl({ issuer: ca, extensions })], { at, madeWithin })
    expect(await ask()).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
    expect(await ask(keeps)).toMatchObject({ valid: true })
  })

  it('refuses lists with critical extensions that are not processed', async () => {
    const leaf = await leafWith()
    const unknown = extension('1.2.3.4', asn1.encodeNull(), true)
    expect(await statusOf(leaf, { extensions: [unknown] })).toBe('unknown')
    expect(await statusOf(leaf, { entries: [{ serial: Uint8Array.of(1), extensions: [unknown] }] })).toBe('unknown')
  })

  it.each([
    ['a scope that is no SEQUENCE', extension(OID.issuingDistributionPoint, encodeInteger(1), true)],
    ['a scope with a field twice', extension(OID.issuingDistributionPoint, encodeSequence(yes(1), yes(1)), true)],
    ['a scope with an unknown field', extension(OID.issuingDistributionPoint, encodeSequence(yes(6)), true)],
    ['a negative base', extension(OID.deltaCRLIndicator, encodeElement(TAG.integer, Uint8Array.of(0xff)), true)],
    ['a number of 30 octets', extension(OID.cRLNumber, encodeElement(TAG.integer, new Uint8Array(30).fill(1)))],
    ['a number that is none', extension(OID.cRLNumber, encodeOctetString(Uint8Array.of(1)))],
  ])('leaves out a list with %s', async (_, malformed) => {
    expect(await statusOf(await leafWith(), { extensions: [malformed] })).toBe('unknown')
  })
})
