// What is kept about people, in SQL on both engines: reads in their months, figures folded once whoever folds, disputes and agencies.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteAgenciesBefore, insertAgency, listAgencies } from '../../licence-service/store/agents.ts'
import { closeDispute, findDispute, insertDispute, listOpenDisputes } from '../../licence-service/store/disputes.ts'
import { countDisputes, foldFigures, sumFigures } from '../../licence-service/store/figures.ts'
import { recordRead, turnMonths } from '../../licence-service/store/reads.ts'
import { type Database, migrate, packageRoot } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'

const reader = { id: 'clerk', kind: 'person', departmentCode: '11330199MB3301255M' } as const
const identifier = '1.2.156.3005.2.11100000MB0143028R001.11330199MB3301255M.ABC.001.X'
const bytes = (fill: number) => new Uint8Array(32).fill(fill)

describe.each(engines)('what is kept about people on $name', ({ open }) => {
  let database: Database

  beforeAll(async () => {
    database = await open()
    await migrate(database, { schema: 'licence', folder: join(packageRoot, 'licence-service/store/migrations') })
  }, 60_000)
  afterAll(() => database?.close())

  const turn = (now: string, days = 400) => database.transaction((tx) => turnMonths(tx, new Date(now), days))
  const months = async () =>
    (
      await database.query<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'licence.reads'::regclass order by 1`,
      )
    ).map(({ name }) => name)

  it('keeps reads in months that are made ahead and go when they are old; two who make them do not meet', async () => {
    await Promise.all([turn('2026-11-22T08:00:00Z'), turn('2026-11-22T08:00:00Z')])
    expect(await months()).toEqual(['reads_202611', 'reads_202612', 'reads_202701', 'reads_rest'])
    await recordRead(database, { at: new Date('2026-11-22T08:00:00Z'), reader, identifier, what: 'data' })
    await recordRead(database, { at: new Date('2031-05-01T00:00:00Z'), reader, identifier, what: 'data' })
    const places = await database.query(`select tableoid::regclass::text as place from licence.reads order by at`)
    expect(places.map(({ place }) => place)).toEqual(['licence.reads_202611', 'licence.reads_rest'])
    await turn('2031-05-02T00:00:00Z', 36_525)
    expect(await months()).toContain('reads_202611')
    expect(await months()).not.toContain('reads_203105')
    await turn('2028-02-02T00:00:00Z')
    expect(await months()).toEqual(expect.not.arrayContaining(['reads_202611', 'reads_202701']))
    expect(await database.query('select 1 from licence.reads')).toHaveLength(1)
  })

  it('lets nobody change or remove a read, neither in the whole nor in a month', async () => {
    await turn('2026-11-22T08:00:00Z')
    await recordRead(database, { at: new Date('2026-11-23T08:00:00Z'), reader, identifier, what: 'document' })
    for (const table of ['reads', 'reads_202611', 'reads_rest'])
      for (const change of [`delete from licence.${table}`, `update licence.${table} set what = 'list'`])
        await expect(database.query(change)).rejects.toThrow(/only ever added/)
  })

  it('counts a read by others as use, and no read of the own department', async () => {
    const at = new Date('2026-11-22T20:00:00Z')
    const fetching = { ...reader, departmentCode: '11330199MB3301263G', matterCode: 'M1' }
    await recordRead(database, { at, reader, identifier, what: 'data' })
    await recordRead(database, { at, reader: fetching, identifier, what: 'data' })
    await recordRead(database, {
      at,
      reader: { id: 'holder:x', kind: 'holder', departmentCode: '' },
      identifier,
      what: 'document',
    })
    await foldFigures(database, 1000)
    const query = {
      departmentCodes: [reader.departmentCode],
      from: '2026-11-23',
      to: '2026-11-23',
      by: 'type',
    } as const
    const rows = await sumFigures(database, { ...query, figures: ['used', 'held'] })
    expect(rows.map(({ key, figure, value }) => [key, figure, value])).toEqual([
      ['11100000MB0143028R001', 'held', 1n],
      ['11100000MB0143028R001', 'used', 1n],
    ])
  })

  it('adds every change to the figures once, whoever folds at the same time', async () => {
    await database.query(
      `insert into licence.figure_changes (day, type_code, department_code, figure, value)
       select date '2026-01-01' + (n % 7), 'T' || (n % 3), '11330199MB3301255M', 'x', 1 from generate_series(1, 900) n`,
    )
    const folding = async () => {
      while ((await foldFigures(database, 50)) > 0);
    }
    await Promise.all([folding(), folding(), folding()])
    while ((await foldFigures(database, 50)) > 0);
    const query = { departmentCodes: ['11330199MB3301255M'], figures: ['x'], from: null, to: '2026-12-31' } as const
    expect(await sumFigures(database, { ...query, by: 'area' })).toEqual([
      { key: '330199', departmentCode: '11330199MB3301255M', figure: 'x', value: 900n },
    ])
    expect(await sumFigures(database, { ...query, by: 'day' })).toHaveLength(7)
    expect(await database.query('select 1 from licence.figure_changes')).toEqual([])
  })

  it('lists open disputes by their last day, page by page, and one of a kind at a time', async () => {
    const raise = (number: number, answerUntil: string, raisedBy = `holder:${number}`) =>
      insertDispute(database, {
        dispute: `00000000-0000-4000-8000-00000000000${number}`,
        identifier,
        departmentCode: reader.departmentCode,
        field: null,
        sealedWords: bytes(number),
        raisedBy,
        raisedByKind: 'holder',
        raisedAt: new Date('2026-11-22T08:00:00Z'),
        answerUntil,
      })
    expect([await raise(1, '2026-12-07'), await raise(2, '2026-12-04'), await raise(3, '2026-12-04')]).toEqual([
      true,
      true,
      true,
    ])
    expect(await raise(4, '2026-12-09', 'holder:1')).toBe(false)
    const first = await listOpenDisputes(database, [reader.departmentCode], null, 2)
    expect(first.map(({ answerUntil }) => answerUntil)).toEqual(['2026-12-04', '2026-12-04'])
    const second = await listOpenDisputes(database, [reader.departmentCode], first.at(-1)!, 2)
    expect(second.map(({ dispute }) => dispute.at(-1))).toEqual(['1'])
    const answer = {
      state: 'refused',
      sealedAnswer: bytes(9),
      answeredAt: new Date('2026-11-23T08:00:00Z'),
      correctedBy: null,
    } as const
    await closeDispute(database, { dispute: second[0]!.dispute, answeredBy: 'clerk', ...answer })
    expect(await listOpenDisputes(database, [reader.departmentCode], null, 9)).toHaveLength(2)
    expect(await findDispute(database, second[0]!.dispute)).toMatchObject({ state: 'refused' })
    expect(await raise(5, '2026-12-09', 'holder:1')).toBe(true)
  })

  it('counts a dispute on the day in Beijing on which it was raised, in whatever zone the session is', async () => {
    const departmentCode = '11330199MB3301263G'
    const raised = ['2026-11-24T15:59:59.999Z', '2026-11-24T16:00:00Z', '2026-11-25T01:00:00Z', '2026-11-25T16:00:00Z']
    for (const [at, raisedAt] of raised.entries())
      await insertDispute(database, {
        ...{ dispute: `00000000-0000-4000-8000-0000000001${at}0`, identifier, departmentCode, field: null },
        ...{ sealedWords: bytes(at), raisedBy: `holder:day-${at}`, raisedByKind: 'holder' },
        ...{ raisedAt: new Date(raisedAt), answerUntil: '2026-12-09' },
      })
    const counted = (zone: string) =>
      database.transaction(async (tx) => {
        await tx.query(`select set_config('timezone', $1, true)`, [zone])
        const on = async (day: string) => (await countDisputes(tx, [departmentCode], day, day, day))[0]?.raised
        return [await on('2026-11-24'), await on('2026-11-25'), await on('2026-11-26')]
      })
    for (const zone of ['UTC', 'Asia/Shanghai', 'America/New_York']) expect(await counted(zone)).toEqual([1n, 2n, 1n])
  })

  it('forgets agencies some time after they are over', async () => {
    const row = (number: number, untilAt: string) => ({
      agency: `00000000-0000-4000-8000-00000000001${number}`,
      companyMac: bytes(1),
      agentMac: bytes(2),
      scopes: ['read'] as const,
      typeCodes: null,
      fromAt: new Date('2026-01-01T00:00:00Z'),
      untilAt: new Date(untilAt),
      recordedAt: new Date('2026-01-01T00:00:00Z'),
      endedAt: null,
      sealedNames: bytes(3),
      wrappedDataKey: bytes(4),
    })
    expect(await insertAgency(database, row(1, '2026-02-01T00:00:00Z'))).toBe(true)
    // As where two name the same agency at once.
    expect(await insertAgency(database, row(1, '2026-02-01T00:00:00Z'))).toBe(false)
    await insertAgency(database, row(2, '2027-02-01T00:00:00Z'))
    expect(await deleteAgenciesBefore(database, new Date('2026-06-01T00:00:00Z'))).toBe(1)
    expect((await listAgencies(database, 'agent', bytes(2), 9)).map(({ agency }) => agency.at(-1))).toEqual(['2'])
  })
})
