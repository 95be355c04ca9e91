// A copy for one purpose (加注件) is never taken for its original, for another copy, or for longer than it counts.
import { describe, expect, it } from 'vitest'
import { type CopyFacts, canonicalJson, type LicenceData, toShanghaiTime } from '../../licence-format/index.ts'
import { asn1 } from '../../pki/index.ts'
import { verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import {
  answers,
  claimsOf,
  codes,
  evidence,
  fromNow,
  licence,
  live,
  MARKET,
  NOW,
  policy,
  sealedLicence,
  statementText,
  trustList,
  verify,
  withEntity,
} from '../verifier/world.ts'

const hour = 3_600_000
const facts: CopyFacts = {
  copyId: 'AAECAwQFBgcICQoLDA0ODw',
  cause: '办理食品经营许可',
  recipient: '云汀市民政局',
  creator: '云汀市市场监督管理局',
  createdAt: toShanghaiTime(fromNow(-hour)),
  expiresAt: toShanghaiTime(fromNow(240 * hour)),
}
const copyOf = (change: Partial<CopyFacts> = {}): LicenceData =>
  licence({ schema: 'zhengyin-copy-1', fields: {}, copy: { ...facts, ...change } })
const otherId = 'BBECAwQFBgcICQoLDA0ODw'
const copy = copyOf()
const digestOf = (data: LicenceData) => asn1.toHex(claimsOf(data).dataDigest)
const liveCopy = (change: object = {}) => live({ copyId: facts.copyId, dataDigest: digestOf(copy), ...change })
const verifyText = async (text: string, found: Parameters<typeof evidence>[0] = {}, at = NOW) =>
  verifyStatementText(text, await evidence(found), policy, at)

describe('a copy', () => {
  it('is accepted in its time, and the verdict says for whom and for what', async () => {
    const report = await verify(await sealedLicence({ data: copy }), { live: liveCopy() })
    expect(report.verdict).toBe('accepted')
    expect(report.licence).toMatchObject({ status: 'in force', copy: facts })
    expect(report.explanation.word).toEqual({ zh: '加注件，真实有效', en: 'Genuine copy, in force' })
    expect(report.reason).toContain('for 云汀市民政局 alone, for: 办理食品经营许可')
    expect(codes(report, 'passed')).toContain('REGISTER_AGREES')
  })

  it('runs out by itself: refused although genuine, by its document and by its code alone', async () => {
    const data = copyOf({ expiresAt: toShanghaiTime(fromNow(-60_000)) })
    const report = await verify(await sealedLicence({ data }))
    expect([report.verdict, codes(report, 'failed')]).toEqual(['refused', ['COPY_RUN_OUT']])
    expect(report.licence?.status).toBe('expired')
    expect(answers(report)).toMatchObject({ seal: 'yes', licence: 'no' })
    const text = await verifyText(statementText(claimsOf(data)))
    expect([text.verdict, text.status]).toEqual(['refused', 'expired'])
  })

  it.each([
    [1, 'COPY_REVOKED', 'revoked'],
    [2, 'STATUS_NOT_IN_FORCE', 'suspended'],
    [0xb, 'COPY_ENDED', 'cancelled'],
    [0xc, 'STATUS_PENDING', 'unknown'],
  ])('with %s at its own place is told by %s', async (value, code, status) => {
    const report = await verify(await sealedLicence({ data: copy }), { status: { value } })
    expect([report.verdict, codes(report, 'failed'), report.licence?.status]).toEqual(['refused', [code], status])
  })

  it('ends with its original in the live answer too', async () => {
    const report = await verify(await sealedLicence({ data: copy }), { live: liveCopy({ status: 'cancelled' }) })
    expect(codes(report, 'failed')).toEqual(['COPY_ENDED'])
  })

  it('is accepted though its issuer has lost the type, if the original was issued before, and only then', async () => {
    const lost = async (until: Date) => {
      const ended = { until, state: 'withdrawn' as const }
      const entities = withEntity(MARKET, (entity) => ({
        ...entity,
        entitlements: entity.entitlements.map((one) => ({ ...one, ...ended })),
      }))
      return { trustList: await trustList({ entities }) }
    }
    const yesterday = await lost(fromNow(-24 * hour))
    const data = { ...copyOf(), issuedOn: '2026-06-01' }
    expect((await verify(await sealedLicence({ data }), yesterday)).verdict).toBe('accepted')
    expect((await verifyText(statementText(claimsOf(data)), yesterday)).verdict).toBe('accepted')
    const before = await lost(new Date(Date.parse(`${data.issuedOn}T00:00:00+08:00`)))
    const report = await verify(await sealedLicence({ data }), before)
    expect([report.verdict, codes(report, 'failed')]).toEqual(['refused', ['ISSUER_NO_LONGER_ENTITLED']])
    // Of an original the time of its own statement counts.
    const original = await verify(await sealedLicence({ data: licence({ issuedOn: data.issuedOn }) }), yesterday)
    expect(codes(original, 'failed')).toEqual(['ISSUER_NO_LONGER_ENTITLED'])
  })

  it('tells its code alone to be that of a copy, without purpose and recipient', async () => {
    const report = await verifyText(statementText(claimsOf(copy)), { live: liveCopy() })
    expect(report.verdict).toBe('accepted')
    expect(report.licence?.copy).toEqual({ copyId: facts.copyId, expiresAt: facts.expiresAt })
    expect(report.reason).toContain('QR code of a copy for one purpose')
  })

  it('was in force at a time asked about before it ran out, by the register’s history', async () => {
    const history = [{ status: 'in force' as const, from: fromNow(-hour).toISOString() }]
    const file = { name: 'a.pdf', bytes: await sealedLicence({ data: copy }) }
    const found = await evidence({ live: liveCopy({ history }) })
    const report = await verifyDocument(file, found, policy, NOW, { inForceAt: fromNow(-hour / 2) })
    expect(report.licence?.status).toBe('in force')
  })
})

describe('a copy that pretends', () => {
  it.each<[string, () => LicenceData, () => LicenceData]>([
    ['bears its original’s code', () => copy, () => licence()],
    ['bears the code of another copy', () => copy, () => copyOf({ copyId: otherId })],
    ['bears a code that ends later', () => copy, () => copyOf({ expiresAt: toShanghaiTime(fromNow(900 * hour)) })],
    ['bears the code of a copy for something else', () => copy, () => copyOf({ cause: '办理一切事项' })],
  ])('%s is refused', async (_, data, stated) => {
    const bytes = await sealedLicence({ data: data(), statement: statementText(claimsOf(stated())) })
    const report = await verify(bytes)
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toContain('STATEMENT_DISAGREES')
  })

  it('an original that bears the code of a copy is refused', async () => {
    const bytes = await sealedLicence({ data: licence(), statement: statementText(claimsOf(copy)) })
    expect(codes(await verify(bytes), 'failed')).toContain('STATEMENT_DISAGREES')
  })

  it('is no licence once its four values are cut out, nor an original by its name alone', async () => {
    const { copy: _facts, ...without } = copy
    for (const data of [without, { ...copy, schema: 'zhengyin-licence-1' as const }]) {
      const report = await verify(
        await sealedLicence({ json: canonicalJson(data), statement: statementText(claimsOf(copy)) }),
      )
      expect([report.verdict, codes(report, 'failed')]).toEqual(['refused', ['LICENCE_DATA_WRONG']])
    }
  })

  it('as an original with its own data keeps nothing of the copy’s code', async () => {
    const { copy: _facts, ...rest } = copy
    const data: LicenceData = { ...rest, schema: 'zhengyin-licence-1' }
    const bytes = await sealedLicence({ data, statement: statementText(claimsOf(copy)) })
    expect(codes(await verify(bytes), 'failed')).toContain('STATEMENT_DISAGREES')
  })

  it('is not vouched for by the register’s answer about its original, nor about another copy', async () => {
    const bytes = await sealedLicence({ data: copy })
    for (const answer of [live({ status: 'revoked' }), liveCopy({ copyId: otherId, status: 'revoked' })]) {
      const report = await verify(bytes, { live: answer })
      expect(codes(report, 'info')).toContain('REGISTER_NOT_ASKED')
      expect(report.licence?.status).toBe('in force')
    }
    const original = await verify(await sealedLicence(), { live: liveCopy({ status: 'revoked' }) })
    expect(codes(original, 'info')).toContain('REGISTER_NOT_ASKED')
  })

  it('held in hand with its original’s code on the paper is found out', async () => {
    const file = { name: 'a.pdf', bytes: await sealedLicence({ data: copy }) }
    const question = { scannedStatement: statementText(claimsOf(licence())) }
    const report = await verifyDocument(file, await evidence(), policy, NOW, question)
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toContain('STATEMENT_DISAGREES')
  })
})
