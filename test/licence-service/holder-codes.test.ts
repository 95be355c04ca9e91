// One holder, however the number is written: on the licence, by whoever looks, in a batch, and on rows from before codes were folded.
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holderLoginOf } from '../../bin/holders.ts'
import { holderKeyOf } from '../../licence-service/index.ts'
import { migrate, packagePath } from '../../platform/index.ts'
import { findTemplate, type LicenceDefinition } from '../../templates/index.ts'
import { toCsv } from '../support/batch-rows.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type BatchDesk, openDesk } from './batches/batch-desk.ts'

const shipped = findTemplate(businessLicence)!
const path = `/api/templates/${businessLicence}`

/** The business licence of holders who are told by a passport number, which is any text, or by none. */
const withPassport: LicenceDefinition = {
  ...shipped,
  fields: shipped.fields.map((field) =>
    field.role === 'holder-code' ? { ...field, type: 'text', maxLength: 40, required: false } : field,
  ),
}

const spellings = ['E98765432', 'e98765432', 'Ｅ９８７６５４３２', ' e9876 5432']

describe.each(engines)('a holder’s code on $name', ({ open }) => {
  let desk: BatchDesk
  const issued: string[] = []
  const issue = async (creditCode: string, more: Record<string, unknown> = {}): Promise<string> => {
    const data = { ...exampleOf(), creditCode, ...more }
    const [outcome] = await desk.house.licences.issueLicences(clerk, [
      { key: crypto.randomUUID(), typeCode: businessLicence, data, level: 'B-B' },
    ])
    if (!outcome?.ok) throw outcome?.error
    return outcome.licence.identifier
  }
  const search = async (holderCode: string): Promise<string[]> =>
    (await desk.ask('POST', '/api/licences/searches', { body: { holderCode } })).json.items
      .map((item: { identifier: string }) => item.identifier)
      .sort()
  const shared = () => desk.house.licences.shared

  beforeAll(async () => {
    desk = await openDesk(await open())
    const replaces = (await desk.ask('GET', `${path}/draft`, { by: 'editor' })).json.definitionDigest
    const draft = { definition: withPassport, replaces }
    const { definitionDigest } = (await desk.ask('PUT', `${path}/draft`, { by: 'editor', body: draft })).json
    for (const step of ['reviews', 'publications'])
      await desk.ask('POST', `${path}/${step}`, { by: 'reviewer', body: { definitionDigest } })
    for (const code of spellings) issued.push(await issue(code))
    issued.sort()
  })
  afterAll(() => desk?.close())

  it('finds every licence of the holder by every spelling, for the clerk and for whoever shares', async () => {
    for (const code of spellings) {
      expect(await search(code), code).toEqual(issued)
      const query = { holderKey: shared().keyOf(code), typeCode: businessLicence, most: 10 }
      expect((await shared().findByHolder(query)).map(({ identifier }) => identifier).sort(), code).toEqual(issued)
    }
    expect(await search('E98765433')).toEqual([])
  })

  it('is right in a check of data whichever way it is written', async () => {
    const reader = { id: 'x', kind: 'person', departmentCode: clerk.departmentCode, matterCode: 'M' } as const
    const { name } = exampleOf() as Record<string, string>
    for (const creditCode of spellings)
      expect(
        (
          await shared().checkData(
            businessLicence,
            { creditCode, name: name! },
            [{ fields: ['name'], issuerCodes: null }],
            reader,
          )
        ).code,
      ).toBe(0)
  })

  it('stands on the licence as it was entered, and a change that writes it otherwise keeps the holder', async () => {
    const identifier = await issue('p1234567')
    const read = await desk.ask('GET', `/api/licences/${identifier}`)
    expect(read.json.data.holders[0].code).toBe('p1234567')
    const outcome = await desk.house.licences.replace(clerk, {
      ...{ key: crypto.randomUUID(), typeCode: businessLicence, data: { ...exampleOf(), creditCode: 'P1234567' } },
      replaces: { identifier, reason: '地址变更' },
    })
    expect(outcome.ok ? 'ok' : outcome.error).toBe('ok')
  })

  it('is one holder in a batch where each may have one licence', async () => {
    const cells = (code: string): string[] =>
      shipped.fields.map(({ name }) => String({ ...exampleOf(), creditCode: code }[name] ?? ''))
    const header = shipped.fields.map(({ label }) => label.zh)
    const rows = ['ｅ98765432', 'g1111111', 'G1111111'].map(cells)
    const { counts } = await desk.takeChecked(toCsv([header, ...rows]), businessLicence, { uniqueBy: 'holder' })
    expect(counts).toMatchObject({ valid: 1, duplicate: 2 })
  })

  it('makes nobody the same who has none', async () => {
    const cells = (name: string): string[] =>
      shipped.fields.map((field) => String({ ...exampleOf(), creditCode: '', name }[field.name] ?? ''))
    const header = shipped.fields.map(({ label }) => label.zh)
    const rows = ['甲', '乙', '甲'].map(cells)
    const { counts } = await desk.takeChecked(toCsv([header, ...rows]), businessLicence, { uniqueBy: 'holder' })
    expect(counts).toMatchObject({ valid: 2, duplicate: 1 })
  })

  it('is hashed anew on licences from before, once, and what was erased or is damaged stops nothing', async () => {
    const { database, reopen } = desk.house
    const [lost, ...found] = issued as [string, ...string[]]
    await database.query(`update licence.holders set code_mac = sha256(identifier::bytea) where identifier = any($1)`, [
      issued,
    ])
    await database.query(
      `insert into licence.holders_to_fold select unnest($1::text[]) union all values ('of one that is gone')`,
      [issued],
    )
    await database.query(`update licence.licences set sealed_data = '\\x00' where identifier = $1`, [lost])
    expect(await search(spellings[0]!)).toEqual([])
    const again = await reopen()
    await again.licences.hashHoldersAnew()
    expect(await search(spellings[0]!)).toEqual(found)
    expect(await database.query('select identifier from licence.holders_to_fold')).toEqual([])
    expect(again.logLines.join('\n')).toContain('cannot be found by the number')
    await again.close()
  })
})

describe('holderLoginOf', () => {
  it('finds the holder under the same key as the register, however a provider writes the number', async () => {
    const mac = { mac: (bytes: Uint8Array) => bytes }
    const { holderOf } = await holderLoginOf(mac as never, {})
    for (const code of spellings)
      expect(holderOf({ codeType: '', code, name: '某人' }).key).toBe(
        holderKeyOf({ keys: { mac } as never }, 'E98765432'),
      )
  })
})

for (const engine of engines)
  describe(`a register of before codes were folded, on ${engine.name}`, () => {
    it('lists what is to be hashed anew: codes that are any text, and licences of other systems', async () => {
      const all = packagePath('licence-service/store/migrations')
      const before = join(temporaryFolder(), 'migrations')
      mkdirSync(before, { recursive: true })
      for (const name of readdirSync(all)) if (name < '0020') cpSync(join(all, name), join(before, name))
      const database = await engine.open()
      await migrate(database, { schema: 'licence', folder: before })
      const fields = (type: string) => JSON.stringify({ fields: [{ name: 'code', type, role: 'holder-code' }] })
      const type = 'T'.repeat(21)
      for (const [version, kind] of ['credit-code', 'text'].entries())
        await database.query(
          `insert into licence.template_versions (type_code, template_version, state, definition, definition_digest, origin, drawn_at,
             published_at, retired_at) values ($1, $2, 'retired', $3, 'd', 'shipped', now(), now(), now())`,
          [type, version + 1, fields(kind)],
        )
      const licence = (identifier: string, version: number, from: string | null, key: string | null, place: number) =>
        database.query(
          `insert into licence.licences (identifier, type_code, department_code, serial, version, template_version, printed_number, seal_id,
             state, status_list, status_place, issued_on, valid_from, sealed_data, data_digest, prepared_at, caller, target_level,
             collected_from, status_reported_at, wrapped_data_key)
           values ($1, $2, 'D', $1, 1, $3, 'n', 'S', 'prepared', 0, $6, '2026-01-01', '2026-01-01', '\\x00', 'd', now(), '{}', 'B-B', $4,
             case when $4::text is null then null else now() end, $5)`,
          [identifier, type, version, from, key === null ? null : Buffer.from(key), place],
        )
      await licence('a credit code', 1, null, 'k', 1)
      await licence('a text', 2, null, 'k', 2)
      await licence('erased', 2, null, null, 3)
      await licence('of another system', 1, 'source', 'k', 4)
      await licence('of a version unknown', 3, null, 'k', 5)
      await migrate(database, { schema: 'licence', folder: all })
      expect(await database.query('select identifier from licence.holders_to_fold order by 1')).toEqual(
        ['a text', 'of a version unknown', 'of another system'].map((identifier) => ({ identifier })),
      )
      await database.close()
    })
  })
