import { describe, expect, it } from 'vitest'
import type { LiveStatus, Question } from '../../verifier/index.ts'
import { verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import {
  claimsOf,
  codes,
  evidence,
  fromNow,
  licence,
  live,
  NOW,
  page,
  policy,
  seal,
  sealedLicence,
  statementText,
  verify,
} from './world.ts'

const genuine = await sealedLicence()
const day = 86_400_000
const issued = fromNow(-3_600_000)
const SUCCESSOR = '1.2.156.3005.2.11100000MB0143028R001.11330100002490000X.0123456789ABCDEFGHIJ.002.X'
const later = new Date(NOW.getTime() + 30 * day)

/** In force from its issue, suspended on the tenth day, restored on the twelfth, superseded on the twentieth. */
const history: LiveStatus['history'] = [
  { status: 'in force', from: issued.toISOString() },
  { status: 'suspended', from: fromNow(10 * day).toISOString() },
  { status: 'in force', from: fromNow(12 * day).toISOString() },
  { status: 'superseded', from: fromNow(20 * day).toISOString() },
]
const answer = live({ status: 'superseded', asOf: later.toISOString(), replacedBy: SUCCESSOR, history })

const skipping = { ...policy, revocation: 'skipped', trustList: 'skipped' } as const
const ask = async (inForceAt: Date, change: Partial<LiveStatus> | null = {}) => {
  const found = await evidence({ live: change && { ...answer, ...change } })
  const question: Question = { inForceAt }
  return verifyDocument({ name: 'a.pdf', bytes: genuine }, found, skipping, later, question)
}

describe('whether a licence was in force on a past day', () => {
  it.each([
    [1, 'accepted', 'in force'],
    [11, 'refused', 'suspended'],
    [13, 'accepted', 'in force'],
    [21, 'refused', 'superseded'],
  ] as const)('is told by the register’s history: day %i %s', async (n, verdict, status) => {
    const report = await ask(fromNow(n * day))
    expect(report).toMatchObject({ verdict, licence: { status, asOf: fromNow(n * day).toISOString() } })
  })

  it('tells what became of it since, and its successor only where it had one', async () => {
    const then = await ask(fromNow(day))
    expect(then.licence?.replacedBy).toBeNull()
    expect(then.findings.find(({ code }) => code === 'STATUS_CHANGED_SINCE')?.message.en).toContain('superseded')
    expect((await ask(fromNow(25 * day))).licence?.replacedBy).toBe(SUCCESSOR)
  })

  it('is refused before it was issued', async () => {
    const report = await ask(fromNow(-2 * 3_600_000))
    expect(report.verdict).toBe('refused')
    expect(codes(report, 'failed')).toContain('STATUS_NOT_YET_ISSUED')
  })

  it('is not known without the register, without its history, or with one whose times fall', async () => {
    const { history: _, ...plain } = answer
    for (const change of [
      null,
      { history: [] },
      { history: history.toReversed() },
      { history: [{ status: 'in force', from: 'x' }] },
    ] as const) {
      const report = await ask(fromNow(day), change as Partial<LiveStatus> | null)
      expect(report.verdict).toBe('undecided')
      expect(codes(report, 'undecided')).toContain('STATUS_HISTORY_MISSING')
    }
    expect(plain).not.toHaveProperty('history')
  })

  it('to come nobody can tell, but that it will have expired', async () => {
    const found = await evidence({ live: live() })
    const ahead = (days: number) =>
      verifyDocument({ name: 'a.pdf', bytes: genuine }, found, policy, NOW, { inForceAt: fromNow(days * day) })
    const report = await ahead(2)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['STATUS_OF_FUTURE'])
    expect(await ahead(365 * 100)).toMatchObject({ verdict: 'refused', licence: { status: 'expired' } })
  })

  it('is not answered by a document that is no licence', async () => {
    const bytes = seal(await page(), 'seal')
    const asked = { inForceAt: fromNow(-day) }
    const report = await verifyDocument({ name: 'a.pdf', bytes }, await evidence(), policy, NOW, asked)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['STATUS_OF_NO_LICENCE'])
  })

  it('is asked of a QR code too', async () => {
    const found = await evidence({
      live: live({
        status: 'suspended',
        history: [...history.slice(0, 1), { status: 'suspended', from: fromNow(-600_000).toISOString() }],
      }),
    })
    const text = statementText(claimsOf(licence()))
    expect(await verifyStatementText(text, found, policy, NOW)).toMatchObject({
      verdict: 'refused',
      status: 'suspended',
    })
    const then = await verifyStatementText(text, found, policy, NOW, { inForceAt: fromNow(-1_800_000) })
    expect(then).toMatchObject({ verdict: 'accepted', status: 'in force' })
  })
})

describe('the register’s answer', () => {
  it('from after the validation does not tell the status then', async () => {
    const report = await verify(genuine, { statusLists: new Map(), live: live({ asOf: later.toISOString() }) })
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'info')).toContain('STATUS_ANSWER_FROM_LATER')
  })

  it('of more than a day ago is no answer about now', async () => {
    const report = await verify(genuine, {
      statusLists: new Map(),
      live: live({ asOf: fromNow(-2 * day).toISOString() }),
    })
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'info')).toContain('STATUS_ANSWER_OLD')
  })
})

describe('where list and register differ', () => {
  it.each([
    [1, 'revoked'],
    [3, 'superseded'],
    [0xb, 'cancelled'],
  ])('a signed end (%i) outweighs a newer answer that nobody signed', async (value, status) => {
    const report = await verify(genuine, { status: { value }, live: live() })
    expect(report).toMatchObject({ verdict: 'refused', licence: { status } })
    expect(codes(report, 'info')).toContain('STATUS_SOURCES_DIFFER')
    expect(report.explanation.word.en).toBe(`Genuine, but ${status}`)
  })

  it('a newer answer ends what the list still calls in force, with the successor’s identifier', async () => {
    const report = await verify(genuine, { live: live({ status: 'superseded', replacedBy: SUCCESSOR }) })
    expect(report).toMatchObject({ verdict: 'refused', licence: { status: 'superseded', replacedBy: SUCCESSOR } })
    expect(report.reason).toContain(SUCCESSOR)
    expect(codes(report, 'info')).toContain('STATUS_SOURCES_DIFFER')
  })

  it('the finer word of one list value counts, without a difference', async () => {
    const answered = live({ status: 'transferred', asOf: fromNow(-120_000).toISOString() })
    const report = await verify(genuine, { status: { value: 0xb }, live: answered })
    expect(report.licence?.status).toBe('transferred')
    expect(codes(report, 'info')).not.toContain('STATUS_SOURCES_DIFFER')
  })
})
