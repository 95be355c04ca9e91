import { describe, expect, it } from 'vitest'
import { formatIdentifier, parseIdentifier } from '../../licence-format/index.ts'
import { asn1 } from '../../pki/index.ts'
import { type Evidence, type LiveStatus, verifyStatementText } from '../../verifier/index.ts'
import {
  claimsOf,
  evidence,
  fromNow,
  HOST,
  IDENTIFIER,
  licence,
  MARKET,
  NOW,
  OTHER_TYPE,
  policy,
  statementText,
  type statusList,
  trustList,
  withEntity,
} from './world.ts'

const text = statementText()
type Found = Partial<Evidence> & { status?: Parameters<typeof statusList>[0] }

const verify = async (statement: string, found: Found = {}, at = NOW) =>
  verifyStatementText(statement, await evidence(found), policy, at)

const refused = async (statement: string, code: string, found: Found = {}) => {
  const report = await verify(statement, found)
  expect(report.findings.filter(({ outcome }) => outcome === 'failed').map((finding) => finding.code)).toContain(code)
  expect(report.verdict).toBe('refused')
  return report
}

const live = (change: Partial<LiveStatus> = {}): LiveStatus => ({
  identifier: IDENTIFIER,
  status: 'in force',
  asOf: NOW.toISOString(),
  dataDigest: asn1.toHex(claimsOf(licence()).dataDigest),
  ...change,
})

const states = (kind: string, ...added: { state: 'retired' | 'compromised' | 'withdrawn'; since: Date }[]) =>
  withEntity(MARKET, (entity) => ({
    ...entity,
    services: entity.services.map((service) => ({
      ...service,
      states: service.kind === kind ? [...service.states, ...added] : service.states,
    })),
  }))

describe('verifyStatementText accepts', () => {
  it('a genuine statement of a licence in force, offline', async () => {
    expect(await verify(text)).toMatchObject({
      text,
      verdict: 'accepted',
      identifier: IDENTIFIER,
      status: 'in force',
      asOf: fromNow(-60_000).toISOString(),
      licence: { issuerEntitled: true },
      statement: {
        holder: '张*三',
        number: '91330199MA2AXXXX0X',
        validFrom: '2026-06-15',
        validUntil: '2027-06-14',
        issuedAt: '2026-06-15T19:00:00+08:00',
        typeName: { zh: '营业执照', en: 'Business licence' },
        issuerName: { zh: '云汀市市场监督管理局', en: 'Yunting Market Regulation' },
      },
      explanation: { word: { zh: '真实有效', en: 'Genuine, in force' } },
    })
  })

  it('the same in lower case', async () => {
    expect((await verify(text.toLowerCase())).verdict).toBe('accepted')
  })

  it('what the register confirms, without a status list', async () => {
    const report = await verify(text, { statusLists: new Map(), live: live() })
    expect(report).toMatchObject({ verdict: 'accepted', asOf: NOW.toISOString() })
  })

  it('a statement of a key retired since', async () => {
    const entities = states('statement', { state: 'retired', since: fromNow(-60_000) })
    expect((await verify(text, { trustList: await trustList({ entities }) })).verdict).toBe('accepted')
  })
})

describe('verifyStatementText refuses in its own words', () => {
  it('a forged statement', async () => {
    const at = text.length - 20
    const forged = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const report = await refused(forged, 'STATEMENT_FORGED')
    expect(report).toMatchObject({ identifier: null, statement: null, licence: null })
    expect(report.reason).toContain('forged')
    expect(report.explanation.word.en).toBe('Not genuine')
  })

  it('any change of one character', async () => {
    const from = `HTTPS://${HOST}/Q/`.length
    for (let at = from; at < text.length; at += 9) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
      expect((await verify(changed)).verdict).toBe('refused')
    }
  })

  it('a truncated one', async () => {
    for (const length of [60, 200, text.length - 2]) await refused(text.slice(0, length), 'STATEMENT_TRUNCATED')
  })

  it('one signed by a key nobody lists', async () => {
    const report = await refused(statementText(undefined, 'statementUnlisted'), 'STATEMENT_KEY_UNKNOWN')
    expect(report.statement).toBeNull()
  })

  it('one signed by the key of another department', async () => {
    const report = await refused(statementText(undefined, 'statementOfLand'), 'STATEMENT_KEY_OF_OTHER_DEPARTMENT')
    expect(report.reason).toContain('Yunting Land Bureau')
  })

  it('one signed after its key was retired, or after its certificate ended', async () => {
    const entities = states('statement', { state: 'retired', since: fromNow(-7_200_000) })
    await refused(text, 'STATEMENT_KEY_EXPIRED', { trustList: await trustList({ entities }) })
    await refused(statementText(undefined, 'statementEnded'), 'STATEMENT_KEY_EXPIRED')
  })

  it('one signed before its key was in use, or after now', async () => {
    await refused(
      statementText(claimsOf(licence(), { issuedAt: new Date('2026-01-01T00:00:00Z') })),
      'STATEMENT_KEY_NOT_YET',
    )
    await refused(statementText(claimsOf(licence(), { issuedAt: fromNow(600_000) })), 'STATEMENT_FROM_LATER')
  })

  it('a type that belongs to another department', async () => {
    const identifier = formatIdentifier({ ...parseIdentifier(IDENTIFIER), typeCode: OTHER_TYPE })
    const report = await refused(statementText(claimsOf(licence(), { identifier })), 'ISSUER_NOT_ENTITLED')
    expect(report.reason).toContain('not entitled')
    expect(report.licence?.issuerEntitled).toBe(false)
  })

  it('an issuer that the trust list does not know', async () => {
    const entities = withEntity(MARKET, (entity) => ({ ...entity, code: '11330100002490009X' }))
    await refused(text, 'ISSUER_UNKNOWN', { trustList: await trustList({ entities }) })
  })

  it('a genuine statement that leads to a look-alike host', async () => {
    const report = await refused(
      statementText(undefined, 'statement', 'licence.examp1e.gov.cn'),
      'STATEMENT_HOST_LOOK_ALIKE',
    )
    expect(report.reason).toContain('licence.examp1e.gov.cn')
    for (const host of [
      'licence-example.gov.cn',
      'licence.exarnple.gov.cn',
      'licenec.example.gov.cn',
      'xn--licnce-eva.gov.cn',
      `${HOST}.evil.cn`,
    ])
      await refused(statementText(undefined, 'statement', host), 'STATEMENT_HOST_LOOK_ALIKE')
    await refused(statementText(undefined, 'statement', 'www.example.org'), 'STATEMENT_HOST_FOREIGN')
    await refused(text.replace('LICENCE', 'LIСENСE'), 'STATEMENT_LOOK_ALIKE')
  })

  it.each([
    ['', 'STATEMENT_NOT_OURS'],
    ['https://example.com/', 'STATEMENT_NOT_OURS'],
    ['WIFI:S:x;;', 'STATEMENT_NOT_OURS'],
    ['A'.repeat(5000), 'STATEMENT_NOT_OURS'],
    [`HTTPS://${HOST}/Q/AAAA`, 'STATEMENT_ALTERED'],
    [`HTTPS://${HOST}/Q/1`, 'STATEMENT_ALTERED'],
    [`${text}AAAA`, 'STATEMENT_ALTERED'],
  ])('what is no statement: %s', async (input, code) => {
    const report = await refused(input, code)
    expect(report.explanation.sentence.zh).toMatch(/二维码/)
  })

  it('a pending place', async () => {
    const report = await refused(text, 'STATUS_PENDING', { status: { value: 0xc } })
    expect(report.reason).toContain('has not been issued')
    expect(report.explanation.word).toEqual({ zh: '尚未颁发', en: 'Not issued' })
  })

  it.each([
    [1, 'revoked'],
    [2, 'suspended'],
    [3, 'superseded'],
    [0xb, 'cancelled'],
  ])('a place that reads %i: %s', async (value, status) => {
    const report = await verify(text, { status: { value } })
    expect(report).toMatchObject({ verdict: 'refused', status })
    expect(report.explanation.word.en).toBe(`Genuine, but ${status}`)
  })

  it('a licence past its last day', async () => {
    expect(await verify(text, {}, new Date('2027-06-14T16:00:00Z'))).toMatchObject({ verdict: 'undecided' })
    const list = await trustList({ nextUpdate: new Date('2028-01-01T00:00:00Z') })
    const skipping = { ...policy, revocation: 'skipped' } as const
    const report = await verifyStatementText(
      text,
      await evidence({ trustList: list }),
      skipping,
      new Date('2027-06-14T16:00:00Z'),
    )
    expect(report).toMatchObject({ verdict: 'refused', status: 'expired' })
  })

  it('what the register does not know, or holds with other data', async () => {
    await refused(text, 'REGISTER_UNKNOWN', { live: live({ status: 'unknown' }) })
    await refused(text, 'REGISTER_DISAGREES', { live: live({ dataDigest: 'ff'.repeat(32) }) })
  })
})

describe('verifyStatementText cannot decide', () => {
  it('without a trust list, and tells nothing of the statement then', async () => {
    const report = await verify(text, { trustList: null })
    expect(report).toMatchObject({ verdict: 'undecided', identifier: null, status: null, asOf: null, statement: null })
  })

  it('by a list older than the licence', async () => {
    const report = await verify(text, { status: { issuedAt: fromNow(-7_200_000) } })
    expect(report).toMatchObject({ verdict: 'undecided', status: 'unknown' })
    expect(report.reason).toContain('ask online')
  })

  it('by a compromised key, until the register confirms the data', async () => {
    const list = await trustList({ entities: states('statement', { state: 'compromised', since: fromNow(-60_000) }) })
    expect((await verify(text, { trustList: list })).verdict).toBe('undecided')
    expect((await verify(text, { trustList: list, live: live() })).verdict).toBe('accepted')
    expect((await verify(text, { trustList: list, live: live({ dataDigest: null }) })).verdict).toBe('undecided')
  })
})
