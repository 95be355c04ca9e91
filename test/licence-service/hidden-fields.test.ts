// A field that a template hides is had by no other department, in whichever order entries and templates are published.
import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TypeEntry } from '../../licence-service/domain/type-entry.ts'
import { insertTemplateDraft, raiseRevision, stepTemplate } from '../../licence-service/store/template-versions.ts'
import type { LicenceDefinition } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf } from '../support/service.ts'
import { type Desk, openDesk, publishTemplate, publishType } from './catalogue-desk.ts'

const FIELD = 'scope'
const path = `/api/catalogue/${businessLicence}`
const reader = { id: 'x', kind: 'person', departmentCode: departments[1].code, matterCode: 'M-1' } as const

const sharing = (entry: TypeEntry, isShared: boolean): TypeEntry => {
  const others = entry.sharing.fields.filter((name) => name !== FIELD)
  return { ...entry, sharing: { ...entry.sharing, fields: isShared ? [...others, FIELD] : others } }
}
const showing = (definition: LicenceDefinition, disclosure: 'public' | 'hidden'): LicenceDefinition => ({
  ...definition,
  fields: definition.fields.map((field) => (field.name === FIELD ? { ...field, disclosure } : field)),
})

describe.each(engines)('a hidden field on $name', (engine) => {
  let desk: Desk
  let shown: LicenceDefinition
  beforeAll(async () => {
    desk = await openDesk(engine)
    shown = (await opened()).definition
  })
  afterAll(() => desk?.close())

  const opened = async () => (await desk.call('editor', 'GET', `/api/templates/${businessLicence}/draft`)).json
  const latest = async () => (await desk.call('editor', 'GET', `${path}/versions`)).json.versions[0]
  const draft = async (entry: TypeEntry) =>
    desk.call('editor', 'PUT', `${path}/draft`, { entry, replaces: (await latest()).entryDigest })
  const step = (what: 'reviews' | 'publications', entryDigest: string) =>
    desk.call('reviewer', 'POST', `${path}/${what}`, { entryDigest })
  const draw = async (definition: LicenceDefinition) =>
    publishTemplate(desk, businessLicence, definition, (await opened()).definitionDigest)
  const isShareable = () =>
    desk.house.licences.shared.type(businessLicence)!.fields.find(({ name }) => name === FIELD)!.isShareable
  const issue = async (key: string) => {
    const [outcome] = await desk.house.licences.issueLicences(clerk, [
      { key, typeCode: businessLicence, data: exampleOf() },
    ])
    if (!outcome?.ok) throw outcome?.error
    return outcome.licence
  }

  it('keeps an entry that shares it from publication, though it was drafted and reviewed before', async () => {
    const { entry, entryDigest } = await latest()
    await publishType(desk, businessLicence, sharing(entry, false), entryDigest)
    const again = (await draft(sharing(entry, true))).json.entryDigest
    expect((await step('reviews', again)).json.state).toBe('reviewed')
    await draw(showing(shown, 'hidden'))
    const refused = { status: 422, json: { code: 'TYPE_ENTRY_INVALID', errors: [{ code: 'RULE_BROKEN' }] } }
    expect(await step('publications', again)).toMatchObject(refused)
    expect(await draft(sharing(entry, true))).toMatchObject(refused)
    expect(isShareable()).toBe(false)
    expect((await latest()).state).toBe('reviewed')
  })

  it('keeps an entry of a signed file that shares it from being taken over, and the trial run says so', async () => {
    const { entry } = await latest()
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
    const head = part({ alg: 'ES256', typ: 'licence-catalogue+jws', jwk: keys.publicKey.export({ format: 'jwk' }) })
    const entries = [{ typeCode: businessLicence, version: 1, entry: sharing(entry, true) }]
    const said = `${head}.${part({ iss: 'x', iat: 1, entries })}`
    const signature = sign('sha256', Buffer.from(said), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
    const file = `${said}.${signature.toString('base64url')}`
    const trial = await desk.call('editor', 'POST', '/api/catalogue-imports', { file })
    expect(trial.json.refused).toEqual([{ typeCode: businessLicence, why: 'TYPE_ENTRY_INVALID' }])
  })

  it('stays out of licences that were made while it was hidden, also once it is shown and shared', async () => {
    const { identifier: before } = await issue('hidden')
    await draw(showing(shown, 'public'))
    const { entry } = await latest()
    const { entryDigest } = (await draft(sharing(entry, true))).json
    await step('reviews', entryDigest)
    expect((await step('publications', entryDigest)).json.state).toBe('published')
    expect(isShareable()).toBe(true)
    const { identifier: after } = await issue('shown')
    const { shared } = desk.house.licences
    const names = ['name', FIELD]
    expect(Object.keys((await shared.open(before, names, reader))!)).toEqual(['name'])
    expect(Object.keys((await shared.open(after, names, reader))!)).toEqual(names)
    const copyOf = async (identifier: string) => {
      const expiresAt = new Date(desk.house.clock.now().getTime() + 86_400_000)
      const order = { identifier, purpose: '核对', recipient: { name: '另一局' }, expiresAt, fields: names }
      return (await shared.makeCopy({ ...order, key: identifier }, reader)).fields
    }
    expect(await copyOf(before)).toEqual(['name'])
    expect(await copyOf(after)).toEqual(names)
  })

  it('is not confirmed to whoever knows code and number, of licences that were made while it was hidden', async () => {
    const { creditCode, scope } = exampleOf() as Record<string, string>
    const check = async (number: string, said: string) => {
      const data = { creditCode: creditCode!, '@number': number, [FIELD]: said }
      return (await desk.house.licences.shared.checkData(businessLicence, data, [], reader)).code
    }
    const { number: ofShown } = await issue('shown, checked')
    await draw(showing(shown, 'public'))
    expect([await check(ofShown, scope!), await check(ofShown, '别的')]).toEqual([0, 6])
    const { entry, entryDigest } = await latest()
    await publishType(desk, businessLicence, sharing(entry, false), entryDigest)
    expect([await check(ofShown, scope!), await check(ofShown, '别的')]).toEqual([4, 4])
    await draw(showing(shown, 'hidden'))
    const { number: ofHidden } = await issue('hidden, checked')
    expect([await check(ofHidden, scope!), await check(ofHidden, '别的')]).toEqual([4, 4])
    await draw(showing(shown, 'public'))
    await publishType(desk, businessLicence, sharing(entry, true), (await latest()).entryDigest)
    expect([await check(ofHidden, scope!), await check(ofHidden, '别的')]).toEqual([5, 5])
    expect([await check(ofShown, scope!), await check(ofShown, '别的')]).toEqual([0, 6])
  })

  it('is not shareable where an entry on record shares it all the same', async () => {
    const { definition, templateVersion } = await opened()
    const { database } = desk.house
    const row = { typeCode: businessLicence, templateVersion: templateVersion + 1 }
    const hidden = { ...showing(definition, 'hidden'), templateVersion: row.templateVersion }
    const at = desk.house.clock.now()
    await database.transaction(async (tx) => {
      await stepTemplate(
        tx,
        { typeCode: businessLicence, templateVersion },
        { ...{ from: 'published', to: 'retired' }, by: 'x', at },
      )
      await insertTemplateDraft(tx, { ...row, definition: hidden, definitionDigest: 'x', drawers: ['x'], drawnAt: at })
      await stepTemplate(tx, row, { from: 'draft', to: 'reviewed', by: 'y', at })
      await stepTemplate(tx, row, { from: 'reviewed', to: 'published', by: 'y', at })
      await raiseRevision(tx)
    })
    const other = await desk.house.reopen()
    try {
      const { sharing: kept } = (await latest()).entry
      expect(kept.fields).toContain(FIELD)
      const field = other.licences.shared.type(businessLicence)!.fields.find(({ name }) => name === FIELD)
      expect(field!.isShareable).toBe(false)
    } finally {
      await other.close()
    }
  })
})
