import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryFaults } from '../../licence-service/domain/entry-rules.ts'
import { shippedEntry } from '../../licence-service/operations/catalogue/shipped-entries.ts'
import { listTemplates } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, departments } from '../support/service.ts'
import { creditCode, type Desk, openDesk, parkingEntry, parkingPermit, publishType } from './catalogue-desk.ts'

describe.each(engines)('the catalogue on $name', (engine) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(engine)
  })
  afterAll(() => desk?.close())

  const typesOf = async (query = '') => (await desk.call('clerk', 'GET', `/api/catalogue${query}`)).json.types

  it('begins with every shipped type, each with the elements of GB/T 36902', async () => {
    const types = await typesOf()
    expect(types.map((type: { typeCode: string }) => type.typeCode).sort()).toEqual(
      listTemplates()
        .map(({ typeCode }) => typeCode)
        .sort(),
    )
    for (const { elements, hasTemplate, name } of types) {
      expect(hasTemplate).toBe(true)
      expect(elements.CertificateTypeName).toBe(name.zh)
      expect(elements.CertificateDefineAuthorityCode).toBe(elements.CertificateTypeCode.slice(0, 18))
      expect(elements.CertificateHolderCategory.length).toBeGreaterThan(0)
      // Every shipped type is in the table of what is known of them.
      expect(elements.CertificateDefineAuthorityName).not.toBe('国家主管部门')
      expect(elements.CertificateIssuingAuthority).not.toBe('发证机关')
    }
  })

  it('says of shipped types what their templates can bear out', async () => {
    for (const definition of listTemplates())
      expect(entryFaults(definition.typeCode, shippedEntry(definition), definition.fields)).toEqual([])
  })

  it('is searched by words, holder and class', async () => {
    const names = async (query: string) => (await typesOf(query)).map((type: { name: { zh: string } }) => type.name.zh)
    expect(await names(`?q=${encodeURIComponent('婚姻登记')}`)).toEqual(['结婚证'])
    expect(await names('?holder=person')).not.toContain('营业执照')
    expect(await names('?sharing=unconditional')).toContain('营业执照')
    expect(await names(`?q=${encodeURIComponent('没有这种证照')}`)).toEqual([])
  })

  it('takes a new type from draft over review to publication, by two people', async () => {
    const path = `/api/catalogue/${parkingPermit}`
    const drafted = await desk.call('editor', 'PUT', `${path}/draft`, { entry: parkingEntry, replaces: null })
    expect(drafted).toMatchObject({ status: 200, json: { state: 'draft', version: 1, keeper: departments[0].code } })
    const { entryDigest } = drafted.json
    expect((await desk.call('clerk', 'GET', path)).json.code).toBe('LICENCE_TYPE_UNKNOWN')
    expect((await desk.call('reviewer', 'POST', `${path}/publications`, { entryDigest })).json.code).toBe(
      'TYPE_STATE_REFUSED',
    )
    expect((await desk.call('editor', 'POST', `${path}/reviews`, { entryDigest })).json.code).toBe('PERMISSION_DENIED')
    expect((await desk.call('reviewer', 'POST', `${path}/reviews`, { entryDigest })).json.state).toBe('reviewed')
    expect((await desk.call('reviewer', 'POST', `${path}/reviews`, { entryDigest })).json.state).toBe('reviewed')
    const published = await desk.call('reviewer', 'POST', `${path}/publications`, { entryDigest })
    expect(published.json).toMatchObject({ state: 'published', publishedBy: 'reviewer', writers: ['editor'] })
    const described = await desk.call('clerk', 'GET', path)
    expect(described.json).toMatchObject({ entry: { version: 1, name: parkingEntry.name }, fields: [] })
  })

  it('makes a version of a change, and keeps the one in force until the next is', async () => {
    const path = `/api/catalogue/${parkingPermit}`
    const [before] = (await desk.call('editor', 'GET', `${path}/versions`)).json.versions
    const entry = { ...parkingEntry, renewalDays: 60 }
    const stale = await desk.call('editor', 'PUT', `${path}/draft`, { entry, replaces: null })
    expect(stale.json.code).toBe('TYPE_CHANGED_SINCE_READ')
    await desk.call('editor', 'PUT', `${path}/draft`, { entry, replaces: before.entryDigest })
    expect((await desk.call('clerk', 'GET', path)).json.entry).toMatchObject({ version: 1, renewalDays: 30 })
    const drafts = (await desk.call('reviewer', 'GET', '/api/catalogue-drafts')).json.versions
    await desk.call('reviewer', 'POST', `${path}/reviews`, { entryDigest: drafts[0].entryDigest })
    await desk.call('reviewer', 'POST', `${path}/publications`, { entryDigest: drafts[0].entryDigest })
    expect((await desk.call('clerk', 'GET', path)).json.entry).toMatchObject({ version: 2, renewalDays: 60 })
    const states = (await desk.call('editor', 'GET', `${path}/versions`)).json.versions.map(
      (v: { state: string }) => v.state,
    )
    expect(states).toEqual(['published', 'retired'])
  })

  it('refuses who wrote it as reviewer, also when another one wrote last, and any machine', async () => {
    const typeCode = `${departments[0].code}102`
    const path = `/api/catalogue/${typeCode}`
    const first = await desk.call('both', 'PUT', `${path}/draft`, { entry: parkingEntry, replaces: null })
    const { entryDigest } = (
      await desk.call('editor', 'PUT', `${path}/draft`, {
        entry: { ...parkingEntry, renewalDays: 7 },
        replaces: first.json.entryDigest,
      })
    ).json
    for (const who of ['both', 'machine'] as const)
      expect((await desk.call(who, 'POST', `${path}/reviews`, { entryDigest })).json.code).toBe('CATALOGUE_SAME_PERSON')
    expect((await desk.call('stranger', 'POST', `${path}/reviews`, { entryDigest })).json.code).toBe('TYPE_NOT_YOURS')
  })

  it('tells every fault of an entry under its pointer', async () => {
    const entry = {
      ...parkingEntry,
      definedBy: { ...parkingEntry.definedBy, code: creditCode('11330199MB0000009') },
      sharing: { class: 'conditional', fields: [] },
      body: 'uploaded',
    }
    const refused = await desk.call('editor', 'PUT', `/api/catalogue/${departments[0].code}103/draft`, {
      entry,
      replaces: null,
    })
    expect(refused).toMatchObject({ status: 422, json: { code: 'TYPE_ENTRY_INVALID' } })
    expect(refused.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/definedBy/code',
      '/sharing/condition',
      '/sharing/legalBasis',
      '/body',
    ])
  })

  it('lets departments that issue a shipped type edit it, and no other', async () => {
    const path = '/api/catalogue/111000000000130127201'
    const [{ entry, entryDigest }] = (await desk.call('editor', 'GET', `${path}/versions`)).json.versions
    const asked = { entry, replaces: entryDigest }
    expect((await desk.call('stranger', 'PUT', `${path}/draft`, asked)).json.code).toBe('TYPE_NOT_YOURS')
    expect((await desk.call('editor', 'PUT', `${path}/draft`, asked)).status).toBe(200)
  })

  it('lets no department write another one’s assignment of a shipped type, nor any to a department there is not', async () => {
    const { database } = desk.house
    const rows = () =>
      database.query<{ departmentCode: string; sealId: string }>(
        `select department_code as "departmentCode", seal_id as "sealId" from licence.type_assignments
         where type_code = $1 order by department_code`,
        [businessLicence],
      )
    const before = await rows()
    const sealOf = (code: string) => before.find(({ departmentCode }) => departmentCode === code)!.sealId
    const [own, other] = [departments[0].code, departments[1].code]
    const assign = (who: 'reviewer' | 'stranger', typeCode: string, departmentCode: string) =>
      desk.call(who, 'POST', `/api/catalogue/${typeCode}/assignments`, { departmentCode, sealId: sealOf(own) })
    const refused = { status: 403, json: { code: 'TYPE_NOT_YOURS' } }
    // Both departments issue it, so that both keep it.
    expect(await assign('reviewer', businessLicence, other)).toMatchObject(refused)
    expect(await assign('stranger', businessLicence, own)).toMatchObject(refused)
    for (const typeCode of [businessLicence, parkingPermit])
      expect(await assign('reviewer', typeCode, creditCode('11330199MB0000009'))).toMatchObject(refused)
    expect(await rows()).toEqual(before)
    expect((await assign('reviewer', businessLicence, own)).status).toBe(204)
    expect(await rows()).toEqual(before)
  })

  it('never changes a published row, whoever asks the database', async () => {
    const { database } = desk.house
    for (const sql of [
      "update licence.types set entry = '{}' where state = 'published'",
      "update licence.types set state = 'draft' where state = 'published'",
      "delete from licence.types where state = 'retired'",
      "update licence.types set state = 'published', retired_by = null, retired_at = null where state = 'retired'",
      "update licence.template_versions set definition = '{}' where state = 'published'",
      'truncate licence.types cascade',
    ])
      await expect(database.query(sql)).rejects.toMatchObject({ code: '23000' })
  })

  it('ends a type: nothing is issued of it, and its entry can still be read', async () => {
    const typeCode = `${departments[0].code}104`
    const entryDigest = await publishType(desk, typeCode, parkingEntry)
    const retired = await desk.call('reviewer', 'POST', `/api/catalogue/${typeCode}/retirements`, { entryDigest })
    expect(retired.json.state).toBe('retired')
    expect((await typesOf()).some((type: { typeCode: string }) => type.typeCode === typeCode)).toBe(false)
    expect((await desk.call('clerk', 'GET', `/api/catalogue/${typeCode}`)).json.entry.state).toBe('retired')
  })

  it('counts its types', async () => {
    const counted = (await desk.call('editor', 'GET', '/api/catalogue-statistics')).json
    expect(counted.types).toBe((await typesOf()).length)
    expect(counted.byState.published).toBe(counted.types)
    expect(counted.withoutTemplate).toBe(1)
  })

  it('goes out as a signed file, and comes in as drafts after a trial run', async () => {
    const file = Buffer.from((await desk.call('clerk', 'GET', '/api/catalogue-file')).bytes).toString()
    const other = await openDesk(engine)
    try {
      const trial = await other.call('editor', 'POST', '/api/catalogue-imports', { file })
      expect(trial.json).toMatchObject({ added: [parkingPermit], changed: [], applied: false })
      expect(trial.json.same).toContain(businessLicence)
      const { keys } = (await desk.call('clerk', 'GET', '/api/catalogue-file/jwks.json')).json
      expect(trial.json.signer).toBe(keys[0].kid)
      expect((await other.call('editor', 'GET', '/api/catalogue-drafts')).json.versions).toEqual([])
      const unnamed = await other.call('editor', 'POST', '/api/catalogue-imports', { file, apply: true })
      expect(unnamed.json.code).toBe('CATALOGUE_FILE_INVALID')
      const applied = { file, apply: true, signer: trial.json.signer }
      expect((await other.call('editor', 'POST', '/api/catalogue-imports', applied)).json.applied).toBe(true)
      const drafts = (await other.call('editor', 'GET', '/api/catalogue-drafts')).json.versions
      expect(drafts).toMatchObject([{ typeCode: parkingPermit, state: 'draft', writers: ['editor'] }])
      const again = await other.call('editor', 'POST', '/api/catalogue-imports', applied)
      expect(again.json.refused).toEqual([{ typeCode: parkingPermit, why: 'TYPE_STATE_REFUSED' }])
    } finally {
      await other.close()
    }
  })

  it('refuses a file that names a type twice, already in its trial run', async () => {
    const file = Buffer.from((await desk.call('clerk', 'GET', '/api/catalogue-file')).bytes).toString()
    const { entries, ...rest } = JSON.parse(Buffer.from(file.split('.')[1]!, 'base64url').toString())
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = keys.publicKey.export({ format: 'jwk' })
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
    const signed = (listed: readonly object[]) => {
      const head = part({ alg: 'ES256', typ: 'licence-catalogue+jws', jwk })
      const said = `${head}.${part({ ...rest, entries: listed })}`
      const signature = sign('sha256', Buffer.from(said), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
      return `${said}.${signature.toString('base64url')}`
    }
    const trialOf = (listed: readonly object[]) =>
      desk.call('editor', 'POST', '/api/catalogue-imports', { file: signed(listed) })
    expect((await trialOf(entries)).json.applied).toBe(false)
    const { typeCode } = entries[0]
    const twice = (await trialOf([...entries, entries[0]])).json
    expect([twice.code, twice.detail]).toEqual(['CATALOGUE_FILE_INVALID', expect.stringContaining(typeCode)])
  })

  it.each([
    ['NUL', '停车\0证', '/entries/0/entry/name/zh'],
    ['half a character', '停车\ud800证', '/entries/0/entry/name/zh'],
  ])('refuses a file with %s in it already in its trial run, and says where', async (_, zh, pointer) => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
    const jwk = keys.publicKey.export({ format: 'jwk' })
    const entry = { ...parkingEntry, name: { zh, en: 'x' } }
    const payload = { iss: 'x', iat: 1, entries: [{ typeCode: parkingPermit, version: 1, entry }] }
    const said = `${part({ alg: 'ES256', typ: 'licence-catalogue+jws', jwk })}.${part(payload)}`
    const signature = sign('sha256', Buffer.from(said), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' })
    const file = `${said}.${signature.toString('base64url')}`
    const { status, json } = await desk.call('editor', 'POST', '/api/catalogue-imports', { file })
    expect([status, json.code]).toEqual([422, 'CATALOGUE_FILE_INVALID'])
    expect(json.errors).toMatchObject([{ pointer, code: 'TEXT_NOT_UNICODE' }])
  })

  it('refuses a file in which anything was changed, or which is none', async () => {
    const file = Buffer.from((await desk.call('clerk', 'GET', '/api/catalogue-file')).bytes).toString()
    const [head, body, signature] = file.split('.') as [string, string, string]
    const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('营业执照', '营业执证')).toString(
      'base64url',
    )
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'licence-catalogue+jws' })).toString('base64url')
    for (const bad of [
      '',
      'x',
      'a.b.c',
      `${head}.${changed}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}.${signature.slice(0, 40)}`,
      `${none}.${body}.${signature}`,
    ]) {
      const refused = await desk.call('editor', 'POST', '/api/catalogue-imports', { file: bad })
      expect(refused.json.code, bad.slice(0, 20)).toBe('CATALOGUE_FILE_INVALID')
    }
  })
})
