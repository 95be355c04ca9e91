import { PDFDocument } from '@cantoo/pdf-lib'
import { describe, expect, it } from 'vitest'
import { canonicalJson, formatIdentifier, parseIdentifier } from '../../licence-format/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import {
  answers,
  claimsOf,
  codes,
  crls,
  fromNow,
  IDENTIFIER,
  licence,
  live,
  MARKET,
  NOW,
  OTHER_TYPE,
  page,
  policy,
  seal,
  sealedLicence,
  statementText,
  trustList,
  verify,
  withEntity,
} from './world.ts'

const genuine = await sealedLicence()
const passed = { indication: 'PASSED', subIndication: null }

describe('verifyDocument accepts', () => {
  it('a sealed licence in force, with its three answers', async () => {
    const report = await verify(genuine)
    expect(report).toMatchObject({
      file: 'a.pdf',
      verdict: 'accepted',
      indication: 'TOTAL-PASSED',
      subIndication: null,
      validationTime: NOW.toISOString(),
      documentChangedAfterSeal: false,
      licence: {
        identifier: IDENTIFIER,
        status: 'in force',
        asOf: fromNow(-60_000).toISOString(),
        issuerEntitled: true,
      },
    })
    expect(report.signatures).toEqual([
      {
        field: 'Seal1',
        type: 'signature',
        integrity: 'intact',
        byteRange: 'ok',
        coversWholeFile: true,
        laterChanges: 'none',
        changes: [],
        revisionEnd: genuine.length,
        level: 'B-B',
        indication: 'TOTAL-PASSED',
        subIndication: null,
        signedBy: 'TEST seal',
        bestSignatureTime: NOW.toISOString(),
        claimedSigningTime: fromNow(-3_600_000).toISOString(),
        signedDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        bbb: { FC: passed, ISC: passed, VCI: passed, CV: passed, XCV: passed, SAV: passed, PSV: null, VTS: null },
      },
    ])
    expect(report.explanation.word).toEqual({ zh: '真实有效', en: 'Genuine, in force' })
    expect(answers(report)).toEqual({ seal: 'yes', licence: 'yes', issuer: 'yes' })
    expect(report.statement).toMatchObject({
      holder: '张*三',
      number: '91330199MA2AXXXX0X',
      typeName: { zh: '营业执照' },
    })
  })

  it('a licence that the register confirms live, without any status list', async () => {
    const digest = (await verify(genuine)).signatures[0]!.signedDigest
    const report = await verify(genuine, { statusLists: new Map(), live: live({ sealedDigest: digest }) })
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'passed')).toContain('REGISTER_AGREES')
    expect(report.licence?.asOf).toBe(NOW.toISOString())
  })

  it('a licence without end, and one with several holders', async () => {
    const holders = [...licence().holders, { name: '李四', code: '440524188001010014', codeType: '111' }]
    for (const data of [licence({ validUntil: null }), licence({ holders })]) {
      expect((await verify(await sealedLicence({ data }))).verdict).toBe('accepted')
    }
  })

  it('a new licence before it is registered, when the policy leaves out list and status', async () => {
    const report = await verifyDocument(
      { name: 'new.pdf', bytes: genuine },
      { ...NO_EVIDENCE, crls },
      { ...policy, trustList: 'skipped', status: 'skipped' },
      NOW,
    )
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED', licence: { issuerEntitled: null } })
    expect(report.explanation.word.en).not.toContain('in force')
  })

  it('a document that is no licence, for its seal alone', async () => {
    const report = await verify(seal(await page()), { trustList: null, statusLists: new Map() })
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED', licence: null })
    expect(report.explanation.word.en).toBe('Seal valid')
    expect(report.explanation.sentence.en).toContain('sealed by TEST seal')
  })

  it('a licence on its last day, until midnight in Shanghai', async () => {
    const bytes = await sealedLicence({ data: licence({ validUntil: '2026-06-15' }) })
    expect((await verify(bytes, {}, new Date('2026-06-15T15:59:59Z'))).licence?.status).toBe('in force')
    const later = await verify(bytes, {}, new Date('2026-06-15T16:00:00Z'))
    expect(later).toMatchObject({ verdict: 'refused', licence: { status: 'expired' } })
    expect(later.explanation.word).toEqual({ zh: '真实，但已过有效期', en: 'Genuine, but expired' })
  })

  it('a licence whose statement key was retired after signing', async () => {
    const retire = withEntity(MARKET, (entity) => ({
      ...entity,
      services: entity.services.map((service) =>
        service.kind === 'statement'
          ? { ...service, states: [...service.states, { state: 'retired' as const, since: fromNow(-60_000) }] }
          : service,
      ),
    }))
    expect((await verify(genuine, { trustList: await trustList({ entities: retire }) })).verdict).toBe('accepted')
  })
})

describe('verifyDocument calls genuine but', () => {
  it.each([
    [1, 'revoked', '真实，但已吊销', 'Genuine, but revoked'],
    [2, 'suspended', '真实，但已暂扣', 'Genuine, but suspended'],
    [3, 'superseded', '真实，但已换发新证', 'Genuine, but superseded'],
    [0xb, 'cancelled', '真实，但已注销', 'Genuine, but cancelled'],
  ])('a licence whose place reads %i: %s', async (value, status, zh, en) => {
    const report = await verify(genuine, { status: { value } })
    expect(report).toMatchObject({ verdict: 'refused', indication: 'TOTAL-PASSED', licence: { status } })
    expect(report.explanation.word).toEqual({ zh, en })
    expect(answers(report)).toEqual({ seal: 'yes', licence: 'no', issuer: 'yes' })
  })

  it('not issued: a pending place', async () => {
    const report = await verify(genuine, { status: { value: 0xc } })
    expect(report).toMatchObject({ verdict: 'refused', licence: { status: 'unknown' } })
    expect(report.reason).toContain('has not been issued')
    expect(report.explanation.word.en).toBe('Not issued')
  })

  it('superseded, naming the successor that the register names', async () => {
    const successor = formatIdentifier({ ...parseIdentifier(IDENTIFIER), version: 2 })
    const report = await verify(genuine, { live: live({ status: 'superseded', replacedBy: successor }) })
    expect(report).toMatchObject({ verdict: 'refused', licence: { status: 'superseded', replacedBy: successor } })
    expect(report.reason).toContain(successor)
  })

  it('withdrawn, which only the register tells from revoked', async () => {
    expect((await verify(genuine, { live: live({ status: 'withdrawn' }) })).licence?.status).toBe('withdrawn')
  })

  it('not yet in force', async () => {
    const report = await verify(await sealedLicence({ data: licence({ validFrom: '2026-07-01' }) }))
    expect(report).toMatchObject({ verdict: 'refused', licence: { status: 'not yet in force' } })
  })

  it('expired, although evidence of that day is missing', async () => {
    const report = await verify(genuine, {}, new Date('2028-01-01T00:00:00Z'))
    expect(report).toMatchObject({ verdict: 'refused', licence: { status: 'expired' } })
  })

  it('by the newer answer of list and register', async () => {
    const older = { live: live({ asOf: fromNow(-7_200_000).toISOString() }), status: { value: 2 } }
    expect((await verify(genuine, older)).licence?.status).toBe('suspended')
    expect((await verify(genuine, { ...older, live: live() })).licence?.status).toBe('in force')
  })
})

describe('verifyDocument refuses', () => {
  const refused = async (bytes: Uint8Array, code: string, found: Parameters<typeof verify>[1] = {}) => {
    const report = await verify(bytes, found)
    expect(codes(report, 'failed')).toContain(code)
    expect(report.verdict).toBe('refused')
    expect(report.explanation.sentence.zh).toMatch(/[\u4e00-\u9fa5]/)
    return report
  }

  it('any file that is no PDF', async () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('GIF89a'), new Uint8Array(5000).fill(37)]) {
      const report = await refused(bytes, 'NOT_A_PDF')
      expect(report).toMatchObject({
        indication: 'TOTAL-FAILED',
        subIndication: 'FORMAT_FAILURE',
        signatures: [],
        licence: null,
      })
    }
  })

  it('a PDF that cannot be read for certain', async () => {
    const report = await refused(genuine.slice(0, 900), 'PDF_UNREADABLE')
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'FORMAT_FAILURE', signatures: [] })
  })

  it('licence data without a seal', async () => {
    const report = await refused(
      await page({ 'licence.json': canonicalJson(licence()), 'statement.txt': statementText() }),
      'UNSEALED_LICENCE',
    )
    expect(report).toMatchObject({ reason: 'UNSIGNED', indication: 'INDETERMINATE', signatures: [] })
    expect(report.explanation.word.en).toBe('Not sealed')
  })

  it('a byte changed inside the signed ranges, at 60 places', async () => {
    const text = new TextDecoder('latin1').decode(genuine)
    const from = text.indexOf('<', text.lastIndexOf('/Contents'))
    const step = Math.floor(genuine.length / 60)
    for (let at = 3; at < genuine.length; at += step) {
      if (at >= from && at <= text.indexOf('>', from)) continue
      const mutated = Uint8Array.from(genuine)
      mutated[at]! ^= 1
      const report = await verify(mutated)
      expect(report.verdict).not.toBe('accepted')
    }
  })

  it('no less when bytes outside the signed ranges change', async () => {
    const from = new TextDecoder('latin1').decode(genuine).lastIndexOf('/Contents')
    for (let at = from + 12; at < from + 5000; at += 97) {
      const mutated = Uint8Array.from(genuine)
      mutated[at] = mutated[at] === 0x30 ? 0x31 : 0x30
      const report = await verify(mutated, { status: { value: 1 } })
      expect(report.verdict).toBe('refused')
    }
  })

  it('a change of the page text, as a change of content', async () => {
    const mutated = Uint8Array.from(genuine)
    mutated[new TextDecoder('latin1').decode(genuine).indexOf('300 200')] = 0x34
    const report = await refused(mutated, 'HASH_MISMATCH')
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' })
    expect(report.signatures[0]).toMatchObject({ integrity: 'broken' })
  })

  it('something appended after the seal', async () => {
    const report = await verify(Uint8Array.of(...genuine, ...new TextEncoder().encode('\n% more')))
    expect(report.verdict).not.toBe('accepted')
    expect(report.documentChangedAfterSeal).toBe(true)
    expect(report.signatures[0]?.coversWholeFile).toBe(false)
  })

  it('a page added after the seal', async () => {
    const changed = await PDFDocument.load(genuine, { forIncrementalUpdate: true, updateMetadata: false })
    changed.addPage([300, 200])
    const report = await refused(await changed.save({ useObjectStreams: false }), 'LATER_CHANGES_FORBIDDEN')
    expect(report).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
      documentChangedAfterSeal: true,
    })
    expect(report.signatures[0]).toMatchObject({
      integrity: 'intact',
      laterChanges: 'not-permitted',
      coversWholeFile: false,
    })
    expect(report.explanation.word.en).toBe('Not genuine')
  })

  it('a seal of another department', async () => {
    const report = await refused(await sealedLicence({ sealedBy: 'sealOfLand' }), 'SEAL_OF_OTHER_DEPARTMENT')
    expect(report.reason).toContain('Yunting Land Bureau')
    expect(report.indication).toBe('TOTAL-PASSED')
  })

  it('a seal that is not in the trust list', async () => {
    await refused(await sealedLicence({ sealedBy: 'sealUnlisted' }), 'SEAL_NOT_LISTED')
  })

  it('a signature by a list signer or a statement key, which may not seal', async () => {
    for (const name of ['statement', 'statusSigner'] as const) {
      const report = await refused(await sealedLicence({ sealedBy: name }), 'CHAIN_FAULT')
      expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'CHAIN_CONSTRAINTS_FAILURE' })
    }
  })

  it('a revoked seal, without proof that it sealed before', async () => {
    const report = await refused(await sealedLicence({ sealedBy: 'sealRevoked' }), 'CERTIFICATE_REVOKED')
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' })
  })

  it('a seal that was taken out of use before the licence was issued', async () => {
    const ended = withEntity(MARKET, (entity) => ({
      ...entity,
      services: entity.services.map((service) => ({
        ...service,
        states:
          service.kind === 'seal'
            ? [...service.states, { state: 'withdrawn' as const, since: new Date('2026-05-01T00:00:00Z') }]
            : service.states,
      })),
    }))
    await refused(genuine, 'SEAL_NOT_IN_USE', { trustList: await trustList({ entities: ended }) })
  })

  it('an issuer that may not issue this type', async () => {
    const data = licence({
      typeCode: OTHER_TYPE,
      identifier: formatIdentifier({ ...parseIdentifier(IDENTIFIER), typeCode: OTHER_TYPE }),
    })
    const report = await refused(await sealedLicence({ data }), 'ISSUER_NOT_ENTITLED')
    expect(report.licence?.issuerEntitled).toBe(false)
    expect(answers(report)).toMatchObject({ seal: 'yes', issuer: 'no' })
  })

  it('an issuer whose entitlement had ended or not begun', async () => {
    const terms = (from: Date, until: Date | null, state: 'granted' | 'withdrawn') =>
      withEntity(MARKET, (entity) => ({
        ...entity,
        entitlements: entity.entitlements.map((item) => ({ ...item, from, until, state })),
      }))
    const cases = [
      [terms(fromNow(0), null, 'granted'), 'ISSUER_NOT_YET_ENTITLED'],
      [terms(fromNow(-1e10), fromNow(-1e9), 'granted'), 'ISSUER_NO_LONGER_ENTITLED'],
      [terms(fromNow(-1e10), fromNow(-1e9), 'withdrawn'), 'ISSUER_NO_LONGER_ENTITLED'],
    ] as const
    for (const [entities, code] of cases)
      await refused(genuine, code, { trustList: await trustList({ entities: [...entities] }) })
  })

  it('an issuer that the trust list does not know', async () => {
    const entities = withEntity(MARKET, (entity) => ({ ...entity, code: '11330100002490009X' }))
    await refused(genuine, 'ISSUER_UNKNOWN', { trustList: await trustList({ entities }) })
  })

  it('licence data that is malformed, not canonical or there twice', async () => {
    const report = await refused(
      await sealedLicence({ json: new TextEncoder().encode(JSON.stringify(licence(), null, 1)) }),
      'LICENCE_DATA_WRONG',
    )
    expect(report.licence).toBeNull()
    await refused(await sealedLicence({ json: new TextEncoder().encode('{') }), 'LICENCE_DATA_WRONG')
  })

  it('a document without the statement of its QR code', async () => {
    await refused(await sealedLicence({ statement: null }), 'STATEMENT_MISSING')
  })

  it('a genuine QR code of another licence (a copied QR)', async () => {
    const other = licence({ salt: 'AQECAwQFBgcICQoLDA0ODw', number: 'OTHER' })
    const report = await refused(
      await sealedLicence({ statement: statementText(claimsOf(other)) }),
      'STATEMENT_DISAGREES',
    )
    expect(
      report.findings.filter(({ code }) => code === 'STATEMENT_DISAGREES').map(({ message }) => message.en),
    ).toEqual([expect.stringContaining('data digest'), expect.stringContaining('number')])
    expect(answers(report)['seal']).toBe('no')
  })

  it('a statement whose holder is not that of the data', async () => {
    await refused(
      await sealedLicence({ statement: statementText(claimsOf(licence(), { holder: '王*' })) }),
      'STATEMENT_DISAGREES',
    )
  })

  it('a statement signed by the key of another department, or by one nobody lists', async () => {
    const claims = claimsOf(licence())
    await refused(
      await sealedLicence({ statement: statementText(claims, 'statementOfLand') }),
      'STATEMENT_KEY_OF_OTHER_DEPARTMENT',
    )
    await refused(
      await sealedLicence({ statement: statementText(claims, 'statementUnlisted') }),
      'STATEMENT_KEY_UNKNOWN',
    )
  })

  it('a licence that the register does not know', async () => {
    await refused(genuine, 'REGISTER_UNKNOWN', { live: live({ status: 'unknown', dataDigest: null }) })
  })

  it('a licence or document that is not the one in the register', async () => {
    await refused(genuine, 'REGISTER_DISAGREES', { live: live({ dataDigest: '00'.repeat(32) }) })
    await refused(genuine, 'REGISTER_DISAGREES', { live: live({ sealedDigest: '00'.repeat(32) }) })
  })
})
