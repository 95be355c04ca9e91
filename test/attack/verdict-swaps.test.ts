import { describe, expect, it } from 'vitest'
import {
  canonicalJson,
  encodeStatementSync,
  formatIdentifier,
  type LicenceData,
  parseIdentifier,
  signStatusList,
  signTrustList,
} from '../../licence-format/index.ts'
import { sealDocumentSync } from '../../pades/write/index.ts'
import { cms } from '../../pki/index.ts'
import { type Evidence, type Verdict, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { createTestPki, type TestEntity } from '../fixtures/pki.ts'
import {
  claimsOf,
  crls,
  evidence,
  fromNow,
  HOST,
  IDENTIFIER,
  LIST_ADDRESS,
  licence,
  MARKET,
  NOW,
  OTHER_TYPE,
  page,
  pki,
  policy,
  sealedLicence,
  statementText,
  statusList,
  trustList,
  withEntity,
} from '../verifier/world.ts'

// Genuine parts put together wrongly, parts made by others under the same names, and evidence that is not what it seems. Each has its
// own verdict and its own words.

/** A PKI that anyone can make: every name, serial number and date as ours, other keys. */
const foreign = await createTestPki({
  root: {},
  ca: { under: 'root' },
  seal: { under: 'ca' },
  statement: { under: 'ca', profile: 'statement' },
  statusSigner: { under: 'ca', profile: 'status-list-signer' },
  trustSigner: { under: 'ca', profile: 'trust-list-signer' },
})
const foreignCrls = await foreign.crls()

const other = licence({
  salt: 'AQECAwQFBgcICQoLDA0ODw',
  number: '91330199MA2BYYYY1Y',
  identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), serial: 'ZYXWVUTSRQPONMLKJIHG' }),
  holders: [{ name: '王大五', code: '440524188001010014', codeType: '111' }],
})
const ofOtherType = (data: LicenceData): LicenceData => ({
  ...data,
  typeCode: OTHER_TYPE,
  identifier: formatIdentifier({ ...parseIdentifier(data.identifier), typeCode: OTHER_TYPE }),
})

const genuine = await sealedLicence()
const bothLists = async () => ({ trust: await trustList(), status: await statusList() })

const signerOf = ({ key, certificate, chain }: TestEntity) => ({ key, chain: [certificate, ...chain.slice(0, -1)] })
const payloadOf = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString('utf8'))

/** The same list with a header that says that nobody signed it. */
const unsigned = (jws: string, signature = '') => {
  const [header, payload] = jws.split('.') as [string, string]
  const said = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as object
  return `${Buffer.from(JSON.stringify({ ...said, alg: 'none' })).toString('base64url')}.${payload}.${signature}`
}

/** Seals with a key, showing the certificates that are given. */
function sealWith(pdf: Uint8Array, { certificate, chain, key }: TestEntity): Uint8Array {
  const { signatureAlgorithm } = key
  const signer = cms.compileSigner({ certificate, chain: chain.slice(0, -1), signatureAlgorithm })
  return sealDocumentSync(
    pdf,
    {
      field: 'Seal1',
      place: { page: 0, x: 20, y: 20, width: 80, height: 80 },
      appearance: { content: new TextEncoder().encode('0 0 9 9 re S'), bbox: [0, 0, 9, 9] },
      name: '云汀市市场监督管理局',
      signedAt: fromNow(-3_600_000),
      docMdp: 1,
    },
    signer,
    key,
  )
}

const pageWith = (data: LicenceData, statement: string | null) =>
  page({ 'licence.json': canonicalJson(data), 'statement.txt': statement })
const statementBy = ({ key, certificate }: TestEntity) =>
  encodeStatementSync(claimsOf(licence()), { key, certificate, baseUrl: `https://${HOST}` })

/** The signature value of one sealed document written over that of another. */
function withSignatureOf(target: Uint8Array, source: Uint8Array): Uint8Array {
  const gap = (bytes: Uint8Array) => {
    const file = Buffer.from(bytes)
    const from = file.indexOf('<', file.indexOf('/Contents <'))
    return [from, file.indexOf('>', from) + 1] as const
  }
  const [from] = gap(target)
  const forged = new Uint8Array(target)
  forged.set(source.subarray(...gap(source)), from)
  return forged
}

interface Attack {
  readonly what: string
  readonly document?: () => Promise<Uint8Array>
  readonly given?: () => Promise<Partial<Evidence>>
  readonly at?: Date
  readonly verdict: Exclude<Verdict, 'accepted'>
  readonly code: string
}

const inList = async (value: number) => ({ statusLists: new Map([[LIST_ADDRESS, await statusList({ value })]]) })
const inStatus = async (parts: Parameters<typeof statusList>[0]) => ({
  statusLists: new Map([[LIST_ADDRESS, await statusList(parts)]]),
})
const entitlement = async (change: object | null) => ({
  trustList: await trustList({
    entities: withEntity(MARKET, (entity) => ({
      ...entity,
      entitlements: change === null ? [] : entity.entitlements.map((one) => ({ ...one, ...change })),
    })),
  }),
})

const swaps: readonly Attack[] = [
  {
    what: 'data of one licence with the statement of another',
    document: () => sealedLicence({ data: licence(), statement: statementText(claimsOf(other)) }),
    verdict: 'refused',
    code: 'STATEMENT_OF_OTHER_LICENCE',
  },
  {
    what: 'data of another licence under a genuine statement',
    document: () => sealedLicence({ data: other, statement: statementText(claimsOf(licence())) }),
    verdict: 'refused',
    code: 'STATEMENT_OF_OTHER_LICENCE',
  },
  {
    what: 'the signature of one document in another',
    document: async () => withSignatureOf(await sealedLicence({ data: other }), genuine),
    verdict: 'refused',
    code: 'HASH_MISMATCH',
  },
  {
    what: 'the seal of another department on this department’s licence',
    document: () => sealedLicence({ sealedBy: 'sealOfLand' }),
    verdict: 'refused',
    code: 'SEAL_OF_OTHER_DEPARTMENT',
  },
  {
    what: 'this department’s seal on a type of another department',
    document: () => sealedLicence({ data: ofOtherType(licence()) }),
    verdict: 'refused',
    code: 'ISSUER_NOT_ENTITLED',
  },
  {
    what: 'a seal of the same CA that nobody lists',
    document: () => sealedLicence({ sealedBy: 'sealUnlisted' }),
    verdict: 'refused',
    code: 'SEAL_NOT_LISTED',
  },
  {
    what: 'a signature by the key that signs statements',
    document: () => sealedLicence({ sealedBy: 'statement' }),
    verdict: 'refused',
    code: 'CHAIN_FAULT',
  },
]

const forgeries: readonly Attack[] = [
  {
    what: 'a seal of a PKI with the same names and serial numbers',
    document: async () => sealWith(await pageWith(licence(), statementText()), foreign.get('seal')),
    given: async () => ({ crls: [...crls, ...foreignCrls] }),
    verdict: 'refused',
    code: 'SEAL_NOT_LISTED',
  },
  {
    what: 'the genuine certificate shown over a signature by another key',
    document: async () =>
      sealWith(await pageWith(licence(), statementText()), { ...pki.get('seal'), key: foreign.get('seal').key }),
    verdict: 'refused',
    code: 'SIGNATURE_WRONG',
  },
  {
    what: 'a foreign certificate with our CA’s certificate behind it',
    document: async () =>
      sealWith(await pageWith(licence(), statementText()), { ...foreign.get('seal'), chain: pki.get('seal').chain }),
    verdict: 'refused',
    code: 'SEAL_NOT_LISTED',
  },
  {
    what: 'a statement of a PKI with the same names, under a genuine seal',
    document: () => sealedLicence({ statement: statementBy(foreign.get('statement')) }),
    verdict: 'refused',
    code: 'STATEMENT_KEY_UNKNOWN',
  },
  {
    what: 'a statement that names the genuine key and is signed by another',
    document: () =>
      sealedLicence({ statement: statementBy({ ...pki.get('statement'), key: foreign.get('statement').key }) }),
    verdict: 'refused',
    code: 'STATEMENT_FORGED',
  },
]

const ends: readonly Attack[] = [
  {
    what: 'a revoked sealing certificate',
    document: () => sealedLicence({ sealedBy: 'sealRevoked' }),
    verdict: 'refused',
    code: 'CERTIFICATE_REVOKED',
  },
  {
    what: 'an expired sealing certificate',
    document: () => sealedLicence({ sealedBy: 'sealExpired' }),
    verdict: 'undecided',
    code: 'CERTIFICATE_OUT_OF_BOUNDS',
  },
  { what: 'a revoked licence', given: () => inList(1), verdict: 'refused', code: 'STATUS_NOT_IN_FORCE' },
  { what: 'a suspended licence', given: () => inList(2), verdict: 'refused', code: 'STATUS_NOT_IN_FORCE' },
  { what: 'a superseded licence', given: () => inList(3), verdict: 'refused', code: 'STATUS_SUPERSEDED' },
  { what: 'a cancelled licence', given: () => inList(0xb), verdict: 'refused', code: 'STATUS_NOT_IN_FORCE' },
  { what: 'a place still pending', given: () => inList(0xc), verdict: 'refused', code: 'STATUS_PENDING' },
  {
    what: 'no entitlement in the trust list',
    given: () => entitlement(null),
    verdict: 'refused',
    code: 'ISSUER_NOT_ENTITLED',
  },
  {
    what: 'a withdrawn entitlement',
    given: () => entitlement({ state: 'withdrawn', until: fromNow(-7_200_000) }),
    verdict: 'refused',
    code: 'ISSUER_NO_LONGER_ENTITLED',
  },
]

const lists: readonly Attack[] = [
  {
    what: 'a status list older than the licence',
    given: () => inStatus({ issuedAt: fromNow(-7_200_000) }),
    verdict: 'undecided',
    code: 'STATUS_LIST_OLDER',
  },
  {
    what: 'a status list signed by a seal',
    given: () => inStatus({ signer: 'seal' }),
    verdict: 'undecided',
    code: 'STATUS_LIST_SIGNED_BY_OTHER_KEY',
  },
  {
    what: 'a status list that nobody signed (alg none)',
    given: async () => ({ statusLists: new Map([[LIST_ADDRESS, unsigned((await bothLists()).status)]]) }),
    verdict: 'undecided',
    code: 'STATUS_LIST_REFUSED',
  },
  {
    what: 'a status list signed under another root of the same name',
    given: async () => {
      const forged = await signStatusList(payloadOf((await bothLists()).status), signerOf(foreign.get('statusSigner')))
      return { crls: [...crls, ...foreignCrls], statusLists: new Map([[LIST_ADDRESS, forged]]) }
    },
    verdict: 'undecided',
    code: 'STATUS_LIST_REFUSED',
  },
  {
    what: 'a status list with its payload exchanged',
    given: async () => {
      const [revoked, inForce] = [await statusList({ value: 1 }), await statusList()]
      const [header, , signature] = revoked.split('.')
      return { statusLists: new Map([[LIST_ADDRESS, [header, inForce.split('.')[1], signature].join('.')]]) }
    },
    verdict: 'undecided',
    code: 'STATUS_LIST_REFUSED',
  },
  {
    what: 'a trust list in the place of the status list',
    given: async () => ({ statusLists: new Map([[LIST_ADDRESS, (await bothLists()).trust]]) }),
    verdict: 'undecided',
    code: 'STATUS_LIST_REFUSED',
  },
  {
    what: 'a trust list signed by a seal',
    given: async () => ({ trustList: await trustList({ signer: 'seal' }) }),
    verdict: 'undecided',
    code: 'TRUST_LIST_SIGNED_BY_OTHER_KEY',
  },
  {
    what: 'a trust list signed by the signer of status lists',
    given: async () => ({ trustList: await trustList({ signer: 'statusSigner' }) }),
    verdict: 'undecided',
    code: 'TRUST_LIST_SIGNED_BY_OTHER_KEY',
  },
  {
    what: 'a trust list that nobody signed (alg none)',
    given: async () => ({ trustList: unsigned((await bothLists()).trust) }),
    verdict: 'undecided',
    code: 'TRUST_LIST_REFUSED',
  },
  {
    what: 'a trust list with its genuine signature under alg none',
    given: async () => {
      const { trust } = await bothLists()
      return { trustList: unsigned(trust, trust.split('.')[2]) }
    },
    verdict: 'undecided',
    code: 'TRUST_LIST_REFUSED',
  },
  {
    what: 'a trust list signed under another root of the same name',
    given: async () => ({
      crls: [...crls, ...foreignCrls],
      trustList: await signTrustList(payloadOf((await bothLists()).trust), signerOf(foreign.get('trustSigner'))),
    }),
    verdict: 'undecided',
    code: 'TRUST_LIST_REFUSED',
  },
]

const judge = async ({ document, given, at }: Attack): Promise<VerificationReport> =>
  verifyDocument(
    { name: 'a.pdf', bytes: document ? await document() : genuine },
    await evidence(given ? await given() : {}),
    policy,
    at ?? NOW,
  )

for (const [kind, attacks] of Object.entries({
  'genuine parts put together wrongly': swaps,
  'parts made by others': forgeries,
  'what has ended or never was': ends,
  'evidence that is not what it seems': lists,
})) {
  describe(`verifyDocument on ${kind}`, () => {
    for (const attack of attacks) {
      it(`${attack.verdict === 'refused' ? 'refuses' : 'cannot decide on'} ${attack.what} (${attack.code})`, async () => {
        const report = await judge(attack)
        const told = report.findings.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
        expect(told.map(({ code }) => code)).toContain(attack.code)
        expect(report.verdict).toBe(attack.verdict)
        expect(report.explanation.answers.every(({ outcome }) => outcome === 'yes')).toBe(false)
        for (const { message } of told) expect(message.zh.length * message.en.length).toBeGreaterThan(0)
      })
    }
  })
}

describe('the reasons of verifyDocument', () => {
  it('differ from attack to attack: what a person reads tells one from the other', async () => {
    const reasons = new Map<string, Set<string>>()
    for (const attack of [...swaps, ...forgeries, ...ends, ...lists]) {
      const { findings } = await judge(attack)
      const sentence = findings.find(({ code }) => code === attack.code)!.message
      for (const text of [sentence.zh, sentence.en]) {
        const codes = reasons.get(text) ?? new Set()
        reasons.set(text, codes.add(attack.code))
      }
    }
    expect([...reasons.values()].filter((codes) => codes.size > 1)).toEqual([])
  })

  it('name the genuine licence as accepted with the same evidence', async () => {
    const foreignToo = await evidence({ crls: [...crls, ...foreignCrls] })
    const report = await verifyDocument({ name: 'a.pdf', bytes: genuine }, foreignToo, policy, NOW)
    expect(report.verdict).toBe('accepted')
  })
})
