import { afterAll, beforeAll, expect, it } from 'vitest'
import { businessLicence, marriageCertificate, type RunningHouse, startHouse } from '../support/running-house.ts'

// Two departments of which now the one, now the other is quiet, seen by an auditor above both.
let run: RunningHouse
let key: string
beforeAll(async () => {
  run = await startHouse()
  const departments = await run.house.directory.departments()
  const codeOf = (name: string) => departments.find((one) => one.name.zh.includes(name))!.code
  const order = {
    name: 'auditor',
    departmentCode: codeOf('人民政府办公室'),
    roles: ['auditor' as const],
    expiresAt: null,
  }
  key = await run.house.directory.makeApiKey(order)
  const put = (day: string, type: string, department: string, figure: string, value: number) =>
    run.house.database.query(
      'insert into licence.daily_figures (day, type_code, department_code, figure, value) values ($1, $2, $3, $4, $5)',
      [day, type, codeOf(department), figure, value],
    )
  for (const figure of ['enter into force', 'in force']) {
    await put('2025-03-01', businessLicence, '市场监督', figure, 9)
    await put('2025-03-02', businessLicence, '市场监督', figure, 3)
    await put('2025-03-01', marriageCertificate, '民政局', figure, 20)
    await put('2025-03-03', marriageCertificate, '民政局', figure, 1)
  }
  await put('2025-03-02', businessLicence, '市场监督', 'fields', 20)
  await put('2025-03-02', businessLicence, '市场监督', 'fields filled', 17)
})
afterAll(() => run.close())

const ask = async (query: string) =>
  (await run.call(`/api/statistics/${query}`, { key })).json.items.map(
    ({ key: of, figures }: { key: string; figures: object }) => [of, figures],
  )

it('counts every department on each day, also one where nothing changed', async () => {
  expect(await ask('status?from=2025-03-01&to=2025-03-03&by=day')).toEqual([
    ['2025-03-01', { inForce: 29 }],
    ['2025-03-02', { inForce: 32 }],
    ['2025-03-03', { inForce: 33 }],
  ])
  expect(await ask('status?from=2025-03-03&to=2025-03-03&by=area')).toEqual([['330199', { inForce: 33 }]])
})

it('begins with what was in force before the first day', async () => {
  const [first] = await ask('status?from=2025-03-02&to=2025-03-02&by=day')
  expect(first).toEqual(['2025-03-02', { inForce: 32 }])
})

it('tells nothing of how complete licences are of which it tells no number', async () => {
  const [[, figures]] = await ask('quality?from=2025-03-02&to=2025-03-02&by=department')
  expect(figures).toMatchObject({ issued: null, completeness: null })
})
