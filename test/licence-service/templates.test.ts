import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleInput, findTemplate, type LicenceDefinition, listTemplates } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf } from '../support/service.ts'
import { type Desk, openDesk, parkingEntry, parkingPermit, publishTemplate, publishType } from './catalogue-desk.ts'

const shipped = findTemplate(businessLicence)!
const path = `/api/templates/${businessLicence}`

/** The business licence with another title. */
const titled = (title: string): LicenceDefinition => ({
  ...shipped,
  layout: {
    ...shipped.layout,
    pages: shipped.layout.pages.map((page) => ({
      ...page,
      elements: page.elements.map((element) =>
        element.kind === 'text' && element.text.replaceAll(' ', '') === '营业执照'
          ? { ...element, text: title }
          : element,
      ),
    })),
  },
})

describe.each(engines)('templates on $name', (engine) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(engine)
  })
  afterAll(() => desk?.close())

  const opened = async (typeCode = businessLicence) =>
    (await desk.call('editor', 'GET', `/api/templates/${typeCode}/draft`)).json
  const issue = async (key: string, typeCode = businessLicence, data: unknown = exampleOf()) =>
    (await desk.house.licences.issueLicences(clerk, [{ key, typeCode, data, level: 'B-B' }]))[0]!
  const versionOf = async (identifier: string) =>
    (
      await desk.house.database.query<{ version: number }>(
        'select template_version as version from licence.licences where identifier = $1',
        [identifier],
      )
    )[0]!.version

  it('begin as the shipped ones, published, as nobody’s drawing', async () => {
    const { versions } = (await desk.call('reviewer', 'GET', `${path}/versions`)).json
    expect(versions).toMatchObject([{ templateVersion: 1, state: 'published', origin: 'shipped', drawers: [] }])
    expect((await opened()).definition).toEqual(JSON.parse(JSON.stringify(shipped)))
  })

  it('are shown as a specimen while they are drawn, by anybody’s data', async () => {
    const definition = titled('试样执照')
    const preview = await desk.call('editor', 'POST', `${path}/previews`, { definition })
    expect(preview.status).toBe(200)
    expect(Buffer.from(preview.bytes.subarray(0, 5)).toString()).toBe('%PDF-')
    const data = { ...exampleInput(shipped), name: '' }
    const refused = await desk.call('editor', 'POST', `${path}/previews`, { definition, data })
    expect(refused.json).toMatchObject({ code: 'LICENCE_DATA_INVALID', errors: [{ pointer: '/data/name' }] })
  })

  it('tell every fault under its pointer, and keep the draft as it was', async () => {
    const { definitionDigest } = await opened()
    const definition = { ...shipped, fields: [...shipped.fields, { ...shipped.fields[0], surprise: 1 }], layout: 7 }
    const refused = await desk.call('editor', 'PUT', `${path}/draft`, { definition, replaces: definitionDigest })
    expect(refused).toMatchObject({ status: 422, json: { code: 'TEMPLATE_DEFINITION_INVALID' } })
    expect(refused.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      `/fields/${shipped.fields.length}/surprise`,
      '/layout',
    ])
    expect((await opened()).definitionDigest).toBe(definitionDigest)
  })

  it('report what overflows with the longest data a field admits', async () => {
    const narrow = {
      ...shipped,
      fields: shipped.fields.map((field) => (field.role === 'holder-name' ? { ...field, maxLength: 2000 } : field)),
    }
    const { samples, overflows } = (await desk.call('editor', 'POST', `${path}/overflows`, { definition: narrow })).json
    expect(samples.length).toBeGreaterThan(1)
    const name = shipped.fields.find(({ role }) => role === 'holder-name')!.name
    expect(overflows.map(({ where }: { where: string }) => where)).toContain(`/${name}`)
  })

  it('are published by two people; licences of the version before keep theirs and are drawn again by it', async () => {
    const first = await issue('version 1')
    if (!first.ok) throw first.error
    const { definitionDigest: replaces } = await opened()
    const drawn = await desk.call('editor', 'PUT', `${path}/draft`, {
      definition: titled('营业执照（新版）'),
      replaces,
    })
    expect(drawn.json).toMatchObject({ state: 'draft', templateVersion: 2, drawers: ['editor'] })
    const lost = await desk.call('editor', 'PUT', `${path}/draft`, { definition: titled('另一版'), replaces })
    expect(lost.json.code).toBe('TEMPLATE_CHANGED_SINCE_READ')
    const { definitionDigest } = drawn.json
    const other = { definitionDigest: replaces }
    expect((await desk.call('reviewer', 'POST', `${path}/reviews`, other)).json.code).toBe(
      'TEMPLATE_CHANGED_SINCE_READ',
    )
    expect((await desk.call('reviewer', 'POST', `${path}/publications`, { definitionDigest })).json.code).toBe(
      'TEMPLATE_STATE_REFUSED',
    )
    expect((await desk.call('machine', 'POST', `${path}/reviews`, { definitionDigest })).json.code).toBe(
      'CATALOGUE_SAME_PERSON',
    )
    await desk.call('reviewer', 'POST', `${path}/reviews`, { definitionDigest })
    const page = Buffer.from('89504e470d0a1a0a0000', 'hex')
    const golden = { definitionDigest, goldenPages: [page.toString('base64')] }
    const published = await desk.call('reviewer', 'POST', `${path}/publications`, golden)
    expect(published.json).toMatchObject({ state: 'published', templateVersion: 2, publishedBy: 'reviewer' })
    expect(Buffer.from((await desk.call('editor', 'GET', `${path}/versions/2/pages/1`)).bytes)).toEqual(page)
    const sample = await desk.call('editor', 'GET', `${path}/versions/2/sample`)
    expect(Buffer.from(sample.bytes.subarray(0, 5)).toString()).toBe('%PDF-')

    const second = await issue('version 2')
    if (!second.ok) throw second.error
    expect(await versionOf(first.licence.identifier)).toBe(1)
    expect(await versionOf(second.licence.identifier)).toBe(2)
    const described = (await desk.call('clerk', 'GET', `/api/catalogue/${businessLicence}`)).json
    expect(described.templateVersion).toBe(2)
  })

  it('are not approved while they hide a field that the catalogue shares', async () => {
    const { definition, definitionDigest: replaces } = await opened()
    const shared = (await desk.call('clerk', 'GET', `/api/catalogue/${businessLicence}`)).json.entry.sharing.fields[0]
    const hidden = {
      ...definition,
      fields: definition.fields.map((field: { name: string }) =>
        field.name === shared ? { ...field, disclosure: 'hidden' } : field,
      ),
    }
    const drawn = await desk.call('editor', 'PUT', `${path}/draft`, { definition: hidden, replaces })
    const { definitionDigest } = drawn.json
    const refused = await desk.call('reviewer', 'POST', `${path}/reviews`, { definitionDigest })
    expect(refused.json).toMatchObject({ code: 'TYPE_ENTRY_INVALID', errors: [{ pointer: '/sharing/fields/0' }] })
    await desk.call('editor', 'PUT', `${path}/draft`, { definition, replaces: definitionDigest })
  })

  it('draw what an outage left prepared by the version it was prepared with, in another process too', async () => {
    let isDown = true
    const { house } = desk
    const broken = await house.reopen({
      sealer: (sealer) => ({
        ...sealer,
        signStatements: (...args) => {
          if (isDown) throw new Error('the seal service is away')
          return sealer.signStatements(...args)
        },
      }),
    })
    try {
      const request = { key: 'outage', typeCode: businessLicence, data: exampleOf(), level: 'B-B' }
      const left = (await broken.licences.issueLicences(clerk, [request]))[0]!
      expect(left.ok).toBe(false)
      const { definitionDigest: replaces } = await opened()
      await publishTemplate(desk, businessLicence, titled('营业执照（第三版）'), replaces)
      isDown = false
      const late = await issue('outage')
      if (!late.ok) throw late.error
      expect(await versionOf(late.licence.identifier)).toBe(2)
    } finally {
      await broken.close()
    }
  })

  it('are followed by a process that knew only the version before, in the middle of its work', async () => {
    const other = await desk.house.reopen()
    try {
      const { definitionDigest: replaces, templateVersion } = await opened()
      await publishTemplate(desk, businessLicence, titled('营业执照（又一版）'), replaces)
      const request = { key: 'followed', typeCode: businessLicence, data: exampleOf(), level: 'B-B' }
      const outcome = (await other.licences.issueLicences(clerk, [request]))[0]!
      if (!outcome.ok) throw outcome.error
      expect(await versionOf(outcome.licence.identifier)).toBe(templateVersion + 1)
    } finally {
      await other.close()
    }
  })

  it('make licences of a type that was defined and drawn here, from the first page on', async () => {
    await publishType(desk, parkingPermit, parkingEntry)
    const { definition, state, definitionDigest } = await opened(parkingPermit)
    expect({ state, definitionDigest }).toEqual({ state: 'none', definitionDigest: null })
    expect((await issue('too early', parkingPermit)).ok).toBe(false)
    await publishTemplate(desk, parkingPermit, definition, null)
    const described = (await desk.call('clerk', 'GET', `/api/catalogue/${parkingPermit}`)).json
    expect(described.fields.map(({ name }: { name: string }) => name)).toEqual(['holderName', 'holderCode'])
    const early = await issue('not assigned', parkingPermit, described.example)
    expect(early.ok ? '' : early.error).toMatchObject({ code: 'LICENCE_TYPE_NOT_ASSIGNED' })
    const [{ code, name }] = departments
    const typeCodes = [...listTemplates().map(({ typeCode }) => typeCode), parkingPermit]
    const [seal] = await desk.house.seals.makeDemoSeals([{ code, name: name.zh, typeCodes }])
    const assigned = { departmentCode: code, sealId: seal!.id }
    const assignments = `/api/catalogue/${parkingPermit}/assignments`
    expect((await desk.call('stranger', 'POST', assignments, assigned)).json.code).toBe('TYPE_NOT_YOURS')
    const [foreign] = await desk.house.seals.seals(departments[1].code)
    for (const sealId of ['33019900009999', foreign!.id])
      expect((await desk.call('reviewer', 'POST', assignments, { ...assigned, sealId })).json.code).toBe(
        'TYPE_SEAL_REFUSED',
      )
    expect((await desk.call('reviewer', 'POST', assignments, assigned)).status).toBe(204)
    const outcome = await issue('first of its type', parkingPermit, described.example)
    if (!outcome.ok) throw outcome.error
    expect(await versionOf(outcome.licence.identifier)).toBe(1)
  })

  it('issue nothing once retired, and say why; what was issued stays', async () => {
    const { definitionDigest } = await opened()
    await desk.call('reviewer', 'POST', `${path}/retirements`, { definitionDigest })
    const outcome = await issue('retired')
    expect(outcome.ok ? '' : outcome.error).toMatchObject({ code: 'TEMPLATE_NOT_PUBLISHED' })
    const { items } = (await desk.call('clerk', 'GET', '/api/licences')).json
    expect(items.map(({ typeName }: { typeName: string }) => typeName)).toContain('营业执照')
  })

  it('print no number twice when numbers begin anew at other times, though nothing was published in between', async () => {
    const numbers = async (): Promise<string[]> =>
      (await desk.call('clerk', 'GET', '/api/licences?limit=200')).json.items.map(
        (one: { number: string }) => one.number,
      )
    const before = await numbers()
    for (const restarts of ['never', 'yearly'] as const) {
      const definition = { ...titled('营业执照'), number: { ...shipped.number, restarts } }
      await publishTemplate(desk, businessLicence, definition, (await opened()).definitionDigest)
      expect((await issue(`begins anew ${restarts}`)).ok).toBe(true)
    }
    const after = await numbers()
    expect(after).toHaveLength(before.length + 2)
    expect(new Set(after).size).toBe(new Set(before).size + 2)
  })

  it('print no number twice for a day of issue in another period than that of the publication', async () => {
    const shown = shipped.groups[0]!
    const backdated = (restarts: 'never' | 'yearly' | 'daily'): LicenceDefinition => ({
      ...titled('营业执照'),
      fields: [
        ...shipped.fields,
        {
          ...{ name: 'takenOverOn', label: { zh: '发证日期', en: 'Issued on' }, type: 'date', required: true },
          ...{ disclosure: 'public', role: 'issued-on', latest: 'today' },
        },
      ],
      groups: [{ ...shown, fields: [...shown.fields, 'takenOverOn'] }, ...shipped.groups.slice(1)],
      example: { ...shipped.example, takenOverOn: '2024-12-31' },
      number: { parts: [{ text: '字' }, { year: true }, { sequence: 6 }], restarts },
    })
    const issueOn = async (key: string, takenOverOn: string): Promise<string> => {
      const outcome = await issue(key, businessLicence, { ...exampleOf(), takenOverOn })
      if (!outcome.ok) throw outcome.error
      return outcome.licence.number
    }
    // From the first number on, so that one counted from the beginning again is seen at once.
    await desk.house.database.query('delete from licence.number_counters')
    const printed: string[] = []
    for (const [round, restarts] of (['never', 'yearly', 'never', 'yearly'] as const).entries()) {
      await publishTemplate(desk, businessLicence, backdated(restarts), (await opened()).definitionDigest)
      for (const day of ['2024-12-30', '2024-12-31', '2025-12-31'])
        printed.push(await issueOn(`taken over ${round} ${day}`, day))
    }
    expect(new Set(printed).size).toBe(printed.length)
  })
})
