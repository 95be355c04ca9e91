import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier, parseIdentifier } from '../../licence-format/index.ts'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse } from '../support/service.ts'

describe('the public status', () => {
  let house: House
  let server: Listening
  let identifier: string
  beforeAll(async () => {
    house = await openHouse(await engines[0]!.open())
    const app = createApp({
      routeSets: [house.licences.routes],
      authority: { authenticate: async () => undefined, isPermitted: () => false },
      ids: systemIds,
      log: createLog({ level: 'silent' }),
      baseUrl: 'https://licence.example.test',
      isProduction: false,
      api: { title: 'Licences', version: '1' },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
    const request = { key: 'status', typeCode: businessLicence, data: exampleOf(), level: 'B-B' }
    const [outcome] = await house.licences.issueLicences(clerk, [request])
    if (!outcome?.ok) throw outcome?.error
    identifier = outcome.licence.identifier
  })
  afterAll(async () => {
    await server?.stop()
    await house.close()
  })
  const status = (of: string, asOf?: string) =>
    fetch(`${server.url}/api/licences/${of}/status${asOf ? `?asOf=${asOf}` : ''}`)

  it('tells since when, without reasons and names, and only what held by the instant asked about', async () => {
    const reason = '当事人王某涉嫌隐瞒'
    const before = house.clock.now().toISOString()
    house.clock.advance(60_000)
    await house.licences.suspend(clerk, { identifier, reason, key: 'suspend' })
    const answer = await (await status(identifier)).text()
    expect(answer).not.toContain(reason)
    const { history } = JSON.parse(answer) as { history: { status: string; from: string }[] }
    expect(history.map((one) => one.status)).toEqual(['in force', 'suspended'])
    expect(history.every((one) => Object.keys(one).sort().join() === 'from,status')).toBe(true)
    const then = (await (await status(identifier, before)).json()) as { history: object[] }
    expect(then).toMatchObject({ status: 'in force', history: [{ status: 'in force' }] })
    expect(then.history).toHaveLength(1)
  })

  it('answers nobody who guesses any more, whether they hit or miss', async () => {
    const guess = (n: number) =>
      formatIdentifier({ ...parseIdentifier(identifier), serial: `GUESS${String(n).padStart(15, '0')}` })
    const statuses: number[] = []
    for (let n = 0; n < 32; n++) statuses.push((await status(guess(n))).status)
    expect(statuses.indexOf(429)).toBe(31)
    const hit = await status(identifier)
    expect(hit.status).toBe(429)
    expect(await hit.json()).toMatchObject({ code: 'RATE_LIMITED' })
    house.clock.advance(600_000)
    expect((await status(identifier)).status).toBe(200)
  })
})
