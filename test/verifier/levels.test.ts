import { describe, expect, it } from 'vitest'
import { asn1 } from '../../pki/index.ts'
import { addData, sealAt, stampDocument } from '../fixtures/levels.ts'
import {
  answerOf,
  archived,
  crlAt,
  crlsAt,
  day,
  judge,
  later,
  type Name,
  NOW,
  pki,
  SEALED,
  type Story,
  seal,
  sealed,
  withAnswers,
} from './past.ts'
import { codes, page } from './world.ts'

describe('the level', () => {
  it('is B-T with a valid stamp, whose time is the best signature time', async () => {
    const report = await judge(sealed(), { at: later(60), crls: await crlsAt(later(30)) })
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED' })
    expect(seal(report)).toMatchObject({ level: 'B-T', bestSignatureTime: SEALED.toISOString() })
    expect(codes(report, 'passed')).toContain('TIME_STAMP_VALID')
  })

  it('is B-LT where the document holds the answers, which suffice offline, years later', async () => {
    const pdf = await withAnswers()
    expect(seal(await judge(pdf, { at: later(60) }))).toMatchObject({ level: 'B-LT', indication: 'TOTAL-PASSED' })
    const report = await judge(pdf)
    expect(report).toMatchObject({ verdict: 'accepted', documentChangedAfterSeal: false })
    expect(seal(report)).toMatchObject({ level: 'B-LT', laterChanges: 'permitted', coversWholeFile: false })
    expect(codes(report, 'info')).toContain('CERTIFICATE_EXPIRED_SINCE')
  })

  it('is B-LTA under a valid document time stamp, which has a report of its own', async () => {
    const report = await judge(await archived())
    expect(report.verdict).toBe('accepted')
    expect(seal(report).level).toBe('B-LTA')
    expect(report.signatures[1]).toMatchObject({
      type: 'document-time-stamp',
      indication: 'TOTAL-PASSED',
      bestSignatureTime: later(5).toISOString(),
      signedBy: 'TEST tsa',
    })
  })

  it('is B-T by a document time stamp alone (EN 319 142-1 §6.3)', async () => {
    const pdf = await archived({ stamp: null, answersFor: [] })
    const report = await judge(pdf, { at: later(60), crls: await crlsAt(later(30)) })
    expect(seal(report)).toMatchObject({ level: 'B-T', bestSignatureTime: later(5).toISOString() })
  })

  it.each<[string, Story]>([
    ['an answer about the seal', { answersFor: ['ca', 'tsa', 'tsaCa'] }],
    ['an answer about its CA', { answersFor: ['seal', 'tsa', 'tsaCa'] }],
    ['an answer about the time-stamp authority', { answersFor: ['seal', 'ca', 'tsaCa'] }],
    ['an answer about the CA of that authority', { answersFor: ['seal', 'ca', 'tsa'] }],
    ['answers younger than the stamp', { answeredAt: later(-1) }],
  ])('stays B-T without %s, and asks for lists from outside', async (what, story) => {
    const pdf = await withAnswers(story)
    const online = await judge(pdf, { at: later(60), crls: await crlsAt(later(30)) })
    expect(online.verdict).toBe('accepted')
    expect(seal(online).level).toBe('B-T')
    const offline = await judge(pdf, { at: later(60) })
    expect(offline.verdict).toBe('undecided')
    expect(seal(offline)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: /answer about (the seal|its CA)/.test(what) ? 'CERTIFICATE_CHAIN_GENERAL_FAILURE' : 'TRY_LATER',
    })
  })

  it('below what the policy demands keeps from accepting', async () => {
    const pdf = await withAnswers()
    expect((await judge(pdf, { demands: { minimumLevel: 'B-LT' } })).verdict).toBe('accepted')
    const report = await judge(pdf, { demands: { minimumLevel: 'B-LTA' } })
    expect(report).toMatchObject({ verdict: 'undecided', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(codes(report, 'undecided')).toEqual(['LEVEL_TOO_LOW'])
  })

  it('is B-LT with answers that were current at the proven time, where the policy says that this is enough', async () => {
    const pdf = await withAnswers({ answeredAt: later(-60) })
    expect(seal(await judge(pdf))).toMatchObject({ subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED' })
    const lenient = await judge(pdf, { demands: { revocationFreshness: 'current-at-signature' } })
    expect(seal(lenient)).toMatchObject({ level: 'B-LT', indication: 'TOTAL-PASSED' })
  })
})

describe('a signer that ended', () => {
  const revoked = { by: 'sealRevoked' } as const
  it.each<[string, () => Promise<Uint8Array> | Uint8Array, Date, string, string | null, string]>([
    ['expired since, B-B', () => sealed({ stamp: null }), NOW, 'INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE', 'undecided'],
    ['expired since, B-T', () => sealed(), NOW, 'INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE', 'undecided'],
    ['expired since, B-LT', () => withAnswers(), NOW, 'TOTAL-PASSED', null, 'accepted'],
    ['expired since, B-LTA', () => archived(), NOW, 'TOTAL-PASSED', null, 'accepted'],
    [
      'expired before the stamp, B-LT',
      () => withAnswers({ stamp: { at: day('2024-02-01') }, answeredAt: later(2, day('2024-02-01')), answersFor: [] }),
      day('2024-02-02'),
      'INDETERMINATE',
      'OUT_OF_BOUNDS_NO_POE',
      'undecided',
    ],
    [
      'revoked since, B-B',
      () => sealed({ ...revoked, stamp: null }),
      day('2023-02-01'),
      'INDETERMINATE',
      'REVOKED_NO_POE',
      'refused',
    ],
    ['revoked since, B-T', () => sealed(revoked), day('2023-02-01'), 'TOTAL-PASSED', null, 'accepted'],
    ['revoked since, B-LT', () => withAnswers(revoked), day('2023-02-01'), 'TOTAL-PASSED', null, 'accepted'],
    ['revoked since, B-LTA', () => archived(revoked), day('2023-02-01'), 'TOTAL-PASSED', null, 'accepted'],
    [
      'revoked before the stamp, B-T',
      () => sealed({ ...revoked, stamp: { at: day('2023-01-15') } }),
      day('2023-02-01'),
      'INDETERMINATE',
      'REVOKED_NO_POE',
      'refused',
    ],
    [
      'revoked in the second of the stamp, B-T',
      () => sealed({ ...revoked, stamp: { at: day('2023-01-01') } }),
      day('2023-02-01'),
      'INDETERMINATE',
      'REVOKED_NO_POE',
      'refused',
    ],
    [
      'not valid yet at the stamp',
      () => sealed({ stamp: { at: day('2020-12-31'), by: 'tsaEarly' } }),
      later(60),
      'TOTAL-FAILED',
      'NOT_YET_VALID',
      'refused',
    ],
  ])('%s', async (name, make, at, indication, subIndication, verdict) => {
    const crls = await crlsAt(later(-3600, at))
    const report = await judge(await make(), { at, crls: name.startsWith('expired since') ? [] : crls })
    expect(seal(report)).toMatchObject({ indication, subIndication })
    expect(report.verdict).toBe(verdict)
  })
})

describe('a stamp', () => {
  const asOf = later(3600)
  const otherToken = new TextEncoder().encode('another signature')
  it.each<[string, Story, string]>([
    ['over something else', { stamp: { over: otherToken } }, 'TIME_STAMP_WRONG'],
    [
      'whose signature is forged',
      { stamp: { forge: (token) => token.with(token.length - 1, token.at(-1)! ^ 1) } },
      'TIME_STAMP_WRONG',
    ],
    [
      'that is no token',
      {
        stamp: { forge: () => asn1.encodeSequence(asn1.encodeOid('1.2.3'), asn1.encodeContext(0, asn1.encodeNull())) },
      },
      'TIME_STAMP_WRONG',
    ],
    ['of an unknown authority', { stamp: { by: 'otherTsa' } }, 'TIME_STAMP_NOT_TRUSTED'],
    ['from later', { stamp: { at: later(7200) } }, 'TIME_STAMP_FROM_LATER'],
    ['before its authority was certified', { stamp: { at: day('2020-06-01') } }, 'TIME_STAMP_NOT_TRUSTED'],
  ])('%s proves nothing: the seal counts as of now', async (_, story, code) => {
    const report = await judge(sealed(story), { at: asOf, crls: await crlsAt(later(1800)) })
    expect(codes(report, 'info')).toContain(code)
    expect(seal(report)).toMatchObject({
      level: 'B-B',
      integrity: 'intact',
      indication: 'TOTAL-PASSED',
      bestSignatureTime: asOf.toISOString(),
    })
    const years = await judge(sealed(story), { at: NOW, crls: await crlsAt(NOW) })
    expect(seal(years)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'OUT_OF_BOUNDS_NO_POE' })
  })

  it('of an authority revoked since proves nothing unless it is itself proven to be older', async () => {
    const story = { stamp: { by: 'tsaRevoked' } } as const
    const at = day('2023-02-01')
    const crls = await crlsAt(day('2023-01-31'))
    const alone = await judge(await withAnswers(story), { at, crls })
    expect(codes(alone, 'info')).toContain('TIME_STAMP_NOT_TRUSTED')
    expect(seal(alone).level).toBe('B-B')
    const under = await judge(await archived(story), { at, crls })
    expect(seal(under)).toMatchObject({
      level: 'B-LTA',
      indication: 'TOTAL-PASSED',
      bestSignatureTime: SEALED.toISOString(),
    })
  })

  it('of an authority expired since proves nothing unless it is itself proven to be older', async () => {
    const story = { stamp: { by: 'tsaShort' } } as const
    expect(seal(await judge(await withAnswers(story)))).toMatchObject({ subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED' })
    expect(seal(await judge(await archived(story)))).toMatchObject({ level: 'B-LTA', indication: 'TOTAL-PASSED' })
  })

  it('claimed to be older than the signer says is told, and weighs nothing', async () => {
    const story = { stamp: { at: later(-3600) }, answeredAt: later(-3500) }
    const report = await judge(await withAnswers(story))
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'info')).toContain('CLAIMED_TIME_LATER')
  })
})

describe('a document time stamp', () => {
  it('over another document is broken, and refuses', async () => {
    const report = await judge(await archived({ archived: [{ over: new Uint8Array(9) }] }))
    expect(report.signatures[1]).toMatchObject({
      integrity: 'broken',
      indication: 'TOTAL-FAILED',
      subIndication: 'HASH_FAILURE',
    })
    expect(report.verdict).toBe('refused')
    expect(report.indication).toBe('TOTAL-PASSED')
  })

  it('of an unknown authority proves nothing', async () => {
    const report = await judge(
      await archived({ archived: [{ by: 'otherTsa' }], answersFor: ['seal', 'ca', 'tsa', 'tsaCa'] }),
    )
    expect(report.signatures[1]).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    })
    expect(seal(report)).toMatchObject({ level: 'B-LT', indication: 'TOTAL-PASSED' })
  })

  it('earlier than the stamp it covers contradicts it', async () => {
    const report = await judge(await archived({ archived: [{ at: later(-3600) }] }))
    expect(seal(report)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'TIMESTAMP_ORDER_FAILURE' })
    expect(report.verdict).toBe('undecided')
  })

  it.each([
    ['before the first one’s authority expired, the chain holds', day('2024-06-01'), 'TOTAL-PASSED', null],
    ['after that, it is broken', day('2024-08-01'), 'INDETERMINATE', 'OUT_OF_BOUNDS_NOT_REVOKED'],
  ])('renewed %s', async (_, renewedAt, indication, subIndication) => {
    const first = await archived({ stamp: { by: 'tsaShort' }, archived: [{ by: 'tsaShort' }] })
    const crls = [await crlAt('tsaCa', later(-60, renewedAt)), await crlAt('root', later(-60, renewedAt))]
    const by = pki.get('tsaLater')
    const pdf = stampDocument(addData(first, { entities: [by], crls }), { by, at: renewedAt })
    const report = await judge(pdf, { at: NOW, crls: await crlsAt(later(-60, NOW)) })
    expect(seal(report)).toMatchObject({ indication, subIndication })
  })
})

describe('an answer', () => {
  it.each<[string, NonNullable<Story['answer']>]>([
    ['of a responder that another CA made', (name) => (name === 'seal' ? { by: pki.get('responderOfTsaCa') } : {})],
    ['of a responder of the root about a seal', (name) => (name === 'seal' ? { by: pki.get('responderOfRoot') } : {})],
    ['that does not know the seal', (name) => (name === 'seal' ? { status: { kind: 'unknown' } } : {})],
    ['from the future', (name) => (name === 'seal' ? { thisUpdate: later(3600, NOW) } : {})],
  ])('%s does not count', async (_, answer) => {
    const report = await judge(await withAnswers({ answer }))
    expect(seal(report)).toMatchObject({
      level: 'B-T',
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NO_POE',
    })
  })

  it('in the document that the seal was revoked before the stamp refuses', async () => {
    const answer: NonNullable<Story['answer']> = (name) =>
      name === 'seal' ? { status: { kind: 'revoked', revocationDate: later(-60) } } : {}
    const report = await judge(await withAnswers({ answer }))
    expect(seal(report)).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
    expect(report.verdict).toBe('refused')
  })

  it('from outside that the seal was revoked before the stamp outweighs good ones inside', async () => {
    const report = await judge(await withAnswers(), {
      at: later(3600),
      ocsps: [await answerOf('seal', later(1800), { status: { kind: 'revoked', revocationDate: later(-60) } })],
    })
    expect(seal(report)).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
  })

  it('of a list made after the seal expired does not count', async () => {
    const report = await judge(sealed(), { crls: await crlsAt(NOW), at: later(60, NOW) })
    expect(seal(report)).toMatchObject({ subIndication: 'OUT_OF_BOUNDS_NO_POE' })
  })

  it('of a list older than the stamp serves while the seal is valid, and not after', async () => {
    const lastDay = later(-3600, day('2024-01-01'))
    const pdf = sealed({ stamp: { at: lastDay } })
    const crls = await crlsAt(later(-60, lastDay))
    expect(seal(await judge(pdf, { at: later(60, lastDay), crls }))).toMatchObject({ indication: 'TOTAL-PASSED' })
    const expired = await judge(pdf, { at: later(7200, lastDay), crls })
    expect(seal(expired)).toMatchObject({ level: 'B-T', subIndication: 'OUT_OF_BOUNDS_NO_POE' })
  })

  it('in a document without a stamp counts only where the policy says so', async () => {
    const pdf = await withAnswers({ stamp: null })
    const at = later(3600)
    expect(seal(await judge(pdf, { at }))).toMatchObject({ subIndication: 'TRY_LATER' })
    const demands = { revocationFreshness: 'current-at-signature' } as const
    expect(seal(await judge(pdf, { at, demands }))).toMatchObject({ indication: 'TOTAL-PASSED', level: 'B-B' })
  })

  it('of a responder that has expired since counts about an expired seal only where it is proven to be older', async () => {
    const answer = (name: Name) => (name === 'seal' ? { by: pki.get('responderShort') } : {})
    const alone = await judge(await withAnswers({ answer }))
    expect(seal(alone)).toMatchObject({ level: 'B-T', subIndication: 'OUT_OF_BOUNDS_NO_POE' })
    expect(seal(await judge(await archived({ answer })))).toMatchObject({ indication: 'TOTAL-PASSED', level: 'B-LTA' })
  })

  it('of a CA that was revoked since counts only where it is proven to be older', async () => {
    const story = { by: 'sealOfRevokedCa' } as const
    const at = day('2023-02-01')
    const crls = await crlsAt(day('2023-01-31'))
    const alone = await judge(await withAnswers(story), { at, crls })
    expect(seal(alone)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_CA_NO_POE' })
    const proven = await judge(await archived(story), { at, crls })
    expect(seal(proven)).toMatchObject({ indication: 'TOTAL-PASSED', level: 'B-LTA' })
  })
})

describe('what is proven beside the signature', () => {
  it('that it was made after the revocation is TOTAL-FAILED (EN 319 102-1 §5.3.4, REVOKED)', async () => {
    const first = stampDocument(await page(), { by: pki.get('tsa'), at: day('2023-01-02') })
    const at = day('2023-01-03')
    const pdf = sealAt(first, pki.get('sealRevoked'), { field: 'Seal1', signedAt: at }, [{ by: pki.get('tsa'), at }])
    const report = await judge(pdf, { at: day('2023-02-01'), crls: await crlsAt(day('2023-01-31')) })
    expect(seal(report)).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'REVOKED' })
    expect(codes(report, 'failed')).toEqual(['SIGNED_AFTER_REVOCATION'])
  })

  it('that it was made after its own stamp contradicts that', async () => {
    const first = stampDocument(await page(), { by: pki.get('tsa'), at: day('2022-02-01') })
    const pdf = sealAt(first, pki.get('seal'), { field: 'Seal1', signedAt: SEALED }, [
      { by: pki.get('tsa'), at: day('2022-01-01') },
    ])
    const report = await judge(pdf, { at: day('2022-02-02'), crls: await crlsAt(day('2022-02-01')) })
    expect(seal(report)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'TIMESTAMP_ORDER_FAILURE' })
  })

  it('decides whether algorithms counted: RSA of 2048 bits counts until 2031, whoever sealed before', async () => {
    const story = { by: 'sealRsa' } as const
    const at = day('2031-02-01')
    const inTime = await judge(sealed({ ...story, stamp: null }), { at: later(60), crls: await crlsAt(later(30)) })
    expect(seal(inTime)).toMatchObject({ indication: 'TOTAL-PASSED', level: 'B-B' })
    const unproven = await judge(sealed({ ...story, stamp: null }), { at })
    expect(codes(unproven, 'undecided')).toContain('ALGORITHM_WEAK')
    expect(seal(await judge(await withAnswers(story), { at }))).toMatchObject({
      indication: 'TOTAL-PASSED',
      level: 'B-LT',
    })
  })

  it('decides so of the certificates too: those of an RSA CA must be proven to be older', async () => {
    const story = { by: 'sealOfRsaCa' } as const
    const at = day('2031-02-01')
    const alone = await judge(await withAnswers(story), { at })
    expect(seal(alone)).toMatchObject({ subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE' })
    expect(seal(await judge(await archived(story), { at }))).toMatchObject({
      indication: 'TOTAL-PASSED',
      level: 'B-LTA',
    })
  })
})
