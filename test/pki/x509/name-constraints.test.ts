import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  basicConstraints,
  encodeTestName,
  extension,
  type Forged,
  type ForgedSpec,
  forge,
  forgeCa,
  generalName,
  subjectAltName,
} from '../../support/forge-pki.ts'

const { encodeContext, encodeContextPrimitive, encodeInteger, encodeSequence, encodeUtf8String } = asn1
const { dns, email, uri, ip, directory, other, registeredId } = generalName
const mailbox = (text: string): Uint8Array => other('1.3.6.1.5.5.7.8.9', encodeUtf8String(text))

function constraints(
  permitted: readonly Uint8Array[],
  excluded: readonly Uint8Array[] = [],
  critical = true,
): Uint8Array {
  const subtrees = (number: number, bases: readonly Uint8Array[]) =>
    bases.length === 0 ? [] : [encodeContext(number, ...bases.map((base) => encodeSequence(base)))]
  return extension(OID.nameConstraints, encodeSequence(...subtrees(0, permitted), ...subtrees(1, excluded)), critical)
}

describe('name constraints', () => {
  let root: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
  })

  const validate = async (leaf: Forged, ...intermediates: Forged[]) =>
    x509.validatePath({
      leaf: leaf.certificate,
      intermediates: intermediates.map(({ certificate }) => certificate),
      anchors: [root.certificate],
      at: testTimes.now,
    })
  const judge = async (constraint: Uint8Array, spec: ForgedSpec) => {
    const ca = await forgeCa({ name: 'CA', issuer: root, extensions: [constraint] })
    return validate(await forge({ name: [['O', 'Leaf']], ...spec, issuer: ca }), ca)
  }
  type Row = readonly [title: string, base: Uint8Array, name: Uint8Array, isWithin: boolean | undefined]
  const rows: readonly Row[] = [
    ['the host itself', dns('example.com'), dns('example.com'), true],
    ['a label to the left', dns('example.com'), dns('a.b.example.com'), true],
    ['a name that only ends alike', dns('example.com'), dns('myexample.com'), false],
    ['case does not count', dns('Example.COM'), dns('A.example.com'), true],
    ['a wildcard below', dns('example.com'), dns('*.example.com'), true],
    ['a wildcard that may be or not', dns('a.example.com'), dns('*.example.com'), undefined],
    ['everything', dns(''), dns('anything.test'), true],
    ['a base with a leading period', dns('.example.com'), dns('a.example.com'), undefined],
    ['a base that is a pattern', dns('*.example.com'), dns('a.example.com'), undefined],
    ['a name that is none', dns('example.com'), dns('.example.com'), undefined],
    ['a mailbox', email('a@example.com'), email('a@EXAMPLE.com'), true],
    ['another mailbox of the host', email('a@example.com'), email('b@example.com'), false],
    ['a local part in other case', email('a@example.com'), email('A@example.com'), false],
    ['any mailbox of a host', email('example.com'), email('b@example.com'), true],
    ['a mailbox below the host', email('example.com'), email('b@mail.example.com'), false],
    ['a mailbox below the domain', email('.example.com'), email('b@mail.example.com'), true],
    ['a mailbox at the domain itself', email('.example.com'), email('b@example.com'), false],
    ['what is no mailbox', email('example.com'), email('example.com'), undefined],
    ['a quoted local part with an @', email('evil.test'), email('"a@evil.test"@example.com'), false],
    ['an internationalised mailbox', email('example.com'), mailbox('b@example.com'), true],
    ['an internationalised host', email('example.com'), mailbox('b@例子.测试'), undefined],
    ['a host', uri('example.com'), uri('https://example.com/a?b#c'), true],
    ['a host below', uri('example.com'), uri('https://www.example.com'), false],
    ['a host of the domain', uri('.example.com'), uri('https://www.example.com:8443/'), true],
    ['user information that looks like a host', uri('example.com'), uri('https://example.com@evil.test/'), false],
    ['user information before the host', uri('example.com'), uri('https://evil.test@example.com'), true],
    ['a path that looks like a host', uri('example.com'), uri('https://evil.test/@example.com'), false],
    ['no authority', uri('example.com'), uri('urn:example.com'), undefined],
    ['an address in place of a host', uri('example.com'), uri('https://192.0.2.1/'), undefined],
    ['an IPv6 address in place of a host', uri('example.com'), uri('https://[2001:db8::1]/'), undefined],
    ['an address of the range', ip(192, 0, 2, 0, 255, 255, 255, 0), ip(192, 0, 2, 77), true],
    ['an address beside the range', ip(192, 0, 2, 0, 255, 255, 255, 0), ip(192, 0, 3, 77), false],
    ['an address of the other version', ip(192, 0, 2, 0, 255, 255, 255, 0), ip(...Array<number>(16).fill(0)), false],
    ['a mask with holes', ip(192, 0, 2, 0, 255, 0, 255, 0), ip(192, 0, 2, 1), undefined],
    ['a range of the wrong length', ip(192, 0, 2, 0), ip(192, 0, 2, 0), undefined],
    [
      'an address of the wrong length',
      ip(192, 0, 2, 0, 255, 255, 255, 0),
      ip(192, 0, 2, 0, 255, 255, 255, 0),
      undefined,
    ],
    [
      'an IPv6 range',
      ip(...[0x20, 1], ...Array<number>(14).fill(0), 255, 255, ...Array<number>(14).fill(0)),
      ip(0x20, 1, ...Array<number>(14).fill(9)),
      true,
    ],
    [
      'a name below',
      directory([['C', 'CN']]),
      directory([
        ['C', 'CN'],
        ['O', 'x'],
      ]),
      true,
    ],
    [
      'case and white space do not count',
      directory([['O', 'A  b']]),
      directory([
        ['O', 'a B'],
        ['CN', 'x'],
      ]),
      true,
    ],
    [
      'a name beside',
      directory([['O', 'a']]),
      directory([
        ['O', 'b'],
        ['CN', 'x'],
      ]),
      false,
    ],
    [
      'a name above',
      directory([
        ['O', 'a'],
        ['OU', 'b'],
      ]),
      directory([['O', 'a']]),
      false,
    ],
    ['a name of a form not processed', other('1.2.3', encodeInteger(1)), other('1.2.3', encodeInteger(1)), undefined],
    ['a registered identifier', registeredId('1.2.3'), registeredId('1.2.3'), undefined],
  ]
  // The leaf's own subject is a directory name as well, so constraints on those are tried with one that fits.
  const subjectFor = (title: string, name: Uint8Array): ForgedSpec =>
    title.startsWith('a name') || title.startsWith('case and white')
      ? { name: name[0] === 0xa4 ? asn1.parseDer(name).children[0]!.raw : [['O', 'Leaf']] }
      : {}

  it.each(rows)('permits and excludes: %s', async (title, base, name, isWithin) => {
    const leaf = { ...subjectFor(title, name), extensions: [subjectAltName(name)] }
    const permitted = await judge(constraints([base]), leaf)
    expect([permitted.valid, permitted.reason]).toEqual(isWithin ? [true, null] : [false, 'NAME_CONSTRAINTS'])
    const excluded = await judge(constraints([], [base]), leaf)
    expect([excluded.valid, excluded.reason]).toEqual(isWithin === false ? [true, null] : [false, 'NAME_CONSTRAINTS'])
  })

  it('constrains only the forms it names', async () => {
    const leaf = { extensions: [subjectAltName(dns('a.test'), other('1.2.3', encodeInteger(1)))] }
    expect(await judge(constraints([email('example.com')], [uri('a.test')]), leaf)).toMatchObject({ valid: true })
  })

  it('looks at e-mail addresses in the subject, with or without an alternative name', async () => {
    const address = '1.2.840.113549.1.9.1'
    const name = encodeTestName([
      ['O', 'x'],
      [address, 'a@evil.test'],
    ])
    const only = constraints([email('example.com')])
    expect(await judge(only, { name })).toMatchObject({ reason: 'NAME_CONSTRAINTS' })
    expect(await judge(only, { name, extensions: [subjectAltName(email('a@example.com'))] })).toMatchObject({
      reason: 'NAME_CONSTRAINTS',
    })
  })

  it('takes common names for host names where there is no DNS name', async () => {
    const only = constraints([dns('example.com')])
    expect(await judge(only, { name: 'www.evil.test' })).toMatchObject({ reason: 'NAME_CONSTRAINTS' })
    expect(await judge(only, { name: 'Jo Bloggs' })).toMatchObject({ valid: true })
    const extensions = [subjectAltName(dns('a.example.com'))]
    expect(await judge(only, { name: 'www.evil.test', extensions })).toMatchObject({ valid: true })
  })

  it('holds for CAs below, but not for self-issued ones', async () => {
    const ca = await forgeCa({
      name: [['O', 'CA']],
      issuer: root,
      extensions: [constraints([directory([['O', 'in']])])],
    })
    const leaf = (issuer: Forged) =>
      forge({
        name: [
          ['O', 'in'],
          ['CN', 'x'],
        ],
        issuer,
      })
    const outside = await forgeCa({ name: [['O', 'out']], issuer: ca })
    expect(await validate(await leaf(outside), ca, outside)).toMatchObject({
      reason: 'NAME_CONSTRAINTS',
      faultIndex: 1,
    })
    const selfIssued = await forgeCa({ name: [['O', 'CA']], issuer: ca })
    expect(await validate(await leaf(selfIssued), ca, selfIssued)).toMatchObject({ valid: true })
  })

  it('joins the constraints of all CAs above: what each permits, and what any excludes', async () => {
    const upper = await forgeCa({ name: 'Upper', issuer: root, extensions: [constraints([dns('example.com')])] })
    const extensions = [constraints([dns('a.example.com'), dns('evil.test')], [dns('x.a.example.com')])]
    const lower = await forgeCa({ name: 'Lower', issuer: upper, extensions })
    const ask = async (name: string) =>
      (await validate(await forge({ issuer: lower, extensions: [subjectAltName(dns(name))] }), upper, lower)).valid
    expect(await ask('b.a.example.com')).toBe(true)
    expect(await ask('b.example.com')).toBe(false)
    expect(await ask('evil.test')).toBe(false)
    expect(await ask('x.a.example.com')).toBe(false)
  })

  it('counts when the extension is not critical, and when an anchor carries it', async () => {
    const leaf = { extensions: [subjectAltName(dns('evil.test'))] }
    expect(await judge(constraints([dns('example.com')], [], false), leaf)).toMatchObject({
      reason: 'NAME_CONSTRAINTS',
    })
    const anchor = await forgeCa({ name: 'Anchor', extensions: [constraints([dns('example.com')])] })
    const result = await x509.validatePath({
      leaf: (await forge({ ...leaf, issuer: anchor })).certificate,
      intermediates: [],
      anchors: [anchor.certificate],
      at: testTimes.now,
    })
    expect(result).toMatchObject({ valid: false, reason: 'NAME_CONSTRAINTS' })
  })

  it('refuses them in a certificate that is no CA', async () => {
    const leaf = await forge({ issuer: root, extensions: [constraints([dns('example.com')])] })
    expect(await validate(leaf)).toMatchObject({ reason: 'NAME_CONSTRAINTS', faultIndex: 0 })
  })

  const malformed: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['an INTEGER', encodeInteger(1)],
    [
      'subtrees in the wrong order',
      encodeSequence(encodeContext(1, encodeSequence(dns('a'))), encodeContext(0, encodeSequence(dns('a')))),
    ],
    ['no subtrees in one of them', encodeSequence(encodeContext(0))],
    [
      'a minimum',
      encodeSequence(encodeContext(0, encodeSequence(dns('a'), encodeContextPrimitive(0, Uint8Array.of(1))))),
    ],
    [
      'a maximum',
      encodeSequence(encodeContext(0, encodeSequence(dns('a'), encodeContextPrimitive(1, Uint8Array.of(1))))),
    ],
    [
      'nested a hundred deep',
      Array.from({ length: 100 }).reduce<Uint8Array>((inner) => encodeSequence(inner), encodeSequence()),
    ],
  ]
  it.each(malformed)('refuses a path with an extension that is %s', async (_, value) => {
    expect(await judge(extension(OID.nameConstraints, value, true), {})).toMatchObject({
      valid: false,
      reason: 'CERTIFICATE_MALFORMED',
      faultIndex: 1,
    })
  })

  it('compares as many names with constraints as real certificates have, and no more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => dns(`t${i}.test`))
    const started = performance.now()
    expect(await judge(constraints(many(1000)), { extensions: [subjectAltName(...many(1000))] })).toMatchObject({
      valid: true,
    })
    expect(await judge(constraints(many(1100)), { extensions: [subjectAltName(...many(1100))] })).toMatchObject({
      reason: 'NAME_CONSTRAINTS',
      detail: 'more names and constraints than are compared',
    })
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('knows a CA by its basic constraints, whatever else it carries', async () => {
    const leaf = await forge({ issuer: root, extensions: [basicConstraints(), constraints([dns('example.com')])] })
    expect(await validate(leaf)).toMatchObject({ valid: true })
  })
})
