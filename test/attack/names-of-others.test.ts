// A department that may issue one type writes the name of another, or of another department, into the data and onto the page.
import { describe, expect, it } from 'vitest'
import type { LicenceData, TrustedEntity } from '../../licence-format/index.ts'
import * as world from '../verifier/world.ts'

const LAND_BUREAU = '云汀市自然资源和规划局'
const issuerCalled = (name: string) => ({ issuer: { code: world.MARKET, name } })

async function judge(change: Partial<LicenceData>, entities?: TrustedEntity[]) {
  const bytes = await world.sealedLicence({ data: world.licence(change) })
  const trustList = await world.trustList(entities ? { entities } : {})
  return world.verify(bytes, { trustList })
}

describe('the names in a licence', () => {
  it('keep it from being accepted where another type has that name', async () => {
    const report = await judge({ typeName: '不动产权证书' })
    expect(report.verdict).toBe('undecided')
    expect(world.codes(report, 'undecided')).toEqual(['TYPE_NAME_OF_OTHER'])
    expect(report.reason).toContain('不动产权证书')
    expect(report.reason).toContain('营业执照')
  })

  it.each([
    ['a blank behind', '不动产权证书 '],
    ['a mark that is not seen', '不动产\u200b权证书'],
    ['a soft hyphen', '不动产\u00ad权证书'],
    ['an ideographic space', '不动产\u3000权证书'],
  ])('keep it from being accepted where people read the same: %s', async (_what, typeName) => {
    expect(world.codes(await judge({ typeName }), 'undecided')).toEqual(['TYPE_NAME_OF_OTHER'])
  })

  it('keep it from being accepted where another department has that name', async () => {
    const report = await judge(issuerCalled(LAND_BUREAU))
    expect(report.verdict).toBe('undecided')
    expect(world.codes(report, 'undecided')).toEqual(['ISSUER_NAME_OF_OTHER'])
    expect(world.answers(report)).toMatchObject({ seal: 'yes', issuer: 'unknown' })
  })

  it('are told in the first sentence where the list knows others for them, as after a renaming', async () => {
    const report = await judge({ typeName: '工商营业执照', ...issuerCalled('云汀市工商行政管理局') })
    expect(report.verdict).toBe('accepted')
    expect(world.codes(report, 'info')).toEqual(expect.arrayContaining(['TYPE_NAME_DIFFERS', 'ISSUER_NAME_DIFFERS']))
    for (const name of ['工商营业执照', '营业执照', '云汀市工商行政管理局', '云汀市市场监督管理局'])
      expect(report.explanation.sentence.zh).toContain(`“${name}”`)
    expect(report.statement).toMatchObject({ typeName: { zh: '营业执照' }, issuerName: { zh: '云汀市市场监督管理局' } })
  })

  it('are those of its day: a name that was given to another only after it was issued is a renaming', async () => {
    const later = world.fromNow(-60_000)
    const [operator, market, land] = world.withEntity(world.MARKET, (entity) => ({
      ...entity,
      name: { zh: '云汀市市场监管委员会', en: 'Market Commission' },
      entitlements: entity.entitlements.map((item) => ({
        ...item,
        name: { zh: '营业执照（旧版）', en: 'Old licence' },
      })),
    }))
    const taken: TrustedEntity = {
      ...land!,
      name: { zh: '云汀市市场监督管理局', en: 'New Bureau' },
      services: [],
      entitlements: land!.entitlements.map((item) => ({ ...item, name: { zh: '营业执照', en: 'New' }, from: later })),
    }
    expect((await judge({}, [operator!, market!, taken])).verdict).toBe('accepted')
  })

  it('say nothing where they are the listed ones', async () => {
    const report = await judge({})
    expect(report.findings.filter(({ code }) => /NAME_(DIFFERS|OF_OTHER)/.test(code))).toEqual([])
  })
})
