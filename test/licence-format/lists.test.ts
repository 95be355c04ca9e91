import { existsSync, readFileSync } from 'node:fs'
import { validateLoTE } from '@owf/eudi-lote'
import { compactVerify, importX509 } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  countPlaces,
  createStatusList,
  encodeStatement,
  entitlementAt,
  getStatus,
  indexTrustList,
  isCompromised,
  type JwsSigner,
  type LicenceFormatError,
  parseStatement,
  parseStatusList,
  parseTrustList,
  serviceStateAt,
  setStatus,
  signStatusList,
  signTrustList,
  statusListAddress,
  statusListPayload,
  type TrustedEntity,
  type TrustList,
  trustListPayload,
  unpackStatusList,
  verifyStatusList,
  verifyTrustList,
} from '../../licence-format/index.ts'
import { x509 } from '../../pki/index.ts'
import { createTestPki, type TestPki, testTimes } from '../fixtures/pki.ts'
import { CLAIMS, codeOf } from './sample.ts'

const { now } = testTimes
const CORPUS = '../shared/corpora/jose-cose/status-list-vectors.json'

type Names = 'root' | 'ca' | 'statusSigner' | 'trustSigner' | 'seal' | 'statement' | 'otherRoot' | 'stranger'
let pki: TestPki<Names>
let statusSigner: JwsSigner
let trustSigner: JwsSigner
let trust: { anchors: Uint8Array[]; at: Date }

beforeAll(async () => {
  pki = await createTestPki<Names>({
    root: {},
    ca: { under: 'root' },
    statusSigner: { under: 'ca', profile: 'status-list-signer' },
    trustSigner: { under: 'ca', profile: 'trust-list-signer' },
    seal: { under: 'ca' },
    statement: { under: 'ca', profile: 'statement' },
    otherRoot: {},
    stranger: { under: 'otherRoot', profile: 'status-list-signer' },
  })
  statusSigner = signerOf('statusSigner')
  trustSigner = signerOf('trustSigner')
  trust = { anchors: [pki.get('root').certificate], at: now }
})

function signerOf(name: Names): JwsSigner {
  const { key, certificate, chain } = pki.get(name)
  return { key, chain: [certificate, ...chain.slice(0, -1)] }
}

const facts = {
  address: 'https://a/status-lists/1',
  issuedAt: now,
  expiresAt: new Date(now.getTime() + 86_400_000),
  ttlSeconds: 300,
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing refused',
    (error: LicenceFormatError) => error.code ?? String(error),
  )
}

/** A token with another header or payload, signed by the same key. */
async function forge(signer: JwsSigner, header: object, payload: object | string): Promise<string> {
  const part = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(payload)}`
  const { ecdsaToRaw } = await import('../../pki/index.ts')
  return `${input}.${Buffer.from(ecdsaToRaw(await signer.key.sign(Buffer.from(input)), 32)).toString('base64url')}`
}

const x5c = (signer: JwsSigner) => signer.chain.map((der) => Buffer.from(der).toString('base64'))

describe('status list', () => {
  it('holds a value for each of 2^20 places of 4 bits', () => {
    const list = createStatusList()
    expect(countPlaces(list)).toBe(1_048_576)
    for (let place = 0; place < 64; place++) setStatus(list, place * 16_644, place % 16)
    for (let place = 0; place < 64; place++) expect(getStatus(list, place * 16_644)).toBe(place % 16)
    setStatus(list, 16_644, 0)
    expect(getStatus(list, 16_644)).toBe(0)
    expect(getStatus(list, 16_645)).toBe(0)
  })

  it('refuses places outside and values beyond 4 bits', () => {
    const list = createStatusList(16)
    for (const place of [-1, 16, 0.5, Number.NaN]) {
      expect(codeOf(() => getStatus(list, place))).toBe('STATUS_PLACE_OUT_OF_RANGE')
      expect(codeOf(() => setStatus(list, place, 0))).toBe('STATUS_PLACE_OUT_OF_RANGE')
    }
    for (const value of [-1, 16, 0.5]) expect(codeOf(() => setStatus(list, 0, value))).toBe('STATUS_VALUE_INVALID')
  })

  it('signs a statuslist+jwt that jose verifies and that reads back the same', async () => {
    const list = createStatusList()
    setStatus(list, 77, 0xb)
    const text = await signStatusList(await statusListPayload(list, facts), statusSigner)
    const key = await importX509(x509.encodePem(statusSigner.chain[0]!), 'ES256')
    const { protectedHeader } = await compactVerify(text, key, { algorithms: ['ES256'] })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'statuslist+jwt', x5c: x5c(statusSigner) })
    const read = await verifyStatusList(text, trust)
    expect(read).toMatchObject({ address: facts.address, issuedAt: now, expiresAt: facts.expiresAt, ttlSeconds: 300 })
    expect(read.list).toEqual(list)
  })

  it('is small: a list with 1 % of its places ended stays under 20 KB', async () => {
    const list = createStatusList()
    for (let i = 0; i < 10_486; i++)
      setStatus(list, (i * 7919 * 13) % 1_048_576, i % 10 < 8 ? 3 : i % 10 === 8 ? 1 : 0xb)
    const { gzipSync } = await import('node:zlib')
    const text = await signStatusList(await statusListPayload(list, facts), statusSigner)
    expect(gzipSync(text).length).toBeLessThan(20_000)
  })

  it.each(existsSync(CORPUS) ? (JSON.parse(readFileSync(CORPUS, 'utf8')) as Vector[]) : [])(
    'unpacks the vector of the draft with $bits bits',
    async ({ bits, lst, entries, expect: expected, all_other_entries }) => {
      const list = await unpackStatusList({ bits, lst })
      expect(countPlaces(list)).toBe(entries)
      for (let place = 0; place < entries; place++) {
        const value = getStatus(list, place)
        if (value !== (expected[place] ?? all_other_entries)) expect.fail(`place ${place} reads ${value}`)
      }
    },
  )

  it.each([
    ['no object', null],
    ['3 bits', { bits: 3, lst: 'eNrbuRgAAhcBXQ' }],
    ['a number as lst', { bits: 4, lst: 1 }],
    ['lst with padding', { bits: 4, lst: 'eNrbuRgAAhcBXQ==' }],
  ])('refuses a packed list with %s', async (_, packed) => {
    expect(await refusal(unpackStatusList(packed))).toBe('STATUS_LIST_MALFORMED')
  })

  it('refuses damaged, cut and exploding zlib streams without unpacking them whole', async () => {
    const { deflateSync } = await import('node:zlib')
    const bomb = deflateSync(new Uint8Array(64 << 20), { level: 9 })
    const cut = deflateSync(new Uint8Array(1000)).subarray(0, 10)
    for (const bytes of [bomb, cut, Buffer.from('no zlib at all'), Buffer.alloc(0)]) {
      expect(await refusal(unpackStatusList({ bits: 4, lst: bytes.toString('base64url') }))).toBe(
        'STATUS_LIST_TOO_LARGE',
      )
    }
  })
})

interface Vector {
  bits: number
  lst: string
  entries: number
  expect: Record<number, number>
  all_other_entries: number
}

describe('signed lists', () => {
  const payload = { sub: 'https://a', iat: 1, exp: 2, ttl: 3, status_list: { bits: 4, lst: 'eNrbuRgAAhcBXQ' } }
  const header = () => ({ alg: 'ES256', typ: 'statuslist+jwt', x5c: x5c(statusSigner) })

  it.each([
    ['alg none', { alg: 'none' }, 'JWS_ALGORITHM_WRONG'],
    ['HS256', { alg: 'HS256' }, 'JWS_ALGORITHM_WRONG'],
    ['no algorithm', { alg: undefined }, 'JWS_ALGORITHM_WRONG'],
    ['the type of a trust list', { typ: 'trustlist+jwt' }, 'JWS_TYPE_WRONG'],
    ['no type', { typ: undefined }, 'JWS_TYPE_WRONG'],
    ['a critical header', { crit: ['b64'], b64: false }, 'JWS_CRITICAL_HEADER'],
    ['a key of its own', { jwk: { kty: 'EC' } }, 'JWS_CRITICAL_HEADER'],
    ['an address of keys', { jku: 'https://evil' }, 'JWS_CRITICAL_HEADER'],
    ['no certificates', { x5c: undefined }, 'JWS_CERTIFICATES_MISSING'],
    ['an empty chain', { x5c: [] }, 'JWS_CERTIFICATES_MISSING'],
    ['a hundred certificates', { x5c: Array(100).fill('AAAA') }, 'JWS_CERTIFICATES_MISSING'],
    ['a certificate that is no base64', { x5c: ['!'] }, 'JWS_CERTIFICATES_MISSING'],
    ['a certificate that is none', { x5c: ['AAAA'] }, 'JWS_SIGNATURE_WRONG'],
  ])('refuse %s', async (_, change, code) => {
    expect(await refusal(verifyStatusList(await forge(statusSigner, { ...header(), ...change }, payload), trust))).toBe(
      code,
    )
  })

  it('refuse text that is no compact JWS', async () => {
    for (const text of ['', '..', 'a.b', 'a.b.c.d', '{}', `${'A'.repeat(5 << 20)}.a.a`]) {
      expect(await refusal(parseStatusList(text))).toMatch(/^JWS_(MALFORMED|TOO_LARGE)$/)
    }
    expect(await refusal(parseStatusList(await forge(statusSigner, header(), 'no JSON')))).toBe('JWS_MALFORMED')
  })

  it('refuse a changed payload', async () => {
    const text = await signStatusList(await statusListPayload(createStatusList(16), facts), statusSigner)
    const [head, , signature] = text.split('.')
    const other = Buffer.from(JSON.stringify(payload)).toString('base64url')
    expect(await refusal(verifyStatusList(`${head}.${other}.${signature}`, trust))).toBe('JWS_SIGNATURE_WRONG')
  })

  it('refuse signers without the extended key usage of the list, and signers under an unknown root', async () => {
    const claims = await statusListPayload(createStatusList(16), facts)
    for (const name of ['seal', 'statement', 'trustSigner', 'stranger'] as const) {
      expect(await refusal(verifyStatusList(await signStatusList(claims, signerOf(name)), trust))).toBe(
        'JWS_SIGNER_NOT_TRUSTED',
      )
    }
    const later = { ...trust, at: new Date('2040-01-01T00:00:00Z') }
    expect(await refusal(verifyStatusList(await signStatusList(claims, statusSigner), later))).toBe(
      'JWS_SIGNER_NOT_TRUSTED',
    )
  })

  it('refuse claims of the wrong shape', async () => {
    for (const change of [{ sub: 1 }, { iat: 'x' }, { iat: 1e300 }, { exp: -1 }, { ttl: {} }, { status_list: [] }]) {
      const text = await forge(statusSigner, header(), { ...payload, ...change })
      expect(await refusal(parseStatusList(text))).toBe('STATUS_LIST_MALFORMED')
    }
    for (const whole of ['null', '7', '"list"', '[]'])
      expect(await refusal(parseStatusList(await forge(statusSigner, header(), whole)))).toBe('STATUS_LIST_MALFORMED')
  })
})

const day = (text: string) => new Date(`${text}T00:00:00Z`)

function trustList(): TrustList {
  const since = day('2026-01-01')
  const department: TrustedEntity = {
    code: '11330100002490000X',
    name: { zh: '云汀市市场监督管理局', en: 'Yunting Administration for Market Regulation' },
    locality: '云汀市',
    postalCode: '330199',
    website: 'https://licence.example.gov.cn/',
    services: [
      { kind: 'seal', certificate: pki.get('seal').certificate, states: [{ state: 'granted', since }] },
      {
        kind: 'statement',
        certificate: pki.get('statement').certificate,
        states: [
          { state: 'granted', since },
          { state: 'retired', since: day('2028-01-01') },
          { state: 'compromised', since: day('2029-01-01') },
        ],
      },
    ],
    entitlements: [
      {
        typeCode: '11100000MB0143028R001',
        name: { zh: '营业执照', en: 'Business licence' },
        from: since,
        until: null,
        state: 'granted',
      },
      { typeCode: 'ENDED', name: { zh: '甲', en: 'A' }, from: since, until: day('2026-03-01'), state: 'granted' },
      { typeCode: 'TAKEN', name: { zh: '乙', en: 'B' }, from: since, until: day('2026-03-01'), state: 'withdrawn' },
    ],
    addresses: { statements: 'https://h', statusLists: 'https://h/status-lists', licences: 'https://h/api/licences' },
  }
  const operator: TrustedEntity = {
    code: null,
    name: { zh: '云汀市', en: 'Yunting' },
    locality: '云汀市',
    postalCode: '330199',
    website: 'https://licence.example.gov.cn/',
    services: [{ kind: 'status-list', certificate: statusSigner.chain[0]!, states: [{ state: 'granted', since }] }],
    entitlements: [],
    addresses: null,
  }
  return {
    sequenceNumber: 7,
    operator: operator.name,
    scheme: { zh: '云汀市电子证照', en: 'Yunting licences' },
    issuedAt: now,
    nextUpdate: day('2026-12-01'),
    entities: [operator, department],
  }
}

describe('trust list', () => {
  it('has the member names of TS 119 602, by the judgement of another implementation', () => {
    expect(validateLoTE(trustListPayload(trustList()))).toEqual({ valid: true, errors: [] })
  })

  it('reads back what was signed', async () => {
    const text = await signTrustList(trustListPayload(trustList()), trustSigner)
    expect(await verifyTrustList(text, trust)).toEqual(trustList())
  })

  it('refuses a list signed by the status list signer', async () => {
    const text = await signTrustList(trustListPayload(trustList()), statusSigner)
    expect(await refusal(verifyTrustList(text, trust))).toBe('JWS_SIGNER_NOT_TRUSTED')
  })

  it('refuses every payload with a member taken away or of another type', async () => {
    const payload = trustListPayload(trustList())
    const paths: (string | number)[][] = []
    const walk = (value: unknown, path: (string | number)[]) => {
      if (path.length > 0) paths.push(path)
      if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
        for (const [key, inner] of Object.entries(value))
          walk(inner, [...path, Array.isArray(value) ? Number(key) : key])
      }
    }
    walk(payload, [])
    for (const path of paths) {
      const copy = structuredClone(payload) as object
      const holder = path.slice(0, -1).reduce((inner: object, key) => (inner as Record<string, object>)[key]!, copy)
      ;(holder as Record<string, unknown>)[path.at(-1)!] = path.length % 2 === 0 ? 12 : { a: 1 }
      const text = await forge(trustSigner, { alg: 'ES256', typ: 'trustlist+jwt', x5c: x5c(trustSigner) }, copy)
      expect(codeOf(() => parseTrustList(text))).toMatch(/^(TRUST_LIST_MALFORMED|nothing refused)$/)
    }
  })

  type Change = (department: TrustedEntity) => readonly TrustedEntity[]
  it.each<[string, Change]>([
    ['a department twice', (department) => [department, { ...department, services: [], entitlements: [] }]],
    [
      'a seal as granted and as compromised',
      (department) => [
        {
          ...department,
          services: [
            ...department.services,
            { ...department.services[0]!, states: [{ state: 'compromised', since: day('2026-02-01') }] },
          ],
        },
      ],
    ],
    [
      'one seal as that of two departments',
      (department) => [department, { ...department, code: '11330100002490001X', services: [department.services[0]!] }],
    ],
    [
      'one statement key under two departments',
      (department) => [department, { ...department, code: '11330100002490001X', services: [department.services[1]!] }],
    ],
  ])('is neither signed nor read that names %s', async (_, change) => {
    const [operator, department] = trustList().entities
    const payload = trustListPayload({ ...trustList(), entities: [operator!, ...change(department!)] })
    expect(await refusal(signTrustList(payload, trustSigner))).toBe('TRUST_LIST_MALFORMED')
    const text = await forge(trustSigner, { alg: 'ES256', typ: 'trustlist+jwt', x5c: x5c(trustSigner) }, payload)
    expect(codeOf(() => parseTrustList(text))).toBe('TRUST_LIST_MALFORMED')
  })

  it('may name a certificate for two purposes, and several of one purpose', async () => {
    const [operator, department] = trustList().entities
    const renewed = { ...department!.services[0]!, certificate: pki.get('stranger').certificate }
    const both = { ...department!.services[1]!, kind: 'status-list' as const }
    const services = [...department!.services, renewed, both]
    const list = { ...trustList(), entities: [operator!, { ...department!, services }] }
    expect(await verifyTrustList(await signTrustList(trustListPayload(list), trustSigner), trust)).toEqual(list)
  })

  it('finds departments, statement keys by their identifier and certificates by their purpose', async () => {
    const index = await indexTrustList(trustList())
    const { key, certificate } = pki.get('statement')
    const { keyId } = parseStatement(await encodeStatement(CLAIMS, { key, certificate, baseUrl: 'https://h' }))
    expect(index.findEntity('11330100002490000X')?.name.zh).toBe('云汀市市场监督管理局')
    expect(index.findEntity('11330100002490000Y')).toBeUndefined()
    expect(index.findStatementKey(keyId)?.service.certificate).toEqual(certificate)
    expect(index.findStatementKey(new Uint8Array(8))).toBeUndefined()
    expect(index.findCertificate('seal', pki.get('seal').certificate)?.entity.code).toBe('11330100002490000X')
    expect(index.findCertificate('seal', certificate)).toBeUndefined()
    expect(index.typeName('11100000MB0143028R001')?.en).toBe('Business licence')
    expect(statusListAddress(index.findEntity('11330100002490000X')!, 3)).toBe('https://h/status-lists/3')
  })

  it('says who may issue which type when, and why not', () => {
    const department = trustList().entities[1]!
    expect(entitlementAt(department, '11100000MB0143028R001', now)).toBe('entitled')
    expect(entitlementAt(department, '11100000MB0143028R001', day('2025-01-01'))).toBe('not yet')
    expect(entitlementAt(department, 'NEVER', now)).toBe('never')
    expect(entitlementAt(department, 'ENDED', now)).toBe('ended')
    expect(entitlementAt(department, 'ENDED', day('2026-02-01'))).toBe('entitled')
    expect(entitlementAt(department, 'TAKEN', day('2026-03-01'))).toBe('withdrawn')
    // At some time of a span.
    expect(entitlementAt(department, 'ENDED', now, day('2026-02-01'))).toBe('entitled')
    expect(entitlementAt(department, 'ENDED', now, now)).toBe('ended')
    expect(entitlementAt(department, 'ENDED', day('2020-01-01'), new Date(0))).toBe('not yet')
  })

  it('knows the state of a key at any time', () => {
    const [seal, statement] = trustList().entities[1]!.services
    expect(serviceStateAt(statement!, day('2025-01-01'))).toBeUndefined()
    expect(serviceStateAt(statement!, now)).toBe('granted')
    expect(serviceStateAt(statement!, day('2028-01-01'))).toBe('retired')
    expect(serviceStateAt(statement!, day('2030-01-01'))).toBe('compromised')
    expect(isCompromised(statement!)).toBe(true)
    expect(isCompromised(seal!)).toBe(false)
  })
})
