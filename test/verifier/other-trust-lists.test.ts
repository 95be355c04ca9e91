import { describe, expect, it } from 'vitest'
import {
  canonicalJson,
  createStatusList,
  encodeStatementSync,
  formatIdentifier,
  parseIdentifier,
  signStatusList,
  signTrustList,
  statusListPayload,
  type TrustedEntity,
  trustListPayload,
} from '../../licence-format/index.ts'
import { sealDocumentSync } from '../../pades/write/index.ts'
import { asn1, cms, primitives, x509 } from '../../pki/index.ts'
import {
  createGatherer,
  type Evidence,
  findPinFaults,
  findScheme,
  findSubject,
  judgeTrustList,
  type PinnedTrustList,
  type ValidationPolicy,
  verifyDocument,
  verifyStatementText,
} from '../../verifier/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import {
  claimsOf,
  codes,
  evidence,
  fromNow,
  IDENTIFIER,
  licence,
  MARKET,
  NOW,
  page,
  policy,
  sealedLicence,
  trustList,
  withEntity,
} from './world.ts'

// Another city with roots, list and seals of its own, beside the city of `world.ts`.

const ningbo = await createTestPki({
  root: {},
  ca: { under: 'root' },
  seal: { under: 'ca' },
  statement: { under: 'ca', profile: 'statement' },
  statusSigner: { under: 'ca', profile: 'status-list-signer' },
  trustSigner: { under: 'ca', profile: 'trust-list-signer' },
  laterSigner: { under: 'ca', profile: 'trust-list-signer' },
})
type Name = Parameters<typeof ningbo.get>[0]
const crls = await ningbo.crls()
const HOST = 'licence.ningbo.example.cn'
const DEPARTMENT = '11330200002490000X'
const LIST = `https://${HOST}/status-lists/1`
const since = new Date('2026-01-02T00:00:00Z')
const signerOf = (name: Name) => {
  const { key, certificate, chain } = ningbo.get(name)
  return { key, chain: [certificate, ...chain.slice(0, -1)] }
}
const service = (kind: TrustedEntity['services'][number]['kind'], name: Name) => ({
  kind,
  certificate: ningbo.get(name).certificate,
  states: [{ state: 'granted' as const, since }],
})
const { typeCode } = parseIdentifier(IDENTIFIER)
const place = { locality: '宁波', postalCode: '315000', website: `https://${HOST}/` }
const department = (code: string, at = 0): TrustedEntity => ({
  code,
  name: { zh: '另一市市场监督管理局', en: 'Market Regulation of the other city' },
  ...place,
  // A certificate is one department's: a list that named it twice would be read by nobody.
  services: at === 0 ? [service('seal', 'seal'), service('statement', 'statement')] : [],
  entitlements: [
    { typeCode, name: { zh: '营业执照', en: 'Business licence' }, from: since, until: null, state: 'granted' },
  ],
  addresses: {
    statements: `https://${HOST}`,
    statusLists: `https://${HOST}/status-lists`,
    licences: `https://${HOST}/api/licences`,
  },
})
const operator: TrustedEntity = {
  code: null,
  name: { zh: '宁波', en: 'Ningbo' },
  ...place,
  services: [service('status-list', 'statusSigner'), service('trust-list', 'trustSigner')],
  entitlements: [],
  addresses: null,
}

const list = (parts: { codes?: string[]; signer?: Name; sequenceNumber?: number; issuedAt?: Date } = {}) =>
  signTrustList(
    trustListPayload({
      sequenceNumber: parts.sequenceNumber ?? 7,
      operator: operator.name,
      scheme: operator.name,
      issuedAt: parts.issuedAt ?? fromNow(-3_600_000),
      nextUpdate: fromNow(86_400_000),
      entities: [operator, ...(parts.codes ?? [DEPARTMENT]).map(department)],
    }),
    signerOf(parts.signer ?? 'trustSigner'),
  )
const statusToken = await signStatusList(
  await statusListPayload(createStatusList(1024), {
    address: LIST,
    issuedAt: fromNow(-60_000),
    expiresAt: fromNow(86_400_000),
    ttlSeconds: 300,
  }),
  signerOf('statusSigner'),
)

const theirs = (code = DEPARTMENT) =>
  licence({
    identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), issuerCode: code }),
    issuer: { code, name: '另一市市场监督管理局' },
  })
async function document(code = DEPARTMENT): Promise<Uint8Array> {
  const data = theirs(code)
  const { key, certificate, chain } = ningbo.get('seal')
  const statement = encodeStatementSync(claimsOf(data), { ...ningbo.get('statement'), baseUrl: `https://${HOST}` })
  const pdf = await page({ 'licence.json': canonicalJson(data), 'statement.txt': statement })
  const signer = cms.compileSigner({
    certificate,
    chain: chain.slice(0, -1),
    signatureAlgorithm: key.signatureAlgorithm,
  })
  const options = {
    field: 'Seal1',
    place: { page: 0, x: 20, y: 20, width: 80, height: 80 },
    appearance: { content: new TextEncoder().encode('1 0 0 RG 5 5 90 90 re S'), bbox: [0, 0, 100, 100] as const },
    name: '另一市',
    signedAt: fromNow(-3_600_000),
    docMdp: 1 as const,
  }
  return sealDocumentSync(pdf, options, signer, key)
}

const pin: PinnedTrustList = { name: 'ningbo', divisions: ['3302'], anchors: [ningbo.get('root').certificate] }
const withPins = (...otherTrustLists: PinnedTrustList[]): ValidationPolicy => ({ ...policy, otherTrustLists })
const pinned = withPins(pin)
const genuine = await document()
const goodList = await list()

async function given(change: Partial<Evidence> = {}): Promise<Evidence> {
  const own = await evidence()
  return {
    ...own,
    crls: [...own.crls, ...crls],
    otherTrustLists: new Map([['ningbo', goodList]]),
    statusLists: new Map([...own.statusLists, [LIST, statusToken]]),
    ...change,
  }
}
const judge = async (bytes = genuine, change: Partial<Evidence> = {}, by = pinned) =>
  verifyDocument({ name: 'a.pdf', bytes }, await given(change), by, NOW)

describe('verifyDocument by the trust list of another city', () => {
  it('accepts its licence under its own root and list, and names both lists that were believed', async () => {
    const report = await judge()
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED', licence: { issuerEntitled: true } })
    expect(report.lists.map(({ kind, name }) => [kind, name])).toEqual([
      ['trust-list', 'ningbo'],
      ['status-list', LIST],
    ])
    const text = encodeStatementSync(claimsOf(theirs()), { ...ningbo.get('statement'), baseUrl: `https://${HOST}` })
    expect((await verifyStatementText(text, await given(), pinned, NOW)).verdict).toBe('accepted')
  })

  it('does not believe it unless the operator pinned it, whatever is handed in', async () => {
    expect((await judge(genuine, {}, policy)).verdict).not.toBe('accepted')
    expect((await judge(genuine, {}, withPins())).verdict).not.toBe('accepted')
  })

  it('still accepts our own licences, by our own list alone', async () => {
    const report = await judge(await sealedLicence())
    expect(report.verdict).toBe('accepted')
    expect(report.lists[0]).toMatchObject({ kind: 'trust-list', name: null })
  })

  it('lets it speak for its own place only: what it says of another is told and not believed', async () => {
    const foreign = await document('11110000002490000X')
    const report = await judge(foreign, {
      otherTrustLists: new Map([['ningbo', await list({ codes: ['11110000002490000X'] })]]),
    })
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toContain('ISSUER_UNKNOWN')
    expect(codes(report, 'info')).toContain('TRUST_LIST_MAY_NOT_SPEAK')
  })

  it('lets it say nothing of our departments, and us nothing of its', async () => {
    const usurped = await document(MARKET)
    const theirList = new Map([['ningbo', await list({ codes: [MARKET, DEPARTMENT] })]])
    expect((await judge(usurped, { otherTrustLists: theirList })).verdict).toBe('refused')
    const ours = await trustList({ entities: withEntity(MARKET, (entity) => ({ ...entity, code: DEPARTMENT })) })
    const sealedByUs = await sealedLicence({ data: theirs() })
    expect((await judge(sealedByUs, { trustList: ours })).verdict).not.toBe('accepted')
  })

  it('takes no root of one city for another: our seal with their list is nobody’s', async () => {
    const report = await judge(await sealedLicence({ data: theirs() }))
    expect(report.verdict).not.toBe('accepted')
    expect(report.signatures[0]!.indication).toBe('INDETERMINATE')
  })

  it('has nobody to ask for a place that nobody speaks for, once our own place is named', async () => {
    const closed = { ...pinned, divisions: ['3301'] }
    const report = await judge(await document('11440100002490000X'), {}, closed)
    expect(report.verdict).not.toBe('accepted')
    expect(codes(report, 'undecided')).toContain('TRUST_LIST_NOBODY_SPEAKS')
  })

  it('believes a pinned signer alone, with or without a root', async () => {
    const digest = async (bytes: Uint8Array) => asn1.toHex(await primitives.digest('SHA-256', bytes))
    const { certificate } = ningbo.get('trustSigner')
    const key = x509.parseCertificate(certificate).subjectPublicKeyInfo
    for (const signer of [await digest(certificate), await digest(key)])
      expect((await judge(genuine, {}, withPins({ ...pin, signers: [signer] }))).verdict).toBe('accepted')
    const other = { ...pin, signers: ['00'.repeat(32)] }
    expect(codes(await judge(genuine, {}, withPins(other)), 'undecided')).toContain('TRUST_LIST_NOT_PINNED')
    const later = new Map([['ningbo', await list({ signer: 'laterSigner' })]])
    const bySigner = { ...pin, anchors: [], signers: [await digest(certificate)] }
    const change = { otherTrustLists: later }
    expect(codes(await judge(genuine, change, withPins(bySigner)), 'undecided')).toContain('TRUST_LIST_NOT_PINNED')
    const alone = await judgeTrustList(bySigner, await given(), pinned, NOW)
    expect(alone).toMatchObject({ list: { name: 'ningbo', sequence: 7 }, finding: { code: 'TRUST_LIST_USED' } })
  })

  it('refuses it signed by a seal key, expired, damaged or missing', async () => {
    const cases: [string, Map<string, string>][] = [
      ['TRUST_LIST_SIGNED_BY_OTHER_KEY', new Map([['ningbo', await list({ signer: 'seal' })]])],
      ['TRUST_LIST_FROM_LATER', new Map([['ningbo', await list({ issuedAt: fromNow(3_600_000) })]])],
      ['TRUST_LIST_REFUSED', new Map([['ningbo', `${goodList.slice(0, -4)}AAAA`]])],
      ['TRUST_LIST_MISSING', new Map()],
    ]
    for (const [code, otherTrustLists] of cases) {
      const report = await judge(genuine, { otherTrustLists })
      expect(report.verdict, code).not.toBe('accepted')
      expect(codes(report, 'undecided')).toContain(code)
    }
  })
})

describe('createGatherer with lists of other cities', () => {
  const source = async (asked: string[]) => ({
    crls: async () => crls,
    trustList: async () => (await evidence()).trustList,
    otherTrustLists: async () => [{ pin, text: goodList }],
    statusList: async (address: string) => {
      asked.push(address)
      return statusToken
    },
    licenceStatus: async (_: string, __: AbortSignal, address?: string | null) => {
      asked.push(String(address))
      return null
    },
  })

  it('asks where the list says that speaks for the issuer', async () => {
    const asked: string[] = []
    const { identifier } = theirs()
    await createGatherer(await source(asked))(findSubject(genuine))
    expect(asked.sort()).toEqual([`https://${HOST}/api/licences/${identifier}/status`, LIST])
  })

  it('asks nobody by a list that may not speak', async () => {
    const asked: string[] = []
    const usurper = await list({ codes: ['11110000002490000X'] })
    const all = { ...(await source(asked)), otherTrustLists: async () => [{ pin, text: usurper }] }
    await createGatherer(all)(findSubject(await document('11110000002490000X')))
    expect(asked).toEqual(['null'])
  })
})

describe('findPinFaults', () => {
  it('finds two voices for one place, malformed places, names and digests, and pins that trust nobody', () => {
    expect(findPinFaults([pin], ['3301'])).toEqual([])
    expect(findPinFaults([pin, { ...pin, name: 'other' }])).toEqual(['other and ningbo both speak for 3302'])
    expect(findPinFaults([pin], ['3302'])).toHaveLength(1)
    for (const fault of [
      { divisions: [] },
      { divisions: ['33020'] },
      { divisions: ['*'] },
      { name: '../x' },
      { anchors: [] },
      { signers: ['AB'] },
    ])
      expect(findPinFaults([{ ...pin, ...fault }]), JSON.stringify(fault)).not.toEqual([])
    expect(findPinFaults([pin, { ...pin, divisions: ['3303'] }])).toEqual(['two lists have one name'])
  })
})

describe('findScheme', () => {
  const province: PinnedTrustList = { ...pin, name: 'province', divisions: ['33'] }
  it('lets whoever names the narrowest place speak', () => {
    const both = { otherTrustLists: [province, pin], divisions: ['3301'] }
    expect(findScheme(both, '11330100002490000X')).toBe('own')
    expect(findScheme(both, '11330203002490000X')).toBe(pin)
    expect(findScheme(both, '11330300002490000X')).toBe(province)
    expect(findScheme(both, '11440100002490000X')).toBe('none')
    expect(findScheme({ otherTrustLists: [province] }, '11440100002490000X')).toBe('own')
    expect(findScheme({ otherTrustLists: [pin, { ...pin, name: 'b' }] }, DEPARTMENT)).toBe('none')
    expect(findScheme({ otherTrustLists: [pin], divisions: ['3301'] }, 'no code')).toBe('none')
  })
})
