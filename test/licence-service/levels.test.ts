import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMintPool } from '../../bin/mint-pool.ts'
import { reachedLevel, targetLevel } from '../../licence-service/domain/level.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { compileTemplate, findTemplate, openFonts, renderLicence } from '../../templates/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, type House, openHouse } from '../support/service.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

describe('targetLevel', () => {
  const validFrom = '2026-11-22'
  it('is B-LT, and B-LTA for more than ten years or no end', () => {
    expect(targetLevel(undefined, { validFrom, validUntil: '2031-11-21' })).toBe('B-LT')
    expect(targetLevel(undefined, { validFrom, validUntil: '2036-11-21' })).toBe('B-LT')
    expect(targetLevel(undefined, { validFrom, validUntil: '2036-11-22' })).toBe('B-LTA')
    expect(targetLevel(undefined, { validFrom, validUntil: null })).toBe('B-LTA')
  })

  it('is what was asked for, and refuses what is no level', () => {
    expect(targetLevel('B-B', { validFrom, validUntil: null })).toBe('B-B')
    throwsWithCode(() => targetLevel('B-X', { validFrom, validUntil: null }), 'LEVEL_NOT_AVAILABLE')
  })
})

describe('reachedLevel', () => {
  it('is that of the weakest seal, whatever the time stamps over the document', () => {
    const seal = (level: 'B-B' | 'B-LT' | 'not-pades') => ({ type: 'signature', level }) as const
    expect(reachedLevel([seal('B-LT'), seal('B-B')])).toBe('B-B')
    expect(reachedLevel([seal('B-LT'), { type: 'document-time-stamp', level: 'B-B' }])).toBe('B-LT')
    expect(reachedLevel([seal('not-pades')])).toBe('B-B')
  })
})

describe.each(engines)('levels of licences on $name', ({ open }) => {
  let house: House
  let isStamping = true
  let isAnswering = true
  let endOfScheme: Date | null = null
  const setStamping = (on: boolean): void => {
    isStamping = on
  }
  const setAnswering = (on: boolean): void => {
    isAnswering = on
  }
  const away = () => Promise.reject(new Error('nobody answers'))
  beforeAll(async () => {
    house = await openHouse(await open(), {
      timestamper: (real) => ({ ...real, stamp: (imprints) => (isStamping ? real.stamp(imprints) : away()) }),
      revocation: (real) => ({ answers: (...question) => (isAnswering ? real.answers(...question) : away()) }),
      sealer: (real) => ({ ...real, endOfScheme: (scheme) => endOfScheme ?? real.endOfScheme(scheme) }),
    })
  })
  afterAll(() => house.close())

  let count = 0
  const mint = async (level?: string): Promise<string> => {
    const request = { key: `level ${++count}`, typeCode: businessLicence, data: exampleOf(), level }
    const [outcome] = await house.licences.issueLicences(clerk, [request])
    if (!outcome?.ok) throw outcome?.error
    return outcome.licence.identifier
  }
  const rowOf = async (identifier: string) =>
    (
      await house.database.query<{
        level: string
        target_level: string
        sealed_digest: string
        archive_scheme: string
      }>('select level, target_level, sealed_digest, archive_scheme from licence.licences where identifier = $1', [
        identifier,
      ])
    )[0]!
  const stampsIn = (pdf: Uint8Array) => {
    const read = readSignedPdf(pdf)
    return read.ok ? read.signatures.filter(({ type }) => type === 'document-time-stamp').length : -1
  }

  it.each(['B-B', 'B-T', 'B-LT', 'B-LTA'])('mints at %s and verifies it there', async (level) => {
    expect(await rowOf(await mint(level))).toMatchObject({ level, target_level: level })
  })

  it('mints a licence without end for the archive when nothing is asked', async () => {
    const row = await rowOf(await mint())
    expect(row).toMatchObject({ level: 'B-LTA', archive_scheme: 'ec-256' })
  })

  it.each([
    ['stamps', 'B-B', setStamping],
    ['revocation data', 'B-T', setAnswering],
  ] as const)('mints without %s at %s, says so, and raises the licence later', async (_what, low, set) => {
    set(false)
    const identifier = await mint('B-LT')
    expect(await rowOf(identifier)).toMatchObject({ level: low, target_level: 'B-LT' })
    expect(house.logLines.some((line) => line.includes('below the level asked for'))).toBe(true)
    const before = await house.licences.readDocument(clerk, identifier)
    expect(await house.licences.raiseToTarget()).toMatchObject({ done: 0 })
    set(true)
    expect(await house.licences.raiseToTarget()).toEqual({ done: 1, left: 0 })
    expect(await house.licences.raiseToTarget()).toEqual({ done: 0, left: 0 })
    const row = await rowOf(identifier)
    expect(row).toMatchObject({ level: 'B-LT', target_level: 'B-LT' })
    const after = await house.licences.readDocument(clerk, identifier)
    expect(Buffer.compare(after.subarray(0, before.length), before)).toBe(0)
    expect((await house.licences.readStatus(identifier)).sealedDigest).toBe(row.sealed_digest)
    const audit = await house.database.query(
      `select detail from licence.audit_records where identifier = $1 and action = 'raised'`,
      [identifier],
    )
    expect(audit.length).toBeGreaterThanOrEqual(1)
  })

  it('raises each document once when two processes do it at once', async () => {
    isAnswering = false
    const identifiers = [await mint('B-LT'), await mint('B-LT'), await mint('B-LT')]
    isAnswering = true
    const other = await house.reopen()
    await Promise.all([house.licences.raiseToTarget(), other.licences.raiseToTarget()])
    for (const identifier of identifiers) {
      expect(await rowOf(identifier)).toMatchObject({ level: 'B-LT' })
      const audit = await house.database.query(
        `select 1 from licence.audit_records where identifier = $1 and action = 'raised'`,
        [identifier],
      )
      expect(audit).toHaveLength(1)
    }
    await other.close()
  })

  it('keeps a damaged document from stopping the others', async () => {
    isAnswering = false
    const [damaged, sound] = [await mint('B-LT'), await mint('B-LT')]
    isAnswering = true
    await house.database.query(
      `update licence.licences set document_blob = (select document_blob from licence.licences where identifier = $2)
       where identifier = $1`,
      [damaged, sound],
    )
    expect(await house.licences.raiseToTarget()).toEqual({ done: 1, left: 1 })
    expect(await rowOf(sound!)).toMatchObject({ level: 'B-LT' })
    await house.database.query(`update licence.licences set target_level = level where identifier = $1`, [damaged])
  })

  it('renews archive time stamps when their algorithm is to end within a year, and not before', async () => {
    const identifier = await mint('B-LTA')
    expect(await house.licences.renewArchives()).toEqual({ done: 0, left: 0 })
    const before = await house.licences.readDocument(clerk, identifier)
    expect(stampsIn(before)).toBe(1)
    endOfScheme = new Date(house.clock.now().getTime() + 300 * 24 * 3_600_000)
    const { done, left } = await house.licences.renewArchives()
    endOfScheme = null
    expect(done).toBeGreaterThanOrEqual(1)
    expect(left).toBe(0)
    const after = await house.licences.readDocument(clerk, identifier)
    expect(stampsIn(after)).toBe(2)
    expect(Buffer.compare(after.subarray(0, before.length), before)).toBe(0)
    expect(await rowOf(identifier)).toMatchObject({ level: 'B-LTA' })
  })

  it('renews archive time stamps whose certificate ends within a year', async () => {
    const identifier = await mint('B-LTA')
    const inMonths = new Date(house.clock.now().getTime() + 100 * 24 * 3_600_000)
    await house.database.query('update licence.licences set archive_until = $2 where identifier = $1', [
      identifier,
      inMonths,
    ])
    expect(await house.licences.renewArchives()).toEqual({ done: 1, left: 0 })
    expect(await house.licences.renewArchives()).toEqual({ done: 0, left: 0 })
    expect(stampsIn(await house.licences.readDocument(clerk, identifier))).toBe(2)
  })
})

describe('drawing and judging in other threads', () => {
  it('gives the same pages and reports as this one, and mints by them', async () => {
    const threads = createMintPool(1)
    const seen: string[] = []
    const compiled = compileTemplate(findTemplate(businessLicence)!, await openFonts())
    const house = await openHouse(await engines[0]!.open(), {
      render: async (pages, templates) => {
        const drawn = await threads.render(pages, templates)
        const here = pages.map(({ typeCode: _typeCode, ...input }) => renderLicence(compiled, input))
        expect(drawn.map((page) => page.ok && Buffer.from(page.pdf).toString('base64'))).toEqual(
          here.map(({ pdf }) => Buffer.from(pdf).toString('base64')),
        )
        expect(drawn.map((page) => page.ok && page.sealCentre)).toEqual(here.map(({ sealCentre }) => sealCentre))
        return drawn
      },
      judge: async (documents, evidence, policy, at) => {
        const reports = await threads.judge(documents, evidence, policy, at)
        const here = await Promise.all(documents.map((document) => verifyDocument(document, evidence, policy, at)))
        // Word for word what the verifier says in this thread, in as far as it is told.
        expect(here).toMatchObject(reports)
        expect(reports.every(({ findings, signatures }) => findings.length > 0 && signatures.length > 0)).toBe(true)
        seen.push(...reports.map(({ verdict }) => verdict))
        return reports
      },
    })
    const requests = Array.from({ length: 30 }, (_, n) => ({
      key: `threads ${n}`,
      typeCode: businessLicence,
      data: exampleOf(),
      level: 'B-LT',
    }))
    const outcomes = await house.licences.issueLicences(clerk, requests)
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(seen.filter((verdict) => verdict === 'accepted')).toHaveLength(30)
    await threads.close()
    await house.close()
  })
})

describe.each(engines)('a joint issue on $name', ({ open }) => {
  it('carries the seals of all departments, each good, and is accepted', async () => {
    const house = await openHouse(await open())
    const [own] = await house.seals.seals(departments[0].code)
    const [other] = await house.seals.seals(departments[1].code)
    const system = { id: 'system', kind: 'system', departmentCode: departments[0].code } as const
    const coSeals = [{ sealId: other!.id, offsetMm: { x: -55, y: 0 } }]
    await house.licences.assignTypes(system, [
      { typeCode: businessLicence, departmentCode: departments[0].code, sealId: own!.id, coSeals },
    ])
    const request = { key: 'joint', typeCode: businessLicence, data: exampleOf(), level: 'B-LTA' }
    const [refused] = await house.licences.issueLicences(clerk, [{ ...request, key: 'no leave' }])
    expect(refused).toMatchObject({ ok: false, error: { code: 'SEAL_NOT_YOURS' } })
    const grant = { sealId: other!.id, departmentCode: departments[0].code, typeCode: businessLicence }
    await house.seals.grantSeal(grant, 'keeper')
    const [outcome] = await house.licences.issueLicences(clerk, [request])
    if (!outcome?.ok) throw outcome?.error
    const { identifier, sealedDigest } = outcome.licence
    const bytes = await house.licences.readDocument(clerk, identifier)
    const report = await verifyDocument(
      { name: 'joint.pdf', bytes },
      { crls: await house.pki.crls(), trustList: await house.licences.trustList(), statusLists: new Map(), live: null },
      { trustAnchors: house.pki.anchors(), status: 'skipped' },
      house.clock.now(),
    )
    expect(report.verdict).toBe('accepted')
    const seals = report.signatures.filter(({ type }) => type === 'signature')
    expect(seals.map(({ field, level, indication }) => [field, level, indication])).toEqual([
      ['Seal1', 'B-LTA', 'TOTAL-PASSED'],
      ['Seal2', 'B-LTA', 'TOTAL-PASSED'],
    ])
    expect(new Set(seals.map(({ signedBy }) => signedBy)).size).toBe(2)
    expect(sealedDigest).toBe(seals[1]!.signedDigest)
    await house.close()
  })
})
