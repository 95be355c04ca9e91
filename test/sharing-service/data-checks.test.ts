// 信息验证 in the running house: whose licences an agreement lets a department check, field by field.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemCaller } from '../../bin/demonstration.ts'
import { demoDepartments, type Role } from '../../directory/index.ts'
import { exampleOf, type RunningHouse, type Stem, startHouse, typeCodeOf } from '../support/running-house.ts'

const typeCode = typeCodeOf('道路运输经营许可证')
const codeOf = (stem: Stem) => demoDepartments.find((one) => one.stem === stem)!.code
const why = { matterCode: 'SG-01', purpose: '核对', legalBasis: '法' }
const said = exampleOf(typeCode) as Record<string, string>

let running: RunningHouse
let user: string
let number: string
const keyFor = (stem: Stem, role: Role) =>
  running.house.directory.makeApiKey({ name: role, departmentCode: codeOf(stem), roles: [role], expiresAt: null })

/** The transport bureau's agreement lets the police have `operator`; the licence is the housing bureau's. */
beforeAll(async () => {
  running = await startHouse()
  const housing = { code: codeOf('housing'), name: '云汀市住房和城乡建设局' }
  const own = typeCodeOf('建筑工程施工许可证')
  const [seal] = await running.house.seals.makeDemoSeals([{ ...housing, typeCodes: [own, typeCode] }])
  const assignment = { typeCode, departmentCode: housing.code, sealId: seal!.id }
  await running.house.licences.assignTypes(systemCaller(housing.code), [assignment])
  const issue = { key: running.issuers.housing, once: 'checked', body: { typeCode, data: said } }
  const issued = await running.call('/api/licences', issue)
  expect(issued.status).toBe(201)
  number = issued.json.number
  user = await keyFor('police', 'licence-user')
  const key = await keyFor('police', 'licence-reviewer')
  await running.call('/api/sharing/matters', { key, body: { matterCode: 'SG-01', name: '事项' } })
  await agree('transport', ['operator'])
})
afterAll(() => running?.close())

async function agree(provider: Stem, fields: readonly string[]): Promise<void> {
  const validFrom = running.clock.now()
  const body = {
    ...{ consumerCode: codeOf('police'), typeCode, matterCodes: ['SG-01'], fields, legalBasis: '法' },
    ...{ validFrom, validUntil: new Date(validFrom.getTime() + 86_400_000), dailyUses: 99, dailyHolders: 99 },
  }
  const offer = { key: await keyFor(provider, 'licence-reviewer'), once: provider, body }
  const { json } = await running.call('/api/sharing/agreements', offer)
  const acceptance = { method: 'POST', key: await keyFor('police', 'licence-reviewer') }
  const accepted = await running.call(`/api/sharing/agreements/${json.id}/acceptances`, acceptance)
  expect(accepted.json.state).toBe('accepted')
}

const check = async (more: object): Promise<number> => {
  const data = { creditCode: said['creditCode'], ...more }
  return (await running.call('/api/shared/data-checks', { key: user, body: { ...why, typeCode, data } })).json.code
}
const checkByEnvelope = async (more: object): Promise<number> => {
  const certData = JSON.stringify({ creditCode: said['creditCode'], ...more })
  const head = { accessId: user.split('_')[1]!, accessToken: user }
  const data = { useCause: '核对', itemCode: 'SG-01', certTypeCode: typeCode, certData }
  return (await running.call('/zzgxpt/verifyCertInfo', { body: { head, data } })).json.data.result
}

describe('a check of data', () => {
  it('tells nothing of licences of issuers that no agreement reaches, not even that there are any', async () => {
    const { operator } = said
    expect(await check({ operator })).toBe(5)
    expect(await check({ operator: '别的公司' })).toBe(5)
    expect(await check({ operator, address: '别处' })).toBe(5)
    expect(await checkByEnvelope({ operator })).toBe(5)
    const reads = await running.house.database.query(`select 1 from licence.reads where what = 'check'`)
    expect(reads).toEqual([])
    // Who has the paper before them may check it, whoever issued it.
    expect(await check({ '@number': number, operator })).toBe(0)
  })

  it('counts a field for the issuers of the agreement that names it alone', async () => {
    await agree('housing', ['address'])
    running.clock.advance(1000)
    const { operator, address } = said
    expect(await check({ operator })).toBe(5)
    expect(await check({ operator, address: '别处' })).toBe(5)
    expect(await check({ operator: '别的公司', address })).toBe(6)
    expect(await check({ operator, address })).toBe(0)
    expect(await checkByEnvelope({ operator, address })).toBe(0)
  })

  it('confirms no field that the catalogue keeps in its department, also to who knows code and number', async () => {
    const marriage = typeCodeOf('结婚证')
    const couple = exampleOf(marriage) as Record<string, string>
    const issued = await running.call('/api/licences', {
      ...{ key: running.issuers.civil, once: 'couple' },
      body: { typeCode: marriage, data: couple },
    })
    expect(issued.status).toBe(201)
    const known = { firstIdNumber: couple['firstIdNumber'], '@number': issued.json.number }
    const codeOfCheck = async (more: object) => {
      const body = { ...why, typeCode: marriage, data: { ...known, ...more } }
      return (await running.call('/api/shared/data-checks', { key: user, body })).json.code
    }
    for (const firstSex of ['男', '女']) expect(await codeOfCheck({ firstSex })).toBe(4)
    for (const firstNationality of ['中国', '美国']) expect(await codeOfCheck({ firstNationality })).toBe(4)
    const head = { accessId: user.split('_')[1]!, accessToken: user }
    const certData = JSON.stringify({ ...known, firstSex: couple['firstSex'] })
    const data = { useCause: '核对', itemCode: 'SG-01', certTypeCode: marriage, certData }
    const facade = (await running.call('/zzgxpt/verifyCertInfo', { body: { head, data } })).json
    expect(facade.data).toMatchObject({ result: 4, message: '信息不全，无法验证' })
    // Holders and dates are what a check is for.
    const { firstName, secondName } = couple
    expect(await codeOfCheck({ firstName, secondName })).toBe(0)
    expect(await codeOfCheck({ firstName, secondName: '别人' })).toBe(6)
  })
})
