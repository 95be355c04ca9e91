import { describe, expect, it } from 'vitest'
import { canonicalJson, type LicenceData, type TrustedEntity } from '../../licence-format/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { type Evidence, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import {
  claimsOf,
  codes,
  crls,
  evidence,
  fromNow,
  licence,
  live,
  MARKET,
  NOW,
  page,
  pki,
  policy,
  sealedLicence,
  statementText,
  type statusList,
  trustList,
  verify,
  withEntity,
} from '../verifier/world.ts'

// Parts that are genuine each by itself, and do not speak for one another: lists of other departments, times that contradict each other,
// seals that sealed on, codes that a document's stamp does not cover.

const LAND = '11330100002490001X'
const since = new Date('2026-01-02T00:00:00Z')

const service = (
  kind: TrustedEntity['services'][number]['kind'],
  name: Parameters<typeof pki.get>[0],
  ...later: TrustedEntity['services'][number]['states']
): TrustedEntity['services'][number] => ({
  kind,
  certificate: pki.get(name).certificate,
  states: [{ state: 'granted', since }, ...later],
})

const day = (text: string) => new Date(text.length > 10 ? text : `${text}T00:00:00Z`)

/** A licence of 20 May whose statement and stamp say what times they like. */
async function licenceOf(issuedAt: Date, stampedAt: Date | null, change: Partial<LicenceData> = {}) {
  const data = licence({ issuedOn: '2026-05-20', validFrom: '2026-05-20', ...change })
  const pdf = await page({
    'licence.json': canonicalJson(data),
    'statement.txt': statementText(claimsOf(data, { issuedAt })),
  })
  const stamps = stampedAt === null ? [] : [{ at: stampedAt, by: pki.get('tsa') }]
  return sealAt(pdf, pki.get('seal'), { field: 'Seal1', signedAt: stampedAt ?? issuedAt, docMdp: 1 }, stamps)
}

const adding =
  (added: TrustedEntity['services'][number]) =>
  (entity: TrustedEntity): TrustedEntity => ({ ...entity, services: [...entity.services, added] })

describe('a status list of a department', () => {
  const anchors = { listAnchors: [pki.get('root').certificate, pki.get('otherRoot').certificate] }
  const signedBy = async (code: string, parts: Parameters<typeof statusList>[0] = {}): Promise<Partial<Evidence>> => ({
    crls,
    trustList: await trustList({ entities: withEntity(code, adding(service('status-list', 'strangerStatusSigner'))) }),
    ...(await evidence({ status: { signer: 'strangerStatusSigner', issuedAt: fromNow(-30_000), ...parts } }).then(
      ({ statusLists }) => ({ statusLists }),
    )),
  })

  it('says nothing of the licences of another, whatever address it names', async () => {
    const report = await verify(await sealedLicence(), await signedBy(LAND), NOW, anchors)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['STATUS_LIST_REFUSED'])
    const statement = await verifyStatementText(
      statementText(),
      await evidence(await signedBy(LAND)),
      { ...policy, ...anchors },
      NOW,
    )
    expect(statement.verdict).toBe('undecided')
  })

  it('counts for its own licences, as that of the operator does', async () => {
    const sealed = await sealedLicence()
    expect((await verify(sealed, await signedBy(MARKET), NOW, anchors)).verdict).toBe('accepted')
    expect((await verify(sealed, await signedBy(MARKET, { value: 1 }), NOW, anchors)).verdict).toBe('refused')
    expect((await verify(sealed)).verdict).toBe('accepted')
  })

  it('counts no more once its signer is compromised, whenever it says that it was made', async () => {
    const signer = service('status-list', 'strangerStatusSigner')
    const [granted] = signer.states
    const compromised = { ...signer, states: [granted!, { state: 'compromised' as const, since: fromNow(-10_000) }] }
    const list = await trustList({ entities: withEntity(MARKET, adding(compromised)) })
    const report = await verify(await sealedLicence(), { ...(await signedBy(MARKET)), trustList: list }, NOW, anchors)
    expect(codes(report, 'undecided')).toEqual(['STATUS_LIST_REFUSED'])
  })
})

describe('the time that a statement names', () => {
  const entitled = (from: string, until: string | null) =>
    trustList({
      entities: withEntity(MARKET, (entity) => ({
        ...entity,
        entitlements: entity.entitlements.map((one) => ({
          ...one,
          from: day(from),
          until: until === null ? null : day(until),
        })),
      })),
    })

  it('is not believed where it lies after the stamp over the seal: entitled since, dated forward', async () => {
    const dated = await licenceOf(day('2026-06-14T08:00:00Z'), day('2026-05-20'))
    const report = await verify(dated, { trustList: await entitled('2026-06-01', null) })
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toEqual(expect.arrayContaining(['STATEMENT_DISAGREES', 'ISSUER_NOT_YET_ENTITLED']))
    expect(report.statement).toBeNull()
  })

  it('does not keep an entitlement alive that had ended on the day of issue', async () => {
    const dated = await licenceOf(day('2026-01-03T08:00:00Z'), day('2026-06-10'))
    const report = await verify(dated, { trustList: await entitled('2026-01-02', '2026-02-01') })
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toEqual(['ISSUER_NO_LONGER_ENTITLED'])
    // The seal stands as it did: nobody reads of a forgery.
    expect(codes(report, 'passed')).toContain('SEAL_LISTED')
  })

  it.each([
    ['of paper stock and licences sealed anew, long after the day of issue', '2026-06-10T02:00:00Z', '2012-03-01'],
    ['of a licence made ahead of the day it names', '2026-06-10T02:00:00Z', '2026-06-14'],
    ['just after midnight, with the day before', '2026-06-09T16:00:01Z', '2026-06-09'],
    ['just before midnight, with the next day', '2026-06-09T15:59:59Z', '2026-06-10'],
  ])('is accepted %s', async (_, issuedAt, issuedOn) => {
    const at = day(issuedAt)
    const stamped = await licenceOf(at, new Date(at.getTime() + 2_000), { issuedOn })
    // The type became this department's in 2026: what it prints from old paper it may print all the same.
    expect((await verify(stamped, { trustList: await entitled('2026-06-01', null) })).verdict).toBe('accepted')
  })

  it('may be a little ahead of the authority that stamps: clocks differ', async () => {
    expect((await verify(await licenceOf(day('2026-06-10T02:00:00Z'), day('2026-06-10T01:58:00Z')))).verdict).toBe(
      'accepted',
    )
  })
})

describe('a seal that ended', () => {
  const issuedAt = day('2026-05-20T08:00:00Z')
  const listWith = (...later: TrustedEntity['services'][number]['states']) =>
    trustList({
      entities: withEntity(MARKET, (entity) => ({
        ...entity,
        services: entity.services.map((one) =>
          one.certificate === pki.get('seal').certificate ? service('seal', 'seal', ...later) : one,
        ),
      })),
    })

  it.each(['retired', 'withdrawn'] as const)(
    '(%s) makes no licence of an old statement by a later stamp',
    async (state) => {
      const ended = { trustList: await listWith({ state, since: day('2026-06-01') }) }
      const report = await verify(await licenceOf(issuedAt, day('2026-06-10')), ended)
      expect(report.verdict).toBe('undecided')
      expect(codes(report, 'undecided')).toEqual(['SEAL_OUT_OF_USE'])
      expect((await verify(await licenceOf(issuedAt, day('2026-05-21')), ended)).verdict).toBe('accepted')
    },
  )

  it('leaves a licence without a stamp to the register, which holds the very document', async () => {
    const ended = { trustList: await listWith({ state: 'retired', since: day('2026-06-01') }) }
    const bytes = await licenceOf(issuedAt, null)
    const report = await verify(bytes, ended)
    expect(codes(report, 'undecided')).toEqual(['SEAL_OUT_OF_USE'])
    const data = licence({ issuedOn: '2026-05-20', validFrom: '2026-05-20' })
    const dataDigest = Buffer.from(claimsOf(data).dataDigest).toString('hex')
    const held = live({ dataDigest, sealedDigest: report.signatures[0]!.signedDigest })
    expect((await verify(bytes, { ...ended, live: held })).verdict).toBe('accepted')
    const { sealedDigest: _, ...dataAlone } = held
    expect((await verify(bytes, { ...ended, live: dataAlone })).verdict).toBe('undecided')
  })

  it('and came back counts again, for what is not proven to have been made in between', async () => {
    const back = await listWith(
      { state: 'withdrawn', since: day('2026-06-01') },
      { state: 'granted', since: day('2026-06-05') },
    )
    expect((await verify(await licenceOf(issuedAt, null), { trustList: back })).verdict).toBe('accepted')
    const between = await verify(await licenceOf(issuedAt, day('2026-06-03')), { trustList: back })
    expect(codes(between, 'undecided')).toEqual(['SEAL_OUT_OF_USE'])
  })
})

describe('a code scanned beside a stamped document', () => {
  it('has no part in what the stamp proves: forged with a compromised key, it stays that', async () => {
    const issuedAt = day('2026-05-20T08:00:00Z')
    const document = await licenceOf(issuedAt, day('2026-05-20T08:00:01Z'))
    const data = licence({ issuedOn: '2026-05-20', validFrom: '2026-05-20' })
    const list = await trustList({
      entities: withEntity(MARKET, (entity) => ({
        ...entity,
        services: entity.services.map((one) =>
          one.certificate === pki.get('statement').certificate
            ? service('statement', 'statement', { state: 'compromised', since: day('2026-06-01') })
            : one,
        ),
      })),
    })
    const found = await evidence({ trustList: list })
    const judge = (scannedStatement: string) =>
      verifyDocument({ name: 'a.pdf', bytes: document }, found, policy, NOW, { scannedStatement })
    const same = await judge(statementText(claimsOf(data, { issuedAt })))
    expect(codes(same, 'undecided')).toEqual(['STATEMENT_KEY_COMPROMISED'])
    const other = await judge(statementText(claimsOf(data, { issuedAt: day('2026-05-21'), statusPlace: 5 })))
    expect(other.verdict).toBe('refused')
    expect(codes(other, 'passed')).not.toContain('SCANNED_CODE_IS_OF_DOCUMENT')
  })
})

describe('a statement key that a list at hand calls revoked', () => {
  const listOf = async (revokedAt: Date, reason: 'keyCompromise' | 'superseded') => {
    const { certificate, key } = pki.get('ca')
    const { serialNumber } = x509.parseCertificate(pki.get('statement').certificate)
    const list = await ca.issueCrl({
      issuer: { certificate },
      key,
      crlNumber: 7,
      thisUpdate: fromNow(-60_000),
      nextUpdate: fromNow(7 * 86_400_000),
      entries: [{ serialNumber, revocationDate: revokedAt, reason }],
    })
    return { crls: [await pki.crl('root'), list] }
  }
  const judgeCode = async (found: Partial<Evidence>) =>
    verifyStatementText(statementText(), await evidence(found), policy, NOW)

  it('signs no code any more, whatever the trust list still says, unless the register confirms it', async () => {
    const found = await listOf(day('2026-03-01'), 'keyCompromise')
    expect(await judgeCode(found)).toMatchObject({ verdict: 'undecided' })
    expect((await judgeCode(found)).findings.map(({ code }) => code)).toContain('STATEMENT_KEY_COMPROMISED')
    expect((await judgeCode({ ...found, live: live() })).verdict).toBe('accepted')
  })

  it('still counts in a document whose stamp proves its statement to be older', async () => {
    const stamped = await licenceOf(day('2026-05-20T08:00:00Z'), day('2026-05-20T08:00:01Z'))
    expect((await verify(stamped, await listOf(day('2026-06-01'), 'keyCompromise'))).verdict).toBe('accepted')
    const younger = await verify(stamped, await listOf(day('2026-05-01'), 'keyCompromise'))
    expect(codes(younger, 'undecided')).toEqual(['STATEMENT_KEY_COMPROMISED'])
  })

  it('ends like one that is retired where it was only replaced', async () => {
    expect((await judgeCode(await listOf(fromNow(-60_000), 'superseded'))).verdict).toBe('accepted')
    const before = await judgeCode(await listOf(day('2026-03-01'), 'superseded'))
    expect(before.findings.map(({ code }) => code)).toContain('STATEMENT_KEY_EXPIRED')
  })

  it('counts where a policy asks for no revocation', async () => {
    const unasked = { ...policy, revocation: 'skipped' } as const
    const found = await evidence(await listOf(day('2026-03-01'), 'keyCompromise'))
    expect((await verifyStatementText(statementText(), found, unasked, NOW)).verdict).toBe('accepted')
  })
})
