// What waits while a department's keys are renewed is minted with the new ones, and who renewed them is on record.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { businessLicence, exampleOf, type RunningHouse, startHouse } from '../support/running-house.ts'

describe('a licence that was prepared when its keys were renewed', () => {
  let run: RunningHouse
  let department: { readonly code: string; readonly name: { readonly zh: string } }
  beforeAll(async () => {
    run = await startHouse()
    run.clock.advance(60_000)
    const departments = await run.house.directory.departments()
    department = departments.find(({ name }) => name.zh.includes('市场监督'))!
  })
  afterAll(() => run.close())

  /** Broken off at a step of the seal service's, and taken up again after something else happened. */
  async function issueAround(
    key: string,
    step: 'signStatements' | 'sealDocuments',
    meanwhile: () => Promise<unknown>,
  ): Promise<unknown> {
    const { seals, licences } = run.house
    const sound = seals[step]
    const caller = {
      id: 'clerk',
      name: '张',
      kind: 'person',
      departmentCode: department.code,
      roles: ['issuer'],
    } as const
    const issue = () =>
      licences.issueLicences(caller, [{ key, typeCode: businessLicence, data: exampleOf(businessLicence) }])
    Object.assign(seals, { [step]: () => Promise.reject(new Error('away for a moment')) })
    await issue()
    Object.assign(seals, { [step]: sound })
    run.clock.advance(10_000)
    await meanwhile()
    run.clock.advance(60_000)
    await licences.resumeIssuance(run.clock.now())
    return (await issue())[0]
  }
  const renewSeal = async () => {
    const [seal] = await run.house.seals.seals(department.code)
    await run.house.seals.renewSeal({ sealId: seal!.id, organisation: department.name.zh, callerId: '王管理员' })
  }
  const renewStatementKey = () =>
    run.house.seals.renewStatementKey({ code: department.code, name: department.name.zh }, '王管理员')

  it.each([
    ['the statement key, before it signed', 'signStatements', renewStatementKey],
    ['the statement key, after it signed', 'sealDocuments', renewStatementKey],
    ['the seal, before the statement was signed', 'signStatements', renewSeal],
    ['the seal, after the statement was signed', 'sealDocuments', renewSeal],
  ] as const)('is issued: %s', async (what, step, renew) => {
    expect(await issueAround(what, step, renew)).toMatchObject({ ok: true })
  })

  it('leaves on record who renewed a statement key', async () => {
    const rows = await run.house.database.query('select caller_id as "callerId" from seal.statement_key_renewals')
    expect(rows).toEqual([{ callerId: '王管理员' }, { callerId: '王管理员' }])
  })

  it('renews a statement key once where two order it at once', async () => {
    const [one, other] = await Promise.all([renewStatementKey(), renewStatementKey()])
    expect(one.kid).toBe(other.kid)
    const rows = await run.house.database.query('select from seal.statement_key_renewals where to_kid = $1', [one.kid])
    expect(rows).toHaveLength(1)
  })

  it('leaves a statement key that was renewed late at its last day: nothing in between counts in hindsight', async () => {
    const states = async () => {
      const keys = (await run.house.seals.publicKeys()).find(
        ({ departmentCode }) => departmentCode === department.code,
      )!
      return keys.services.filter(({ kind }) => kind === 'statement').map((service) => service.states)
    }
    run.clock.advance(800 * 86_400_000)
    const before = await states()
    expect(before.at(-1)).toMatchObject([{ state: 'granted' }, { state: 'retired' }])
    await renewStatementKey()
    expect((await states()).slice(0, -1)).toEqual(before)
  })
})
