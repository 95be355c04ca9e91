import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/http/index.ts'
import { type FontSet, findTemplate, type LicenceDefinition, listTemplates } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence } from '../support/service.ts'
import { type Desk, openDesk, openDeskOf, publishTemplate } from './catalogue-desk.ts'

const path = `/api/templates/${businessLicence}/golden`
const anotherType = listTemplates().find(({ typeCode }) => typeCode !== businessLicence)!.typeCode
const shipped: LicenceDefinition = findTemplate(businessLicence)!
/** The same letters cut otherwise, as a new version of the fonts may bring. */
const otherFonts = (fonts: FontSet): FontSet => ({
  ...fonts,
  faces: { ...fonts.faces, 'serif-regular': fonts.faces['sans-regular'], 'sans-regular': fonts.faces['serif-regular'] },
})

describe.each(engines)('golden specimens on $name', (engine) => {
  let desk: Desk
  let upgraded: Desk
  const metrics = createMetrics()
  beforeAll(async () => {
    desk = await openDesk(engine)
  })
  afterAll(async () => {
    await upgraded?.close()
    await desk?.close()
  })
  const read = async (at = desk) => (await at.call('reviewer', 'GET', path)).json
  const specimen = async (which: string, at = desk) => {
    const answer = await at.call('editor', 'GET', `${path}/${which}`)
    return answer.status === 200 ? Buffer.from(answer.bytes) : answer.json.code
  }

  it('are none for what came with the service, until somebody proposes one and another approves', async () => {
    expect(await read()).toMatchObject({ templateVersion: 1, state: 'none', approved: null, proposed: null })
    expect(await specimen('approved')).toBe('TEMPLATE_VERSION_NOT_FOUND')
    expect((await desk.call('reviewer', 'POST', `${path}/checks`, {})).json.code).toBe('TEMPLATE_VERSION_NOT_FOUND')
  })

  it('are kept with a publication and are the same when they are drawn again, on another day too', async () => {
    const { definitionDigest } = (await desk.call('editor', 'GET', `/api/templates/${businessLicence}/draft`)).json
    const fields = shipped.fields.map((field) => ({ ...field, hint: { zh: '提示', en: 'Hint' } }))
    await publishTemplate(desk, businessLicence, { ...shipped, fields }, definitionDigest)
    expect(await read()).toMatchObject({
      ...{ templateVersion: 2, state: 'unchecked', differences: [], proposed: null },
      approved: { revision: 1, proposedBy: 'editor', decidedBy: 'reviewer' },
    })
    desk.house.clock.advance(40 * 24 * 3_600_000)
    const checked = await desk.call('editor', 'POST', `${path}/checks`, {})
    expect(checked).toMatchObject({ status: 200, json: { state: 'same', differences: [] } })
    expect((await specimen('present')).equals(await specimen('approved'))).toBe(true)
  })

  it('are found different by a process with other fonts, which replaces nothing and tells its operator', async () => {
    const before = await specimen('approved')
    upgraded = await openDeskOf(await desk.house.reopen({ fonts: otherFonts, metrics }))
    const [check] = await upgraded.house.licences.checkTemplates()
    expect(check).toMatchObject({ typeCode: businessLicence, templateVersion: 2, outcome: 'differs' })
    expect(check!.differences).toContainEqual({ page: 0, what: 'letters' })
    expect(await read(upgraded)).toMatchObject({ state: 'differs', approved: { revision: 1 } })
    expect((await read(upgraded)).differences).toContainEqual({ page: 1, what: 'letters' })
    expect((await specimen('approved', upgraded)).equals(before)).toBe(true)
    expect((await specimen('present', upgraded)).equals(before)).toBe(false)
    expect((await metrics.text()).text).toMatch(/templates_golden\{state="differs"\} 1/)
    expect(upgraded.house.logLines.join('')).toContain('looks different from what was approved')
  })

  it('are proposed with a reason by who may draw, and a later proposal takes the place of an earlier one', async () => {
    expect((await upgraded.call('editor', 'POST', `${path}/proposals`, { reason: ' ' })).status).toBe(422)
    expect((await upgraded.call('reviewer', 'POST', `${path}/proposals`, { reason: '新字体' })).status).toBe(403)
    const elsewhere = `/api/templates/${anotherType}/golden/proposals`
    expect((await upgraded.call('stranger', 'POST', elsewhere, { reason: '新字体' })).json.code).toBe('TYPE_NOT_YOURS')
    const [one, two] = await Promise.all(
      ['新字体', '新字体，再看一次'].map((reason) => upgraded.call('editor', 'POST', `${path}/proposals`, { reason })),
    )
    expect([one!.status, two!.status]).toEqual([200, 200])
    const { proposed, state, approved } = await read(upgraded)
    expect({ revision: proposed.revision, state, approved: approved.revision }).toEqual({
      ...{ revision: 3, state: 'differs', approved: 1 },
    })
    const late = { revision: 2, specimenDigest: proposed.specimenDigest }
    expect((await upgraded.call('reviewer', 'POST', `${path}/approvals`, late)).json.code).toBe(
      'TEMPLATE_CHANGED_SINCE_READ',
    )
  })

  it('are refused, and what was approved goes on counting', async () => {
    const { proposed } = await read(upgraded)
    const decision = { revision: proposed.revision, specimenDigest: proposed.specimenDigest }
    expect((await upgraded.call('reviewer', 'POST', `${path}/refusals`, decision)).json).toMatchObject({
      ...{ state: 'differs', proposed: null, approved: { revision: 1 } },
    })
    expect((await upgraded.call('reviewer', 'POST', `${path}/approvals`, decision)).json.code).toBe(
      'TEMPLATE_CHANGED_SINCE_READ',
    )
  })

  it('are approved by another person who names what was seen, once', async () => {
    await upgraded.call('both', 'POST', `${path}/proposals`, { reason: '字体升级' })
    const { proposed } = await read(upgraded)
    const decision = { revision: proposed.revision, specimenDigest: proposed.specimenDigest }
    const decide = (who: 'both' | 'reviewer', body: object) => upgraded.call(who, 'POST', `${path}/approvals`, body)
    expect((await decide('both', decision)).json.code).toBe('CATALOGUE_SAME_PERSON')
    const other = { ...decision, specimenDigest: '0'.repeat(64) }
    expect((await decide('reviewer', other)).json.code).toBe('TEMPLATE_CHANGED_SINCE_READ')
    const seen = await specimen('proposed', upgraded)
    const twice = await Promise.all([decide('reviewer', decision), decide('reviewer', decision)])
    expect(twice.map(({ status }) => status)).toEqual([200, 200])
    expect(await read(upgraded)).toMatchObject({ state: 'same', proposed: null, approved: { revision: 4 } })
    expect((await specimen('approved', upgraded)).equals(seen)).toBe(true)
  })

  it('are proposed so often a day alone, since each is kept', async () => {
    const statuses = new Set<number>()
    for (let asked = 0; asked < 25; asked++)
      statuses.add((await upgraded.call('editor', 'POST', `${path}/proposals`, { reason: '再看一次' })).status)
    expect([...statuses]).toEqual([200, 429])
    const answer = await upgraded.call('editor', 'POST', `${path}/proposals`, { reason: '再看一次' })
    expect(answer.json.code).toBe('TEMPLATE_PROPOSALS_TOO_MANY')
    expect((await read(upgraded)).proposed.revision).toBe(21)
    expect(await upgraded.house.database.query('select from licence.template_goldens')).toHaveLength(21)
  })

  it('are different again for a process that still has the fonts of before', async () => {
    const checks = await desk.house.licences.checkTemplates()
    expect(checks.map(({ outcome, revision }) => ({ outcome, revision }))).toEqual([
      { outcome: 'differs', revision: 4 },
    ])
  })

  it('cannot be changed or removed past the service', async () => {
    const { database } = desk.house
    for (const statement of [
      `update licence.template_goldens set specimen = '\\x00'`,
      `update licence.template_goldens set state = 'approved' where state = 'refused'`,
      'delete from licence.template_goldens',
    ])
      await expect(database.query(statement)).rejects.toThrow(/never changed|only ever added/)
  })
})
