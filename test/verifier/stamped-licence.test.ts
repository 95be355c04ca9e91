import { describe, expect, it } from 'vitest'
import { canonicalJson, type ServiceState, type TrustedEntity } from '../../licence-format/index.ts'
import { sealAt, stampDocument } from '../fixtures/levels.ts'
import {
  claimsOf,
  codes,
  fromNow,
  licence,
  MARKET,
  NOW,
  page,
  pki,
  statementText,
  trustList,
  verify,
  withEntity,
} from './world.ts'

const hour = 3_600_000
const SEALED = fromNow(-hour / 2)
const unsealed = await page({
  'licence.json': canonicalJson(licence()),
  'statement.txt': statementText(claimsOf(licence())),
})
const options = { field: 'Seal1', signedAt: SEALED, docMdp: 1 } as const
const plain = sealAt(unsealed, pki.get('seal'), options)
const stamped = sealAt(unsealed, pki.get('seal'), options, [{ by: pki.get('tsa'), at: SEALED }])

/** A state from then on, for services of a kind. */
const turned =
  (kind: string, state: ServiceState, since: Date) =>
  (entity: TrustedEntity): TrustedEntity => ({
    ...entity,
    services: entity.services.map((one) =>
      one.kind === kind ? { ...one, states: [...one.states, { state, since }] } : one,
    ),
  })
const listWith = (code: string | null, change: (entity: TrustedEntity) => TrustedEntity) =>
  trustList({ entities: withEntity(code, change) })

describe('a stamped licence', () => {
  it('is accepted at B-T by an authority that the trust list names', async () => {
    const report = await verify(stamped)
    expect(report.verdict).toBe('accepted')
    expect(report.signatures[0]).toMatchObject({ level: 'B-T', bestSignatureTime: SEALED.toISOString() })
  })

  it.each<[string, (entity: TrustedEntity) => TrustedEntity]>([
    [
      'does not name',
      (entity) => ({ ...entity, services: entity.services.filter(({ kind }) => kind !== 'time-stamp') }),
    ],
    ['had retired when it stamped', turned('time-stamp', 'retired', fromNow(-2 * hour))],
    ['calls compromised, since', turned('time-stamp', 'compromised', fromNow(-60_000))],
  ])('proves no time by an authority that the trust list %s', async (_, change) => {
    const report = await verify(stamped, { trustList: await listWith(null, change) })
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain('TIME_STAMP_NOT_LISTED')
    expect(report.signatures[0]).toMatchObject({ level: 'B-B', bestSignatureTime: NOW.toISOString() })
  })

  it('keeps its time when the authority is compromised later than a document time stamp proves', async () => {
    const archived = stampDocument(stamped, { by: pki.get('tsa'), at: fromNow(-120_000) })
    const compromised = await listWith(null, turned('time-stamp', 'compromised', fromNow(-60_000)))
    // Both stamps are of the same authority, and nothing proves the outer one to be older.
    expect((await verify(archived, { trustList: compromised })).signatures[0]!.level).toBe('B-B')
  })

  it('is judged by its paths alone where no trust list may be used, and not accepted', async () => {
    const report = await verify(stamped, { trustList: null })
    expect(report).toMatchObject({ verdict: 'undecided', indication: 'TOTAL-PASSED' })
    expect(report.signatures[0]!.level).toBe('B-T')
  })
})

describe('a seal whose key was compromised', () => {
  it('stands where a stamp proves that it sealed before, and not without', async () => {
    const list = { trustList: await listWith(MARKET, turned('seal', 'compromised', fromNow(-60_000))) }
    expect((await verify(stamped, list)).verdict).toBe('accepted')
    const report = await verify(plain, list)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['SEAL_COMPROMISED'])
  })

  it('does not stand where it sealed after that', async () => {
    const list = { trustList: await listWith(MARKET, turned('seal', 'compromised', SEALED)) }
    expect(codes(await verify(stamped, list), 'undecided')).toEqual(['SEAL_COMPROMISED'])
  })
})

describe('a statement key that was compromised', () => {
  it('is made good by a stamp over the document that carries the statement', async () => {
    const list = { trustList: await listWith(MARKET, turned('statement', 'compromised', fromNow(-60_000))) }
    expect((await verify(stamped, list)).verdict).toBe('accepted')
    expect(codes(await verify(plain, list), 'undecided')).toEqual(['STATEMENT_KEY_COMPROMISED'])
  })
})
