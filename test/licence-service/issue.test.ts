import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseIdentifier, parseLicenceData } from '../../licence-format/index.ts'
import type { IssuedLicence, IssueOutcome } from '../../licence-service/index.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import type { Database } from '../../platform/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { engines } from '../support/engines.ts'
import {
  businessLicence,
  clerk,
  departments,
  exampleOf,
  type House,
  openHouse,
  otherClerk,
} from '../support/service.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const issued = (outcome: IssueOutcome | undefined): IssuedLicence => {
  if (!outcome?.ok) throw new Error('not issued', { cause: outcome?.error })
  return outcome.licence
}
const codeOf = (outcome: IssueOutcome | undefined) =>
  outcome && !outcome.ok ? (outcome.error as { code?: string }).code : 'issued'

for (const engine of engines)
  describe(`issuing licences on ${engine.name}`, () => {
    let house: House
    beforeAll(async () => {
      house = await openHouse(await engine.open())
    })
    afterAll(() => house.close())
    const issue = async (key: string, data = exampleOf(), typeCode = businessLicence) =>
      (await house.licences.issueLicences(clerk, [{ key, typeCode, data }]))[0]

    it('gives identifier, number and digests, and the register says in force', async () => {
      const licence = issued(await issue('first'))
      expect(parseIdentifier(licence.identifier)).toMatchObject({
        typeCode: businessLicence,
        issuerCode: departments[0].code,
        version: 1,
      })
      expect(await house.licences.readStatus(licence.identifier)).toMatchObject({
        status: 'in force',
        dataDigest: licence.dataDigest,
        sealedDigest: licence.sealedDigest,
      })
    })

    it('keeps a sealed document that carries the data of the digest', async () => {
      const licence = issued(await issue('document'))
      const pdf = await house.licences.readDocument(clerk, licence.identifier)
      const signed = readSignedPdf(pdf)
      if (!signed.ok) throw new Error(signed.detail)
      expect(signed.signatures.filter(({ type }) => type === 'signature')).toHaveLength(1)
      const embedded = signed.embeddedFiles()
      if (!embedded.ok) throw new Error(embedded.detail)
      const licenceJson = embedded.files.find(({ name }) => name === 'licence.json')!
      expect(parseLicenceData(licenceJson.bytes)).toMatchObject({
        identifier: licence.identifier,
        number: licence.number,
      })
    })

    it('refuses data that are no JSON, and none of the others of the group waits for them', async () => {
      const group = (bad: unknown) => [
        { key: 'beside bad data', typeCode: businessLicence, data: exampleOf() },
        { key: 'bad data', typeCode: businessLicence, data: bad },
      ]
      for (const bad of [{ name: '\ud800' }, { registeredCapital: Number.POSITIVE_INFINITY }, { name: new Date(0) }]) {
        const outcomes = await house.licences.issueLicences(clerk, group(bad))
        expect(outcomes.map(codeOf)).toEqual(['issued', 'LICENCE_DATA_INVALID'])
      }
      expect(codeOf(await issue('beside bad data'))).toBe('issued')
    })

    it('issues every type of the catalogue', async () => {
      const types = listTemplates().map(({ typeCode }) => typeCode)
      const requests = types.map((typeCode) => ({ key: `all ${typeCode}`, typeCode, data: exampleOf(typeCode) }))
      const outcomes = await house.licences.issueLicences(clerk, requests)
      expect(outcomes.map(codeOf)).toEqual(types.map(() => 'issued'))
    })

    it('gives numbers and status places once in a group', async () => {
      const requests = Array.from({ length: 25 }, (_, index) => ({
        key: `group ${index}`,
        typeCode: businessLicence,
        data: exampleOf(),
      }))
      const licences = (await house.licences.issueLicences(clerk, requests)).map(issued)
      expect(new Set(licences.map(({ number }) => number)).size).toBe(25)
      const places = await house.database.query(
        'select distinct status_list, status_place from licence.licences where identifier = any($1)',
        [licences.map(({ identifier }) => identifier)],
      )
      expect(places).toHaveLength(25)
    })

    it('issues a licence that begins in future', async () => {
      const data = { ...exampleOf(), establishedOn: '2026-11-20' }
      expect(codeOf(await issue('future', data))).toBe('issued')
    })

    it('answers the same key and body with the same licence', async () => {
      const first = issued(await issue('twice'))
      expect(issued(await issue('twice'))).toEqual(first)
    })

    it('refuses the same key with another body', async () => {
      await issue('reused')
      expect(codeOf(await issue('reused', { ...exampleOf(), address: '云汀市另一处' }))).toBe('IDEMPOTENCY_KEY_REUSED')
    })

    it('lets another department use the same key', async () => {
      const mine = issued(await issue('shared'))
      const theirs = issued(
        (
          await house.licences.issueLicences(otherClerk, [
            { key: 'shared', typeCode: businessLicence, data: exampleOf() },
          ])
        )[0],
      )
      expect(theirs.identifier).not.toBe(mine.identifier)
    })

    it('makes one licence of a hundred mints of the same key at once', async () => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => issue('hundred')))
      expect(new Set(outcomes.map((outcome) => issued(outcome).identifier)).size).toBe(1)
      const rows = await house.database.query("select identifier from licence.idempotency_keys where key = 'hundred'")
      expect(rows).toHaveLength(1)
    })

    it('makes one licence of mints of the same key in two processes at once', async () => {
      const second = await house.reopen()
      const request = [{ key: 'two processes', typeCode: businessLicence, data: exampleOf() }]
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 ? second : house).licences.issueLicences(clerk, request)),
      )
      await second.close()
      expect(new Set(outcomes.map(([outcome]) => issued(outcome).sealedDigest)).size).toBe(1)
    })

    it('tells all faults of the data at once, and takes the other requests of the group', async () => {
      const { name: _name, ...rest } = exampleOf()
      const outcomes = await house.licences.issueLicences(clerk, [
        { key: 'faulty', typeCode: businessLicence, data: { ...rest, creditCode: '91330199MA7E4K2Q3X', unheard: 1 } },
        { key: 'sound', typeCode: businessLicence, data: exampleOf() },
      ])
      expect(outcomes.map(codeOf)).toEqual(['LICENCE_DATA_INVALID', 'issued'])
      const { faults } = (outcomes[0] as { error: { faults: { pointer: string }[] } }).error
      expect(faults.map(({ pointer }) => pointer).sort()).toEqual(['/data/creditCode', '/data/name', '/data/unheard'])
      expect(codeOf(await issue('faulty'))).toBe('issued')
    })

    it('refuses text that cannot be printed before a number is allotted', async () => {
      const before = await house.database.query('select value from licence.number_counters')
      expect(codeOf(await issue('misfit', { ...exampleOf(), name: '\u{2fa1d}\u{e000}公司' }))).toBe(
        'LICENCE_DATA_INVALID',
      )
      expect(await house.database.query('select value from licence.number_counters')).toEqual(before)
    })

    it('refuses unknown types, types of other departments and other levels', async () => {
      expect(codeOf(await issue('type', exampleOf(), '11100000MB0143028R999'))).toBe('LICENCE_TYPE_UNKNOWN')
      const foreign = listTemplates()[1]
      if (foreign) {
        const request = { key: 'foreign', typeCode: foreign.typeCode, data: exampleOf(foreign.typeCode) }
        expect(codeOf((await house.licences.issueLicences(otherClerk, [request]))[0])).toBe('LICENCE_TYPE_NOT_ASSIGNED')
      }
      const level = { key: 'level', typeCode: businessLicence, data: exampleOf(), level: 'B-X' }
      expect(codeOf((await house.licences.issueLicences(clerk, [level]))[0])).toBe('LEVEL_NOT_AVAILABLE')
    })

    it('leaves out a number whose licence never came on record, and gives none twice', async () => {
      // The last digit is a check digit.
      const numberOf = async (key: string) => Number(issued(await issue(key)).number.slice(0, -1))
      const before = await numberOf('before the gap')
      await house.database.query(
        'alter table licence.idempotency_keys add constraint no_key check (key <> $$lost$$) not valid',
      )
      expect(codeOf(await issue('lost'))).toBe('23514')
      await house.database.query('alter table licence.idempotency_keys drop constraint no_key')
      expect([await numberOf('lost'), await numberOf('after the gap')]).toEqual([before + 2, before + 3])
    })

    // The embedded engine has one connection: there everything waits for a transaction.
    it.skipIf(engine.name === 'PGlite')('waits for no group whose intent is on its way to the record', async () => {
      const arrived = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      let isHeld = false
      const holding = (database: Database): Database => ({
        ...passedOn(database),
        transaction: (work, options) =>
          database.transaction(async (tx) => {
            const result = await work(tx)
            if (isHeld) {
              isHeld = false
              arrived.resolve()
              await release.promise
            }
            return result
          }, options),
      })
      const worker = await house.reopen({ database: holding })
      isHeld = true
      const keys = Array.from({ length: 20 }, (_, index) => `held ${index}`)
      const group = worker.licences.issueLicences(
        clerk,
        keys.map((key) => ({ key, typeCode: businessLicence, data: exampleOf() })),
      )
      try {
        await arrived.promise
        const singles = [issued(await issue('beside 1')), issued(await issue('beside 2'))]
        await house.licences.publishLists()
        release.resolve()
        const all = [...singles, ...(await group).map(issued)]
        expect(new Set(all.map(({ number }) => number)).size).toBe(22)
        const identifiers = all.map(({ identifier }) => identifier)
        const rows = await house.database.query(
          `select distinct l.status_place from licence.licences l join licence.status_places p
             on p.list = l.status_list and p.place = l.status_place and p.identifier = l.identifier
           where l.identifier = any($1)`,
          [identifiers],
        )
        expect(rows).toHaveLength(22)
      } finally {
        release.resolve()
        await group
        await worker.close()
      }
    })

    it('gives a document to its own department only', async () => {
      const { identifier } = issued(await issue('own'))
      await rejectsWithCode(house.licences.readDocument(otherClerk, identifier), 'LICENCE_NOT_FOUND')
    })

    it('stores nothing of the holder in clear, neither in the database nor among the documents', async () => {
      const secrets: string[] = []
      for (const { typeCode, fields } of listTemplates()) {
        const data = exampleOf(typeCode)
        issued(await issue(`in clear ${typeCode}`, data, typeCode))
        const personal = fields.filter(
          ({ role, name }) => role === 'holder-name' || role === 'holder-code' || name === 'address',
        )
        secrets.push(...personal.map(({ name }) => data[name]).filter((value) => typeof value === 'string'))
      }
      expect(secrets.length).toBeGreaterThan(5)
      const dump = await dumpOf(house)
      for (const secret of secrets) {
        expect(dump.includes(secret), secret).toBe(false)
        expect(dump.includes(Buffer.from(secret).toString('hex')), `${secret} in hex`).toBe(false)
      }
    })

    it('refuses documents that were exchanged or damaged', async () => {
      const one = issued(await issue('exchange 1'))
      const two = issued(await issue('exchange 2'))
      await house.database.query(
        'update licence.licences set document_blob = (select document_blob from licence.licences where identifier = $2) where identifier = $1',
        [one.identifier, two.identifier],
      )
      await rejectsWithCode(house.licences.readDocument(clerk, one.identifier), 'LICENCE_CONTENT_DAMAGED')
    })

    it('cannot be read once the data key is destroyed, while the register stays', async () => {
      const { identifier } = issued(await issue('erase'))
      await house.database.query('update licence.licences set wrapped_data_key = null where identifier = $1', [
        identifier,
      ])
      await rejectsWithCode(house.licences.readDocument(clerk, identifier), 'LICENCE_ERASED')
      expect((await house.licences.readStatus(identifier)).status).toBe('in force')
    })
  })

const passedOn = (database: Database): Database => ({
  engine: database.engine,
  query: (sql, params) => database.query(sql, params),
  script: (sql) => database.script(sql),
  transaction: (work, options) => database.transaction(work, options),
  close: () => database.close(),
})

/** Every value of every table of the licence service, and every byte of the documents, as one text. */
async function dumpOf({ database, blobs }: House): Promise<string> {
  const tables = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'licence'",
  )
  expect(tables.length).toBeGreaterThan(10)
  const parts: string[] = []
  for (const { name } of tables) {
    // Definitions carry the made-up holder that these tests issue to.
    const row = name === 'template_versions' ? "(to_jsonb(t) - 'definition')::text" : 't::text'
    const rows = await database.query<{ row: string }>(`select ${row} as row from licence.${name} t`)
    parts.push(...rows.map(({ row }) => row))
  }
  for await (const { digest } of blobs.list()) parts.push(Buffer.from(await blobs.get(digest)).toString('utf8'))
  return parts.join('\n')
}
