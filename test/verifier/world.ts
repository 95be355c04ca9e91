import { createHash } from 'node:crypto'
import { AFRelationship, PDFDocument } from '@cantoo/pdf-lib'
import {
  canonicalJson,
  createStatusList,
  encodeStatementSync,
  formatIdentifier,
  type LicenceData,
  type StatementClaims,
  setStatus,
  signStatusList,
  signTrustList,
  statusListPayload,
  type TrustedEntity,
  toStatementClaims,
  trustListPayload,
} from '../../licence-format/index.ts'
import { sealDocumentSync } from '../../pades/write/index.ts'
import { asn1, cms } from '../../pki/index.ts'
import {
  type Evidence,
  type LiveStatus,
  type ValidationPolicy,
  type VerificationReport,
  verifyDocument,
} from '../../verifier/index.ts'
import { createTestPki, type TestEntity, testTimes } from '../fixtures/pki.ts'

// A small made-up city: two departments with seals and statement keys, signed lists, and documents as the services would make them.

export const NOW = testTimes.now
export const HOST = 'licence.example.gov.cn'
const TYPE = '11100000MB0143028R001'
export const OTHER_TYPE = '11100000MB03271699001'
export const MARKET = '11330100002490000X'
const LAND = '11330100002490001X'
export const LIST_ADDRESS = `https://${HOST}/status-lists/1`
const PLACE = 77

const hour = 3_600_000
export const fromNow = (ms: number) => new Date(NOW.getTime() + ms)
const since = new Date('2026-01-02T00:00:00Z')

export const pki = await createTestPki({
  root: {},
  ca: { under: 'root' },
  seal: { under: 'ca' },
  sealOfLand: { under: 'ca' },
  tsa: { under: 'ca', profile: 'time-stamp' },
  sealSm2: { under: 'ca', key: 'sm2' },
  sealUnlisted: { under: 'ca' },
  sealRevoked: { under: 'ca', revokedAt: new Date('2026-06-01T00:00:00Z') },
  sealExpired: { under: 'ca', notAfter: new Date('2026-06-01T00:00:00Z') },
  statement: { under: 'ca', profile: 'statement' },
  statementEnded: { under: 'ca', profile: 'statement', notAfter: new Date('2026-06-01T00:00:00Z') },
  statementOfLand: { under: 'ca', profile: 'statement' },
  statementUnlisted: { under: 'ca', profile: 'statement' },
  statusSigner: { under: 'ca', profile: 'status-list-signer' },
  trustSigner: { under: 'ca', profile: 'trust-list-signer' },
  otherRoot: {},
  otherCa: { under: 'otherRoot' },
  stranger: { under: 'otherCa' },
  strangerTrustSigner: { under: 'otherCa', profile: 'trust-list-signer' },
  strangerStatusSigner: { under: 'otherCa', profile: 'status-list-signer' },
  strangerTsa: { under: 'otherCa', profile: 'time-stamp' },
})
type Name = Parameters<typeof pki.get>[0]

export const policy: ValidationPolicy = { trustAnchors: [pki.get('root').certificate] }
export const crls = await pki.crls()

export const IDENTIFIER = formatIdentifier({
  typeCode: TYPE,
  issuerCode: MARKET,
  serial: '0123456789ABCDEFGHIJ',
  version: 1,
})

export function licence(change: Partial<LicenceData> = {}): LicenceData {
  return {
    schema: 'zhengyin-licence-1',
    salt: 'AAECAwQFBgcICQoLDA0ODw',
    identifier: IDENTIFIER,
    typeCode: TYPE,
    typeName: '营业执照',
    templateVersion: 1,
    number: '91330199MA2AXXXX0X',
    issuer: { code: MARKET, name: '云汀市市场监督管理局' },
    holders: [{ name: '张小三', code: '11010519491231002X', codeType: '111' }],
    issuedOn: '2026-06-15',
    validFrom: '2026-06-15',
    validUntil: '2027-06-14',
    fields: { scope: '技术服务' },
    replaces: null,
    ...change,
  }
}

const signerOf = (name: Name) => {
  const { key, certificate, chain } = pki.get(name)
  return { key, chain: [certificate, ...chain.slice(0, -1)] }
}

export function claimsOf(data: LicenceData, change: Partial<StatementClaims> = {}): StatementClaims {
  const dataDigest = new Uint8Array(createHash('sha256').update(canonicalJson(data)).digest())
  const facts = { dataDigest, statusList: 1, statusPlace: PLACE, issuedAt: fromNow(-hour) }
  return { ...toStatementClaims(data, facts), ...change }
}

export function statementText(
  claims: StatementClaims = claimsOf(licence()),
  key: Name = 'statement',
  host = HOST,
): string {
  return encodeStatementSync(claims, { ...pick(pki.get(key)), baseUrl: `https://${host}` })
}

const pick = ({ key, certificate }: TestEntity) => ({ key, certificate })

/** A page with embedded files, as the templates make it; `null` leaves a file out. */
export async function page(files: Readonly<Record<string, Uint8Array | string | null>> = {}): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false })
  pdf.addPage([300, 200])
  for (const [name, content] of Object.entries(files)) {
    if (content === null) continue
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const afRelationship = name === 'licence.json' ? AFRelationship.Data : AFRelationship.Supplement
    await pdf.attach(bytes, name, {
      mimeType: name.endsWith('json') ? 'application/json' : 'text/plain',
      afRelationship,
    })
  }
  return pdf.save({ useObjectStreams: false })
}

export function seal(pdf: Uint8Array, name: Name = 'seal', field = 'Seal1'): Uint8Array {
  const { key, certificate, chain } = pki.get(name)
  const signer = cms.compileSigner({
    certificate,
    chain: chain.slice(0, -1),
    signatureAlgorithm: key.signatureAlgorithm,
  })
  const options = {
    field,
    place: { page: 0, x: 20, y: 20, width: 80, height: 80 },
    appearance: { content: new TextEncoder().encode('1 0 0 RG 5 5 90 90 re S'), bbox: [0, 0, 100, 100] as const },
    name: '云汀市市场监督管理局',
    signedAt: fromNow(-hour),
    ...(field === 'Seal1' ? { docMdp: 1 as const } : {}),
  }
  return sealDocumentSync(pdf, options, signer, key)
}

/** A sealed licence; parts may be exchanged. */
export async function sealedLicence(
  parts: { data?: LicenceData; json?: Uint8Array; statement?: string | null; sealedBy?: Name } = {},
): Promise<Uint8Array> {
  const data = parts.data ?? licence()
  const statement = parts.statement === undefined ? statementText(claimsOf(data)) : parts.statement
  const pdf = await page({ 'licence.json': parts.json ?? canonicalJson(data), 'statement.txt': statement })
  return seal(pdf, parts.sealedBy)
}

function entities(): TrustedEntity[] {
  const granted = [{ state: 'granted' as const, since }]
  const place = { locality: '云汀市', postalCode: '330199', website: `https://${HOST}/` }
  const addresses = {
    statements: `https://${HOST}`,
    statusLists: `https://${HOST}/status-lists`,
    licences: `https://${HOST}/api/licences`,
  }
  const service = (kind: TrustedEntity['services'][number]['kind'], name: Name) => ({
    kind,
    certificate: pki.get(name).certificate,
    states: granted,
  })
  const types = {
    [TYPE]: { zh: '营业执照', en: 'Business licence' },
    [OTHER_TYPE]: { zh: '不动产权证书', en: 'Real estate certificate' },
  }
  const entitled = (typeCode: keyof typeof types) => ({
    typeCode,
    name: types[typeCode]!,
    from: since,
    until: null,
    state: 'granted' as const,
  })
  return [
    {
      code: null,
      name: { zh: '云汀市', en: 'Yunting' },
      ...place,
      services: [
        service('status-list', 'statusSigner'),
        service('trust-list', 'trustSigner'),
        service('time-stamp', 'tsa'),
      ],
      entitlements: [],
      addresses: null,
    },
    {
      code: MARKET,
      name: { zh: '云汀市市场监督管理局', en: 'Yunting Market Regulation' },
      ...place,
      services: [
        service('seal', 'seal'),
        service('seal', 'sealSm2'),
        service('seal', 'sealRevoked'),
        service('seal', 'sealExpired'),
        service('statement', 'statement'),
        service('statement', 'statementEnded'),
      ],
      entitlements: [entitled(TYPE)],
      addresses,
    },
    {
      code: LAND,
      name: { zh: '云汀市自然资源和规划局', en: 'Yunting Land Bureau' },
      ...place,
      services: [service('seal', 'sealOfLand'), service('statement', 'statementOfLand')],
      entitlements: [entitled(OTHER_TYPE)],
      addresses,
    },
  ]
}

/** Changes one entity of the trust list. */
export function withEntity(code: string | null, change: (entity: TrustedEntity) => TrustedEntity): TrustedEntity[] {
  return entities().map((entity) => (entity.code === code ? change(entity) : entity))
}

export async function trustList(
  parts: {
    entities?: TrustedEntity[]
    issuedAt?: Date
    nextUpdate?: Date
    signer?: Name
    sequenceNumber?: number
  } = {},
): Promise<string> {
  const list = {
    sequenceNumber: parts.sequenceNumber ?? 1,
    operator: { zh: '云汀市', en: 'Yunting' },
    scheme: { zh: '云汀市电子证照', en: 'Yunting licences' },
    issuedAt: parts.issuedAt ?? fromNow(-hour),
    nextUpdate: parts.nextUpdate ?? fromNow(7 * 24 * hour),
    entities: parts.entities ?? entities(),
  }
  return signTrustList(trustListPayload(list), signerOf(parts.signer ?? 'trustSigner'))
}

export async function statusList(
  parts: { value?: number; issuedAt?: Date; expiresAt?: Date; signer?: Name; address?: string; places?: number } = {},
): Promise<string> {
  const list = createStatusList(parts.places ?? 1024)
  if (parts.value) setStatus(list, PLACE, parts.value)
  const facts = {
    address: parts.address ?? LIST_ADDRESS,
    issuedAt: parts.issuedAt ?? fromNow(-60_000),
    expiresAt: parts.expiresAt ?? fromNow(24 * hour),
    ttlSeconds: 300,
  }
  return signStatusList(await statusListPayload(list, facts), signerOf(parts.signer ?? 'statusSigner'))
}

const goodTrustList = await trustList()
const goodStatusList = await statusList()

export async function evidence(
  change: Partial<Evidence> & { status?: Parameters<typeof statusList>[0] } = {},
): Promise<Evidence> {
  const { status, ...rest } = change
  const list = status ? await statusList(status) : goodStatusList
  return { crls, trustList: goodTrustList, statusLists: new Map([[LIST_ADDRESS, list]]), live: null, ...rest }
}

/** Verifies with good evidence but for what is given. */
export const verify = async (
  bytes: Uint8Array,
  found: Partial<Evidence> & { status?: Parameters<typeof statusList>[0] } = {},
  at = NOW,
  demands: object = {},
): Promise<VerificationReport> =>
  verifyDocument({ name: 'a.pdf', bytes }, await evidence(found), { ...policy, ...demands }, at)

/** Codes of the findings with an outcome. */
export const codes = (report: VerificationReport, outcome: string) =>
  report.findings.filter((found) => found.outcome === outcome).map(({ code }) => code)

/** The three answers by their question. */
export const answers = (report: VerificationReport) =>
  Object.fromEntries(report.explanation.answers.map((a) => [a.question, a.outcome]))

/** The register's answer that the licence is in force. */
export const live = (change: Partial<LiveStatus> = {}): LiveStatus => ({
  identifier: IDENTIFIER,
  status: 'in force',
  asOf: NOW.toISOString(),
  dataDigest: asn1.toHex(claimsOf(licence()).dataDigest),
  ...change,
})
