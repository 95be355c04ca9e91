import { describe, expect, it } from 'vitest'
import { verifyDocument } from '../../verifier/index.ts'
import {
  answers,
  codes,
  evidence,
  fromNow,
  LIST_ADDRESS,
  live,
  MARKET,
  NOW,
  page,
  pki,
  policy,
  seal,
  sealedLicence,
  statusList,
  trustList,
  verify,
  withEntity,
} from './world.ts'

const genuine = await sealedLicence()

describe('verifyDocument cannot decide', () => {
  const undecided = async (code: string, found: Parameters<typeof verify>[1], bytes = genuine, at = NOW) => {
    const report = await verify(bytes, found, at)
    expect(codes(report, 'undecided')).toContain(code)
    expect(report.verdict).toBe('undecided')
    return report
  }

  it('a document without any signature', async () => {
    const report = await undecided('UNSIGNED', {}, await page())
    expect(report).toMatchObject({ reason: 'UNSIGNED', indication: 'INDETERMINATE', signatures: [], licence: null })
  })

  it('a seal under an unknown root: never a pass', async () => {
    const report = await undecided('NO_CERTIFICATE_CHAIN_FOUND', {}, seal(await page(), 'stranger'))
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
    expect(report.signatures[0]?.integrity).toBe('intact')
  })

  it('without revocation lists, or with lists of another time', async () => {
    const report = await undecided('REVOCATION_UNKNOWN', { crls: [] })
    const none = 'CERTIFICATE_CHAIN_GENERAL_FAILURE'
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: none })
    const stale = await pki.crls({
      thisUpdate: new Date('2026-06-02T00:00:00Z'),
      nextUpdate: new Date('2026-06-08T00:00:00Z'),
    })
    expect((await undecided('REVOCATION_UNKNOWN', { crls: stale })).subIndication).toBe('TRY_LATER')
    await undecided('REVOCATION_UNKNOWN', { crls: [new Uint8Array(10)] })
  })

  it('on a licence that the newest status list calls revoked, though that has run out and an older one has not', async () => {
    const older = await statusList({ issuedAt: fromNow(-3_000_000), expiresAt: fromNow(172_800_000) })
    const newer = async (expiresAt: Date) => statusList({ value: 1, issuedAt: fromNow(-1_800_000), expiresAt })
    const told = async (kept: string) => ({
      statusLists: new Map([[LIST_ADDRESS, older]]),
      keptStatusLists: new Map([[LIST_ADDRESS, kept]]),
    })
    await undecided('STATUS_LIST_EXPIRED', await told(await newer(fromNow(-60_000))))
    expect((await verify(genuine, await told(await newer(fromNow(60_000))))).verdict).toBe('refused')
    expect((await verify(genuine, { statusLists: new Map([[LIST_ADDRESS, older]]) })).verdict).toBe('accepted')
  })

  it('an expired sealing certificate without a time stamp', async () => {
    const report = await undecided('CERTIFICATE_OUT_OF_BOUNDS', {}, await sealedLicence({ sealedBy: 'sealExpired' }))
    expect(report.subIndication).toBe('OUT_OF_BOUNDS_NO_POE')
  })

  it.each([
    ['there is no list', { trustList: null }, 'TRUST_LIST_MISSING'],
    ['the list is no list', { trustList: 'x' }, 'TRUST_LIST_REFUSED'],
    [
      'the list is signed by another role',
      { list: { signer: 'statusSigner' as const } },
      'TRUST_LIST_SIGNED_BY_OTHER_KEY',
    ],
    ['the list is out of date', { list: { nextUpdate: fromNow(0) } }, 'TRUST_LIST_EXPIRED'],
    ['the list comes from later', { list: { issuedAt: fromNow(600_000) } }, 'TRUST_LIST_FROM_LATER'],
  ] as const)('who issued it when %s', async (_, found, code) => {
    const report = await undecided(code, 'list' in found ? { trustList: await trustList(found.list) } : found)
    expect(report.licence?.issuerEntitled).toBeNull()
    expect(answers(report)).toMatchObject({ seal: 'yes', issuer: 'unknown' })
  })

  it.each([
    ['there is no list', { statusLists: new Map() }, 'STATUS_LIST_MISSING'],
    ['the list is older than the licence', { status: { issuedAt: fromNow(-7_200_000) } }, 'STATUS_LIST_OLDER'],
    ['the list is out of date', { status: { expiresAt: fromNow(0) } }, 'STATUS_LIST_EXPIRED'],
    ['the list comes from later', { status: { issuedAt: fromNow(600_000) } }, 'STATUS_LIST_FROM_LATER'],
    ['the list is another', { status: { address: `${LIST_ADDRESS}2` } }, 'STATUS_LIST_REFUSED'],
    [
      'the list is signed by another role',
      { status: { signer: 'trustSigner' as const } },
      'STATUS_LIST_SIGNED_BY_OTHER_KEY',
    ],
    ['the list has no such place', { status: { places: 16 } }, 'STATUS_VALUE_UNKNOWN'],
    ['the place holds an unknown value', { status: { value: 9 } }, 'STATUS_VALUE_UNKNOWN'],
    ['the list is no list', { statusLists: new Map([[LIST_ADDRESS, 'x.y.z']]) }, 'STATUS_LIST_REFUSED'],
  ])('whether it is in force when %s', async (_, found, code) => {
    const report = await undecided(code, found)
    expect(report.licence).toMatchObject({ status: 'unknown', asOf: null, issuerEntitled: true })
    expect(answers(report)).toMatchObject({ seal: 'yes', licence: 'unknown' })
  })

  it('by a compromised key, until the register confirms the very document', async () => {
    const entities = withEntity(MARKET, (entity) => ({
      ...entity,
      services: entity.services.map((service) => ({
        ...service,
        states: [...service.states, { state: 'compromised' as const, since: fromNow(-60_000) }],
      })),
    }))
    const found = { trustList: await trustList({ entities }) }
    const report = await undecided('SEAL_COMPROMISED', found)
    expect(codes(report, 'undecided')).toContain('STATEMENT_KEY_COMPROMISED')
    const confirmed = live({ sealedDigest: report.signatures[0]!.signedDigest })
    expect((await verify(genuine, { ...found, live: confirmed })).verdict).toBe('accepted')
  })
})

describe('verifyDocument', () => {
  it('tells the age of a list that outlived its ttl', async () => {
    const report = await verify(genuine, { status: { issuedAt: fromNow(-3_600_000) } }, fromNow(7_200_000))
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain('STATUS_LIST_AGED')
  })

  it('gives the same report for the same input, and lets one evidence serve many documents at once', async () => {
    const shared = await evidence()
    const reports = await Promise.all(
      Array.from({ length: 20 }, () => verifyDocument({ name: 'a.pdf', bytes: genuine }, shared, policy, NOW)),
    )
    for (const report of reports) expect(report).toEqual(reports[0])
  })

  it('does not carry an answer over to a time at which a certificate has ended', async () => {
    const bytes = await sealedLicence({ sealedBy: 'sealExpired' })
    const demands = { ...policy, revocation: 'skipped' } as const
    const at = (time: string) =>
      evidence().then((found) => verifyDocument({ name: 'a', bytes }, found, demands, new Date(time)))
    expect((await at('2026-06-01T00:00:00.999Z')).subIndication).toBeNull()
    expect((await at('2026-06-01T00:00:01.000Z')).subIndication).toBe('OUT_OF_BOUNDS_NO_POE')
    expect((await at('2026-06-01T00:00:00.999Z')).subIndication).toBeNull()
  })

  it('ignores a register answer about another licence', async () => {
    const report = await verify(genuine, { live: live({ identifier: 'x', status: 'revoked' }) })
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain('REGISTER_NOT_ASKED')
  })
})
